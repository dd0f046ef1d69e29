"""ptk's optimisers step as those of the libraries that they are from."""

import pytest
import torch
from torch import nn

from ptk.optimisers.adam import Adam, AdamW
from ptk.optimisers.lion import Lion

GAN = (0.5, 0.999)  # pix2pixHD's betas


def walk(make):
    """Where two parameters are after five steps with seeded gradients."""
    generator = torch.Generator().manual_seed(0)
    parameters = [nn.Parameter(torch.randn(shape, generator=generator)) for shape in ((5, 3), ())]
    optimiser = make(parameters)
    for _ in range(5):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        optimiser.step()
    return parameters


@pytest.mark.parametrize(
    ("own", "library"),
    [
        (lambda p: Adam(p, 1e-2), lambda p: torch.optim.Adam(p, 1e-2, GAN, fused=True)),
        (lambda p: Adam(p, 1e-2, (0.9, 0.99)), lambda p: torch.optim.Adam(p, 1e-2, (0.9, 0.99), fused=True)),
        (lambda p: AdamW(p, 1e-2), lambda p: torch.optim.AdamW(p, 1e-2, GAN, weight_decay=0.01, fused=True)),
    ],
    ids=["adam", "adam with betas", "adamw"],
)
def test_they_are_torchs_to_the_bit(own, library):
    assert all(map(torch.equal, walk(own), walk(library)))


def test_lion_is_the_paper_s_rule():
    """Chen et al. 2023, algorithm 2, with weight decay."""
    rate, (first, second), decay = 1e-2, (0.9, 0.99), 0.1

    class Plain(torch.optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": rate})

        @torch.no_grad()
        def step(self):
            for one in self.param_groups[0]["params"]:
                mean = self.state[one].setdefault("mean", torch.zeros_like(one))
                update = (first * mean + (1 - first) * one.grad).sign()
                one.sub_(rate * (update + decay * one))
                mean.mul_(second).add_(one.grad, alpha=1 - second)

    for one, other in zip(walk(lambda p: Lion(p, rate, weight_decay=decay)), walk(Plain), strict=True):
        torch.testing.assert_close(one, other)
