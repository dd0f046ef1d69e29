"""The pool of older images: what comes back, of which domain, and what it remembers."""

import copy

import pytest
import torch
import torch.distributed as dist
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import multiprocessing, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.parallel import DistributedDataParallel

from ptk.losses.image_pool import ImagePool
from ptk.module_state import load_state, read_state
from ptk.recipe.build import Conditioners
from ptk.training.networks import AdversarialNetworks


def alone(rows):
    """The rows of a process that trains by itself."""
    return rows, slice(None)


def numbered(*numbers):
    """Images that are flat, of these values."""
    return torch.tensor(numbers, dtype=torch.float32).reshape(-1, 1, 1, 1).expand(-1, 3, 2, 2).clone()


def numbers(images):
    return images[:, 0, 0, 0].tolist()


def of_domain(*domains):
    return torch.tensor(domains, dtype=torch.int64)


def test_images_come_back_as_they_are_until_the_pool_is_full():
    pool = ImagePool(4, 1)
    for first in (0, 2):
        assert numbers(pool(numbered(first, first + 1), of_domain(0, 0), alone)) == [first, first + 1]
    assert sorted(numbers(pool.images[0])) == [0, 1, 2, 3]


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=5), min_size=1, max_size=12),
    size=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
def test_no_image_is_lost_doubled_or_given_to_another_domain(batches, size, seed):
    """What went in is what came out and what is kept, domain by domain: an exchange, whatever was drawn."""
    torch.manual_seed(seed)
    pool, made, came = ImagePool(size, 3), {0: [], 1: [], 2: []}, {0: [], 1: [], 2: []}
    latest = 0
    for domains in batches:
        new = range(latest, latest + len(domains))
        latest += len(domains)
        judged = numbers(pool(numbered(*new), of_domain(*domains), alone))
        for domain, number, back in zip(domains, new, judged, strict=True):
            made[domain].append(number)
            came[domain].append(back)
    for domain, new in made.items():
        first = new[:size]  # these came back and were kept
        kept = numbers(pool.images[domain, : len(first)])
        assert sorted(came[domain] + kept) == sorted(new + first)
        assert int(pool.counts[domain]) == len(first)


def test_after_that_half_of_them_are_older_ones():
    torch.manual_seed(1)
    pool = ImagePool(50, 1)
    pool(numbered(*range(50)), torch.zeros(50, dtype=torch.int64), alone)
    back = numbers(pool(numbered(*range(50, 1050)), torch.zeros(1000, dtype=torch.int64), alone))
    older = sum(one != new for one, new in zip(back, range(50, 1050), strict=True))
    assert 440 < older < 560  # four deviations of 1000 throws of a coin


def test_what_comes_back_has_no_graph():
    image = numbered(1, 2).requires_grad_()
    assert not ImagePool(1, 1)(image, of_domain(0, 0), alone).requires_grad


def test_a_resumed_pool_goes_on_to_the_bit():
    torch.manual_seed(1)
    old = ImagePool(3, 2)
    for first in range(0, 12, 2):
        old(numbered(first, first + 1), of_domain(0, 1), alone)
    new = ImagePool(3, 2)
    load_state(new, copy.deepcopy(read_state(old, "pool")))
    state = torch.get_rng_state()
    came = []
    for pool in (old, new):
        torch.set_rng_state(state)
        came.append([numbers(pool(numbered(n, n + 1), of_domain(0, 1), alone)) for n in range(12, 40, 2)])
    assert came[0] == came[1]
    assert torch.equal(old.images, new.images)


def test_images_of_another_size_begin_a_new_pool():
    pool = ImagePool(1, 1)
    pool(numbered(1), of_domain(0), alone)
    assert pool(torch.zeros(2, 3, 4, 4), of_domain(0, 0), alone).shape == (2, 3, 4, 4)
    assert pool.images.shape == (1, 1, 3, 4, 4)


def test_it_keeps_half_precision():
    pool = ImagePool(2, 1)
    assert pool(numbered(1, 2).bfloat16(), of_domain(0, 0), alone).dtype == pool.images.dtype == torch.bfloat16


@pytest.mark.parametrize("pretended", [False, True], ids=["meta", "fake"])
def test_nothing_in_it_reads_values(pretended):
    """On tensors without content any look at a domain, a count or a number that was drawn would raise."""
    if pretended:
        with FakeTensorMode():
            assert ImagePool(3, 2)(torch.empty(4, 3, 8, 8), torch.empty(4, dtype=torch.int64), alone).shape == (
                4,
                3,
                8,
                8,
            )
    else:
        pool = ImagePool(3, 2).to("meta")
        images, domain = torch.empty(4, 3, 8, 8, device="meta"), torch.empty(4, dtype=torch.int64, device="meta")
        assert pool(images, domain, alone).device.type == "meta"


def half(rank, place, queue):
    """Of four images a step one process has one half of those to each domain."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{place}", rank=rank, world_size=2)
    networks, pool = AdversarialNetworks(Conditioners({}), nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1)), ImagePool(2, 2)
    torch.manual_seed(1 + rank)  # processes draw numbers of their own
    with networks.route_through(DistributedDataParallel):
        came = [
            numbers(pool(numbered(4 * step + rank, 4 * step + 2 + rank), of_domain(0, 1), networks.gather))
            for step in range(12)
        ]
    queue.put((rank, came, numbers(pool.images.flatten(0, 1))))
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_keep_the_pool_of_one(tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    processes = [context.Process(target=half, args=(rank, tmp_path / "place", queue)) for rank in (0, 1)]
    for process in processes:
        process.start()
    answers = sorted(queue.get() for _ in processes)
    for process in processes:
        process.join()
    torch.manual_seed(1)
    pool, together = ImagePool(2, 2), []
    for step in range(12):
        first = 4 * step
        together.append(numbers(pool(numbered(first, first + 1, first + 2, first + 3), of_domain(0, 0, 1, 1), alone)))
    for rank, came, kept in answers:
        assert came == [[four[rank], four[2 + rank]] for four in together]
        assert kept == numbers(pool.images.flatten(0, 1))
