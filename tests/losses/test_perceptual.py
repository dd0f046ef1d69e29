"""The perceptual loss: which features it compares, and through which window."""

import random

import pytest
import torch
from torch.nn import functional

from ptk.losses.perceptual import Perceptual
from ptk.types import Faces, Planes, Translation

POINTS = torch.rand(2, 68, 2)
SMALL = "vgg11"  # the VGG of fewest layers


def loss_of(loss, fake, true):
    faces = Faces(image=true, points=torch.rand(len(fake), 68, 2), domain=torch.zeros(len(fake), dtype=torch.int64))
    return loss(Translation(source=faces, target=faces, planes=Planes({}), fake=[fake], restored=[fake]), None)


def test_it_is_the_mean_distance_of_as_many_stages_as_asked():
    fake, true = torch.rand(2, 2, 3, 64, 64) * 2 - 1
    whole = Perceptual(SMALL, "random", stages=5)
    distances = [(a - b).abs().mean() for a, b in zip(whole.backbone(fake), whole.backbone(true), strict=True)]
    for stages in (1, 3, 5):
        got = loss_of(Perceptual(SMALL, "random", stages=stages), fake, true)
        torch.testing.assert_close(got, torch.stack(distances[:stages]).mean())


def test_stages_that_are_not_asked_are_not_computed():
    few, all_of_them = (Perceptual(SMALL, "random", stages=stages) for stages in (2, 5))
    assert len(few.backbone.network.features) < len(all_of_them.backbone.network.features)


def test_a_window_is_the_whole_made_small_or_a_part_of_it_the_same_in_both_images():
    image = torch.rand(2, 3, 64, 64)
    loss = Perceptual(SMALL, "random", stages=1, window=32)
    small, seen = functional.avg_pool2d(image, 2), set()
    for seed in range(12):
        random.seed(seed)
        one, other = loss._windows(POINTS, image, image.clone())
        assert torch.equal(one, other)
        assert one.shape == (2, 3, 32, 32)
        parts = image.unfold(2, 32, 1).unfold(3, 32, 1)
        whole = torch.equal(one, small)
        assert whole or (parts == one[:, :, None, None]).all((-1, -2)).all(1).any()
        seen.add(whole)
    assert seen == {True, False}


@pytest.mark.parametrize("size", [32, 48])
def test_an_image_not_twice_the_window_is_looked_at_whole(size):
    image = torch.rand(1, 3, size, size)
    (same,) = Perceptual(SMALL, "random", stages=1, window=32)._windows(POINTS, image)
    assert same is image


@pytest.mark.parametrize("options", [{"stages": 0}, {"stages": 6}, {"window": -1}], ids=str)
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        Perceptual(SMALL, "random", **options)


def test_with_focus_parts_are_around_each_face_s_mouth_or_eyes(monkeypatch):
    image, points = torch.rand(2, 3, 64, 64), torch.rand(2, 68, 2) * 0.2
    points[1] += 0.6
    loss, seen = Perceptual(SMALL, "random", stages=1, window=32, focus=True), 0
    monkeypatch.setattr(random, "choice", lambda of: of[0])
    for seed in range(8):
        random.seed(seed)
        one, other = loss._windows(points, image, image.clone())
        assert torch.equal(one, other)
        if not torch.equal(one, functional.avg_pool2d(image, 2)):
            seen += 1
            torch.testing.assert_close(one[0], image[0, :, :32, :32])  # as far as that is inside
            assert (
                (image[1].unfold(1, 32, 1).unfold(2, 32, 1) == one[1][:, None, None]).all((-1, -2)).all(0)[8:, 8:].any()
            )
    assert seen


def test_a_focus_on_the_mouth_looks_nowhere_else():
    image, points = torch.rand(1, 3, 64, 64), torch.full((1, 68, 2), 0.9)
    points[:, 48:68] = 0.5
    loss = Perceptual(SMALL, "random", stages=1, window=32, focus="mouth")
    for seed in range(8):
        random.seed(seed)
        (window,) = loss._windows(points, image)
        torch.testing.assert_close(window, image[..., 16:48, 16:48])
