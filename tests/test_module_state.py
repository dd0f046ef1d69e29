"""What a part remembers is read as tensors and put into a new one, of whatever size it has become."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ptk.errors import PluginError
from ptk.losses.perceptual import Perceptual
from ptk.module_state import load_state, read_state


class Pool(nn.Module):
    def __init__(self, empty):
        super().__init__()
        self.register_buffer("images", empty)
        self.register_buffer("passing", torch.zeros(2), persistent=False)
        self.weight = nn.Parameter(torch.zeros(3))


class Parts(nn.Module):
    def __init__(self, *empties):
        super().__init__()
        self.pools = nn.ModuleList(map(Pool, empties))


SHAPES = st.lists(st.integers(0, 4), max_size=4)
EMPTY = st.one_of(st.none(), SHAPES.map(torch.zeros))


@given(shapes=st.lists(SHAPES, min_size=1, max_size=3), data=st.data())
def test_buffers_of_any_shape_come_back(shapes, data):
    used = Parts(*(torch.rand(shape) for shape in shapes))
    for pool in used.pools:
        nn.init.uniform_(pool.weight)
    new = Parts(*(data.draw(EMPTY) for _ in shapes))
    load_state(new, read_state(used, "parts"))
    for one, other in zip(used.pools, new.pools, strict=True):
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.weight, other.weight)
        assert one.images.data_ptr() != other.images.data_ptr() or not one.images.numel()


@pytest.mark.parametrize("change", [{"weight": torch.zeros(4)}, {"other": torch.zeros(1)}, {"no.such": torch.zeros(1)}])
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(RuntimeError, match=next(iter(change))):
        load_state(Pool(None), {"weight": torch.zeros(3), **change})


def test_what_is_no_tensor_is_named():
    class Counting(Pool):
        def get_extra_state(self):
            return [1, 2]

    with pytest.raises(PluginError, match=r"losses\.critic\.pool: its state_dict\(\) holds _extra_state, a list"):
        read_state(Counting(None), "losses.critic.pool")


def test_a_frozen_network_that_every_run_builds_alike_is_in_no_checkpoint():
    loss = Perceptual("vgg11", "random", window=16)
    assert read_state(loss, "perceptual") == {}
    load_state(loss, {})
    holder = nn.ModuleDict({"inner": loss})
    assert read_state(holder, "holder") == {}
    load_state(holder, {})
