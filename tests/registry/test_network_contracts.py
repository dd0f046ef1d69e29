"""Generators, discriminators and losses that break their contract are told how."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.conditioners.landmark_channels import LandmarkChannels
from ptk.discriminators.patch_stack import PatchStack
from ptk.errors import PluginError
from ptk.generators.portraitgan import PortraitGAN
from ptk.losses.identity import Identity
from ptk.registry.contracts import (
    check_discriminator,
    check_generator,
    check_loss,
    check_part,
)
from ptk.registry.parts import Part
from ptk.types import Verdict


def tiny(plane_channels, **options):
    return PortraitGAN(plane_channels, **{"width": 8, "down": 2, "blocks": 1} | options)


class Coarse(nn.Module):
    """A generator of one convolution, right in everything that a subclass does not break."""

    def __init__(self, plane_channels):
        super().__init__()
        self.body = nn.Conv2d(3 + plane_channels, 3, 3, padding=1)

    def forward(self, image, planes):
        return [torch.tanh(self.body(torch.cat([image, planes.stacked], 1)))]


class Unbounded(Coarse):
    def forward(self, image, planes):
        return [5 * super().forward(image, planes)[0]]


class Backwards(Coarse):
    def forward(self, image, planes):
        fine = super().forward(image, planes)[0]
        return [F.avg_pool2d(fine, 2), fine]


class Idle(Coarse):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        self.spare = nn.Linear(2, 2)


class Blind(Coarse):
    def forward(self, image, planes):
        x = F.pad(torch.cat([image, torch.zeros_like(planes.stacked)], 1), (1, 1, 1, 1))
        return [torch.tanh(F.conv2d(x, self.body.weight, self.body.bias))]


COUNT = itertools.count()


class Unseeded(Coarse):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        nn.init.normal_(self.body.weight, generator=torch.Generator().manual_seed(next(COUNT)))


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (Unbounded, r"image 0 must be in \[-1, 1\]"),
        (Backwards, r"image 0 must be \(1, 3, 64, 64\)"),
        (Idle, "no gradient reaches its parameter spare.weight"),
        (Blind, "switching the domain must change the image"),
        (Unseeded, "the same seed must give the same weights"),
        (
            lambda plane_channels: tiny(plane_channels, stem_norm="instance"),
            "switching the domain must change the image",
        ),
    ],
)
def test_generators_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_generator(make)


def test_a_generator_deaf_to_the_landmarks_breaks_the_contract():
    class OnlyDomain(Coarse):
        def forward(self, image, planes):
            x = torch.cat([image, torch.zeros_like(planes["landmark_map"]), planes["domain_planes"]], 1)
            return [torch.tanh(self.body(x))]

    with pytest.raises(PluginError, match="moving the landmarks must change the image"):
        check_generator(OnlyDomain)


def test_a_generator_that_starts_from_zero_in_its_last_layer_is_a_good_one():
    class FromZero(Coarse):
        def __init__(self, plane_channels):
            super().__init__(plane_channels)
            self.last = nn.Conv2d(3, 3, 1)
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(self.last.bias)

        def forward(self, image, planes):
            return [torch.tanh(self.last(super().forward(image, planes)[0]))]

    check_generator(FromZero)


def test_a_generator_is_tried_with_the_conditioners_it_needs():
    class NeedsChannels(Coarse):
        def forward(self, image, planes):
            assert planes["landmark_channels"].shape[1] == 68
            return super().forward(image, planes)

    check_generator(NeedsChannels, {"landmark_channels": LandmarkChannels(), "domain_planes": DomainPlanes(3)})


class Fixed(PatchStack):
    """Judges only a whole pyramid."""

    def forward(self, pyramid, planes):
        return super().forward(pyramid, planes)[: len(pyramid)]


class Tuples(PatchStack):
    def forward(self, pyramid, planes):
        return [(verdict.logits, verdict.features) for verdict in super().forward(pyramid, planes)]


class Flat(PatchStack):
    def forward(self, pyramid, planes):
        return [Verdict(logits=verdict.logits.mean(dim=(1, 2, 3))) for verdict in super().forward(pyramid, planes)]


class Severed(PatchStack):
    def forward(self, pyramid, planes):
        return super().forward([image.detach() for image in pyramid], planes)


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (Fixed, "as many levels for a short pyramid"),
        (Tuples, "level 0 must be a ptk Verdict, it is a tuple"),
        (Flat, r"logits of level 0 must be \(1, 1, h, w\), they are \(1,\)"),
        (Severed, "gradients must pass through it to the images"),
    ],
)
def test_discriminators_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_discriminator(lambda plane_channels: make(plane_channels, width=8))


class Loss(nn.Module):
    """A loss from a function of the translation and the networks."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, translation, networks):
        return self.function(translation, networks)


@pytest.mark.parametrize(
    ("side", "function", "breach"),
    [
        ("generator", lambda seen, networks: seen.fake[0].mean(dim=0), "must be a scalar"),
        ("generator", lambda seen, networks: seen.fake[0].double().mean(), "must be float32"),
        ("generator", lambda seen, networks: (seen.fake[0] / 0).mean(), "a loss must be finite"),
        ("generator", lambda seen, networks: seen.fake[0].detach().mean().requires_grad_(), "is detached"),
        (
            "generator",
            lambda seen, networks: seen.fake[0].mean() * torch.rand(()),
            "same images must give the same loss",
        ),
        (
            "generator",
            lambda seen, networks: (seen.fake[0] * 0).abs().sqrt().sum(),
            "gradient of a generated image must be finite",
        ),
        ("critic", lambda seen, networks: seen.fake[0].mean().requires_grad_(), "must ask the networks to judge"),
    ],
)
def test_losses_that_break_the_contract(side, function, breach):
    with pytest.raises(PluginError, match=breach):
        check_loss(lambda side: Loss(function), side)


def test_a_loss_that_is_not_zero_for_the_real_image():
    loss = Loss(lambda seen, networks: (seen.fake[0] - seen.target.image).abs().mean() + 0.1)
    with pytest.raises(PluginError, match=r"of the real image itself must be 0, it is 0\.1"):
        check_loss(lambda side: loss, "generator", zero_at_target=True)


def test_a_loss_must_say_whom_it_trains():
    with pytest.raises(PluginError, match="must say whom it can train"):
        check_part("loss", Part("mine", "", Identity))
