"""What the chart holds: places that every face has, how they move, and how thickly hair grows there."""

import numpy as np
import pytest

from ptk_beard.chart import PATCHES, Patch

pytestmark = pytest.mark.parametrize("patch", PATCHES, ids=["beard", "moustache"])


def spread(patch: Patch) -> tuple[np.ndarray, np.ndarray]:
    """Some (s, t) inside of the patch, none of them on a knot."""
    rng = np.random.default_rng(0)
    return rng.uniform(0.1, 0.9, 200) + rng.integers(0, patch.steps, 200), rng.uniform(0.05, 0.95, 200)


def test_places_move_with_the_face(patch, points):
    """Weights sum to one and derivatives to none: whatever moves or turns all landmarks does so to the beard."""
    spots = patch.at(*spread(patch), cell=1.0)
    np.testing.assert_allclose(spots.weights.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(spots.along.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(spots.across.sum(axis=1), 0, atol=1e-12)


def test_derivatives_are_those_of_the_places(patch, points):
    s, t = spread(patch)
    spots, step = patch.at(s, t, cell=1.0), 1e-5
    along = (patch.at(s + step, t, 1.0).weights - patch.at(s - step, t, 1.0).weights) / (2 * step)
    across = (patch.at(s, t + step, 1.0).weights - patch.at(s, t - step, 1.0).weights) / (2 * step)
    np.testing.assert_allclose(spots.along, along, atol=1e-8)
    np.testing.assert_allclose(spots.across, across, atol=1e-8)


def test_both_halves_are_mirror_images(patch, points):
    """On a face that is its own mirror image, as that of these tests is."""
    s, t = spread(patch)
    here, there = patch.at(s, t, 1.0), patch.at(patch.steps - s, t, 1.0)
    np.testing.assert_allclose(here.weights @ points, (there.weights @ points) * (-1, 1) + (1, 0), atol=1e-6)
    np.testing.assert_allclose(here.density, there.density, atol=1e-12)


def test_hair_thins_out_softly_at_all_borders(patch, points):
    steps = np.linspace(0, 1, 101)
    ring = [(steps * patch.steps, 0 * steps), (steps * patch.steps, 0 * steps + 1)]
    ends = [(0 * steps, steps), (0 * steps + patch.steps, steps)]
    for s, t in ring + ends:
        assert patch.at(s, t, 1.0).density.max() == 0
    s, t = np.meshgrid(steps * patch.steps, steps, indexing="ij")
    density = patch.at(s.ravel(), t.ravel(), 1.0).density.reshape(101, 101)
    assert density.max() == pytest.approx(1)
    # At the lips, the hardest border, over a twentieth of the strip: a smoothstep of that width, steepened by a power.
    assert np.abs(np.diff(density, axis=0)).max() < 0.6
    assert np.abs(np.diff(density, axis=1)).max() < 0.6


def test_the_cheek_fades_over_half_the_strip(patch, points):
    """Halfway up the cheek there is hair, at three quarters little of it; the moustache has a harder border."""
    middle = 2.5 if patch is PATCHES[0] else 4.0
    half, most = patch.at(np.array([middle] * 2), np.array([0.3, 0.75]), 1.0).density
    assert half > 0.5
    assert 0 < most < half


def test_chance_strews_evenly(patch, points):
    """Of 4000 places each of 4 x 4 fields gets its sixteenth, give or take a tenth."""
    s, t = patch.scatter(4000, np.random.default_rng(1))
    counts, _, _ = np.histogram2d(s, t, bins=4, range=[[0, patch.steps], [0, 1]])
    assert np.abs(counts - 250).max() < 25


def test_the_fast_way_leads_to_the_same_places(patch, points):
    s, t = spread(patch)
    spots = patch.at(s, t, 1.0)
    start, along, across = patch.place(points, s, t)
    np.testing.assert_allclose(start, spots.weights @ points, atol=1e-4)
    np.testing.assert_allclose(along, spots.along @ points, atol=1e-3)
    np.testing.assert_allclose(across, spots.across @ points, atol=1e-4)
