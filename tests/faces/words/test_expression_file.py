"""Expressions as JSON: what is saved comes back, and what is none is refused in a line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptk.errors import InputError, OutputError
from ptk.faces.expressions import vocabulary
from ptk.faces.words.drawing import draw_expression, write_outline
from ptk.faces.words.expression import PARTS, Expression
from ptk.faces.words.expression_file import holds_expression, read_expression, save_expression

WORDS = vocabulary().strengths
expressions = st.builds(
    Expression,
    st.dictionaries(st.sampled_from(list(WORDS)), st.floats(0, 1), max_size=6).map(
        lambda drawn: {
            name: WORDS[name].least + share * (WORDS[name].most - WORDS[name].least) for name, share in drawn.items()
        }
    ),
    st.dictionaries(st.sampled_from(list(PARTS)), st.floats(0, 1.5)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(expression=expressions)
def test_what_is_saved_comes_back_to_the_last_bit(expression: Expression, tmp_path: Path) -> None:
    save_expression(tmp_path / "a.json", expression)
    back = read_expression(tmp_path / "a.json")
    assert back.words == {name: strength for name, strength in expression.words.items() if strength}
    assert back.parts == expression.parts
    rest = (vocabulary().rest * 100).astype(np.float32)
    assert vocabulary().moved(rest, like=back).tobytes() == vocabulary().moved(rest, like=expression).tobytes()


def test_people_find_one_word_a_line(tmp_path: Path) -> None:
    save_expression(tmp_path / "a.json", Expression({"smile": 0.7, "turn": 10.0, "fear": 0.0}, {"mouth": 1.0}))
    assert (tmp_path / "a.json").read_text() == (
        '{\n  "schema": "ptk.expression/1",\n  "words": {\n    "smile": 0.7,\n    "turn": 10.0\n  },\n'
        '  "parts": {\n    "mouth": 1.0\n  }\n}\n'
    )


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_expression(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": "ptk.expression/2"}, 'its "schema" is "ptk.expression/2", not "ptk.expression/1"; save it again'),
        ({"schema": "ptk.landmarks/1"}, 'its "schema" is "ptk.landmarks/1", not "ptk.expression/1"; save it again'),
        ({"words": None}, 'has no "words" with a number each; save it again'),
        ({"words": [["smile", 1]]}, 'has no "words" with a number each; save it again'),
        ({"words": {"smiel": 1}}, "word smiel: there is no such word; did you mean smile? There are smile, "),
        ({"words": {"a\nb\ud800": 1}}, "word a\\nb\\ud800: there is no such word; "),
        ({"words": {"smile": "much"}}, 'word smile: "much" is no number'),
        ({"words": {"smile": True}}, "word smile: true is no number"),
        ({"words": {"smile": 9}}, "word smile: 9 is not from -1 to 1.5"),
        ({"words": {"smile": 10**400}}, "word smile: 1000000"),
        ({"words": {"smile": float("nan")}}, "holds NaN, which is no strength"),
        ({"words": {"turn": 40}}, "word turn: 40 is not from -15 to 15"),
        ({"parts": {"lips": 1}}, "part lips: there is no such part; "),
        ({"parts": {"mouth": 2}}, "part mouth: 2 is not from 0 to 1.5"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    content = {"schema": "ptk.expression/1", "words": {"smile": 1}, **changes}
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert refused(tmp_path / "a.json").startswith(said)


def test_damaged_foreign_and_huge_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content, said in (
        (b"", "line 1 is not JSON"),
        (b'{"schema": "ptk.expression/1", "words": {"smi', "line 1 is not JSON"),
        (b"\xff\xd8\xff\xe0 a photo", "is not text"),
        (b"[1, 2]", 'holds no JSON object with "schema": "ptk.expression/1"'),
        (b"[" * 100_000, "is not JSON that ptk reads"),
        (b" " * (2 << 20), "is larger than 1 MiB, which no expression file is"),
    ):
        path.write_bytes(content)
        assert refused(path).startswith(said)
    assert refused(tmp_path).startswith("cannot be read")
    assert refused(tmp_path / "none.json") == "cannot be read (no such file or directory)"


def test_files_are_told_from_photos_by_name_or_content(tmp_path: Path) -> None:
    for name, content, holds in (
        ("a.json", b"", True),
        ("a.JSON", b"\xff\xd8", True),
        ("hers", b'\xef\xbb\xbf {"schema": 1}', True),
        ("me.jpg", b"\xff\xd8\xff\xe0", False),
        ("empty", b"", False),
    ):
        (tmp_path / name).write_bytes(content)
        assert holds_expression(tmp_path / name) is holds
    assert not holds_expression(tmp_path / "none.jpg")


def test_outlines_show_the_expression(tmp_path: Path) -> None:
    still, surprised = draw_expression(Expression({})), draw_expression(Expression({"surprise": 1.0}))
    assert still.shape == (512, 512, 3)
    assert (still != surprised).any(axis=2).sum() > 500
    write_outline(tmp_path / "a.png", Expression({"surprise": 1.0}))
    for write, said in (
        (write_outline, r"outlines are PNG; name it a\.png"),
        (save_expression, "expressions are JSON"),
    ):
        with pytest.raises(OutputError, match=said):
            write(tmp_path / "a.jpg", Expression({}))
        assert not (tmp_path / "a.jpg").exists()
