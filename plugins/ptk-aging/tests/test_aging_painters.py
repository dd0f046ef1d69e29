"""Faces painted old and young, on portraits: what changes, what must not, and what no photo can break."""

import numpy as np
import pytest
import torch
from skimage import data

import ptk
from ptk.dataset.example import people
from ptk.faces.topology import BROWS, CHEEKS, EYES, NOSE_TOP, UNDER_NOSE
from ptk_aging.domains import Old, Young
from ptk_aging.face import Face, blur
from ptk_aging.head_hair import find_head_hair

# landmarks of the astronaut, as a detector places them: jaw, brows, nose, eyes, lips
ASTRONAUT = """
179 104 179 116 180 127 181 139 185 151 191 160 200 169 209 176 221 178 232 177 243 171 253 164 260 154 265 144 268 132
270 120 272 108 186 94 192 88 200 87 208 89 216 92 236 93 244 91 252 91 260 92 265 98 225 103 225 111 225 119 225 127
214 131 219 132 224 134 229 133 234 132 195 101 200 98 207 98 212 104 206 104 199 104 238 105 244 101 250 101 255 104
250 107 244 106 201 140 209 139 218 139 223 141 229 140 237 140 245 141 237 151 229 155 222 156 216 155 208 150 204 141
217 143 223 144 229 143 243 142 229 150 223 150 217 150
"""


@pytest.fixture(scope="module")
def portrait():
    """A photo of 512 px and the landmarks of its face, in [0, 1] of it."""
    pixels = data.astronaut()
    return pixels, np.array(ASTRONAUT.split(), dtype=float).reshape(68, 2) / pixels.shape[1::-1]


@pytest.fixture(scope="module")
def crops():
    return people()


def measure_lines(pixels, points):
    """How lined the skin under the eyes, on the cheeks and on the forehead is: mean, as a share of brightness."""
    face = Face.of(pixels.astype(np.float32), points * pixels.shape[1::-1])
    lines = np.abs(blur(face.grey, 0.01 * face.eyes) / (blur(face.grey, 0.04 * face.eyes) + 1) - 1)
    down = face.points[UNDER_NOSE] - face.points[NOSE_TOP]
    places = [face.points[BROWS].mean(axis=0) - 0.45 * down, *(face.points[list(each)].mean(axis=0) for each in CHEEKS)]
    half = round(0.12 * face.eyes)
    corners = [place.round().astype(int) - half for place in places]
    return float(np.mean([lines[y : y + 2 * half, x : x + 2 * half].mean() for x, y in corners]))


def test_old_lines_skin_and_young_smooths_it(portrait):
    pixels, points = portrait
    old = Old().render(pixels, points, 1.0)
    assert measure_lines(old, points) > 1.5 * measure_lines(pixels, points)
    assert measure_lines(Young().render(old, points, 1.0), points) < 0.7 * measure_lines(old, points)


def test_old_greys_hair(portrait):
    pixels, points = portrait
    face = Face.of(pixels.astype(np.float32), points * pixels.shape[1::-1])
    hair = find_head_hair(face) > 0.8
    assert hair.mean() > 0.005
    before, after = (each[hair].astype(float) for each in (pixels, Old().render(pixels, points, 1.0)))
    assert np.ptp(after, axis=1).mean() < 0.6 * np.ptp(before, axis=1).mean()  # less colour
    assert after.mean() > before.mean() + 10  # lighter
    assert after.mean(axis=1).std() > 5  # strand by strand, no flat wash


def test_old_makes_lips_paler(portrait):
    pixels, points = portrait
    lips = Face.of(pixels.astype(np.float32), points * pixels.shape[1::-1]).lips > 0.5
    before, after = (each[lips].astype(float) for each in (pixels, Old().render(pixels, points, 1.0)))
    red, paler = (float((each[:, 0] / each[:, 1:].mean(axis=1)).mean()) for each in (before, after))
    assert paler < red - 0.05


@pytest.mark.parametrize("domain", [Old, Young])
def test_pixels_away_from_the_face_stay(portrait, domain):
    pixels, points = portrait
    painted = domain().render(pixels, points, 1.0)
    eyes = points[EYES].mean(axis=0) * pixels.shape[1::-1]
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    apart = Face.of(pixels.astype(np.float32), points * pixels.shape[1::-1]).eyes
    away = np.hypot(x - eyes[0], y - eyes[1]) > 3 * apart
    assert away.any()
    assert np.array_equal(painted[away], pixels[away])
    assert not np.array_equal(painted, pixels)


@pytest.mark.parametrize("domain", [Old, Young])
def test_strength_is_how_far_it_goes(portrait, domain):
    pixels, points = portrait
    changes = [
        np.abs(domain(strength=each).render(pixels, points, 1.0).astype(float) - pixels).mean() for each in (0.3, 1)
    ]
    assert 0 < changes[0] < 0.6 * changes[1]
    with pytest.raises(ValueError, match="strength must be above 0 and at most 1, not 2"):
        domain(strength=2)


def test_who_is_old_already_gets_less(portrait):
    pixels, points = portrait
    once = Old().render(pixels, points, 1.0)
    twice = Old().render(once, points, 1.0)
    first, second = (np.abs(b.astype(float) - a).mean() for a, b in ((pixels, once), (once, twice)))
    assert second < 0.85 * first


@pytest.mark.parametrize("domain", [Old, Young])
def test_the_painting_goes_with_the_face(portrait, domain):
    pixels, points = portrait
    moved = np.roll(pixels, (7, -11), axis=(0, 1))
    goal = points + np.array([-11, 7]) / pixels.shape[1::-1]
    there = domain().render(moved, goal, 1.0)
    back = np.roll(there, (-7, 11), axis=(0, 1)).astype(float)
    assert np.abs(back - domain().render(pixels, points, 1.0)).mean() < 0.5


@pytest.mark.parametrize("domain", [Old, Young])
def test_a_crop_is_rendered_as_its_tensor(crops, domain):
    image = crops.image[:1].float()
    pixels = ((image[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy()
    painted = domain().stylise(ptk.Faces(image=image, points=crops.points[:1], domain=crops.domain[:1]))
    levels = ((painted[0].permute(1, 2, 0) + 1) * 127.5).numpy()
    rendered = domain().render(pixels, crops.points[0].double().numpy(), 1.0)
    assert np.abs(levels - rendered).mean() < 1


@pytest.mark.parametrize("domain", [Old, Young])
def test_no_photo_breaks_it(domain):
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (64, 48, 3), dtype=np.uint8)
    face = random.random((68, 2))
    assert np.array_equal(domain().render(noise, None, 1.0), noise)
    for points in (face, face * 1e-3, face + 5, np.full((68, 2), 0.5), np.full((68, 2), np.nan)):
        for pixels in (noise, np.zeros_like(noise), np.full_like(noise, 255), noise[:1, :1]):
            painted = domain().render(pixels, points, 1.0)
            assert painted.shape == pixels.shape
            assert painted.dtype == np.uint8


def test_batches_of_any_dtype(crops):
    image = crops.image.to(torch.bfloat16)
    painted = Old().stylise(ptk.Faces(image=image, points=crops.points, domain=crops.domain))
    assert painted.dtype == torch.bfloat16
    assert painted.shape == image.shape
