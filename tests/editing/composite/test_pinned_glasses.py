"""Glasses stay where they are, to the last bit, while brows above them rise, and nothing beside them shows a frame."""

import cv2
import numpy as np
import pytest

from ptk.editing.composite import composite
from ptk.editing.composite.pinned_glasses import find_room_beside_glasses
from ptk.editing.exported.planes import find_flow
from ptk.editing.rendered import Rendered
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.flow_options import FaceFlow
from ptk.motion.sampling import warp_picture

SIZE, HOW = 256, FaceFlow(geometry=VERSION_1)
REST = (vocabulary().rest * 150 + (300, 280)).astype(np.float32)
SKIN, HAIR, FRAME = (190, 150, 130), (60, 40, 35), (20, 30, 200)
EYES = (slice(36, 42), slice(42, 48))
UP = vocabulary().moved(REST, {"brows_up": 1.0})


def draw(frame=FRAME, lens=None):
    """A face of plain skin with eyes, brows high above them, and round glasses."""
    pixels = np.full((620, 600, 3), SKIN, np.uint8)
    centres = [tuple(int(x) for x in REST[eye].mean(axis=0) + np.array([0, 8])) for eye in EYES]
    for eye, brow in zip(EYES, (slice(17, 22), slice(22, 27)), strict=True):
        cv2.fillPoly(pixels, [REST[eye].round().astype(np.int32)], (235, 235, 235))
        cv2.polylines(pixels, [(REST[brow] - (0, 12)).round().astype(np.int32)], False, HAIR, 8)
    for centre in centres:
        if lens is not None:
            cv2.circle(pixels, centre, 36, lens, -1)
        if frame is not None:
            cv2.circle(pixels, centre, 36, frame, 5)
    if frame is not None:
        (x0, y0), (x1, _) = centres
        cv2.line(pixels, (x0 + 36, y0 - 6), (x1 - 36, y0 - 6), frame, 5)
    return pixels


def edit(pixels, goal=UP):
    """What a network makes that moves pixels by the landmarks' flow alone, put into the photo."""
    crop = Crop.around(REST)
    cut, start, there = crop.cut(pixels, SIZE), crop.to_unit(REST), crop.to_unit(goal)
    given = [points.astype(np.float32)[None] for points in (start, there)]
    asked = find_flow(*given, SIZE, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1)
    flow = np.ascontiguousarray(asked.lids[0].transpose(1, 2, 0))
    made = Rendered(warp_picture(cut.astype(np.float32), flow), flow, np.ones((SIZE, SIZE), np.float32))
    return composite(pixels, crop, cut, made, start, there, HOW)


def is_frame(pixels):
    """Which pixels have the colour of the frame, which nothing else has."""
    return pixels[..., 2].astype(int) - pixels[..., 0] > 60


def brows(pixels):
    """How far down the brows are, in pixels, where they are above the glasses."""
    return np.mean([np.nonzero(pixels[:300, x].sum(axis=1) < 250)[0].mean() for x in (235, 250, 350, 365)])


def test_a_frame_stays_and_brows_above_it_rise():
    photo = draw()
    edited = edit(photo)
    frame = is_frame(photo)
    np.testing.assert_array_equal(edited[frame], photo[frame])
    assert not (is_frame(edited) & ~cv2.dilate(frame.astype(np.uint8), np.ones((3, 3))).astype(bool)).any()
    bare = draw(frame=None)
    lift = brows(bare) - brows(edit(bare))
    assert lift > 5
    assert brows(photo) - brows(edited) > 0.4 * lift


def test_eyes_in_shadow_are_no_glasses():
    photo = draw(frame=None)
    for eye in EYES:
        low, high = REST[eye].min(axis=0) - 9, REST[eye].max(axis=0) + 9
        cv2.rectangle(photo, low.astype(int).tolist(), high.astype(int).tolist(), (115, 90, 78), 5)
    cv2.line(photo, (REST[39] + 8).astype(int).tolist(), (REST[42] + 8).astype(int).tolist(), (115, 90, 78), 5)
    crop = Crop.around(REST)
    flow = np.full((SIZE, SIZE, 2), 0.01, np.float32)
    cuts = [crop.cut(each, SIZE) for each in (photo, draw())]
    shadow, frame = (
        find_room_beside_glasses(cut, crop.to_unit(REST), crop.to_unit(UP), flow, closes=False) for cut in cuts
    )
    assert shadow is None
    assert frame is not None


def test_dark_lenses_stay_too():
    photo = draw(frame=None, lens=(30, 30, 30))
    lens = (photo == 30).all(axis=2)
    np.testing.assert_array_equal(edit(photo)[lens], photo[lens])


@pytest.mark.parametrize("goal", [REST + np.float32(3), vocabulary().moved(REST, {"open_mouth": 1.0})])
def test_a_head_that_moves_takes_its_glasses_along_and_mouths_move_without(goal):
    crop = Crop.around(REST)
    cut, start, there = crop.cut(draw(), SIZE), crop.to_unit(REST), crop.to_unit(goal)
    flow = np.full((SIZE, SIZE, 2), 0.01, np.float32)
    assert find_room_beside_glasses(cut, start, there, flow, closes=False) is None
