"""Weights come back as they were written; a damaged file is one line, whatever happened to it."""

import json
import struct

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from ptk.errors import WeightsError
from ptk.recipe.weights import read_metadata, read_tensors, write_weights

TENSORS = {"generator.a": torch.arange(6.0).reshape(2, 3), "generator.b": torch.ones(1, dtype=torch.int64)}
METADATA = {"recipe": {"recipe": "mine"}, "domains": ["photo", "日本"], "step": 3}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    write_weights(path, TENSORS, METADATA)
    return path


def test_what_is_written_comes_back(whole):
    assert read_metadata(whole) == {"schema": "ptk.weights/1", **METADATA}
    found = read_tensors(whole)
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in TENSORS.items())


def read(path):
    read_metadata(path)
    read_tensors(path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_cut_short_is_one_line(whole, data):
    content = whole.read_bytes()
    cut = whole.with_name("cut.safetensors")
    cut.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(WeightsError) as caught:
        read(cut)
    assert str(caught.value).startswith(f"{cut}: ")
    assert "\n" not in str(caught.value)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_header_is_one_line_or_still_readable(whole, data):
    content = bytearray(whole.read_bytes())
    header = 8 + struct.unpack("<Q", content[:8])[0]
    content[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    damaged = whole.with_name("damaged.safetensors")
    damaged.write_bytes(bytes(content))
    try:
        read(damaged)
    except WeightsError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "metadata", [None, {}, {"ptk": "{"}, {"ptk": "[]"}, {"ptk": json.dumps({"schema": "ptk.weights/2"})}]
)
def test_other_safetensors_are_told_apart(tmp_path, metadata):
    path = tmp_path / "other.safetensors"
    save_file(TENSORS, path, metadata)
    with pytest.raises(WeightsError, match=r"safetensors, but not weights of ptk \(ptk.weights/1\)"):
        read_metadata(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"none.safetensors: no such file"):
        read_metadata(tmp_path / "none.safetensors")
