"""The cut of a face: made once for one photo, and again when anything that it shows changes."""

import numpy as np
import pytest
from skimage import data

from ptk.editing.composite.face_cut import cut_face
from ptk.faces.crop import Crop

CROP = Crop(x=220.0, y=110.0, side=180.0, angle=0.1)


@pytest.fixture
def cuts(monkeypatch):
    made, cut = [], Crop.cut
    monkeypatch.setattr(Crop, "cut", lambda self, pixels, size: made.append(1) or cut(self, pixels, size))
    return made


def test_the_same_pixels_are_cut_once_whatever_array_holds_them(cuts):
    photo = data.astronaut()
    first = cut_face(photo, CROP, 48)
    assert cut_face(photo.copy(), CROP, 48) is first
    away = photo.copy()
    away[400:] = 0  # where the cut does not look
    assert cut_face(away, CROP, 48) is first
    assert len(cuts) == 1


def test_another_pixel_crop_or_size_is_cut_again(cuts):
    photo = data.astronaut()
    cut_face(photo, CROP, 48)
    photo[110, 220] ^= 255  # in the array that was cut before
    np.testing.assert_array_equal(cut_face(photo, CROP, 48), CROP.cut(photo, 48))
    other = Crop(x=221.0, y=110.0, side=180.0, angle=0.1)
    assert len(cut_face(photo, CROP, 64)) == 64
    np.testing.assert_array_equal(cut_face(photo, other, 64), other.cut(photo, 64))
    assert len(cuts) == 5  # the first, and two of each comparison


def test_nothing_is_kept_of_a_large_face(cuts, monkeypatch):
    monkeypatch.setattr("ptk.editing.composite.face_cut._MOST", 1000)
    cut_face(data.astronaut(), CROP, 32)
    cut_face(data.astronaut(), CROP, 32)
    assert len(cuts) == 2
