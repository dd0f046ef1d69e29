"""What images are described by is kept for those that come again, and is the same to the last bit."""

import dataclasses

import pytest
import torch

from ptk.losses.gram_cache import GramCache
from ptk.losses.texture import Texture, gram
from ptk.types import Faces


def faces(keys, seed=0):
    """Images that their keys decide."""
    images = [torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(100 * seed + abs(key))) for key in keys]
    points, domain = torch.zeros(len(keys), 68, 2), torch.zeros(len(keys), dtype=torch.int64)
    return Faces(points=points, domain=domain, image=torch.stack(images), key=torch.tensor(keys))


@pytest.fixture
def describe():
    def described(image):
        described.images += len(image)
        described.calls += 1
        return [gram(image), gram(image.repeat(1, 2, 1, 1))]

    described.images = described.calls = 0
    return described


def test_an_image_is_described_once(describe):
    remembered = GramCache()
    first = remembered(faces([4, 7, 4]), describe)
    assert describe.images == 1 + 2  # one to know how large the matrices are
    again = remembered(faces([7, 4]), describe)
    assert describe.images == 3
    for one, other, whole in zip(first, again, describe(faces([4, 7]).image), strict=True):
        assert torch.equal(one[[1, 0]], other)
        torch.testing.assert_close(one[:2], whole)


def test_what_has_no_key_is_described_every_time_in_its_place(describe):
    remembered = GramCache()
    for _ in range(3):
        found = remembered(faces([-1, 2, -5, 3]), describe)
    assert describe.images == 1 + 2 + 3 * 2
    for one, whole in zip(found, describe(faces([-1, 2, -5, 3]).image), strict=True):
        torch.testing.assert_close(one, whole)
    unknown = dataclasses.replace(faces([2, 3]), key=None)
    assert [len(each) for each in remembered(unknown, describe)] == [2, 2]
    assert describe.calls == 1 + 2 + 3 + 2


def test_it_keeps_to_its_limit_by_key_not_by_history(describe):
    each = 4 * (6 + 21)  # float32 triangles of 3 x 3 and 6 x 6
    remembered = GramCache(limit=2 * each + 1)
    remembered(faces([5, 1, 0]), describe)
    describe.images = 0
    remembered(faces([5, 1, 0]), describe)
    assert describe.images == 1  # 5 comes after the first two


def test_the_texture_loss_is_the_same_to_the_last_bit_after_a_new_start():
    def losses(loss, batches):
        fake = [torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(9))]
        return [loss(Seen(big(keys), fake), None) for keys in batches]

    old, new = Texture("vgg11", "random"), Texture("vgg11", "random")
    *_, remembered = losses(old, [[0, 1], [1, 2], [0, 2]])
    (fresh,) = losses(new, [[0, 2]])
    assert torch.equal(remembered, fresh)
    plain = losses(new, [[-1, -1]])
    torch.testing.assert_close(plain[0], losses(old, [[-1, -1]])[0])


def big(keys):
    made = faces(keys)
    return dataclasses.replace(made, image=torch.nn.functional.interpolate(made.image, size=32))


class Seen:
    def __init__(self, target, fake):
        self.target, self.fake = target, fake


def test_the_texture_loss_says_what_it_will_keep():
    loss = Texture("vgg11", "random")
    keys = [0, 1, 5]
    loss(Seen(big(keys), [torch.rand(3, 3, 32, 32)]), None)
    kept = sum(each.nbytes for matrices in loss.remembered._kept.values() for each in matrices)
    assert loss.remembers(len(keys)) == kept
    assert loss.remembers(10**6) <= loss.remembered.limit
