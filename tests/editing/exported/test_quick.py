"""Quick photos: while a hand moves points, pixels move and mouths are made, and no skin is painted."""

import numpy as np
import pytest

from ptk.editing.exported.export import trial_faces
from ptk.editing.exported.planes import draw_planes
from ptk.editing.loading import DeferredTranslator, load_translator, shipped
from ptk.editing.translator import Translator
from untrained import write_untrained


@pytest.fixture
def translator():
    return load_translator(shipped("cpu"), "cpu")


def test_pixels_move_by_the_landmarks_and_no_network_paints_skin(translator, monkeypatch):
    cut, start, goal = trial_faces(translator.size)[0]
    true = translator.render(cut, start, goal, "photo")
    monkeypatch.setattr(translator, "_run", None)  # asked for anything it would fail
    quick = translator.render(cut, start, goal, "photo", quick=True)
    points = (np.asarray(each, dtype=np.float32)[None] for each in (start, goal))
    uses = {"motion_field": translator.metadata["planes"]["motion_field"]}
    told = draw_planes(uses, *points, translator.size, translator.geometry)["motion_field"][0].transpose(1, 2, 0)
    forehead = np.s_[: translator.size // 4]
    np.testing.assert_array_equal(quick.flow[forehead], told[forehead])
    assert (quick.visibility[forehead] == 1).all()
    assert np.abs(quick.image - true.image).mean() < 0.5 * np.abs(cut - true.image).mean()


def test_mouths_are_made_as_ever(translator):
    cut, start, goal = trial_faces(translator.size)[0]
    true, quick = (translator.render(cut, start, goal, "photo", quick=each) for each in (False, True))
    left, top = (goal[60:68].min(axis=0) * translator.size).astype(int)
    right, bottom = (goal[60:68].max(axis=0) * translator.size).astype(int) + 1
    inside = np.s_[top:bottom, left:right]
    assert np.abs(quick.image[inside] - true.image[inside]).mean() < 2


def test_a_quick_photo_changes_no_later_one(translator):
    cut, start, goal = trial_faces(translator.size)[0]
    deferred = DeferredTranslator(shipped("cpu"), "cpu")
    deferred.render(cut, start, goal, "photo", quick=True)
    for style in ("photo", "sketch"):
        later, first = (each.render(cut, start, goal, style) for each in (deferred, translator))
        np.testing.assert_array_equal(later.image, first.image)


def test_other_styles_and_weights_that_tell_no_flow_are_whole(translator, tmp_path):
    cut, start, goal = trial_faces(translator.size)[0]
    one, other = (translator.render(cut, start, goal, "wave", quick=each) for each in (False, True))
    np.testing.assert_array_equal(one.image, other.image)
    plain = Translator.load(write_untrained(tmp_path / "plain.safetensors"), "cpu")
    cut, start, goal = trial_faces(plain.size)[0]
    one, other = (plain.render(cut, start, goal, "photo", quick=each) for each in (False, True))
    np.testing.assert_array_equal(one.image, other.image)
