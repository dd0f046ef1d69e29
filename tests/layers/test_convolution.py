"""A convolution to few channels is torch's, however it is computed."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ptk.layers.convolution import ConvToFew2d


@given(
    batch=st.integers(1, 3),
    channels=st.integers(1, 5),
    few=st.integers(1, 4),
    kernel=st.sampled_from([1, 3, 7]),
    height=st.integers(7, 12),
    width=st.integers(7, 12),
    padding_mode=st.sampled_from(["zeros", "reflect", "replicate"]),
)
@settings(max_examples=40, deadline=None)
def test_it_equals_torchs_with_all_gradients(batch, channels, few, kernel, height, width, padding_mode):
    ours = ConvToFew2d(channels, few, kernel, padding_mode=padding_mode).double()
    theirs = nn.Conv2d(channels, few, kernel, padding=kernel // 2, padding_mode=padding_mode).double()
    theirs.load_state_dict(ours.state_dict())
    image = torch.randn(batch, channels, height, width, dtype=torch.float64)
    weighing = torch.randn(batch, few, height, width, dtype=torch.float64)
    found = []
    for layer in (ours, theirs):
        given_image = image.clone().requires_grad_()
        out = layer(given_image)
        (out * weighing).sum().backward()
        found.append((out, given_image.grad, layer.weight.grad, layer.bias.grad))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_half_precision_is_torchs_own():
    layer = ConvToFew2d(4, 3, 7)
    image = torch.randn(1, 4, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer(image), nn.Conv2d.forward(layer, image))
    half = copy.deepcopy(layer).bfloat16()
    assert half(image.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize(("kernel", "mode"), [(4, "zeros"), (3, "circular")])
def test_what_it_does_not_do_is_said(kernel, mode):
    with pytest.raises(ValueError, match="kernels are odd, borders one of zeros, reflect, replicate; got"):
        ConvToFew2d(4, 3, kernel, padding_mode=mode)
