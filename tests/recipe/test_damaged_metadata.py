"""Weights from strangers: metadata of any kind is one line, and takes no memory before the shapes are compared."""

import json
import resource
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.editing.translator import Translator
from ptk.errors import WeightsError
from ptk.recipe.weights import read_metadata
from untrained import write_untrained

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_untrained(tmp_path_factory.mktemp("weights") / "weights.safetensors")


def with_metadata(weights, change):
    """A copy whose metadata `change` made of the whole one, as text."""
    content = weights.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"]["ptk"] = change(json.loads(header["__metadata__"]["ptk"]))
    written = json.dumps(header).encode()
    path = weights.with_name("changed.safetensors")
    path.write_bytes(struct.pack("<Q", len(written)) + written + content[8 + size :])
    return path


def refusal(path):
    with pytest.raises(WeightsError) as caught:
        Translator.load(path, "cpu")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"recipe": ["x"]}, "its metadata is damaged (recipe is no dict)"),
        ({"data": "people"}, "its metadata is damaged (data is no dict)"),
        ({"plugins": 3}, "its metadata is damaged (plugins is no list)"),
        ({"plugins": [None]}, "its metadata is damaged (plugins are not all text)"),
        ({"domains": [["photo"]]}, "its metadata is damaged (domains are not all text)"),
    ],
)
def test_fields_of_other_kinds_are_named(weights, changed, why):
    assert why in refusal(with_metadata(weights, lambda said: json.dumps(said | changed)))


@pytest.mark.parametrize("text", ["[" * 5000, "3", "", "null", '{"schema": "ptk.weights/1"}', "1" * 5000])
def test_what_is_no_metadata_is_no_weights_of_ptk(weights, text):
    assert "safetensors, but not weights of ptk" in refusal(with_metadata(weights, lambda _: text))


@settings(max_examples=60, deadline=None)
@given(
    key=st.sampled_from(["recipe", "data", "domains", "generator", "conditioners", "losses", "training"]), value=PLAIN
)
def test_any_value_in_the_recipe_is_one_line_or_still_loads(weights, key, value):
    def change(said):
        said["recipe"][key] = value
        return json.dumps(said)

    path = with_metadata(weights, change)
    try:
        Translator.load(path, "cpu")
    except WeightsError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("asked", [{"width": 3000, "blocks": 9}, {"blocks": 10**8}, {"down": 10**7}, {"width": 10**18}])
def test_a_recipe_of_other_sizes_than_the_tensors_takes_no_memory(weights, asked):
    def change(said):
        said["recipe"]["generator"]["portraitgan"] |= asked
        return json.dumps(said)

    path = with_metadata(weights, change)
    refusal(path)  # whatever is loaded once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "fit its recipe" in (said := refusal(path)) or "cannot be built" in said
    # Its tensors would take tens of gigabytes; the peak never falls, so this holds beside other tests, too.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10


def test_what_a_library_quotes_of_a_file_is_cut(tmp_path):
    path = tmp_path / "w.safetensors"
    header = b'"' + b"x" * 5000 + b'"'
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(WeightsError, match="not a whole safetensors file") as caught:
        read_metadata(path)
    assert len(str(caught.value)) < len(str(path)) + 350
    assert "xxx..." in str(caught.value)
