"""The global generators of random numbers: Python's `random`, NumPy's and torch's, which any part may draw from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["keep_random_states", "seed_all"]


def seed_all(seed: int) -> None:
    """Seed every global generator; `seed` is in [0, 2^64)."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


@contextmanager
def keep_random_states() -> Iterator[None]:
    """Restore the state of every global generator on exit, CUDA's of all devices included, whatever drew meanwhile."""
    python, numpy = random.getstate(), np.random.get_state(legacy=True)
    # Where CUDA has not started, its generators hold nothing to restore, and asking for them would start it.
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
