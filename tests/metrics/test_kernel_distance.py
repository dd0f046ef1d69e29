"""The kernel distance of sets: torchmetrics' for sets of one size, and as true for sets of two."""

import math

import pytest
import torch

from ptk.compat import mend_torchvision
from ptk.metrics.kernel_distance import KernelDistance


@pytest.fixture
def compare():
    """The comparison alone: descriptions need no network."""
    return KernelDistance.compare.__get__(object.__new__(KernelDistance))


def test_sets_of_one_size_are_compared_as_torchmetrics_does(compare):
    mend_torchvision()
    from torchmetrics.image.kid import poly_mmd

    random = torch.Generator().manual_seed(1)
    made, true = torch.rand(2, 9, 1152, generator=random)
    assert compare(made, true) == pytest.approx(1000 * float(poly_mmd(made.double(), true.double())), abs=1e-6)


@pytest.mark.parametrize("sizes", [(40, 7), (7, 40), (200, 30)])
def test_sets_of_two_sizes_alike_are_no_further_apart_than_chance(compare, sizes):
    """The estimate is unbiased: its mean over forty draws is 0 within three standard errors."""
    random = torch.Generator().manual_seed(2)
    values = torch.tensor([compare(*(torch.rand(size, 64, generator=random) for size in sizes)) for _ in range(40)])
    assert abs(float(values.mean())) < 3 * float(values.std()) / math.sqrt(40)


def test_few_images_say_nothing(compare):
    assert math.isnan(compare(torch.rand(3, 8), torch.rand(9, 8)))
