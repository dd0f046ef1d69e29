"""Plain data from strangers is bounded, and shown in a few characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.plain import is_text, parse_json, show

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda each: st.lists(each) | st.tuples(each)
)


def test_json_comes_back():
    assert parse_json(b'{"a": [1, 2.5, null, "\xc3\xa9"]}') == {"a": [1, 2.5, None, "é"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "brackets nest too deep"),
        ("[" * 70 + "]" * 70, "brackets nest too deep"),
        ('{"a":' * 500 + "1" + "}" * 500, "brackets nest too deep"),
        ("1" * 5000, "a number of thousands of digits"),
        (str(1 << 64), "a whole number beyond 64 bits"),
        ('["\\ud800"]', "no Unicode"),
        ('{"\\ud800": 1}', "no Unicode"),
        ("{", "not JSON: .* at line 1, column 2"),
        (b"\xff", "invalid start byte"),
        ('{"a": 1}'.encode("utf-16"), "invalid start byte"),
        ("1" * 11, "longer than 0 KiB"),
    ],
)
def test_what_is_too_much_is_one_line(text, why):
    with pytest.raises(ValueError, match=why) as caught:
        parse_json(text, 10 if why.startswith("longer") else 1 << 20)
    assert "\n" not in str(caught.value)


def test_callers_that_look_for_themselves_get_text_and_numbers_as_they_are():
    assert parse_json('["\\ud800", 18446744073709551616]', strict=False) == ["\ud800", 1 << 64]


def test_text_is_what_files_can_store():
    assert [is_text(value) for value in ("a", "é", "", "a\0b", "\ud800", None, 3)] == [True] * 4 + [False] * 3


@given(VALUES)
def test_a_shown_value_is_short_and_one_line(value):
    assert len(show(value)) <= 60
    assert "\n" not in show(value)


def test_short_values_are_shown_as_repr_does():
    for value in ("it's", 3, 2.5, None, [1, "a"], {"b": (1, 2)}):
        assert show(value) == repr(value)


def test_values_without_end_are_cut_before_they_are_written():
    value = ["x" * 100]
    for _ in range(30):
        value = [value] * 10  # 10^30 texts when written out
    assert len(show(value)) <= 60  # written out first, it would never end
    assert show(10**5000) == "a number of 16610 bits"
