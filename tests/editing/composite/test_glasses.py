"""Glasses are told from brows and wrinkles: they cross the nose, go below an eye, and are thin."""

import cv2
import numpy as np
import pytest

from ptk.editing.composite.glasses import find_frames, find_hidden_eyes
from ptk.editing.composite.unseen_eyes import describe_unseen_eyes
from ptk.faces.expressions import vocabulary

SIZE = 256
FACE = vocabulary().rest * 85 + (128, 120)
EYES = (slice(36, 42), slice(42, 48))


def draw(skin=(190, 150, 130)):
    """A face of plain skin with brows, whites and irises, at the network's size."""
    cut = np.full((SIZE, SIZE, 3), skin, np.uint8)
    for eye, brow in zip(EYES, (slice(17, 22), slice(22, 27)), strict=True):
        cv2.fillPoly(cut, [FACE[eye].round().astype(np.int32)], (235, 235, 235))
        cv2.circle(cut, tuple(int(x) for x in FACE[eye].mean(axis=0)), 4, (30, 25, 20), -1)
        cv2.polylines(cut, [FACE[brow].round().astype(np.int32)], False, (50, 35, 30), 4)
    return cut


def put_glasses(cut, frame, lens=None, thick=3):
    """Round lenses around both eyes, and a bridge between."""
    cut = cut.copy()
    centres = [tuple(int(x) for x in FACE[eye].mean(axis=0) + np.array([0, 5])) for eye in EYES]
    for centre in centres:
        if lens is not None:
            cv2.circle(cut, centre, 20, lens, -1)
        cv2.circle(cut, centre, 20, frame, thick)
    (x0, y0), (x1, _) = centres
    cv2.line(cut, (x0 + 20, y0 - 4), (x1 - 20, y0 - 4), frame, thick)
    return cut


@pytest.mark.parametrize(("skin", "frame"), [((190, 150, 130), (20, 20, 25)), ((80, 55, 45), (190, 170, 90))])
def test_frames_are_found_and_eyes_in_them_are_none(skin, frame):
    plain = draw(skin)
    with_glasses = put_glasses(plain, frame)
    found = find_frames(with_glasses, FACE / SIZE)
    assert found is not None
    drawn = (with_glasses != plain).any(axis=2)
    assert found[drawn].mean() > 0.8
    for eye in EYES:
        assert found[tuple(FACE[eye].mean(axis=0).astype(int)[::-1])] == 0


@pytest.mark.parametrize("skin", [(190, 150, 130), (80, 55, 45)])
def test_a_face_without_glasses_has_no_frames(skin):
    assert find_frames(draw(skin), FACE / SIZE) is None


def test_brows_that_meet_are_no_frame():
    cut = draw()
    cv2.line(cut, tuple(FACE[21].astype(int)), tuple(FACE[22].astype(int)), (50, 35, 30), 4)
    cv2.line(cut, tuple(FACE[21].astype(int)), tuple(FACE[27].astype(int)), (90, 60, 50), 3)
    assert find_frames(cut, FACE / SIZE) is None


def test_dark_lenses_hide_eyes_and_clear_ones_do_not():
    shut = vocabulary().moved(FACE, {"narrow_eyes": 2.0}) / SIZE
    clear, dark = put_glasses(draw(), (20, 20, 25)), put_glasses(draw(), (20, 20, 25), lens=(35, 30, 30))
    assert find_hidden_eyes(clear, FACE / SIZE) == (False, False)
    assert find_hidden_eyes(dark, FACE / SIZE) == (True, True)
    assert describe_unseen_eyes(clear, FACE / SIZE, shut) == []
    assert [line[:12] for line in describe_unseen_eyes(dark, FACE / SIZE, shut)] == ["dark glasses"]
    assert describe_unseen_eyes(dark, FACE / SIZE, vocabulary().moved(FACE, {"smile": 0.3}) / SIZE) == []
