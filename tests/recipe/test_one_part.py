"""Options from words: what people write on the command line, by the annotations of a constructor."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.errors import PluginError
from ptk.recipe.one_part import parse_options


@pytest.mark.parametrize(
    "said", ["wave.jpg", "a,b.jpg", "C:\\pictures\\wave.jpg", "file=wave, the great.jpg", "file=a=b.jpg"]
)
def test_one_option_needs_no_name_and_values_hold_anything(said: str) -> None:
    assert parse_options("domain", "picture", said, "style picture") == {"file": Path(said.removeprefix("file="))}


@given(said=st.text(min_size=1).filter(lambda text: "=" not in text and text != "file"))
def test_any_name_of_a_file_can_be_said(said: str) -> None:
    assert parse_options("domain", "picture", said, "style picture") == {"file": Path(said)}


def test_an_option_that_is_not_needed_may_be_said_alone_where_it_is_the_only_one() -> None:
    assert parse_options("domain", "neural_style", "klee", "style neural_style") == {"style": "klee"}
    assert parse_options("domain", "neural_style", "style=klee", "style neural_style") == {"style": "klee"}


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        ("picture", "", "style picture: needs file: picture:file=..."),
        ("picture", "fil=x.jpg", "style picture: no such option: fil; did you mean file?"),
        ("picture", "file", "style picture: file has no value; say file=..."),
        ("sketch", "2", "style sketch: no such option: 2; it has none"),
        ("neural_style", "style=kle", "style neural_style: style: input should be 'discs', "),
    ],
)
def test_what_is_wrong_is_said_in_one_line(name: str, said: str, message: str) -> None:
    with pytest.raises(PluginError) as caught:
        parse_options("domain", name, said, f"style {name}")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
