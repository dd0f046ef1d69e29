"""Every global generator of random numbers is seeded, and left alone where something is only tried."""

import random

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptk.random_states import keep_random_states, seed_all


def draw():
    return random.random(), random.gauss(0, 1), np.random.rand(), np.random.standard_normal(), torch.rand(()).item()


SEEDS = st.integers(0, 2**64 - 1)


@given(SEEDS)
def test_the_same_seed_gives_the_same_numbers(seed):
    seed_all(seed)
    first = draw()
    seed_all(seed)
    assert draw() == first


@given(seed=SEEDS, before=st.integers(0, 3), within=st.lists(st.sampled_from([random.random, np.random.randn, draw])))
def test_whatever_is_drawn_within_changes_nothing_after(seed, before, within):
    """Normal numbers come in pairs, of which the second is kept: that, too, is a part of the state."""
    seed_all(seed)
    for _ in range(before):
        random.gauss(0, 1), np.random.standard_normal()
    kept = random.getstate(), np.random.get_state(), torch.get_rng_state()
    with keep_random_states():
        for one in within:
            one()
        seed_all(3)
    after = random.getstate(), np.random.get_state(), torch.get_rng_state()
    assert after[0] == kept[0]
    assert all(np.array_equal(one, two) for one, two in zip(after[1], kept[1], strict=True))
    assert torch.equal(after[2], kept[2])
