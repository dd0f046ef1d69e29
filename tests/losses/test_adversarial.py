"""The modes of the adversarial loss equal their equations, computed here by hand."""

import dataclasses
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from ptk.losses.adversarial import Adversarial, LeastSquares
from ptk.types import Faces, Planes, Translation, Verdict

PLANES = Planes({})


def verdicts(*levels):
    """Verdicts whose logits are these, one patch a row."""
    return [Verdict(logits=torch.tensor(level, dtype=torch.float64).reshape(-1, 1, 1, 1)) for level in levels]


def judged(real, fake):
    """A translation of two rows, on whose two levels the discriminator said this."""
    image = torch.zeros(2, 3, 4, 4)
    faces = Faces(image=image, points=torch.zeros(2, 68, 2), domain=torch.zeros(2, dtype=torch.int64))
    made = Translation(source=faces, target=faces, planes=PLANES, fake=[image], restored=[image])
    return dataclasses.replace(made, real_verdicts=verdicts(*real), fake_verdicts=verdicts(*fake))


REAL = [(2.0, 0.5), (-1.0, 0.0)]
FAKE = [(-3.0, 0.0), (1.0, -0.5)]


def surely(x):
    """log(1 + e^-x): what it costs to say that x is real."""
    return math.log1p(math.exp(-x))


@pytest.mark.parametrize(
    ("mode", "critic", "generator"),
    [
        # levels: (1 + .25) / 2 + (4 + 1) / 2 for real, (9 + 0) / 2 + (1 + .25) / 2 for fake, halved
        ("lsgan", (0.625 + 2.5 + 4.5 + 0.625) / 2, (16 + 1) / 2 + (0 + 2.25) / 2),
        (
            "vanilla",
            (sum(map(surely, (2, 0.5, -1, 0))) / 2 + sum(map(surely, (3, 0, -1, 0.5))) / 2) / 2,
            sum(map(surely, (-3, 0, 1, -0.5))) / 2,
        ),
        # max(0, 1 - real): 0, .5 | 2, 1; max(0, 1 + fake): 0, 1 | 2, .5
        ("hinge", 0.25 + 1.5 + 0.5 + 1.25, 1.5 - 0.25),
        # means: real 1.25 and -.5, fake -1.5 and .25
        ("wgan", (-1.5 + 0.25) - (1.25 - 0.5), 1.5 - 0.25),
    ],
)
def test_each_mode_equals_its_equation(mode, critic, generator):
    seen = judged(REAL, FAKE)
    assert Adversarial("critic", 1, mode=mode)(seen, None).item() == pytest.approx(critic)
    assert Adversarial("generator", 1, mode=mode)(seen, None).item() == pytest.approx(generator)


def test_vanilla_is_the_cross_entropy_of_logits_with_their_labels():
    seen = judged(REAL[:1], FAKE[:1])
    real, fake = seen.real_verdicts[0].logits, seen.fake_verdicts[0].logits
    entropy = functional.binary_cross_entropy_with_logits
    expected = (entropy(real, torch.ones_like(real)) + entropy(fake, torch.zeros_like(fake))) / 2
    torch.testing.assert_close(Adversarial("critic", 1, mode="vanilla")(seen, None), expected)
    torch.testing.assert_close(
        Adversarial("generator", 1, mode="vanilla")(seen, None), entropy(fake, torch.ones_like(fake))
    )


@pytest.mark.parametrize("side", ["critic", "generator"])
def test_lsgan_is_the_adversarial_loss_by_its_older_name(side):
    seen = judged(REAL, FAKE)
    older, newer = LeastSquares(side), Adversarial(side, 3)
    assert torch.equal(older(seen, None), newer(seen, None))
    assert older.state_dict() == newer.state_dict() == {}  # a run that began with one resumes with the other


@pytest.mark.parametrize("mode", ["lsgan", "vanilla", "hinge", "wgan"])
@pytest.mark.parametrize("side", ["critic", "generator"])
def test_gradients_are_those_of_finite_differences(mode, side):
    loss = Adversarial(side, 1, mode=mode)
    seen = judged(REAL, FAKE)

    def value(real, fake):
        return loss(
            dataclasses.replace(seen, real_verdicts=[Verdict(logits=real)], fake_verdicts=[Verdict(logits=fake)]), None
        )

    points = [torch.tensor(row, dtype=torch.float64).reshape(2, 1, 1, 1).requires_grad_() for row in (REAL[0], FAKE[0])]
    if side == "critic":
        assert torch.autograd.gradcheck(value, points)
    else:
        assert torch.autograd.gradcheck(lambda fake: value(points[0].detach(), fake), points[1:])


def test_large_logits_overflow_in_no_mode():
    for mode in ("lsgan", "vanilla", "hinge", "wgan"):
        for side in ("critic", "generator"):
            assert Adversarial(side, 1, mode=mode)(judged([(900.0, -900.0)], [(900.0, -900.0)]), None).isfinite()


class Mean:
    """A discriminator whose logit is the mean of an image; it keeps what it judged."""

    def __init__(self):
        self.judged = []

    def gather(self, rows):
        return rows, slice(None)

    def judge(self, pyramid, planes, *, twice=False):
        assert planes is PLANES
        self.judged.append(pyramid[0].clone())
        return [Verdict(logits=pyramid[0].mean(dim=(1, 2, 3)).reshape(-1, 1, 1, 1))]


def test_a_critic_with_a_pool_judges_older_images_too():
    torch.manual_seed(1)
    loss, networks, made = Adversarial("critic", 1, pool=3), Mean(), []
    for step in range(40):
        seen = judged(REAL[:1], FAKE[:1])
        seen.fake[0][0], seen.fake[0][1] = 2 * step, 2 * step + 1
        value = loss(seen, networks)
        made += [2 * step, 2 * step + 1]
        logits = networks.judged[-1].double().mean(dim=(1, 2, 3))
        assert value.item() == pytest.approx((0.625 + logits.square().mean().item()) / 2)
    given = [image.mean().item() for batch in networks.judged for image in batch]
    older = [one for one, new in zip(given, made, strict=True) if one != new]
    assert 25 < len(older) < 52  # half of the 77 after the first three
    assert set(older) < set(made)


def test_the_pool_is_the_critics_alone():
    with pytest.raises(ValueError, match="pool is an option of the critic's loss"):
        Adversarial("generator", 2, pool=50)
    with pytest.raises(ValueError, match="pool must be 0 or more, not -1"):
        Adversarial("critic", 2, pool=-1)
    assert isinstance(Adversarial("critic", 2), nn.Module)
