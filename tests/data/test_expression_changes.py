"""Changes of expression: learned from people, transferred in the face's own frame, never past what a face can do."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.data.expression_changes import ExpressionChanges
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.faces.align import aligned, expression_distance


@pytest.fixture(scope="module")
def sample():
    """Landmarks, identity and expression of every face of the bundled sample."""
    entries = read_manifest(SAMPLE)
    points = np.array([entry.landmarks for entry in entries])
    return points, [entry.identity for entry in entries], np.array([entry.expression for entry in entries])


@pytest.fixture(scope="module")
def directions(sample):
    return ExpressionChanges.learn(*sample[:2])


def displace(directions, points, seed=1):
    return directions.displace(points, torch.Generator().manual_seed(seed))


def smiling(sample):
    """Neutral faces and the same people's smiles."""
    points, _, expression = sample
    return points[expression == "neutral"], points[expression == "happiness"]


def test_what_is_learned_is_what_was_seen(sample):
    """From people who only smile or do not: faces that do not, smile, and the other way round."""
    neutral, happy = smiling(sample)
    people = list(range(len(neutral)))
    learned = ExpressionChanges.learn(np.concatenate([neutral, happy]), people + people)
    assert len(learned.changes) == 2 * len(people)
    before, after = aligned(neutral), aligned(displace(learned, neutral))
    width = [shape[:, 54, 0] - shape[:, 48, 0] for shape in (before, after)]
    assert np.mean(width[1] > width[0]) > 0.9
    assert np.median(width[1] - width[0]) > 0.03  # outer eye distances
    lifted = (before - after)[:, [48, 54], 1].mean(axis=1)  # y points down
    assert np.mean(lifted > 0) > 0.9
    back = aligned(displace(learned, happy))
    assert np.mean(back[:, 54, 0] - back[:, 48, 0] < aligned(happy)[:, 54, 0] - aligned(happy)[:, 48, 0]) > 0.9


def test_few_components_hold_what_many_photos_show(directions):
    """The variance that is kept is 95 %; of the detector's noise in 136 numbers little is left."""
    assert len(directions.components) <= 8
    assert np.linalg.matrix_rank(directions.changes.reshape(len(directions.changes), -1)) == len(directions.components)


@pytest.mark.parametrize("people", [["a"], ["a", "b", "c", "d"], ["a", "a"]])
def test_without_two_expressions_those_of_the_sample_serve(sample, people):
    """One photo each, or the same one twice: too little to learn from."""
    points = np.repeat(sample[0][:1], len(people), axis=0)
    learned = ExpressionChanges.learn(points, people)
    entries = [entry for entry in read_manifest(SAMPLE) if entry.split == "train"]
    own = ExpressionChanges.learn(np.array([e.landmarks for e in entries]), [e.identity for e in entries])
    assert np.array_equal(learned.changes, own.changes)


def test_somebody_with_many_photos_does_not_outweigh_all_others(sample):
    points, people, _ = sample
    rng = np.random.default_rng(0)
    many = points[rng.integers(0, 8, 300)] + rng.normal(0, 0.2, (300, 68, 2))
    learned = ExpressionChanges.learn(np.concatenate([points, many]), [*people, *["filmed"] * 300])
    assert len(learned.changes) <= 24 * 56 + 64


def test_every_face_changes_and_place_size_and_turn_stay(sample, directions):
    points = sample[0]
    moved = displace(directions, points)
    assert (expression_distance(aligned(points), aligned(moved)) > 0.004).all()
    angle = np.deg2rad(30)
    turn = 3 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # The same face, turned, three times as large and elsewhere, gets the same expression there.
    np.testing.assert_allclose(displace(directions, points @ turn.T + 50), moved @ turn.T + 50, atol=1e-6)


def test_no_point_goes_further_than_in_a_smile(sample, directions):
    points = sample[0]
    moved = aligned(displace(directions, points)) - aligned(points)
    farthest = np.linalg.norm(moved, axis=-1).max(axis=1)
    assert farthest.max() < 0.115  # .11 outer eye distances, and what aligning the moved face anew makes of it
    assert np.median(farthest) > 0.04


def gaps(shapes):
    return shapes[..., [67, 66, 65], 1] - shapes[..., [61, 62, 63], 1]


def lids(shapes):
    return shapes[..., [41, 40, 47, 46], 1] - shapes[..., [37, 38, 43, 44], 1]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), noise=st.floats(0, 1.5))
def test_lips_and_lids_never_pass_each_other(sample, directions, seed, noise):
    """Whatever is drawn, and with a detector that is off by `noise` pixels of 256: what is open stays so in part."""
    points = sample[0][seed % 8 :: 8] + np.random.default_rng(seed).normal(0, noise, (24, 68, 2))
    before = aligned(points)
    moved = displace(directions, points, seed)
    after = aligned(moved)
    tolerance = 5e-3  # of aligning a face anew that has changed
    assert np.isfinite(moved).all()
    assert (gaps(after) >= 0.45 * gaps(before).clip(0) - tolerance)[gaps(before) > 0].all()
    assert (gaps(after) <= 2 * gaps(before).clip(0) + 0.03 + tolerance).all()
    clear = lids(before) > 0.015
    assert (lids(after) >= 0.45 * lids(before) - tolerance)[clear].all()
    corners = (after[:, 54, 0] - after[:, 48, 0]) / (before[:, 54, 0] - before[:, 48, 0])
    assert (corners > 0.45).all()


def test_a_face_that_nothing_suits_stays_as_it_is(directions):
    """Landmarks of no face, in no order: nothing is made worse of them."""
    points = np.random.default_rng(1).uniform(0, 256, (20, 68, 2))
    moved = displace(directions, points)
    assert np.isfinite(moved).all()


def test_what_is_drawn_depends_on_the_generator_alone(sample, directions):
    points = sample[0][:4]
    assert np.array_equal(displace(directions, points, 3), displace(directions, points, 3))
    assert not np.array_equal(displace(directions, points, 3), displace(directions, points, 4))
    alone = displace(directions, points[:1], 3)
    np.testing.assert_allclose(alone, displace(directions, points, 3)[:1])
