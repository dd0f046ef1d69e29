"""The losses of CycleGAN and StarGAN equal their equations, computed here by hand."""

import dataclasses
import math

import pytest
import torch
from torch import nn

from ptk.discriminators.patch_stack import PatchStack
from ptk.discriminators.stargan import StarGANDiscriminator
from ptk.losses.domain_classification import DomainClassification
from ptk.losses.gradient_penalty import GradientPenalty
from ptk.losses.identity_mapping import IdentityMapping
from ptk.types import Faces, Planes, Translation, Verdict

PLANES = Planes({})


def translation(target, fake, domain=(0, 1)):
    faces = Faces(image=target, points=torch.rand(len(target), 68, 2), domain=torch.tensor(domain))
    source = dataclasses.replace(faces, image=torch.full_like(target, 9.0))
    return Translation(source=source, target=faces, planes=PLANES, fake=[fake], restored=[fake])


def flat(*values):
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1, 1, 1).expand(-1, 3, 4, 4).clone()


class Darken:
    """A generator that makes images darker, more so on the way to a later domain."""

    def generate(self, faces, target):
        assert type(target).__name__ == "Target"  # no image to copy
        return [faces.image - 0.25 * (1 + target.domain.reshape(-1, 1, 1, 1)), faces.image[..., ::2, ::2]]


def test_identity_mapping_lets_the_target_go_where_it_is():
    # the first goes to domain 0 and loses .25, the second to domain 1 and loses .5
    loss = IdentityMapping()(translation(flat(0.5, -0.5), flat(9, 9)), Darken())
    assert loss.item() == pytest.approx((0.25 + 0.5) / 2)


def test_identity_mapping_keeps_the_points():
    class Look(Darken):
        def generate(self, faces, target):
            assert torch.equal(target.points, faces.points)
            return super().generate(faces, target)

    IdentityMapping()(translation(flat(0.5, -0.5), flat(9, 9)), Look())


def test_the_gradient_of_identity_mapping_reaches_the_generator():
    layer = nn.Conv2d(3, 3, 1).double()

    class Learn:
        def generate(self, faces, target):
            return [layer(faces.image)]

    seen = translation(flat(0.5, -0.5), flat(9, 9))

    def value(weight):
        layer.weight.data.copy_(weight)
        return IdentityMapping()(seen, Learn()).item()

    start = layer.weight.detach().clone()
    IdentityMapping()(seen, Learn()).backward()
    step = torch.zeros_like(start)
    step[0, 1] = 1e-6
    slope = (value(start + step) - value(start - step)) / 2e-6
    assert layer.weight.grad[0, 1].item() == pytest.approx(slope, rel=1e-5)


def classified(real, fake):
    seen = translation(flat(0, 0), flat(0, 0), domain=(1, 0))
    logits = torch.zeros(2, 1, 1, 1)
    said = [
        [
            Verdict(logits=logits, classes=None if one is None else torch.tensor(one, dtype=torch.float64))
            for one in all_
        ]
        for all_ in (real, fake)
    ]
    return dataclasses.replace(seen, real_verdicts=said[0], fake_verdicts=said[1])


REAL = [[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
FAKE = [[0.0, 3.0, 0.0], [1.0, 1.0, 0.0]]


def test_the_critic_names_the_domain_of_real_images_and_the_generator_that_of_its_own():
    # rows are in domains 1 and 0: -log of the softmax there, the mean of both
    real = (math.log(math.e**2 + 2) - 0 + math.log(3)) / 2
    fake = (math.log(math.e**3 + 2) - 3 + math.log(2 * math.e + 1) - 1) / 2
    seen = classified([REAL], [FAKE])
    assert DomainClassification("critic")(seen, None).item() == pytest.approx(real)
    assert DomainClassification("generator")(seen, None).item() == pytest.approx(fake)


def test_levels_that_tell_a_domain_are_summed():
    seen = classified([REAL, None, REAL], [FAKE])
    one = classified([REAL], [FAKE])
    both, single = (DomainClassification("critic")(each, None).item() for each in (seen, one))
    assert both == pytest.approx(2 * single)


def test_without_a_class_head_it_says_so():
    with pytest.raises(ValueError, match=r"Verdict\.classes is None at every level"):
        DomainClassification("critic")(classified([None], [None]), None)


def test_gradients_of_classes_are_those_of_finite_differences():
    seen = classified([REAL], [FAKE])

    def value(classes):
        said = [Verdict(logits=torch.zeros(2, 1, 1, 1), classes=classes)]
        return DomainClassification("generator")(dataclasses.replace(seen, fake_verdicts=said), None)

    assert torch.autograd.gradcheck(value, torch.tensor(FAKE, dtype=torch.float64, requires_grad=True))


class Network:
    """The networks of a loss, with one discriminator."""

    def __init__(self, discriminator):
        self.discriminator = discriminator

    def judge(self, pyramid, planes, *, twice=False):
        assert twice
        assert planes is PLANES
        return self.discriminator(pyramid, planes)


def test_the_penalty_of_a_plane_is_that_of_its_slope():
    """D(x) = w . x everywhere: the slope is |w|, on every line between two images."""
    weight = torch.randn(3, 4, 4, dtype=torch.float64)

    def linear(pyramid, planes):
        return [
            Verdict(logits=factor * (pyramid[0] * weight).sum(dim=(1, 2, 3)).reshape(-1, 1, 1, 1)) for factor in (1, 2)
        ]

    loss = GradientPenalty()(translation(flat(0.5, -0.5), flat(0.1, 0.2)), Network(linear))
    length = weight.norm().item()
    assert loss.item() == pytest.approx((length - 1) ** 2 + (2 * length - 1) ** 2)


def test_the_penalty_is_taken_between_the_images_a_place_a_row():
    """D(x) = half of x . x: the slope is |x|, so it tells where it was taken."""
    seen = translation(flat(1, 1), flat(0, 0))

    def square(pyramid, planes):
        return [Verdict(logits=pyramid[0].square().sum(dim=(1, 2, 3)).reshape(-1, 1, 1, 1) / 2)]

    torch.manual_seed(3)
    shares = torch.rand(2, 1, 1, 1, dtype=torch.float64).flatten()
    torch.manual_seed(3)
    loss = GradientPenalty()(seen, Network(square))
    # an image of 48 ones times the share: a length of 6.93 shares
    assert loss.item() == pytest.approx((shares * math.sqrt(48) - 1).square().mean().item())


def test_a_flat_critic_costs_one_and_has_a_finite_gradient():
    weight = torch.zeros(3, 4, 4, dtype=torch.float64, requires_grad=True)

    def linear(pyramid, planes):
        return [Verdict(logits=(pyramid[0] * weight).sum(dim=(1, 2, 3)).reshape(-1, 1, 1, 1))]

    loss = GradientPenalty()(translation(flat(0.5, -0.5), flat(0.1, 0.2)), Network(linear))
    loss.backward()
    assert loss.item() == pytest.approx(1)
    assert weight.grad.isfinite().all()


@pytest.mark.parametrize("kind", ["patch_stack", "stargan", "smooth"])
def test_gradients_of_the_penalty_are_those_of_finite_differences(kind):
    """The second derivative, through the layers that ptk's discriminators are made of."""
    torch.manual_seed(1)
    networks = {
        "patch_stack": lambda: PatchStack(0, width=4, levels=2, layers=1, padding=2),
        "stargan": lambda: StarGANDiscriminator(2, size=8, width=4, layers=2),
        "smooth": _Smooth,
    }
    discriminator = networks[kind]().double()
    for parameter in discriminator.parameters():
        nn.init.normal_(parameter, 0, 0.3)
    image = torch.rand(2, 3, 8, 8, dtype=torch.float64)
    seen = translation(image, image.flip(0))

    def value():
        torch.manual_seed(5)
        return GradientPenalty()(seen, Network(discriminator))

    value().backward()
    for parameter in (next(discriminator.parameters()),):
        for place in ((0,) * parameter.ndim, (1, 2, *(1,) * (parameter.ndim - 2))):
            with torch.no_grad():
                parameter[place] += 1e-6
                above = value().item()
                parameter[place] -= 2e-6
                below = value().item()
                parameter[place] += 1e-6
            assert parameter.grad[place].item() == pytest.approx((above - below) / 2e-6, rel=1e-4, abs=1e-7)


class _Smooth(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Softplus(), nn.Conv2d(4, 1, 3))

    def forward(self, pyramid, planes):
        return [Verdict(logits=self.layers(pyramid[0]))]


def test_the_penalty_is_whole_under_autocast():
    torch.manual_seed(1)
    discriminator = StarGANDiscriminator(2, size=8, width=4, layers=2)
    seen = translation(torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8).bfloat16())
    torch.manual_seed(5)
    whole = GradientPenalty()(seen, Network(discriminator))
    torch.manual_seed(5)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(GradientPenalty()(seen, Network(discriminator)), whole)
