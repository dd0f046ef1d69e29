"""Batches made while the step before them is learnt from, so that a GPU does not wait for its data."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from typing import Any, Protocol

import torch
from torch import Tensor

from ptk.types import Pair

__all__ = ["Batches", "prefetch"]


class Batches(Protocol):
    """Whatever has the pairs of every step."""

    def batch(self, step: int) -> Pair:
        """The pairs of one step, on the device that trains."""
        ...


@contextmanager
def prefetch(batches: Batches, device: torch.device) -> Iterator[Batches]:
    """Inside, `batches` that make one batch ahead where `device` is a GPU; on a processor nothing is gained by it.

    A batch depends on its step alone, so making it earlier changes nothing.
    """
    if device.type != "cuda":
        yield batches
        return
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as thread:
        yield _Prefetcher(batches, device, thread)


class _Prefetcher:
    """Asked for a step, it begins with the next one, in a thread and on a CUDA stream of their own."""

    def __init__(self, batches: Batches, device: torch.device, thread: ThreadPoolExecutor) -> None:
        self._batches = batches
        self._device = device
        self._thread = thread
        self._stream: torch.cuda.Stream | None = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._coming: dict[int, Future[tuple[Pair, Any]]] = {}

    def batch(self, step: int) -> Pair:
        """See `Batches`."""
        wanted = self._coming.get(step) or self._begin(step)
        self._coming = {step + 1: self._begin(step + 1)}
        pair, made = wanted.result()
        if made is not None:
            here = torch.cuda.current_stream(self._device)
            here.wait_event(made)
            for tensor in _tensors(pair):
                tensor.record_stream(here)  # or its memory would be given away while it is used here
        return pair

    def _begin(self, step: int) -> Future[tuple[Pair, Any]]:
        return self._thread.submit(self._make, step)

    def _make(self, step: int) -> tuple[Pair, Any]:
        with torch.cuda.stream(self._stream) if self._stream else nullcontext():
            pair = self._batches.batch(step)
            return pair, self._stream.record_event() if self._stream else None


def _tensors(pair: Pair) -> list[Tensor]:
    """All that is on the device: keys of images stay on the CPU."""
    values = [
        getattr(faces, field.name) for faces in (pair.a, pair.b) for field in fields(faces) if field.name != "key"
    ]
    return [value for value in values if isinstance(value, Tensor)]
