"""Skin is told from hair, hats and frames, lined from smooth, and lit from either side."""

import cv2
import numpy as np
import pytest

from ptk.editing.composite.folds.skin import Skin, find_folded_skin
from ptk.faces.expressions import vocabulary

SIZE = 256
REST = vocabulary().rest * 0.33 + (0.5, 0.45)
EYES = 0.33 * SIZE
FOREHEAD = np.s_[int((REST[19, 1] - 0.12) * SIZE) : int((REST[19, 1] - 0.06) * SIZE), 110:146]
TONES = [(224, 178, 152), (150, 104, 80), (84, 56, 44), (128, 128, 128)]


def face(tone=TONES[0]):
    return np.full((SIZE, SIZE, 3), tone, np.uint8)


def wrinkled(tone, every=5, depth=0.25):
    picture = face(tone).astype(np.float32)
    picture[::every] *= 1 - depth
    return picture.astype(np.uint8)


@pytest.mark.parametrize("tone", TONES)
def test_plain_skin_is_skin_and_young(tone: tuple[int, int, int]) -> None:
    skin = Skin.of(face(tone), REST)
    assert skin is not None
    assert skin.share[FOREHEAD].min() > 0.99
    assert skin.age == 0
    assert np.mean(skin.colour) == pytest.approx(1)


@pytest.mark.parametrize("other", [(25, 20, 18), (60, 90, 170), (40, 110, 50)])
def test_hair_and_hats_are_no_skin(other: tuple[int, int, int]) -> None:
    cut = face()
    cut[: FOREHEAD[0].stop + 8] = other
    skin = Skin.of(cut, REST)
    assert skin is not None
    assert skin.share[FOREHEAD].max() < 0.05


def test_the_frame_of_glasses_is_no_skin() -> None:
    cut = face()
    row = (FOREHEAD[0].start + FOREHEAD[0].stop) // 2
    cut[row - 2 : row + 2] = 30
    skin = Skin.of(cut, REST)
    assert skin is not None
    assert skin.share[row, FOREHEAD[1]].max() < 0.1


@pytest.mark.parametrize("tone", TONES)
def test_lines_make_old(tone: tuple[int, int, int]) -> None:
    ages = [skin.age for depth in (0.0, 0.08, 0.3) if (skin := Skin.of(wrinkled(tone, depth=depth), REST))]
    assert ages[0] == 0 < ages[1] < ages[2]
    assert ages[2] > 0.8


def test_broad_light_is_no_line() -> None:
    cut = (face() * np.linspace(1, 0.5, SIZE)[:, None]).astype(np.uint8)
    skin = Skin.of(cut, REST)
    assert skin is not None
    assert skin.age < 0.1


def test_light_comes_from_the_side_of_the_brighter_cheek_and_from_above() -> None:
    lit = (face() * np.linspace(0.5, 1, SIZE)[None, :, None]).astype(np.uint8)
    skin, other = Skin.of(lit, REST), Skin.of(cv2.flip(lit, 1), REST)
    assert skin is not None
    assert other is not None
    assert skin.light[0] == pytest.approx(-other.light[0], abs=0.02)
    assert skin.light[0] > 0.2
    assert skin.light[1] < -0.3


def test_without_cheeks_there_is_no_skin() -> None:
    assert Skin.of(face(), REST + 2.0) is None


@pytest.mark.parametrize("tone", TONES)
def test_deep_folds_are_skin_and_hair_is_not(tone: tuple[int, int, int]) -> None:
    cut = face(tone)
    row = (FOREHEAD[0].start + FOREHEAD[0].stop) // 2
    cut[row - 2 : row + 2] = (np.array(tone) * 0.6).astype(np.uint8)
    cut[: FOREHEAD[0].start - 8] = (20, 60, 18)
    skin = find_folded_skin(cut, REST)
    assert skin is not None
    assert skin[row, FOREHEAD[1]].min() > 0.9
    assert skin[: FOREHEAD[0].start - 12].max() < 0.1
    assert find_folded_skin(cut, REST + 2.0) is None
