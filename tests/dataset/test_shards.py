"""A data set as tar files: what is written comes back, from any address, and damage is one line."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ptk.dataset.images import decode
from ptk.dataset.manifest import read_description, read_manifest, write_manifest
from ptk.dataset.shards import INDEX, Shards, is_shards, write_shards
from ptk.errors import DataError, OutputError


@pytest.fixture(scope="session")
def shards(prepared_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "set"
    write_shards(prepared_set, str(folder), photos=4)
    return folder


def test_every_image_comes_back_as_it_is_in_the_folder(prepared_set: Path, shards: Path) -> None:
    found = Shards.open(str(shards))
    decoded = [one for shard in found.shards for one in found.read(shard, 96, ("photo", "sketch"))]
    entries = {(entry.photo, entry.domain): entry for entry in read_manifest(prepared_set)}
    assert len(decoded) == len(entries) == 24
    margin = read_description(prepared_set).margin
    for one in decoded:
        entry = entries[one.entry.photo, one.entry.domain]
        expected = decode(prepared_set / entry.image, entry, 96, margin)
        assert np.array_equal(one.pixels, expected.pixels)
        assert np.array_equal(one.points, expected.points)
        said = (one.entry.identity, one.entry.expression, one.entry.split)
        assert said == (entry.identity, entry.expression, entry.split)


def test_people_are_whole_and_splits_apart(shards: Path) -> None:
    found = Shards.open(str(shards))
    people: dict[str, set[str]] = {}
    for shard in found.shards:
        assert shard.name.startswith(shard.split)
        for one in found.read(shard, 32, ("photo",)):
            people.setdefault(one.entry.identity, set()).add(shard.name)
            assert one.entry.split == shard.split
    assert len(people) == 6
    assert all(len(names) == 1 for names in people.values())
    assert [shard.photos for shard in found.of("train")] == [4, 4]  # four people with two photos each


def test_other_tools_read_them(shards: Path) -> None:
    webdataset = pytest.importorskip("webdataset", reason="needs WebDataset: see the extra dev")
    files = sorted(str(path) for path in shards.glob("train-*.tar"))
    samples = list(webdataset.WebDataset(files, shardshuffle=False).decode("rgb8"))
    assert len(samples) == 8
    for sample in samples:
        assert sample["photo.jpg"].shape == sample["sketch.jpg"].shape == (120, 120, 3)  # 96 and an eighth on each side
        assert len(sample["json"]["landmarks"]) == 68


def test_the_same_data_give_the_same_bytes(prepared_set: Path, shards: Path, tmp_path: Path) -> None:
    write_shards(prepared_set, str(tmp_path / "again"), photos=4)
    for path in shards.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_shards_of_the_same_data_are_left_alone_and_others_replaced(spoilt_set: Path, tmp_path: Path) -> None:
    write_shards(spoilt_set, str(tmp_path / "s"), photos=4)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "s").iterdir()}
    write_shards(spoilt_set, str(tmp_path / "s"), photos=4)
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "s").iterdir()} == before
    write_shards(spoilt_set, str(tmp_path / "s"), photos=100)
    found = Shards.open(str(tmp_path / "s"))
    assert [shard.photos for shard in found.shards] == [4, 8]  # test, then train


def test_any_address_of_fsspec_will_do(prepared_set: Path) -> None:
    write_shards(prepared_set, "memory://somewhere/set")
    assert sum(shard.images for shard in Shards.open("memory://somewhere/set/").shards) == 24
    assert fsspec.filesystem("memory").exists("/somewhere/set/shards.json")


def test_what_means_shards(shards: Path, prepared_set: Path) -> None:
    assert is_shards(str(shards))
    assert is_shards("s3://bucket/set")
    assert not is_shards(str(prepared_set))
    assert not is_shards("sample")


@pytest.mark.parametrize("url", ["nowhere/set", "nosuch://bucket/set"])
def test_addresses_that_cannot_be_read_are_one_line(url: str) -> None:
    with pytest.raises(DataError, match="cannot be read") as caught:
        Shards.open(url)
    assert "\n" not in str(caught.value)


def test_places_that_cannot_be_written_are_one_line(prepared_set: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for url in (str(tmp_path / "file" / "set"), "nosuch://bucket/set"):
        with pytest.raises(OutputError, match="cannot be written") as caught:
            write_shards(prepared_set, url)
        assert "\n" not in str(caught.value)


def test_an_image_that_is_missing_is_said_and_leaves_no_index(spoilt_set: Path, tmp_path: Path) -> None:
    next((spoilt_set / "images").rglob("*.jpg")).unlink()
    with pytest.raises(DataError, match="prepare the data again"):
        write_shards(spoilt_set, str(tmp_path / "s"))
    assert not is_shards(str(tmp_path / "s"))


def test_renderings_that_lie_elsewhere_are_refused(spoilt_set: Path, tmp_path: Path) -> None:
    entries = read_manifest(spoilt_set)
    write_manifest(spoilt_set, [replace(entries[0], landmarks=entries[-1].landmarks), *entries[1:]])
    with pytest.raises(DataError, match="run `check`"):
        write_shards(spoilt_set, str(tmp_path / "s"))


def test_a_shard_that_was_cut_is_refused(prepared_set: Path, tmp_path: Path) -> None:
    found = write_shards(prepared_set, str(tmp_path))
    path = tmp_path / found.shards[0].name
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match="is not what shards"):
        found.read(found.shards[0], 32, ("photo",))


def test_a_shard_of_strange_content_is_refused(prepared_set: Path, tmp_path: Path) -> None:
    image = io.BytesIO()
    Image.new("RGB", (40, 40)).save(image, "JPEG")
    for members in ([("0.photo.jpg", image.getvalue())], [("0.json", b"{}"), ("0.photo.jpg", image.getvalue())], []):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, content in members:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        found = write_shards(prepared_set, str(tmp_path))
        shard = found.shards[0]
        (tmp_path / shard.name).write_bytes(buffer.getvalue())
        honest = type(shard)(**{**vars(shard), "sha256": _sha(buffer.getvalue())})
        if members:
            with pytest.raises(DataError, match=shard.name):
                found.read(honest, 32, ("photo",))
        else:
            assert found.read(honest, 32, ("photo",)) == []
        (tmp_path / INDEX).unlink()


def _sha(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


@settings(max_examples=60, deadline=None)
@given(position=st.floats(0, 1), noise=st.binary(min_size=1, max_size=8), text=st.booleans())
def test_damage_to_the_index_is_one_line(
    position: float, noise: bytes, text: bool, shards: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("index")
    content = bytearray((shards / INDEX).read_bytes())
    start = int(position * len(content))
    content[start : start + len(noise)] = noise if not text else json.dumps(noise.hex()).encode()
    (folder / INDEX).write_bytes(content)
    try:
        Shards.open(str(folder))
    except DataError as error:
        assert "\n" not in str(error)
