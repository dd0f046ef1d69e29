"""Kriging: the field goes through landmarks without noise, and numpy makes what torch makes."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.motion.kriging import krige, krige_grid

OPTIONS = {"reach": 0.2, "noise": 0.01}


def points(seed):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (2, 2, 68, 2))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_with_hardly_any_noise_it_leads_from_each_landmark_to_the_other(seed):
    source, target = points(seed)
    field = krige(source, target, target, reach=0.2, noise=1e-9)
    np.testing.assert_allclose(target + field, source, atol=1e-5)


def test_what_does_not_move_is_zero_to_the_last_bit():
    source, _ = points(0)
    assert not krige_grid(source, source, 12, 16, **OPTIONS).any()


def test_tensors_and_arrays_give_the_same():
    source, target = points(1).astype(np.float32)
    tensors = krige_grid(torch.from_numpy(source), torch.from_numpy(target), 12, 16, **OPTIONS)
    arrays = krige_grid(source, target, 12, 16, **OPTIONS)
    assert arrays.shape == (2, 2, 12, 16)
    assert arrays.dtype == np.float32
    np.testing.assert_allclose(tensors.numpy(), arrays, atol=2e-5)
