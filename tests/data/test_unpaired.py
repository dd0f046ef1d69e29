"""Unpaired halves: each drawn by itself, from its own domain where there are two."""

import dataclasses

import pytest
import torch

from ptk.data.pairs import Pairs
from ptk.data.source import open_source
from ptk.dataset.manifest import Entry, read_manifest, write_manifest
from ptk.dataset.shards import Shards, write_shards
from ptk.motion.face_geometry import VERSION_1
from ptk.recipe.load import load_recipe
from ptk.recipe.schema import AugmentSettings, DataSettings

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def recipe(small_recipe):
    return load_recipe(small_recipe, ["data.pairs=unpaired", "losses.generator={lsgan: 1, cycle: 2}"])


@pytest.fixture(scope="module")
def faces(recipe):
    """Photo and sketch, the two domains of the small recipe."""
    return open_source(recipe).load("train")


def pairs_of(faces, batch=8, rows=slice(None), **settings):
    settings = {"pairs": "unpaired", "mirror": False, **settings}
    return Pairs(faces, DataSettings(**settings), batch=batch, seed=1, device=CPU, rows=rows, geometry=VERSION_1)


def find(faces, half):
    """The row of the face set that each unchanged image came from."""
    known = faces.images.float().div(127.5).sub(1)
    return torch.tensor([int((known - image).abs().flatten(1).amax(1).argmin()) for image in half.image])


def test_of_two_domains_the_first_goes_to_the_second_whoever_it_shows(faces):
    seen, strangers = set(), 0
    for step in range(20):
        pair = pairs_of(faces).batch(step)
        assert pair.a.domain.tolist() == [0] * 8
        assert pair.b.domain.tolist() == [1] * 8
        assert pair.a.segments == ((0, 8),)
        assert pair.b.segments == ((1, 8),)
        a, b = find(faces, pair.a), find(faces, pair.b)
        assert torch.equal(faces.points[a], pair.a.points)
        seen |= {*a.tolist(), *b.tolist()}
        strangers += int((faces.identity[a] != faces.identity[b]).sum())
    assert seen == set(range(len(faces)))  # 160 draws of 6 rows each: a row is missed with a chance of 2e-12
    assert 0.5 < strangers / 160 < 0.85  # two of three people are others: 0.67 +- 0.04


def test_of_more_domains_both_are_in_any(faces):
    three = dataclasses.replace(faces, domain=torch.arange(len(faces)) % 3)
    domains = [pairs_of(three).batch(step) for step in range(10)]
    met = {pair for each in domains for pair in zip(each.a.domain.tolist(), each.b.domain.tolist(), strict=True)}
    assert met == {(i, j) for i in range(3) for j in range(3)}
    assert domains[0].a.segments is None


def test_a_batch_depends_on_seed_and_step_and_processes_share_it(faces):
    settings = {"mirror": True, "augment": AugmentSettings(rotate=5, shift=0.04, contrast=0.1)}
    whole = pairs_of(faces, **settings).batch(3)
    again = pairs_of(faces, **settings).batch(3)
    shared = [pairs_of(faces, rows=rows, **settings).batch(3) for rows in (slice(0, 4), slice(4, 8))]
    for half in ("a", "b"):
        image = getattr(whole, half).image
        assert torch.equal(image, getattr(again, half).image)
        assert torch.allclose(image, torch.cat([getattr(part, half).image for part in shared]), atol=1e-6)
        assert [getattr(part, half).segments for part in shared] == [(("ab".index(half), 4),)] * 2
    assert not torch.equal(whole.a.image, pairs_of(faces, **settings).batch(4).a.image)


def test_one_way_draws_the_same_halves(faces):
    both, one = (pairs_of(faces, one_way=one_way).batch(0) for one_way in (False, True))
    assert torch.equal(both.a.image, one.a.image)
    assert torch.equal(both.b.image, one.b.image)


def test_halves_are_mirrored_each_by_itself_with_their_landmarks(faces):
    plain, mirrored = (pairs_of(faces, mirror=mirror) for mirror in (False, True))
    kinds = set()
    for step in range(10):
        as_is, other = plain.batch(step), mirrored.batch(step)
        flips = [
            [not torch.equal(x, y) for x, y in zip(getattr(as_is, half).image, getattr(other, half).image, strict=True)]
            for half in ("a", "b")
        ]
        kinds |= set(zip(*flips, strict=True))
        assert torch.equal(other.a.key % 2, torch.tensor(flips[0]).long())
    assert kinds == {(False, False), (False, True), (True, False), (True, True)}


def test_images_without_landmarks_stay_without(faces):
    blind = dataclasses.replace(faces, points=torch.full_like(faces.points, float("nan")))
    pair = pairs_of(blind, mirror=True, augment=AugmentSettings(rotate=5)).batch(0)
    assert pair.a.points.isnan().all()
    assert pair.a.image.isfinite().all()
    assert torch.equal(pairs_of(blind).batch(0).a.image, pairs_of(faces).batch(0).a.image)


def test_shards_give_unpaired_halves_alike(prepared_set, tmp_path):
    write_shards(prepared_set, str(tmp_path / "shards"), photos=2)
    recipe = load_recipe(
        "portraitgan-tiny",
        [
            f"data.source={tmp_path / 'shards'}",
            "data.size=32",
            "data.pairs=unpaired",
            "losses.generator={lsgan: 1, cycle: 2}",
        ],
    )
    pair = open_source(recipe).training_pairs(CPU).batch(0)
    assert pair.a.segments == ((0, recipe.training.batch),)
    assert pair.b.domain.tolist() == [1] * recipe.training.batch


def test_domains_that_people_are_in_singly_are_spread_over_shards(prepared_set, tmp_path):
    """Of thirty pictures every third one is a photo, the others are sketches: a shard of six holds two photos."""
    sample = read_manifest(prepared_set)[0]
    entries = [
        Entry(sample.image, f"p{n:02d}", "sketch" if n % 3 else "photo", f"p{n:02d}", "train", sample.landmarks)
        for n in range(30)
    ]
    folder = tmp_path / "set"
    (folder / sample.image).parent.mkdir(parents=True)
    (folder / sample.image).write_bytes((prepared_set / sample.image).read_bytes())
    write_manifest(folder, entries)
    written = write_shards(folder, str(tmp_path / "shards"), photos=6)
    assert len(written.shards) == 5
    for shard in written.shards:
        read = Shards.open(written.url).read(shard, 32, ("photo", "sketch"))
        assert [each.entry.domain for each in read].count("photo") == 2
