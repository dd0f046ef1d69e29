"""ptk's instance norm is torch's, with its gradients."""

import pytest
import torch

from ptk.layers.instance_norm import InstanceNorm2d


@pytest.mark.parametrize("shape", [(1, 1, 2, 2), (3, 5, 7, 4), (2, 32, 16, 16)])
def test_it_equals_torchs(shape):
    ours, theirs = (torch.randn(shape, generator=torch.Generator().manual_seed(0)).double() for _ in range(2))
    ours.requires_grad_(), theirs.requires_grad_()
    one, other = InstanceNorm2d(shape[1])(ours), torch.nn.InstanceNorm2d(shape[1])(theirs)
    torch.testing.assert_close(one, other)
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(1)).double()
    (one * weight).sum().backward()
    (other * weight).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_it_keeps_the_dtype_and_has_nothing_to_learn():
    norm = InstanceNorm2d(4)
    assert norm(torch.rand(1, 4, 8, 8, dtype=torch.bfloat16)).dtype == torch.bfloat16
    assert not norm.state_dict()
    assert repr(norm) == "InstanceNorm2d(4)"
