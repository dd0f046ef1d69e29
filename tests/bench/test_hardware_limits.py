"""The works that the ceilings are measured by do what is counted for them."""

import torch
from torch import nn

from ptk.bench.hardware_limits import Convolution, commonest_convolution, convolution, copy

CPU = torch.device("cpu")


def test_a_copy_counts_what_it_reads_and_writes():
    work, moved = copy(CPU)
    assert moved == 2 * 256 * 2**20
    assert work().nbytes == moved // 2


def test_a_convolution_is_counted_with_both_gradients():
    one = Convolution(nn.Conv2d(4, 8, 3, padding=1), (2, 4, 10, 12))
    _, flops = convolution(one, CPU, torch.float32)
    assert flops == 3 * 2 * (4 * 8 * 9) * (2 * 10 * 12)
    assert str(one) == "3x3 4->8 at 2 x 10 x 12"


def test_the_commonest_convolution_is_the_one_that_works_most():
    """Three of the middle ones do more than the wide one at the start, and than the many small ones."""
    wide = nn.Conv2d(3, 16, 3, padding=1)
    middle = [nn.Conv2d(16, 16, 3, padding=1) for _ in range(3)]
    small = [nn.Conv2d(16, 16, 1) for _ in range(9)]
    network = nn.Sequential(wide, *middle, *small)
    found = commonest_convolution(network, lambda: network(torch.rand(1, 3, 8, 8)))
    assert found.layer is middle[0]
    assert found.shape == (1, 16, 8, 8)


def test_a_transposed_convolution_works_once_for_every_pixel_that_comes_in():
    up, plain = nn.ConvTranspose2d(8, 8, 3, stride=2), nn.Conv2d(8, 8, 3, padding=1)
    network = nn.Sequential(up, plain)
    assert commonest_convolution(network, lambda: network(torch.rand(1, 8, 8, 8))).layer is plain
