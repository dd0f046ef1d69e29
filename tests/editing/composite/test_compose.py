"""A face put into a photo: its own pixels move, what is painted is enlarged, and what nobody asked for stays."""

import numpy as np
import pytest
from skimage import data

from ptk.editing.composite import compose as module
from ptk.editing.composite import composite
from ptk.editing.exported.planes import draw_lips
from ptk.editing.rendered import Rendered
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.flow_options import FaceFlow
from ptk.motion.landmark_flow import find_flow
from ptk.motion.sampling import warp_picture

SIZE = 128
PLAIN, LIPS = FaceFlow(geometry=VERSION_1), FaceFlow(lips=True, geometry=VERSION_1)
FACE = (vocabulary().rest * 150 + (300, 280)).astype(np.float32)


@pytest.fixture(scope="module")
def pixels():
    """A picture with detail down to the pixel."""
    noise = np.random.default_rng(0).integers(0, 60, (620, 600, 3))
    smooth = data.astronaut()[:310, :300].repeat(2, axis=0).repeat(2, axis=1)
    return (smooth // 2 + noise).clip(0, 255).astype(np.uint8)


def edit(pixels, goal, how=PLAIN, paint=None, source=FACE, visible=1.0):
    """What a network makes that moves pixels by the landmarks' flow alone, and adds `paint` (S, S, 3)."""
    crop = Crop.around(source)
    cut = crop.cut(pixels, SIZE)
    start, there = crop.to_unit(source), crop.to_unit(goal)
    given = [points.astype(np.float32)[None] for points in (start, there)]
    found = find_flow(*given, SIZE, reach=how.reach, noise=how.noise, geometry=VERSION_1)
    flow = draw_lips(found)[:, :2] if how.lips else found.lids
    flow = np.ascontiguousarray(flow[0].transpose(1, 2, 0))
    image = warp_picture(cut.astype(np.float32), flow) + (0 if paint is None else paint)
    made = Rendered(image, flow, np.full((SIZE, SIZE), visible, np.float32))
    return composite(pixels, crop, cut, made, start, there, how)


def said(words, source=FACE):
    return vocabulary().moved(source, words)


def detail(pixels, points):
    """The mean Laplacian around landmarks."""
    low, high = points.min(axis=0).astype(int), points.max(axis=0).astype(int)
    grey = pixels.mean(axis=2)[low[1] : high[1], low[0] : high[0]]
    return np.abs(4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]).mean()


def test_nothing_asked_nothing_changed(pixels):
    np.testing.assert_array_equal(edit(pixels, FACE, paint=np.float32(90)), pixels)


@pytest.mark.parametrize("word", ["brows_up", "brows_down", "wide_eyes", "narrow_eyes"])
def test_a_mouth_that_is_not_asked_keeps_its_pixels(pixels, word):
    edited = edit(pixels, said({word: 1.5}), LIPS, paint=np.float32(5))
    assert (edited != pixels).any()
    low, high = FACE[48:].min(axis=0).astype(int), FACE[48:].max(axis=0).astype(int)
    within = slice(low[1], high[1] + 1), slice(low[0], high[0] + 1)
    np.testing.assert_array_equal(edited[within], pixels[within])


def test_what_moves_keeps_its_detail(pixels):
    goal = said({"laugh": 1.0})
    cheek = [2, 3, 31, 48]
    assert detail(edit(pixels, goal), goal[cheek]) > 0.8 * detail(pixels, FACE[cheek])
    soft = Crop.around(FACE).spread(Crop.around(FACE).cut(pixels, SIZE), (0, 0, 600, 620))
    assert detail(soft, FACE[cheek]) < 0.2 * detail(pixels, FACE[cheek])  # which an enlarged picture has not


def test_a_face_that_moves_by_whole_pixels_has_the_same_pixels_there(pixels):
    goal = FACE + np.float32([6, 0])
    edited = edit(pixels, goal)
    x, y = FACE[30].astype(int)  # between all landmarks the field is the move itself, but for the nugget
    moved = edited[y - 3 : y + 3, x + 3 : x + 9].astype(int)
    assert np.abs(moved - pixels[y - 3 : y + 3, x - 3 : x + 3]).mean() < 12
    assert np.abs(moved - pixels[y - 3 : y + 3, x + 3 : x + 9]).mean() > 20


def test_paint_is_added_and_detail_stays_below_it(pixels):
    goal = said({"smile": 1.0})
    plain, painted = edit(pixels, goal), edit(pixels, goal, paint=np.float32(4))
    x, y = goal[48:60].mean(axis=0).astype(int)
    gap = painted[y - 9 : y + 9, x - 9 : x + 9].astype(int) - plain[y - 9 : y + 9, x - 9 : x + 9]
    assert np.abs(gap.mean() - 4) < 0.3
    assert gap.std() < 1.0


@pytest.mark.parametrize(("paint", "visible"), [(80.0, 1.0), (4.0, 0.0)])
def test_what_is_repainted_or_hidden_shows_nothing_of_the_photo(pixels, paint, visible):
    goal = said({"smile": 1.0})
    edited = edit(pixels, goal, paint=np.float32(paint), visible=visible)
    lips = goal[[49, 53, 55, 59]]
    assert detail(edited, lips) < 0.7 * detail(pixels, FACE[[49, 53, 55, 59]])


def test_far_from_the_face_nothing_changes(pixels):
    edited = edit(pixels, said({"surprise": 1.5}), LIPS, paint=np.float32(30))
    y, x = np.mgrid[:620, :600] + 0.5
    beyond = (np.abs(Crop.around(FACE).to_unit(np.stack([x, y], axis=-1)) - 0.5) > 0.5).any(axis=-1)
    np.testing.assert_array_equal(edited[beyond], pixels[beyond])


def test_lips_meet_without_a_sliver_of_what_was_between_them():
    """Bright teeth between dark lips, at five times the network's resolution: closed, nothing bright is left."""
    words = vocabulary()
    source = words.moved(FACE, {"laugh": 1.0})
    goal = source.copy()
    goal[[61, 62, 63]] = goal[[67, 66, 65]] = (source[[61, 62, 63]] + source[[67, 66, 65]]) / 2
    pixels = np.full((620, 600, 3), 90, np.uint8)
    import cv2

    cv2.fillPoly(pixels, [source[60:68].round().astype(np.int32)], (255, 255, 255))
    edited = edit(pixels, goal, LIPS, source=source)
    middle = goal[[61, 62, 63]].mean(axis=0).astype(int)
    column = edited[middle[1] - 40 : middle[1] + 40, middle[0]].max()
    assert edit(pixels, source + np.float32([3, 0]), LIPS, source=source)[..., 0].max() > 250
    assert column <= 110


def test_strips_join_without_a_seam(pixels, monkeypatch):
    goal = said({"laugh": 1.0, "narrow_eyes": 2.0})
    paint = np.linspace(-60, 60, SIZE * SIZE, dtype=np.float32).reshape(SIZE, SIZE, 1)
    whole = edit(pixels, goal, LIPS, paint)
    monkeypatch.setattr(module, "_STRIP", 64 * 100)
    gap = np.abs(edit(pixels, goal, LIPS, paint).astype(int) - whole)
    # OpenCV knows places to 1/32 of a pixel, which is some levels of noise.
    assert gap.max() <= 255 / 32
    assert (gap > 1).mean() < 2e-4


def test_a_face_that_is_turned_on_its_side_is_edited_alike(pixels):
    side = np.ascontiguousarray(np.rot90(pixels))
    turned = np.stack([FACE[:, 1], 600 - FACE[:, 0]], axis=-1)
    upright = edit(pixels, said({"laugh": 1.0}), LIPS)
    lying = edit(side, said({"laugh": 1.0}, turned), LIPS, source=turned)
    gap = np.abs(np.rot90(lying, -1).astype(int) - upright)
    assert gap.mean() < 1
    assert np.percentile(gap, 99) < 25  # noise, sampled elsewhere between pixels


def test_a_small_face_is_edited_though_the_network_sees_more_pixels_than_it_has(pixels):
    small = FACE / 3
    crop = Crop.around(small)
    assert crop.side > SIZE
    tiny = FACE / 8
    assert Crop.around(tiny).side < SIZE
    assert (edit(pixels, said({"laugh": 1.0}, tiny), LIPS, source=tiny) != pixels).any()


def test_landmarks_beyond_the_photo_do_no_harm(pixels):
    for shift in ((-280, 0), (0, -290), (300, 320)):
        source = FACE + np.float32(shift)
        assert edit(pixels, said({"laugh": 1.0}, source), LIPS, source=source).shape == pixels.shape


def test_a_result_is_the_same_however_many_threads_there_are(pixels, monkeypatch):
    """Where strips begin must not depend on the machine: single pixels would differ."""
    goal = vocabulary().moved(FACE, {"smile": 1.0})
    results = []
    for threads in (1, 3):
        monkeypatch.setattr("ptk.threads.count_threads", lambda threads=threads: threads)
        results.append(edit(pixels, goal, how=LIPS))
    np.testing.assert_array_equal(*results)
