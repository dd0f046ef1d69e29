"""Training from shards: every photo comes in turn, and a run that goes on sees what it would have seen."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptk.data import streams
from ptk.data.source import open_source
from ptk.data.streams import StreamedPairs, windows
from ptk.dataset.manifest import read_manifest
from ptk.dataset.shards import Shard, write_shards
from ptk.errors import DataError
from ptk.recipe.load import load_recipe
from ptk.recipe.schema import Recipe
from ptk.types import Pair

CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def shards(prepared_set: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("stream") / "set"
    write_shards(prepared_set, str(folder), photos=2)
    return str(folder)


def recipe(source: str, *settings: str) -> Recipe:
    return load_recipe("portraitgan-tiny", [f"data.source={source}", "data.size=32", *settings])


def pairs(source: str, *settings: str) -> StreamedPairs:
    loaded = recipe(source, *settings)
    return open_source(loaded).training_pairs(CPU)


def equal(one: Pair, other: Pair) -> bool:
    return all(
        torch.equal(getattr(left, name), getattr(right, name))
        for left, right in ((one.a, other.a), (one.b, other.b))
        for name in ("image", "points", "domain")
    )


shard_lists = st.lists(st.integers(1, 9), min_size=1, max_size=12).map(
    lambda photos: tuple(Shard(f"train-{n:06d}.tar", "train", count, count, 1, "") for n, count in enumerate(photos))
)


@given(shards=shard_lists, epoch=st.integers(0, 5), batch=st.integers(1, 8), photos=st.integers(1, 30))
def test_an_epoch_takes_every_shard_once_and_as_long_as_any_other(
    shards: tuple[Shard, ...], epoch: int, batch: int, photos: int
) -> None:
    plan = windows(shards, epoch, batch=batch, photos=photos, seed=1)
    assert sorted(shard.name for window in plan for shard in window.shards) == [shard.name for shard in shards]
    assert plan[0].start == 0
    assert all(before.end == after.start for before, after in pairwise(plan))
    assert plan[-1].end == max(1, sum(shard.photos for shard in shards) // batch)
    for window in plan:
        assert len(window.shards) == 1 or sum(shard.photos for shard in window.shards) <= photos


def test_epochs_differ_in_their_order() -> None:
    shards = tuple(Shard(f"train-{n:06d}.tar", "train", 4, 4, 1, "") for n in range(20))
    orders = {
        tuple(shard.name for window in windows(shards, epoch, batch=1, photos=8, seed=1) for shard in window.shards)
        for epoch in range(5)
    }
    assert len(orders) == 5


def test_a_run_that_goes_on_anywhere_sees_the_same(shards: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "WINDOW_BYTES", 2 * 2 * 3 * 40 * 40)  # two photos of two domains: a shard a window
    through = pairs(shards, "training.batch=2")
    seen = [through.batch(step) for step in range(9)]  # eight photos, two a step: more than two epochs
    assert len(through._planned(0)) == 4
    for step in (0, 3, 4, 8):
        assert equal(pairs(shards, "training.batch=2").batch(step), seen[step])
    assert not any(equal(one, other) for one, other in pairwise(seen))


def test_all_people_come_up_in_an_epoch_and_a_pair_shows_one(shards: str, prepared_set: Path) -> None:
    stream = pairs(shards)
    train = {entry.identity for entry in read_manifest(prepared_set) if entry.split == "train"}
    seen = set()
    for epoch in range(2):
        for number, _ in enumerate(stream._planned(epoch)):
            window = stream._begin((epoch, number)).result()
            seen |= set(window.faces.identities)
    assert seen == train
    assert (stream.people, stream.images) == (len(train), 16)


@pytest.mark.parametrize("kind", ["identity", "warp", "mixed"])
def test_pairs_of_every_kind_come_from_shards(kind: str, shards: str) -> None:
    pair = pairs(shards, f"data.pairs={kind}", "training.batch=3").batch(0)
    assert pair.a.image.shape == pair.b.image.shape == (3, 3, 32, 32)
    assert not torch.equal(pair.a.image, pair.b.image)


def test_the_held_out_people_come_from_the_test_shards(shards: str, prepared_set: Path) -> None:
    loaded = recipe(shards)
    faces = open_source(loaded).held_out()
    assert faces is not None
    test = {entry.identity for entry in read_manifest(prepared_set) if entry.split == "test"}
    assert set(faces.identities) == test
    assert set(faces.domain.tolist()) == {0}


def test_a_recipe_trains_on_shards_as_on_a_folder(shards: str, prepared_set: Path) -> None:
    from_shards, from_folder = recipe(shards), recipe(str(prepared_set))
    streamed = open_source(from_shards).training_pairs(CPU)
    loaded = open_source(from_folder).training_pairs(CPU)
    assert (streamed.people, streamed.images) == (loaded.people, loaded.images) == (4, 16)
    said = [{**open_source(each).description, "source": ""} for each in (from_shards, from_folder)]
    assert said[0] == said[1]


def test_a_damaged_shard_stops_training_with_its_name(prepared_set: Path, tmp_path: Path) -> None:
    written = write_shards(prepared_set, str(tmp_path / "s"), photos=100)
    (shard,) = written.of("train")
    (tmp_path / "s" / shard.name).write_bytes(b"")
    with pytest.raises(DataError, match=shard.name):
        pairs(str(tmp_path / "s")).batch(0)


def test_a_domain_that_shards_lack_is_rendered(shards: str) -> None:
    pair = pairs(shards, "domains=[photo, sketch, watercolor]", "training.batch=8").batch(0)
    assert set(torch.cat([pair.a.domain, pair.b.domain]).tolist()) == {0, 1, 2}
