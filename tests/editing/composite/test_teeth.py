"""Teeth in the light of their photo: neither grey nor white paper, the person's own kept, and children's small."""

import cv2
import numpy as np
import pytest

from ptk.editing.composite import composite
from ptk.editing.composite.mouth_inside import MouthInside
from ptk.editing.composite.rendered_mouth import TeethRows
from ptk.editing.composite.teeth import Teeth
from ptk.editing.exported.planes import draw_lips
from ptk.editing.rendered import Rendered
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.faces.topology import INNER_LIPS, LEFT_EYE, RIGHT_EYE
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.flow_options import FaceFlow
from ptk.motion.geometry import find_hollow_locally
from ptk.motion.landmark_flow import enlarge_flow, find_flow
from ptk.motion.sampling import warp_picture
from ptk.motion.smooth_flow import find_smooth_flow

SIZE, HOW = 192, FaceFlow(lips=True, geometry=VERSION_1)
REST = (vocabulary().rest * 150 + (300, 280)).astype(np.float32)
SMILE, LAUGH = (vocabulary().moved(REST, words) for words in ({"smile": 1.2}, {"laugh": 1.0}))
SKIN, LIPS, WHITE = (170, 130, 108), (150, 84, 84), (196, 190, 184)


def light(pixels):
    """What levels stand for, linear, on average over the channels."""
    return ((np.asarray(pixels, float) / 255) ** 2.2).mean(axis=-1)


def dim(colour, lit):
    """A colour in so much light of what it was in."""
    return tuple(round(each * lit ** (1 / 2.2)) for each in colour)


def fill(pixels, outline, colour):
    cv2.fillPoly(pixels, [outline.round().astype(np.int32)], tuple(int(each) for each in colour))


def draw(face=REST, lit=(1.0, 1.0, 1.0), skin=SKIN, lips=LIPS):
    """A face with the whites of its eyes, in light of a colour (linear)."""
    pixels = np.full((620, 600, 3), skin, np.uint8)
    for outline, colour in ((face[48:60], lips), (face[RIGHT_EYE], WHITE), (face[LEFT_EYE], WHITE)):
        fill(pixels, outline, colour)
    return np.rint(pixels * np.array(lit) ** (1 / 2.2)).astype(np.uint8)


def paint(pixels, goal, tooth, *, dark=None):
    """The cut of a photo, its moved pixels and what a network makes of it: teeth between lips, one of them dark."""
    crop = Crop.around(REST)
    cut, there = crop.cut(pixels, SIZE), crop.to_unit(goal)
    moved = cut.astype(np.float32)
    image, inner = moved.copy(), there[INNER_LIPS] * SIZE
    fill(image, inner, tooth)
    if dark is not None:
        middle = inner[:, 0].mean()
        image[..., :][(np.abs(np.arange(SIZE) - middle) < 4) & (image == tooth).all(axis=2)] = dark
    return crop, cut, moved, image, there


def tone(pixels, tooth, goal=LAUGH, **options):
    """The middle tooth as toned, the toned image, and the one before."""
    crop, cut, moved, image, there = paint(pixels, goal, tooth, **options)
    toned = Teeth.of(cut, crop.to_unit(REST)).tone(image, moved, np.zeros((SIZE, SIZE), np.float32), there)
    x, y = (there[[62, 66]].mean(axis=0) * SIZE).astype(int)
    return toned[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1)), toned, image


@pytest.mark.parametrize("lit", [1.0, 0.5, 0.2])
@pytest.mark.parametrize("tooth", [(110, 100, 104), (84, 76, 78), (250, 250, 255)])
def test_painted_teeth_are_brighter_than_lips_and_never_as_white_as_paper_in_any_light(lit, tooth):
    """Whatever a network painted: dull grey, darker still, or glaring.

    Of 11 photos teeth had twice the light of the whites of the eyes, which lids shade, in the median.
    """
    found, _, _ = tone(draw(lit=(lit,) * 3), dim(tooth, lit))
    lips, white = lit * light(LIPS), lit * light(WHITE)
    assert 1.5 * lips < light(found) < 2 * white
    assert light(found) < 0.85


def test_teeth_in_dim_light_are_as_much_darker_as_the_photo():
    bright, dark = (light(tone(draw(lit=(lit,) * 3), dim((120, 112, 112), lit))[0]) for lit in (1.0, 0.1))
    assert 0.1 < dark / bright < 0.3, "film saturates: by a little less"


def test_coloured_light_colours_teeth_and_a_black_and_white_photo_does_not():
    warm, _, _ = tone(draw(lit=(1.0, 0.7, 0.4)), (120, 120, 130))
    cold, _, _ = tone(draw(lit=(0.6, 0.75, 1.0)), (120, 120, 130))
    assert warm[0] > warm[1] > warm[2]
    assert warm[2] / warm[0] < 0.93 * cold[2] / cold[0]
    grey, _, _ = tone(draw(skin=(140,) * 3, lips=(100,) * 3)[..., :1].repeat(3, axis=2), (120,) * 3)
    assert np.ptp(grey) < 1.5


def test_pink_teeth_lose_their_colour():
    found, _, _ = tone(draw(), (150, 112, 116))
    assert found[0] / found[2] < 1.25 < 150 / 116


def test_a_tooth_left_dark_among_others_gets_as_bright_as_they_are_nearly():
    found, toned, _ = tone(draw(), (170, 165, 160), dark=(70, 66, 64))
    there = Crop.around(REST).to_unit(LAUGH)
    x, y = (there[[62, 66]].mean(axis=0) * SIZE).astype(int)
    beside = light(toned[y, x + 9])
    assert light(found) > 0.3 * beside, "it had a seventh of their light"
    assert light((70, 66, 64)) < 0.15 * light((170, 165, 160))


def test_nothing_changes_but_between_the_lips():
    _, toned, image = tone(draw(), (120, 112, 112))
    mask = np.zeros((SIZE, SIZE), np.uint8)
    fill(mask, Crop.around(REST).to_unit(LAUGH)[INNER_LIPS] * SIZE, (1,))
    beyond = cv2.dilate(mask, np.ones((13, 13), np.uint8)) == 0
    np.testing.assert_array_equal(toned[beyond], image[beyond])
    assert np.abs(toned - image)[mask > 0].mean() > 10


def test_a_mouth_whose_lips_stay_shut_is_left_as_it_was_made():
    _, toned, image = tone(draw(), (120, 112, 112), goal=REST)
    assert toned is image or np.array_equal(toned, image)


def grin(face):
    """A photo that shows teeth, each of a grey of its own."""
    pixels = draw(face)
    teeth = pixels.copy()
    fill(teeth, face[INNER_LIPS], (200, 192, 180))
    shades = np.random.default_rng(0).uniform(0.75, 1.1, 40).repeat(15)[:600]
    lines = (teeth * shades[None, :, None]).clip(0, 255).astype(np.uint8)
    mask = (teeth != pixels).any(axis=2)
    pixels[mask] = lines[mask]
    return pixels


@pytest.mark.parametrize("words", [{"laugh": 0.5}, {"smile": 0.5}, {"open_mouth": 1.0}])
def test_teeth_that_the_photo_shows_are_kept_where_a_network_paints_others(words):
    """As a correlation with the photo's own pixels, moved: it was a tenth where they were painted over."""
    pixels = grin(LAUGH)
    goal = vocabulary().moved(LAUGH, words)
    crop = Crop.around(LAUGH)
    cut, start, there = crop.cut(pixels, SIZE), crop.to_unit(LAUGH), crop.to_unit(goal)
    assert Teeth.of(cut, start).own > 0.9
    given = [points.astype(np.float32)[None] for points in (start, there)]
    planes = draw_lips(find_flow(*given, SIZE, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1))[0]
    flow = np.ascontiguousarray(planes[:2].transpose(1, 2, 0))
    moved = warp_picture(cut.astype(np.float32), flow)
    image = moved.copy()
    fill(image, there[INNER_LIPS] * SIZE, (230, 228, 226))  # a denture of one white
    visibility = np.ones((SIZE, SIZE), np.float32)
    edited = composite(pixels, crop, cut, Rendered(image, flow, visibility), start, there, HOW)
    plain = composite(pixels, crop, cut, Rendered(moved, flow, visibility), start, there, HOW)
    # A little below the upper lip, from tooth to tooth.
    rows = goal[61:64, 1].mean().astype(int) + np.arange(4, 10)
    columns = np.arange(int(goal[61, 0]), int(goal[63, 0]))
    ours, theirs = (each[rows][:, columns].mean(axis=(0, 2)) for each in (edited, plain))
    assert np.std(theirs) > 8
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95
    assert np.abs(ours - theirs).mean() < 8


def test_shut_lips_and_open_mouths_without_teeth_show_none_of_ones_own():
    crop = Crop.around(LAUGH)
    dark = draw(LAUGH)
    fill(dark, LAUGH[INNER_LIPS], (40, 18, 18))
    tongue = draw(LAUGH)
    fill(tongue, LAUGH[INNER_LIPS], LIPS)
    for pixels in (dark, tongue):
        assert Teeth.of(crop.cut(pixels, SIZE), crop.to_unit(LAUGH)).own == 0
    assert Teeth.of(Crop.around(REST).cut(draw(), SIZE), Crop.around(REST).to_unit(REST)).own == 0


def test_what_is_dim_between_parted_lips_is_the_shadow_behind_teeth():
    """Pale as teeth are, and as light as a lip in the dark: it was kept, and a laugh had none."""
    goal, dim_lips = vocabulary().moved(LAUGH, {"open_mouth": 1.0}), (70, 38, 38)
    for tooth, unseen in (((70, 66, 62), True), ((190, 182, 172), False)):
        pixels, crop = draw(LAUGH, lips=dim_lips), Crop.around(LAUGH)
        fill(pixels, LAUGH[INNER_LIPS], tooth)
        assert Teeth.of(crop.cut(pixels, SIZE), crop.to_unit(LAUGH)).are_unseen(crop.to_unit(goal)) is unseen


def test_lips_that_are_parted_over_no_teeth_get_some_as_they_open_and_a_wide_mouth_none():
    for opening, unseen in ((0.5, True), (1.2, False)):
        parted = vocabulary().moved(REST, {"open_mouth": opening})
        goal, crop = vocabulary().moved(parted, {"laugh": 1.0}), Crop.around(parted)
        pixels = draw(parted)
        fill(pixels, parted[INNER_LIPS], (40, 18, 18))
        assert Teeth.of(crop.cut(pixels, SIZE), crop.to_unit(parted)).are_unseen(crop.to_unit(goal)) is unseen


def find(goal, source=REST, side=512):
    """The hollow of a mouth over a crop of that many pixels."""
    crop = Crop.around(source)
    here, there = (crop.to_unit(points).astype(np.float32)[None] for points in (source, goal))
    smooth = find_smooth_flow(here, there, 64, 64, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1)
    found = find_hollow_locally(enlarge_flow(smooth, side), here, there, VERSION_1, bare=True)
    assert found is not None
    return found[1]


def upper(hollow, rows):
    """Upper teeth (H, W): those in the half of the mouth that is nearer to the upper lip."""
    above = np.asarray(hollow.teeth < hollow.lip)[0, 0] & (np.asarray(hollow.share)[0, 0] > 0.5)
    return rows.look_up(hollow).teeth * above


@pytest.fixture(scope="module")
def gape():
    return find(vocabulary().moved(REST, {"open_mouth": 1.0}))


def test_teeth_of_a_turned_face_are_around_the_middle_of_its_lips(gape):
    across = np.asarray(gape.across)[0, 0]
    middles = []
    for middle in (-0.4, 0.0, 0.4):
        teeth = upper(gape, TeethRows.of(gape, middle))
        assert teeth.sum() > 200
        middles.append(float((teeth * across).sum() / teeth.sum()))
    assert middles[0] < -0.15
    assert abs(middles[1]) < 0.03
    assert middles[2] > 0.15


def test_a_mouth_that_gapes_in_a_face_turned_far_shows_no_rim_of_teeth(gape):
    assert upper(gape, TeethRows.of(gape, 0.65)).sum() == 0
    assert upper(gape, TeethRows.of(gape, 0.65, 0.0, 1.0)).sum() > 200, "smiles do"
    assert upper(gape, TeethRows.of(gape, 0.45)).sum() > 200


def test_teeth_of_a_child_are_shorter_and_apart(gape):
    adult, child = (upper(gape, TeethRows.of(gape, 0.0, each)) for each in (0.0, 1.0))
    assert child.sum() < 0.85 * adult.sum()
    middle = int(np.abs(np.asarray(gape.across)[0, 0]).mean(axis=0).argmin())
    beside = slice(middle - 1, middle + 2)
    assert adult[:, beside].max() > 0.9
    assert child[:, beside].min(axis=1).max() < 0.5, "between the front teeth is a gap"


def test_a_face_is_a_small_childs_whose_chin_and_nose_are_near_to_its_eyes():
    found = []
    for lower in (1.0, 0.8):
        face = REST.copy()
        below = face[:, 1] > 280
        face[below, 1] = 280 + lower * (face[below, 1] - 280)
        goal, crop = vocabulary().moved(face, {"open_mouth": 1.0}), Crop.around(face)
        here, there = (crop.to_unit(points).astype(np.float32)[None] for points in (face, goal))
        smooth = find_flow(here, there, SIZE, reach=HOW.reach, noise=HOW.noise, geometry=VERSION_1).smooth
        cut = crop.cut(draw(face), SIZE)
        inside = MouthInside.of(cut, smooth, here, there, None, VERSION_1, Teeth.of(cut, here[0]))
        assert inside is not None
        found.append(inside.rows.child)
    assert found == [0, 1]


def test_smiles_show_more_of_the_upper_teeth():
    hollow = find(LAUGH)
    gapes, smiles = (upper(hollow, TeethRows.of(hollow, 0.0, 0.0, each)).sum() for each in (0.0, 1.0))
    assert smiles > 1.2 * gapes
