"""A face is cut once for all its edits, and again only where an edit of another face reached it."""

import numpy as np
import pytest
from skimage import data
from stand_ins import Network

from ptk.editing.face_cut import FaceCut
from ptk.faces.crop import Crop

CROP = Crop(x=220.0, y=110.0, side=180.0, angle=0.1)
START = np.random.default_rng(0).uniform(0.3, 0.7, (68, 2))


@pytest.fixture
def cuts(monkeypatch):
    made, cut = [], Crop.cut
    monkeypatch.setattr(Crop, "cut", lambda self, pixels, size: made.append(1) or cut(self, pixels, size))
    return made


def test_a_face_is_cut_once_for_all_edits(cuts):
    face = FaceCut(data.astronaut(), CROP, START, Network())
    assert not cuts  # before anything is asked of it
    for shift in (0.01, 0.02):
        face.edit(START + shift)
    assert len(cuts) == 1
    assert not face.cut.flags.writeable


def test_where_no_landmark_moves_nothing_changes_and_nothing_is_cut(cuts):
    photo = data.astronaut()
    result = FaceCut(photo, CROP, START, Network()).edit(START)
    np.testing.assert_array_equal(result, photo)
    assert result is not photo
    assert not cuts


def test_changes_elsewhere_leave_the_cut_as_it_is(cuts):
    photo = data.astronaut()
    face = FaceCut(photo, CROP, START, Network())
    away = photo.copy()
    away[400:] = 0  # where the cut does not look
    assert face.over(away).cut is face.cut
    assert len(cuts) == 1
    assert (face.over(away).edit(START + 0.01)[400:] == 0).all()


def test_a_change_that_reaches_the_face_is_seen(cuts):
    photo = data.astronaut()
    face = FaceCut(photo, CROP, START, Network())
    near = photo.copy()
    near[110, 220] ^= 255
    np.testing.assert_array_equal(face.over(near).cut, CROP.cut(near, 64))
    assert not np.array_equal(face.over(near).cut, face.cut)


def test_the_cut_is_a_photo_of_its_own():
    face = FaceCut(data.astronaut(), CROP, START, Network())
    small = face.preview
    assert small.edit(START + 0.01).shape == (64, 64, 3)
    assert small.cut is small.pixels
    np.testing.assert_allclose(small.crop.to_unit(START * 64), START)
