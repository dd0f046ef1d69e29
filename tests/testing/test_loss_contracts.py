"""Losses that break a rule are told which."""

import itertools

import pytest
import torch
from breaches import breaches, outcomes
from torch import nn

from ptk.losses.adversarial import Adversarial, LeastSquares
from ptk.losses.cycle import Cycle
from ptk.losses.domain_classification import DomainClassification
from ptk.losses.identity import Identity
from ptk.losses.identity_mapping import IdentityMapping

COUNT = itertools.count()
META = "runs on torch's meta device, on which runs are reckoned"
SAME = "the same input and random state give the same result"


def loss(function, **attributes):
    """A loss from a function of the translation and the networks."""

    class Loss(nn.Module):
        def forward(self, translation, networks):
            return function(translation, networks)

    return type("Loss", (Loss,), attributes)


SCALAR = "is a finite float32 scalar for any batch and size"
REACH = "gradients reach what it trains"
LOSS_BFLOAT16 = "is float32 and finite under bfloat16 autocast, gradients too"


@pytest.mark.parametrize(
    ("function", "rule", "breach"),
    [
        (lambda seen, networks: seen.fake[0].double().mean(), SCALAR, "a loss must be float32, it is torch.float64"),
        (lambda seen, networks: seen.fake[0].detach().float().mean(), REACH, "something in it is detached"),
        (
            lambda seen, networks: (seen.fake[0].float() * 0).abs().sqrt().sum(),
            REACH,
            "gradient of a generated image must be finite",
        ),
        (lambda seen, networks: seen.fake[0].square().mean(), LOSS_BFLOAT16, "must be float32 under bfloat16 autocast"),
        (
            lambda seen, networks: seen.fake[0].float().square().mean() * seen.fake[0].mean().item(),
            META,
            "Tensor.item() cannot be called on meta tensors",
        ),
        (lambda seen, networks: seen.fake[0].float().mean() * next(COUNT), SAME, "values differ by up to"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_losses_that_break_a_rule(function, rule, breach):
    assert breach in breaches("loss", loss(function))[rule]


@pytest.mark.parametrize(
    ("function", "breach"),
    [
        (lambda seen, networks: seen.fake[0].mean(dim=0), "a loss must be a scalar, it is (3, 64, 64)"),
        (lambda seen, networks: (seen.fake[0] / 0).mean(), "a loss must be finite, some values are not"),
        (lambda seen, networks: 0.5, "a loss must be a tensor, it is a float"),
    ],
)
def test_losses_that_are_no_scalars(function, breach):
    assert breaches("loss", loss(function))[SCALAR] == breach


def test_a_loss_may_sample_at_random():
    def sampled(seen, networks):
        row = torch.randint(64, ())
        return (seen.fake[0][..., row, :].float() - seen.target.image[..., row, :]).abs().mean()

    assert not breaches("loss", loss(sampled, needs_truth=True, zero_at_target=True))


def test_the_loss_of_a_critic_must_ask_the_networks():
    told = breaches("loss", loss(lambda seen, networks: seen.fake[0].float().mean()), sides=("critic",))
    assert told == {REACH: "a critic's loss must ask the networks to judge: no gradient reached the discriminator"}


def test_the_gradients_of_a_critic_must_be_finite():
    def endless(seen, networks):
        verdicts = networks.judge(seen.fake, seen.planes)
        return (verdicts[0].logits.float() * 0).abs().sqrt().sum()  # the slope of a root is endless at 0

    told = breaches("loss", loss(endless), sides=("critic",))
    assert told[REACH] == "the gradient of the discriminator must be finite, some values are not"
    assert told[LOSS_BFLOAT16] == "a gradient under bfloat16 autocast must be finite, some values are not"


ZERO = "is zero for the true image itself"


def test_a_loss_that_says_it_is_zero_for_the_true_image_must_be():
    off = loss(
        lambda seen, networks: (seen.fake[0].float() - seen.target.image).abs().mean() + 0.1, zero_at_target=True
    )
    assert breaches("loss", off) == {ZERO: "the loss of the real image itself must be 0, it is 0.1"}
    assert outcomes("loss", Identity)[ZERO].status == "pass"
    assert outcomes("loss", LeastSquares)[ZERO].message == "its class does not say zero_at_target = True"


TRUTH = "says that it needs the truth"


def test_a_loss_that_compares_with_the_truth_must_say_so():
    def gap(seen, networks):
        return (seen.fake[0].float() - seen.target.image).abs().mean()

    (told,) = breaches("loss", loss(gap)).items()
    assert told[0] == TRUTH
    assert told[1].startswith("it is 0 where the image made is the target's, so it compares with the truth")
    assert breaches("loss", loss(gap, needs_truth=True)) == {}


@pytest.mark.parametrize("part", [Cycle, IdentityMapping, LeastSquares])
def test_losses_that_need_no_truth_are_not_told_to(part):
    assert outcomes("loss", part)[TRUTH].status == "pass"


LANDMARKS = "says that it looks at landmarks"


def test_a_loss_that_looks_at_landmarks_must_say_so():
    def centred(seen, networks):
        return seen.fake[0].float().square().mean() * seen.target.points.mean()

    (told,) = breaches("loss", loss(centred)).items()
    assert told[0] == LANDMARKS
    assert told[1].startswith("it looks at landmarks, which are NaN on data without faces")
    assert breaches("loss", loss(centred, needs_landmarks=True)) == {}


def test_a_loss_may_name_the_options_with_which_it_looks_at_landmarks():
    assert outcomes("loss", Identity)[LANDMARKS].status == "pass"
    assert outcomes("loss", Identity, options={"lean": 2.0})[LANDMARKS].message == "its class says needs_landmarks"


def test_a_loss_of_classes_is_given_them_where_it_says_that_it_needs_them():
    def classified(seen, networks):
        return nn.functional.cross_entropy(seen.fake_verdicts[0].classes.float(), seen.target.domain)

    assert breaches("loss", loss(classified, needs_classes=True)) == {}
    assert "NoneType" in breaches("loss", loss(classified))[SCALAR]
    assert DomainClassification.needs_classes


def test_a_loss_may_learn_by_images_that_it_lets_the_generator_make():
    def made(seen, networks):
        return networks.generate(seen.target, seen.target.goal)[0].float().square().mean()

    def held(seen, networks):
        return made(seen, networks).detach()

    assert breaches("loss", loss(made)) == {}
    assert "no gradient reaches the generated images, nor the generator" in breaches("loss", loss(held))[REACH]


@pytest.mark.parametrize("mode", ["lsgan", "vanilla", "hinge", "wgan"])
def test_every_way_of_the_adversarial_loss_holds_every_rule(mode):
    assert breaches("loss", Adversarial, options={"mode": mode}, sides=("generator", "critic")) == {}


def test_a_pool_of_two_images_holds_every_rule():
    """So small that its second look gives older images back: what it remembers goes through a checkpoint."""
    assert breaches("loss", Adversarial, options={"pool": 1}, sides=("critic",)) == {}


@pytest.mark.parametrize("sides", [(), ("generator", "discriminator")])
def test_a_loss_must_say_whom_it_trains(sides):
    told = breaches("loss", Identity, sides=sides)["says whom it trains"]
    assert told.startswith("Part(sides=...) must say whom it can train")


OWN = "parameters of its own get gradients"
STATE = "what it remembers goes through a checkpoint"


class Pooled(nn.Module):
    """The distance to an image of a pool that grows, with a learnt weight."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.register_buffer("pool", None)

    def forward(self, seen, networks):
        image = seen.fake[0].float()
        pooled = image.detach()[:1] if self.pool is None else torch.cat([self.pool, image.detach()[:1] / 2])
        self.pool = pooled[torch.randperm(len(pooled))]
        apart = (image.mean(dim=(2, 3)) - self.pool[0].mean(dim=(1, 2))).abs().mean()
        return self.weight * apart + (seen.fake[0].float() - seen.target.image).square().mean()


def test_a_pool_of_images_and_a_parameter_break_no_rule():
    assert breaches("loss", Pooled) == {}
    assert outcomes("loss", Pooled)[OWN].status == "pass"
    assert outcomes("loss", Identity)[OWN].message == "it has no parameters of its own"


def test_what_a_loss_remembers_must_be_in_its_state():
    class Listed(Pooled):
        def forward(self, seen, networks):
            self.seen = [*getattr(self, "seen", []), seen.fake[0].detach().float().mean()]
            return super().forward(seen, networks) * len(self.seen)

    told = breaches("loss", Listed)
    assert list(told) == [STATE]
    assert "what it remembers must be a buffer" in told[STATE]


def test_a_state_that_is_no_tensor_is_named():
    class Counted(Pooled):
        def get_extra_state(self):
            return {"steps": 3}

        def set_extra_state(self, state):
            pass

    assert "a loss: its state_dict() holds _extra_state, a dict" in breaches("loss", Counted)[STATE]


def test_a_parameter_that_nothing_reaches_is_named():
    class Idle(Pooled):
        def __init__(self):
            super().__init__()
            self.network = nn.Conv2d(3, 3, 1)

    told = breaches("loss", Idle)
    assert list(told) == [OWN]
    assert told[OWN].startswith("network.weight is a parameter that no gradient reaches")


def test_a_loss_may_draw_from_any_generator():
    import random

    import numpy as np

    def drawn(seen, networks):
        return (seen.fake[0].float() - seen.target.image).abs().mean() * (1 + random.random() + np.random.rand())

    assert breaches("loss", loss(drawn, needs_truth=True)) == {}


def test_a_loss_of_features_is_given_them_where_it_says_that_it_needs_them():
    def contrasted(seen, networks):
        return networks.encode(seen.target, seen.target.goal)[-1].float().square().mean()

    assert breaches("loss", loss(contrasted, needs_features=True)) == {}
    told = breaches("loss", loss(contrasted))[SCALAR]
    assert told == "it asks for networks.encode, so its class needs needs_features = True"
