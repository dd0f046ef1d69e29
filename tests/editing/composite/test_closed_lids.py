"""Lids that shut: smooth skin between lashes and brow, which both keep their shape, and nothing where none is seen."""

import cv2
import numpy as np
import pytest

from ptk.editing.composite import closed_lids, composite
from ptk.editing.composite import compose as module
from ptk.editing.composite.closed_lids import ClosedLids
from ptk.editing.exported.planes import find_flow
from ptk.editing.rendered import Rendered
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.flow_options import FaceFlow
from ptk.motion.sampling import warp_picture

SIZE, HOW = 128, FaceFlow(geometry=VERSION_1)
REST = (vocabulary().rest * 150 + (300, 280)).astype(np.float32)
SKIN = np.array([190, 150, 130], np.uint8)
EYES = (slice(36, 42), slice(42, 48))
LID_POINTS = [37, 38, 43, 44]
LIDS = REST[LID_POINTS]


def said(words):
    return vocabulary().moved(REST, words)


def draw(skin=SKIN, around=None, iris=(20, 20, 25), lashes=0.2, face=REST):
    """A face of plain skin with eyes, lashes that stand up from them, and brows, at five times the network's pixels."""
    pixels = np.full((620, 600, 3), skin, np.uint8)
    for eye, brow in zip(EYES, (slice(17, 22), slice(22, 27)), strict=True):
        outline = face[eye].round().astype(np.int32)
        wide = int(np.ptp(face[eye][:, 0]))
        if around is not None:  # glasses
            x, y = (int(each) for each in outline.mean(axis=0))
            cv2.circle(pixels, (x, y + round(0.1 * wide)), round(0.75 * wide), around, -1)
        cv2.fillPoly(pixels, [outline], iris)
        for share in np.linspace(0.2, 0.8, 9):
            x = int(outline[:, 0].min() + share * wide)
            y = int(outline[1:3, 1].mean())
            cv2.line(pixels, (x, y), (x, y - round(lashes * wide)), iris, 2)
        cv2.polylines(pixels, [(face[brow] + (0, 4)).round().astype(np.int32)], False, iris, 8)
    return pixels


def edit(pixels, goal, source=REST):
    """What a network makes that moves pixels by the landmarks' flow alone, put into the photo."""
    crop = Crop.around(source)
    cut, start, there = crop.cut(pixels, SIZE), crop.to_unit(source), crop.to_unit(goal)
    given = [points.astype(np.float32)[None] for points in (start, there)]
    flow = np.ascontiguousarray(
        find_flow(*given, SIZE, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1).lids[0].transpose(1, 2, 0)
    )
    made = Rendered(warp_picture(cut.astype(np.float32), flow), flow, np.ones((SIZE, SIZE), np.float32))
    return composite(pixels, crop, cut, made, start, there, HOW)


def lid(edited, eye):
    """The part of a picture between the middle of a shut eye's lashes and the skin that stays."""
    low, high = REST[eye].min(axis=0), REST[eye].max(axis=0)
    wide = high[0] - low[0]
    top, bottom = REST[eye][1:3, 1].mean() - 0.1 * wide, said({"narrow_eyes": 2.0})[eye][1:3, 1].mean() - 0.2 * wide
    assert bottom - top > 5
    return edited[round(top) : round(bottom), round(low[0] + 0.35 * wide) : round(high[0] - 0.35 * wide)].astype(int)


@pytest.mark.parametrize("eye", EYES)
def test_a_shut_lid_is_skin_without_streaks_of_lashes(eye, monkeypatch):
    """Lashes two pixels wide were drawn out over the whole lid, from which every other column was black."""
    shut = lid(edit(draw(), said({"narrow_eyes": 2.0})), eye)
    assert np.abs(shut.mean(axis=(0, 1)) - SKIN).max() < 30
    assert shut.mean(axis=2).std(axis=1).max() < 8
    monkeypatch.setattr(closed_lids, "find_lid_skin", lambda *_: None)
    streaked = lid(edit(draw(), said({"narrow_eyes": 2.0})), eye)
    assert streaked.mean(axis=2).std(axis=1).max() > 3 * 8


def test_brows_near_the_eyes_are_not_drawn_down_with_the_lids(monkeypatch):
    """Lids alone close under brows that are half its width above them: these were drawn out over half of the lid."""
    low = REST.copy()
    low[17:27, 1] += LIDS[:, 1].mean() - low[17:27, 1].mean() - 0.5 * np.ptp(REST[36:40, 0])
    goal = low.copy()
    goal[LID_POINTS] = low[[41, 40, 47, 46]]
    pixels = draw(face=low, lashes=0.1)

    middle = int(low[[37, 38], 0].mean())
    under = np.s_[int(low[17:22, 1].min()) + 12 : int(goal[37, 1]) - 8, middle - 6 : middle + 7]

    def darken():
        return (SKIN.mean() - edit(pixels, goal, low)[under].mean(axis=2)).mean()

    monkeypatch.setattr(closed_lids, "_FOLD", (0.0, 1.0, 1.0))  # what is dark here shall come from the brow alone
    monkeypatch.setattr(closed_lids, "_ROUND", (0.0, 0.0, 1.0))
    kept = darken()
    monkeypatch.setattr(closed_lids, "find_lid_skin", lambda *_: None)
    assert kept < 0.5 * darken()


def test_a_lid_that_comes_down_leaves_a_fold_above_it(monkeypatch):
    """Flat, it looks like paint on the eye."""
    goal = REST.copy()
    goal[LID_POINTS] = REST[[41, 40, 47, 46]]
    pixels = draw()
    column = int(REST[[37, 38], 0].mean())
    rows = np.s_[int(REST[37, 1]) - 40 : int(goal[37, 1]) - 6, column - 3 : column + 4]
    folded = edit(pixels, goal)[rows].mean(axis=(1, 2))
    monkeypatch.setattr(closed_lids, "_FOLD", (0.0, 1.0, 1.0))
    flat = edit(pixels, goal)[rows].mean(axis=(1, 2))
    darker = flat - folded
    assert darker.max() > 0.05 * SKIN.mean()
    assert darker[[0, -1]].max() < 0.25 * darker.max()


@pytest.mark.parametrize("eye", EYES)
def test_lashes_hang_down_from_the_lid_that_shut(eye, monkeypatch):
    """A thin line was taken for a fold, and the lid above it for an open eye."""
    goal = said({"narrow_eyes": 2.0})
    wide = np.ptp(REST[eye][:, 0])
    x, y = goal[eye][[1, 2, 4, 5]].mean(axis=0)

    def darker(below):
        row, column = round(y + below * wide), round(x)
        return 1 - shut[row - 1 : row + 2, column - 12 : column + 13].mean() / SKIN.mean()

    shut = edit(draw(lashes=0.0), goal)
    assert darker(0.08) > 0.2, "lashes"
    assert darker(0.3) < 0.05, "the skin below stays"
    monkeypatch.setattr(closed_lids, "_LASHES", (1e-3, 0.0, 1))
    shut = edit(draw(lashes=0.0), goal)
    assert darker(0.08) < 0.1


def test_eyes_that_stay_half_open_are_as_without(monkeypatch):
    half = REST.copy()
    half[LID_POINTS] += 0.55 * (REST[[41, 40, 47, 46]] - REST[LID_POINTS])
    pixels = draw()
    edited = edit(pixels, half)
    monkeypatch.setattr(closed_lids, "find_lid_skin", lambda *_: None)
    np.testing.assert_array_equal(edited, edit(pixels, half))


@pytest.mark.parametrize("words", [{}, {"wide_eyes": 1.0}, {"narrow_eyes": 0.3}, {"smile": 1.0}])
def test_no_lids_where_no_eye_closes(words):
    crop = Crop.around(REST)
    points = (crop.to_unit(each).astype(np.float32)[None] for each in (REST, said(words)))
    assert ClosedLids.of(crop.cut(draw(), SIZE), *points, None, VERSION_1) is None


@pytest.mark.parametrize("around", [(15, 15, 15), (40, 30, 20)])
def test_eyes_behind_dark_glasses_stay_as_they_are(around):
    """Lids drawn on a lens, and a lens bent by them, look worse than eyes that nobody sees."""
    pixels = draw(around=around)
    edited = edit(pixels, said({"narrow_eyes": 2.0}))
    for eye in EYES:
        (left, top), (right, bottom) = REST[eye].min(axis=0).astype(int), REST[eye].max(axis=0).astype(int)
        part = np.s_[top - 10 : bottom + 10, left:right]
        np.testing.assert_array_equal(edited[part], pixels[part])


def test_lids_hide_whites_beyond_the_landmarks():
    """Detectors see wide eyes narrower than they are: what is left of them was a white rim around a plate."""
    wide = REST.copy()
    wide[LID_POINTS, 1] -= 0.1 * np.ptp(REST[36:40, 0])
    wide[[40, 41, 46, 47], 1] += 0.06 * np.ptp(REST[36:40, 0])
    pixels = draw(iris=(245, 245, 250), lashes=0.0, face=wide)
    shut = edit(pixels, said({"narrow_eyes": 2.0}))
    for eye in EYES:
        (left, top), (right, bottom) = wide[eye].min(axis=0).astype(int), wide[eye].max(axis=0).astype(int)
        part = np.s_[top:bottom, left + 8 : right - 8]
        assert (pixels[part].min(axis=2) > 200).mean() > 0.4
        assert (shut[part].min(axis=2) > 200).mean() < 0.01


def test_eyes_that_are_shut_are_neither_shut_again_nor_opened():
    sleeping = REST.copy()
    sleeping[LID_POINTS] = REST[[41, 40, 47, 46]] - (0, 1)
    pixels = draw(face=sleeping, lashes=0.05)
    for words in ({"narrow_eyes": -1.0}, {"wide_eyes": 1.0}):
        goal = vocabulary().moved(sleeping, words)
        goal[LID_POINTS] -= (0, 8)
        edited = edit(pixels, goal, sleeping)
        middle = sleeping[EYES[0]].mean(axis=0).astype(int)
        part = np.s_[middle[1] - 6 : middle[1] + 7, middle[0] - 10 : middle[0] + 11]
        np.testing.assert_array_equal(edited[part], pixels[part])


def test_frames_of_glasses_stay_where_they_are():
    """A dark bar between lashes and brow, with skin on both sides: skin is taken from below, and the bar stays."""
    pixels = draw(lashes=0.1)
    wide = np.ptp(REST[36:40, 0])
    top = round(LIDS[:, 1].mean() - 0.36 * wide)
    pixels[top : top + round(0.1 * wide), 60:540] = (20, 20, 25)
    edited = edit(pixels, said({"narrow_eyes": 2.0}))
    bar = np.s_[top + 2 : top + round(0.1 * wide) - 2, 150:450]
    assert np.percentile(edited[bar].max(axis=2), 90) < 60


@pytest.mark.parametrize("tone", [(235, 205, 190), (110, 75, 60), (60, 42, 35)])
def test_a_lid_has_the_colour_of_the_face(tone):
    shut = lid(edit(draw(skin=tone), said({"narrow_eyes": 2.0})), EYES[0])
    assert np.abs(shut.mean(axis=(0, 1)) - tone).max() < 30


def test_grey_photos_stay_grey():
    edited = edit(draw(skin=(150, 150, 150), iris=(20, 20, 20)), said({"narrow_eyes": 2.0}))
    assert np.ptp(edited, axis=2).max() == 0


def test_strips_join_on_a_lid(monkeypatch):
    pixels = draw()
    whole = edit(pixels, said({"narrow_eyes": 2.0}))
    monkeypatch.setattr(module, "_STRIP", 64 * 100)
    # Two levels: cv2.remap rounds places to 1/32 of a pixel, which shows at lashes.
    np.testing.assert_allclose(edit(pixels, said({"narrow_eyes": 2.0})).astype(int), whole.astype(int), atol=2)


def test_an_eye_seen_from_the_side_gets_no_skin():
    narrow = REST.copy()
    narrow[42:48, 0] = REST[42, 0] + 0.4 * (REST[42:48, 0] - REST[42, 0])
    goal = narrow.copy()
    goal[LID_POINTS] = narrow[[41, 40, 47, 46]]
    crop = Crop.around(REST)
    points = (crop.to_unit(each).astype(np.float32)[None] for each in (narrow, goal))
    found = ClosedLids.of(crop.cut(draw(), SIZE), *points, None, VERSION_1)
    assert found is not None
    assert [skin is None for skin in found.skins] == [False, True]
