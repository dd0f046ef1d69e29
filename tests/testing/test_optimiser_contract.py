"""Optimisers that break a run later are told by the rule that they break."""

import pytest
import torch
from breaches import breaches


class Descent(torch.optim.Optimizer):
    """Plain descent."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for one in group["params"]:
                if one.grad is not None:
                    one.sub_(self.move(one, group["lr"]))

    def move(self, one, rate):
        return rate * one.grad


class OwnRate(Descent):
    def move(self, one, rate):
        return 0.01 * one.grad


class Uphill(Descent):
    def move(self, one, rate):
        return -rate * one.grad


class Normed(Descent):
    def move(self, one, rate):
        return rate * one.grad / one.grad.norm()


class Eager(Descent):
    @torch.no_grad()
    def step(self, closure=None):
        for one in self.param_groups[0]["params"]:
            one.sub_(self.param_groups[0]["lr"] * one.grad)


class Matrices(Descent):
    def move(self, one, rate):
        return rate * one.grad if one.ndim else torch.zeros_like(one)


class Attribute(Descent):
    """Keeps its mean where no checkpoint looks."""

    def move(self, one, rate):
        self.means = getattr(self, "means", {})
        self.means[one] = 0.9 * self.means.get(one, 0) + one.grad
        return rate * self.means[one]


class Counter(Descent):
    def move(self, one, rate):
        self.state[one]["count"] = self.state[one].get("count", 0) + 1
        return rate * one.grad


class Reader(Descent):
    def move(self, one, rate):
        return rate * one.grad * (0.5 if one.grad.abs().max().item() > 9 else 1)


class Halved(Descent):
    def __init__(self, params, lr):
        super().__init__(list(params)[:2], lr)


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (OwnRate, "follows the learning rate of its groups", 'must take its rate from group["lr"]'),
        (Uphill, "decreases a quadratic function", "50 steps must decrease a quadratic function"),
        (Normed, "is finite where gradients are zero", "parameters after gradients of zero must be finite"),
        (Eager, "leaves parameters without a gradient as they are", "raised TypeError"),
        (Matrices, "moves every parameter that has a gradient", "a parameter () with a gradient must move"),
        (Attribute, "its state goes through a checkpoint", "or a resumed run differs"),
        (Counter, "its state goes through a checkpoint", "keeps count, a int, from step to step"),
        (Reader, "runs on fake tensors, with which memory is estimated", "a step must read no values"),
        (Halved, "holds the parameters and the rate that it is given", "param_groups must hold the parameters"),
    ],
)
def test_a_broken_one_is_told(make, rule, breach):
    assert breach in breaches("optimiser", make)[rule]


def test_a_plain_one_holds_all():
    assert breaches("optimiser", Descent) == {}


def test_what_is_no_optimiser_is_told():
    told = breaches("optimiser", lambda params, lr: 3)
    assert told == {"can be built": "optimisers must be a torch.optim.Optimizer, this is a int"}
