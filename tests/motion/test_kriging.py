"""Kriging: the field goes through landmarks without noise."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.motion.smooth_flow import krige


def points(seed):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (2, 2, 68, 2))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_with_hardly_any_noise_it_leads_from_each_landmark_to_the_other(seed):
    source, target = points(seed)
    field = krige(source, target, target, reach=0.2, noise=1e-9)
    np.testing.assert_allclose(target + field, source, atol=1e-5)
