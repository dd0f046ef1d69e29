"""Frames between expressions: each is an edit, they go evenly and come back, and mouths open steadily."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.editing.opening import open_editor
from ptk.errors import PtkError
from ptk.faces.images import read_photo
from ptk.video.morph import Key, ease, find_keys, morph_expressions, place_frames


@given(st.integers(2, 6), st.integers(6, 200), st.booleans())
def test_frames_are_shared_out_evenly_and_return_unless_once(keys, frames, once):
    placed = place_frames(frames, keys, once=once)
    along = [key + share for key, share in placed]
    assert len(placed) == frames
    assert along[0] == 0
    assert np.allclose(np.diff(along), along[1])
    assert along[-1] == pytest.approx(keys - 1 if once else keys - along[1])
    assert all(0 <= share <= 1 and 0 <= key < keys for key, share in placed)


@pytest.mark.parametrize("frames", [2, 0, -1, 10_001])
def test_too_few_or_too_many_frames_are_refused(frames):
    with pytest.raises(PtkError, match=rf"`frames` {frames}: there must be 3 at least"):
        place_frames(frames, 3, once=False)


def test_easing_is_slow_at_both_ends_and_even_about_the_middle():
    assert (ease(0), ease(1), ease(0.5)) == pytest.approx((0, 1, 0.5))
    assert ease(0.1) < 0.1
    assert ease(0.9) == pytest.approx(1 - ease(0.1))


def test_a_key_is_left_and_reached_to_the_bit():
    draw = np.random.default_rng(0)
    one, other = ({0: draw.random((68, 2), dtype=np.float32)} for _ in range(2))
    here, there = Key(one, {}), Key(other, {})
    assert np.array_equal(here.towards(there, 0).points[0], one[0])
    assert np.array_equal(here.towards(there, 1).points[0], other[0])


@pytest.fixture(scope="module")
def opened():
    entry = next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral")
    editor = open_editor(moving=["expression"], force=True)
    return editor, editor.open(read_photo(SAMPLE / entry.image))


def test_frames_are_the_edits_of_their_landmarks_and_the_first_is_the_photo(opened):
    editor, session = opened
    keys, said = find_keys(editor, session, [{"open_mouth": 1.0}])
    made = list(morph_expressions(session, keys, "photo", 4))
    assert said == []
    assert len(made) == 4
    assert np.array_equal(made[0], session.photo.pixels)
    assert np.array_equal(made[2], session.render(keys[1].points, preview=False))
    assert np.array_equal(made[1], made[3])  # there, and the same way back


def test_mouths_open_steadily(opened):
    editor, session = opened
    keys, _ = find_keys(editor, session, [{"surprise": 1.0}])
    gaps = [np.ptp(keys[0].towards(keys[1], share).points[0][[62, 66], 1]) for share in np.linspace(0, 1, 9)]
    assert (np.diff(gaps) > 0).all()


def test_eyes_that_look_away_go_there_and_come_back(opened):
    editor, session = opened
    keys, _ = find_keys(editor, session, [{"look_left": 1.0}, {"smile": 0.5}])
    aside = [key.irises[0][:, 0] - session.faces[0].irises[:, 0] for key in keys]
    assert np.abs(aside[0]).max() < 0.01
    assert (aside[1] > 0.5).all()
    assert np.abs(aside[2]).max() < 1
