"""The inside of mouths that open: shaded, as sharp as the photo, and only where the photo shows nothing."""

import cv2
import numpy as np
import pytest

from ptk.editing.composite import compose as module
from ptk.editing.composite import composite
from ptk.editing.composite.grain import sharpen
from ptk.editing.composite.mouth_inside import MouthInside, measure_childhood, shade
from ptk.editing.composite.rendered_mouth import TeethRows
from ptk.editing.composite.teeth import Teeth
from ptk.editing.exported.planes import draw_lips
from ptk.editing.rendered import Rendered
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.flow_options import FaceFlow
from ptk.motion.geometry import find_hollow_locally
from ptk.motion.landmark_flow import enlarge_flow, find_flow
from ptk.motion.sampling import warp_picture
from ptk.motion.smooth_flow import find_smooth_flow

SIZE, HOW = 128, FaceFlow(lips=True, geometry=VERSION_1)
REST = (vocabulary().rest * 150 + (300, 280)).astype(np.float32)
SMILE = vocabulary().moved(REST, {"laugh": 0.95})  # its teeth show
WIDE = vocabulary().moved(SMILE, {"open_mouth": 1.0})
DARK = np.float32([45, 19, 19])  # what a network is taken to paint below teeth


def draw(skin=(180, 140, 120), lips=(170, 90, 90), teeth=(230, 225, 215), face=SMILE):
    """A face of plain skin with lips and teeth at five times the network's resolution."""
    pixels = np.full((620, 600, 3), skin, np.uint8)
    for outline, colour in ((face[48:60], lips), (face[60:68], teeth)):
        cv2.fillPoly(pixels, [outline.round().astype(np.int32)], colour)
    return pixels


def edit(pixels, goal, source=SMILE, darker=0.0):
    """What a network makes that moves lips and is dark below teeth, and by so much `darker` at them, into the photo."""
    crop = Crop.around(source)
    cut, start, there = crop.cut(pixels, SIZE), crop.to_unit(source), crop.to_unit(goal)
    given = [points.astype(np.float32)[None] for points in (start, there)]
    lips = draw_lips(find_flow(*given, SIZE, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1))[0]
    flow, below = np.ascontiguousarray(lips[:2].transpose(1, 2, 0)), lips[3]
    moved = warp_picture(cut.astype(np.float32), flow)
    moved -= darker * (moved.min(axis=2, keepdims=True) > 190)
    made = Rendered(moved + below[..., None] * (DARK - moved), flow, 1 - below)
    return composite(pixels, crop, cut, made, start, there, HOW)


def find(goal, source=SMILE, side=512):
    """The hollow of a mouth over a crop of that many pixels."""
    crop = Crop.around(source)
    here, there = (crop.to_unit(points).astype(np.float32)[None] for points in (source, goal))
    smooth = find_smooth_flow(here, there, 64, 64, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1)
    found = find_hollow_locally(enlarge_flow(smooth, side), here, there, VERSION_1)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def middle():
    """Rows of the middle column of a mouth that opened wide, from the first that is all hollow to the last."""
    hollow = find(WIDE)
    column = hollow.share.shape[-1] // 2
    whole = np.flatnonzero(hollow.share[0, 0, :, column] == 1)
    return hollow, slice(whole[0], whole[-1] + 1), column


def test_light_falls_with_the_depth_behind_the_teeth_and_behind_the_lip(middle):
    hollow, rows, column = middle
    light = shade(hollow)[rows, column]
    deepest = int(light.argmin())
    assert 5 < deepest < len(light) - 5
    assert (np.diff(light[: deepest + 1]) <= 0).all()
    assert (np.diff(light[deepest:]) >= 0).all()
    assert light[-1] > 3 * light[deepest], "the wall behind the lip is lit, the back is not"


def test_a_tongue_lies_low_and_is_darker_than_the_lip(middle):
    hollow, rows, column = middle
    light = shade(hollow, TeethRows.of(hollow).look_up(hollow).flesh)[rows, column]
    tongue = light - shade(hollow)[rows, column]
    assert tongue.argmax() > len(tongue) / 2
    assert 0.02 < tongue.max() < 0.5
    back = light[: 2 * len(tongue) // 3]
    assert np.abs(np.diff(back)).max() < 0.04, "its upper edge is soft"


def test_upper_teeth_are_drawn_only_where_the_photo_shows_none():
    """Behind the upper lip of a mouth that gapes; a smile that opens further has its own, and gets lower ones alone."""
    upper, lower = {}, {}
    for name, source in (("gapes", REST), ("smiled", SMILE)):
        hollow = find(vocabulary().moved(source, {"open_mouth": 1.0}), source)
        seen = TeethRows.of(hollow).look_up(hollow)
        rows = np.flatnonzero(hollow.share[0, 0, :, seen.teeth.shape[1] // 2] > 0.5)
        column = seen.teeth[rows, seen.teeth.shape[1] // 2 - 4 : seen.teeth.shape[1] // 2 + 4].mean(axis=1)
        upper[name], lower[name] = column[: len(column) // 3].max(), column[-len(column) // 3 :].max()
    assert upper["gapes"] > 0.9
    assert upper["smiled"] == 0
    assert lower["gapes"] > 0.5 > lower["smiled"] > 0, "the further open, the more"


def test_rows_of_teeth_do_not_follow_each_bend_of_a_lip():
    """A detector's noise of a twentieth of the mouth's width in one point of the lip leaves their edge where it was."""
    goal = vocabulary().moved(REST, {"open_mouth": 1.0})
    bent = goal.copy()
    bent[62, 1] += 0.05 * (goal[54, 0] - goal[48, 0])
    edges, lips = [], []
    for each in (goal, bent):
        hollow = find(each, REST)
        column = hollow.share.shape[-1] // 2
        inside = np.flatnonzero(hollow.share[0, 0, :, column] > 0.5)
        teeth = inside[TeethRows.of(hollow).look_up(hollow).teeth[inside, column] > 0.5]
        lips.append(inside[0] - inside[-1])
        edges.append(teeth[teeth < inside.mean()].max() - inside[-1])
    assert lips[1] - lips[0] >= 3, "the lip came down"
    assert edges[1] - edges[0] < 0.6 * (lips[1] - lips[0])


def test_teeth_are_as_light_as_the_whites_of_eyes_tell_and_no_darker_for_dark_lips():
    """Teeth of dark skin came out grey where they were a share of what its lips reflect."""
    goal = vocabulary().moved(REST, {"open_mouth": 1.0})

    def teeth(lips):
        pixels = draw(skin=(96, 66, 50), lips=lips, face=REST)
        for eye in (REST[36:42], REST[42:48]):
            cv2.fillPoly(pixels, [eye.round().astype(np.int32)], (200, 196, 190))
        edited = edit(pixels, goal, REST)
        x, y = goal[[61, 62, 63]].mean(axis=0).astype(int)
        return edited[y : y + 25, x - 12 : x + 12].max(axis=(0, 1)).astype(float)

    dark, light = teeth((84, 52, 48)), teeth((150, 90, 85))
    assert dark.mean() > 120, "with the lips' light alone they would be below 85"
    assert dark.mean() > 0.8 * light.mean()
    assert np.ptp(dark) < 40, "they are white"


def test_no_part_of_an_opened_mouth_has_one_colour():
    """The network's dark colour covered the whole of it: now no shade has more than a tenth."""
    edited = edit(draw(), WIDE)
    inside = edited[(edited.max(axis=2) < 100)]
    assert len(inside) > 1000
    _, counts = np.unique(inside, axis=0, return_counts=True)
    assert counts.max() < 0.1 * len(inside)
    assert inside.mean(axis=1).std() > 5


def test_teeth_above_the_opening_keep_their_pixels(monkeypatch):
    """All but those nearer to its edge than five pixels, the network's one and its averaging: there it was dark."""
    pixels = draw()
    with_inside = edit(pixels, WIDE)
    monkeypatch.setattr(MouthInside, "of", lambda *_: None)
    without = edit(pixels, WIDE)
    bright = cv2.erode((without.min(axis=2) > 200).astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert bright.sum() > 300
    np.testing.assert_array_equal(with_inside[bright], without[bright])


def test_the_edge_of_the_teeth_has_no_steps():
    """A network's pixel is over three of the photo's here: the edge once moved by as many from column to column."""
    edited = edit(draw(), WIDE)[..., 0].astype(float)
    middle = int(WIDE[62, 0])
    columns = range(middle - 25, middle + 25)
    rows = []
    for column in columns:
        top = int(WIDE[[61, 62, 63], 1].min())
        line = edited[top : int(WIDE[66, 1]), column]
        first = int(np.flatnonzero((line[:-1] > 130) & (line[1:] <= 130))[0])
        rows.append(first + (line[first] - 130) / (line[first] - line[first + 1]))
    assert np.abs(np.diff(rows, 2)).max() < 0.25


@pytest.mark.parametrize("words", [{}, {"brows_up": 1.0}, {"smile": -0.3}])
def test_a_mouth_that_opens_no_further_has_no_hollow(words):
    assert not np.any(find(vocabulary().moved(SMILE, words)).share)


@pytest.mark.parametrize(
    ("words", "drawn"),
    [({"open_mouth": 1.0}, True), ({"open_mouth": 0.64}, True), ({"laugh": 1.0}, True), ({"smile": 0.8}, False)],
)
def test_lips_that_were_shut_and_open_wide_get_a_whole_inside_and_narrow_smiles_a_networks(words, drawn):
    """Networks paint murky patches in wide mouths, and lumps for teeth in laughs; those of narrow ones look right."""
    crop, goal = Crop.around(REST), vocabulary().moved(REST, words)
    here, there = (crop.to_unit(points).astype(np.float32)[None] for points in (REST, goal))
    smooth = find_flow(here, there, SIZE, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1).smooth
    cut = crop.cut(draw(face=REST), SIZE)
    inside = MouthInside.of(cut, smooth, here, there, None, VERSION_1, Teeth.of(cut, here[0]))
    assert (inside is not None) is drawn
    if inside is not None:
        x, y = (there[0, [62, 66]].mean(axis=0) * SIZE).astype(int)
        assert inside.covered[y, x] == 1
        assert not inside.shown.any()


def test_a_mouth_that_gapes_from_shut_lips_is_hollow_from_lip_to_lip():
    goal = vocabulary().moved(REST, {"open_mouth": 1.0})
    hollow = find(goal, REST)
    assert hollow.gapes == pytest.approx(1)
    assert not np.any(hollow.shown)
    column = hollow.share[0, 0, :, hollow.share.shape[-1] // 2]
    rows = np.flatnonzero(column == 1)
    gap = (goal[66, 1] - goal[62, 1]) / Crop.around(REST).side * 512
    assert len(rows) > 0.9 * gap


@pytest.mark.parametrize("words", [{"laugh": 1.0}, {"smile": 1.0}, {"open_mouth": 0.2}])
def test_shut_lips_that_smile_or_hardly_open_are_left_to_the_network(words):
    assert not np.any(find(vocabulary().moved(REST, words), REST).share)


def test_teeth_that_a_photo_shows_are_not_darkened_as_a_mouth_opens():
    """A network that painted them brown, by 100 levels, is heeded below them alone."""
    plain, brown = edit(draw(), WIDE), edit(draw(), WIDE, darker=100.0)
    white = cv2.erode((plain.min(axis=2) > 200).astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert white.sum() > 200
    assert np.abs(brown[white].astype(int) - plain[white]).max() < 20


def test_a_hollow_is_between_the_lips_and_grows_with_the_opening():
    areas = []
    for strength in (0.25, 0.5, 1.0):
        goal = vocabulary().moved(SMILE, {"open_mouth": strength})
        areas.append(float(find(goal).share.sum()))
    assert 0 < areas[0] < areas[1] < areas[2]


def test_it_is_as_dark_as_the_photo_and_has_no_colour_where_that_has_none():
    def inside(**colours):
        edited = edit(draw(**colours), WIDE).astype(float)
        x, y = ((WIDE[62] + 2 * WIDE[66]) / 3).astype(int)
        return edited[y - 3 : y + 4, x - 3 : x + 4].mean(axis=(0, 1))

    light = inside()
    dim = inside(skin=(60, 46, 40), lips=(56, 30, 30), teeth=(76, 75, 72))
    np.testing.assert_allclose(dim / light, 1 / 3, atol=0.05)  # a third of the values of the photo, as its lips'
    grey = inside(skin=(140,) * 3, lips=(100,) * 3, teeth=(220,) * 3)
    assert np.ptp(grey) < 1
    assert light[0] > 1.2 * light[1:].max(), "red, as lips are"


def test_strips_join_inside_a_mouth(monkeypatch):
    pixels = draw()
    whole = edit(pixels, WIDE)
    monkeypatch.setattr(module, "_STRIP", 64 * 100)
    np.testing.assert_allclose(
        edit(pixels, WIDE).astype(int), whole.astype(int), atol=2
    )  # an edge, in 32nds of a pixel


def test_slanted_edges_are_sharpened_without_their_steps():
    """An edge with a slope of 3 to 5, enlarged 4 times, stays straight to a sixteenth of the small picture's pixel.

    An unsharp mask alone bends it by .46 of the large pixels. It gets steeper than bicubic enlarging leaves it, and has
    less of the rims that come of that.
    """
    x, y = np.meshgrid(np.arange(48.0), np.arange(48.0))
    small = (40 + 160 * np.clip(y - 5 - 0.6 * x + 0.5, 0, 1)).astype(np.float32)[..., None].repeat(3, axis=2)
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    sharp = sharpen(large, 4.0)
    edge = ((200 - sharp[:, 40:150, 0]) / 160).sum(axis=0)
    columns = np.arange(len(edge))
    assert np.abs(edge - np.polyval(np.polyfit(columns, edge, 1), columns)).max() < 0.25
    steep, before = (np.abs(np.diff(each[:, 40:150, 0], axis=0)).max(axis=0).mean() for each in (sharp, large))
    assert steep > 1.3 * before
    assert 40 - sharp.min() < (40 - large.min()) / 2
    assert sharp.max() - 200 < (large.max() - 200) / 2


def test_a_small_child_is_one_with_its_mouth_open_too():
    """A face whose chin and nose are nearer to its eyes, and brows higher, than of any adult."""
    child = vocabulary().rest.copy()
    child[:17, 1] *= 0.85
    child[31:36, 1] *= 0.85
    child[48:, 1] *= 0.85
    child[17:27, 1] -= 0.06
    assert measure_childhood(child) == 1
    assert measure_childhood(vocabulary().moved(child, {"open_mouth": 1.0})) > 0.8
    assert measure_childhood(vocabulary().rest) == 0
    assert measure_childhood(vocabulary().moved(vocabulary().rest, {"open_mouth": 1.0})) == 0
