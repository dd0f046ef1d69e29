"""Changes of place and colour: landmarks stay on what they mark, no border is invented, nothing is done for nothing."""

import numpy as np
import pytest
import torch

from ptk.data.augment import Changes, mirror, reach, sampled
from ptk.recipe.load import load_recipe
from ptk.recipe.schema import AugmentSettings
from ptk.types import Faces, Pair

MARGIN = 0.125
"""What ptk prepare stores beside a crop, unless told otherwise."""

PLACES = AugmentSettings(rotate=5, scale=0.05, shift=0.04)
COLOURS = AugmentSettings(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.05)


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", ["portraitgan", "portraitgan-tiny"])
def test_shipped_recipes_stay_inside_the_margin(name):
    """portraitgan: (.5 + .04)(.9962 + .0872) / .95 - .5 = .116 of the side, of .125."""
    assert reach(load_recipe(name).data.augment) < MARGIN


@pytest.mark.parametrize("settings", [PLACES, AugmentSettings(rotate=20, scale=0.3, shift=0.2)])
def test_the_reckoned_reach_is_never_passed(settings):
    changes = Changes.drawn(settings, 2000, generator())
    corners = torch.tensor([[0.0, 0.0], [1, 0], [0, 1], [1, 1]], dtype=torch.float64)
    back = torch.linalg.inv(changes.matrix)
    asked = corners @ back[:, :2, :2].mT + back[:, None, :2, 2]
    beyond = max(float(-asked.min()), float(asked.max() - 1))
    assert beyond <= reach(settings)
    assert beyond > 0.6 * reach(settings)  # 2000 draws come near to the worst of four numbers


def test_no_border_is_invented_inside_the_margin():
    """Pixels beyond a crop are real: a picture red but for its outermost ring, which no pixel of the result shows."""
    size = 64
    pad = round(MARGIN * size)
    images = torch.zeros(50, 3, size + 2 * pad, size + 2 * pad, dtype=torch.uint8)
    images[:, 0] = 255
    images[:, 1, [0, -1], :] = images[:, 1, :, [0, -1]] = 255
    seen = sampled(images, pad, Changes.drawn(PLACES, 50, generator()).matrix)
    assert seen[:, 1].max() < -0.99


def test_beyond_the_margin_the_border_goes_on_and_nothing_comes_back():
    """A ramp from left to right: what is beyond is as dark, or as bright, as the border; mirrored, it would turn."""
    ramp = torch.linspace(0, 255, 64).round().byte().expand(1, 3, 64, 64)
    matrix = torch.eye(3, dtype=torch.float64)[None]
    matrix[0, 0, 2] = 0.25
    seen = sampled(ramp, 0, matrix)[0, 0, 32]
    assert (seen[:15] == seen[0]).all()
    assert (seen[16:].diff() > 0).all()


@pytest.mark.parametrize("pad", [0, 8])
def test_landmarks_stay_on_what_they_mark(pad):
    """A dot on a landmark is, after the change, on the landmark after the change: to a tenth of a pixel."""
    size, count = 64, 20
    spots = torch.rand(count, 68, 2, generator=generator()) * 0.5 + 0.25
    line = torch.arange(size + 2 * pad) + 0.5 - pad
    y, x = torch.meshgrid(line, line, indexing="ij")
    away = (torch.stack([x, y], -1)[None] - spots[:, 0, None, None] * size).square().sum(-1)
    images = torch.exp(-away / (2 * 2.0**2)).mul(255).round().byte()[:, None].expand(-1, 3, -1, -1)
    changes = Changes.drawn(PLACES, count, generator())
    seen = sampled(images, pad, changes.matrix)[:, 0].add(1)
    inside = torch.stack(torch.meshgrid(*[(torch.arange(size) + 0.5) / size] * 2, indexing="ij")[::-1], -1)
    found = (seen[..., None] * inside).sum((1, 2)) / seen.sum((1, 2))[:, None]
    moved = changes.moved(spots)[:, 0]
    assert (moved - spots[:, 0]).norm(dim=-1).amax() * size > 2
    assert (found - moved).norm(dim=-1).amax() * size < 0.1


def test_changes_are_drawn_between_minus_and_plus():
    changes = Changes.drawn(AugmentSettings(rotate=10, brightness=0.3), 4000, generator())
    turned = torch.rad2deg(torch.atan2(changes.matrix[:, 1, 0], changes.matrix[:, 0, 0]))
    for values, bound in ((turned, 10), (changes.colour[:, 0] - 1, 0.3)):
        assert values.abs().max() <= bound
        np.testing.assert_allclose(
            np.quantile(values, [0.25, 0.5, 0.75]), [-bound / 2, 0, bound / 2], atol=0.05 * bound
        )
    assert (changes.colour[:, 1:] == torch.tensor([1.0, 1.0, 0.0])).all()


def test_nothing_to_do_is_nothing_done():
    images = torch.randint(0, 256, (2, 3, 48, 48), dtype=torch.uint8, generator=generator())
    changes = Changes.drawn(AugmentSettings(), 2, generator())
    assert changes.matrix is None
    assert changes.colour is None
    assert torch.equal(sampled(images, 8, changes.matrix), images[..., 8:40, 8:40].float().div(127.5).sub(1))
    points = torch.rand(2, 68, 2)
    assert changes.moved(points) is points
    pair = Pair(a=faces(images.float()), b=faces(images.float()))
    assert changes.coloured(pair) is pair


def test_sampling_in_place_changes_nothing_that_can_be_seen():
    images = torch.randint(0, 256, (2, 3, 48, 48), dtype=torch.uint8, generator=generator())
    still = torch.eye(3, dtype=torch.float64).expand(2, 3, 3)
    assert (sampled(images, 8, still) - sampled(images, 8)).abs().max() < 1e-3


def faces(image):
    return Faces(image=image, points=torch.zeros(len(image), 68, 2), domain=torch.zeros(len(image), dtype=torch.int64))


def test_one_colour_becomes_one_colour_in_both_halves():
    """Whatever else the halves show: what is of one colour in both is of one colour after the change."""
    image = torch.rand(3, 3, 16, 16, generator=generator()) * 2 - 1
    changes = Changes.drawn(COLOURS, 3, generator())
    pair = changes.coloured(Pair(a=faces(image), b=faces(image.flip(-2))))
    torch.testing.assert_close(pair.a.image, pair.b.image.flip(-2))
    assert ((pair.a.image - image).abs().mean((1, 2, 3)) > 0.02).all()
    assert pair.a.image.abs().max() <= 1
    other = torch.rand(3, 3, 16, 16, generator=generator(2)) * 2 - 1
    other[:, :, 0, 0] = image[:, :, 0, 0]
    pair = changes.coloured(Pair(a=faces(image), b=faces(other)))
    torch.testing.assert_close(pair.a.image[:, :, 0, 0], pair.b.image[:, :, 0, 0])


def test_brightness_is_a_share_of_what_is_there():
    """Grey .5 (0 in [-1, 1]) by at most a tenth: .45 to .55, that is -.1 to .1."""
    grey = faces(torch.zeros(200, 3, 4, 4))
    changed = Changes.drawn(AugmentSettings(brightness=0.1), 200, generator()).coloured(Pair(a=grey, b=grey)).a.image
    assert changed.abs().max() <= 0.1 + 1e-5
    assert changed.min() < -0.08
    assert changed.max() > 0.08


def test_mirroring_takes_the_landmarks_along():
    batch = faces(torch.rand(2, 3, 8, 8))
    batch = Faces(image=batch.image, points=torch.rand(2, 68, 2), domain=batch.domain)
    flipped = mirror(batch, torch.tensor([True, False]))
    assert torch.equal(flipped.image[0], batch.image[0].flip(-1))
    assert torch.equal(flipped.image[1], batch.image[1])
    assert torch.equal(flipped.points[1], batch.points[1])
    # Point 36 is the outer corner of the eye on the left of the image, before and after.
    torch.testing.assert_close(
        flipped.points[0, 36], torch.tensor([1.0, 0.0]) + batch.points[0, 45] * torch.tensor([-1.0, 1.0])
    )
    torch.testing.assert_close(mirror(flipped, torch.tensor([True, False])).points, batch.points)
