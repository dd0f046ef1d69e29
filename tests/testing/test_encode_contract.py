"""A generator that lends what is inside is held to it; one that lends nothing is left alone."""

import pytest
import torch
from breaches import breaches, outcomes
from torch import nn

LENDS = "lends its features with their graph"


class Coarse(nn.Module):
    """A generator of two convolutions."""

    def __init__(self, plane_channels):
        super().__init__()
        self.first = nn.Conv2d(3 + plane_channels, 6, 3, padding=1)
        self.last = nn.Conv2d(6, 3, 3, padding=1)

    def forward(self, image, planes):
        return [torch.tanh(self.last(self.first(torch.cat([image, planes.stacked], 1))))]


def lending(function):
    """A generator that lends what `function` makes of its features."""

    class Lends(Coarse):
        def encode(self, image, planes):
            return function(self.first(torch.cat([image, planes.stacked], 1)))

    return Lends


def test_one_that_lends_nothing_is_left_alone():
    assert outcomes("generator", Coarse)[LENDS].message == "it has no method encode"


def test_features_pass():
    assert LENDS not in breaches("generator", lending(lambda features: [features]))


@pytest.mark.parametrize(
    ("function", "breach"),
    [
        (lambda features: features, "encode must give a list of tensors"),
        (lambda features: [], "encode must give a list of tensors"),
        (lambda features: [features.mean(0, keepdim=True)], "tensor 0 of encode must have a row for each image"),
        (lambda features: [features, features / 0], "tensor 1 of encode must be finite"),
        (lambda features: [features.detach()], "what encode gives must have its graph"),
    ],
)
def test_what_is_no_list_of_rows_with_their_graph_is_told(function, breach):
    assert breach in breaches("generator", lending(function))[LENDS]
