"""Batches made ahead are the batches that would have been made when they were asked for."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from ptk.data.pairs import Pairs
from ptk.data.prefetch import _Prefetcher, _tensors, prefetch
from ptk.data.source import open_source
from ptk.recipe.load import load_recipe
from ptk.types import Faces, Pair

CPU = torch.device("cpu")


def pairs_on(device, recipe):
    faces = open_source(recipe).load("train")
    return Pairs(faces, recipe.data, batch=2, seed=1, device=device, geometry=recipe.geometry)


@pytest.fixture
def ahead():
    """What makes them ahead on a GPU, on the CPU, where it needs no stream."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda batches: _Prefetcher(batches, CPU, thread)


def test_they_are_the_same_in_any_order(ahead, small_recipe):
    pairs = pairs_on(CPU, load_recipe(small_recipe, ["data.pairs=mixed"]))
    made = ahead(pairs)
    for step in (0, 1, 2, 7, 8, 3):
        expected, found = pairs.batch(step), made.batch(step)
        assert torch.equal(found.a.image, expected.a.image)
        assert torch.equal(found.b.points, expected.b.points)


class _Slow:
    """Notes which thread made which step."""

    def __init__(self):
        self.made = []

    def batch(self, step):
        if step == 5:
            raise ValueError("damaged")
        self.made.append((step, threading.current_thread()))
        return step


def test_the_next_one_is_begun_before_it_is_asked_for(ahead):
    slow = _Slow()
    made = ahead(slow)
    assert made.batch(0) == 0
    deadline = time.monotonic() + 100
    while len(slow.made) < 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert [step for step, _ in slow.made] == [0, 1]
    assert threading.current_thread() not in [thread for _, thread in slow.made]


def test_an_error_comes_where_its_batch_is_asked_for(ahead):
    made = ahead(_Slow())
    assert made.batch(4) == 4
    with pytest.raises(ValueError, match="damaged"):
        made.batch(5)


def test_a_processor_makes_them_when_they_are_asked_for():
    slow = _Slow()
    with prefetch(slow, CPU) as made:
        assert made is slow


@pytest.mark.gpu
def test_on_a_gpu_they_are_the_same_while_it_works(small_recipe):
    device = torch.device("cuda")
    pairs = pairs_on(device, load_recipe(small_recipe, ["data.pairs=mixed"]))
    expected = [pairs.batch(step).a.image.cpu() for step in range(8)]
    with prefetch(pairs, device) as made:
        for step in range(8):
            busy = torch.randn(2048, 2048, device=device)
            for _ in range(20):
                busy = busy @ busy / 2048
            assert torch.equal(made.batch(step).a.image.cpu(), expected[step])


def test_all_that_a_pair_has_on_the_device_is_kept_for_the_step():
    """Dense landmarks, too: else their memory is given away while a GPU still reads it."""
    image, points, dense = torch.zeros(1, 3, 8, 8), torch.zeros(1, 68, 2), torch.ones(1, 478, 2)
    domain, key = torch.zeros(1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    sparse = Faces(image=image, points=points, domain=domain)
    whole = Faces(image=image, points=points, domain=domain, dense=dense, key=key)
    kept = _tensors(Pair(a=sparse, b=whole))
    assert len(kept) == 7
    assert any(one is dense for one in kept)
    assert not any(one is key for one in kept)
