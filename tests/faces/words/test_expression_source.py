"""``other.jpg:mouth=1,eyes=0.5``: which file is meant, and which parts of the face take its expression over."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.errors import PtkError
from ptk.faces.expressions import vocabulary
from ptk.faces.words.expression import PARTS, Expression
from ptk.faces.words.source import parse_source

FACE = (vocabulary().rest * 60 + (100, 80)).astype(np.float32)
SURPRISE = Expression({"surprise": 1.0})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files have the names that people give them."""
    monkeypatch.chdir(tmp_path)
    for name in ("other.jpg", "12:30, eyes=1.jpg", "me:mouth=1", "C"):
        Path(name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "file", "parts"),
    [
        ("other.jpg", "other.jpg", {}),
        ("other.jpg:mouth", "other.jpg", {"mouth": 1.0}),
        ("other.jpg:mouth=1,eyes=0.5", "other.jpg", {"mouth": 1.0, "eyes": 0.5}),
        ("other.jpg: brows = 1.5 , mouth", "other.jpg", {"brows": 1.5, "mouth": 1.0}),
        ("12:30, eyes=1.jpg", "12:30, eyes=1.jpg", {}),
        ("12:30, eyes=1.jpg:eyes=1", "12:30, eyes=1.jpg", {"eyes": 1.0}),
        ("me:mouth=1", "me:mouth=1", {}),  # a file of that name is that file
        ("me:mouth=1:brows", "me:mouth=1", {"brows": 1.0}),
        ("none.jpg:mouth", "none.jpg", {"mouth": 1.0}),
        ("none:such.jpg", "none:such.jpg", {}),
        (r"C:\photos\other.jpg", r"C:\photos\other.jpg", {}),
        (r"D:\photos\other.jpg:mouth", r"D:\photos\other.jpg", {"mouth": 1.0}),
        ("D:other", "D:other", {}),
        ("x" * 5000, "x" * 5000, {}),
    ],
)
def test_files_and_parts_are_told_apart(text: str, file: str, parts: dict[str, float]) -> None:
    assert parse_source(text) == (Path(file), parts)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ("", "there is no part ''; there are mouth, eyes, brows"),
        ("mout=1", "there is no part mout; did you mean mouth? There are mouth, eyes, brows"),
        ("lips", "there is no part lips; did you mean mouth? There are mouth, eyes, brows"),
        ("jaw=1", "there is no part jaw; did you mean mouth? There are mouth, eyes, brows"),
        ("Eyebrows=1", "there is no part Eyebrows; did you mean brows? There are mouth, eyes, brows"),
        ("mouth:1", "there is no part mouth:1; did you mean mouth? There are mouth, eyes, brows"),
        ("mouth=2", "the share of mouth goes from 0 to 1.5"),
        ("mouth=-0.1", "the share of mouth goes from 0 to 1.5"),
        ("mouth=nan", "nan is no number; write mouth=0.5"),
        ("mouth=", "nothing is no number; write mouth=0.5"),
        ("mouth,mouth=1", "mouth is there twice; leave one of them out"),
        ("mouth=0,5", "decimals have a point, not a comma: write mouth=0.5"),
    ],
)
def test_what_is_wrong_with_parts_is_said(parts: str, said: str) -> None:
    with pytest.raises(PtkError) as caught:
        parse_source(f"other.jpg:{parts}")
    assert str(caught.value) == f"`expression_from` other.jpg:{parts}: {said}"


@given(text=st.text(alphabet="mouth=eyes0.5,:\\/jpg \n\0", max_size=30))
def test_any_text_is_a_file_or_refused_in_a_line(text: str) -> None:
    for written in (text, f"other.jpg:{text}"):
        try:
            file, parts = parse_source(written)
        except PtkError as error:
            assert "\n" not in str(error)
        else:
            assert str(file) == str(Path(written)) or written.startswith(str(file))
            assert set(parts) <= set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_takes_over_what_the_whole_face_would_there(part: str) -> None:
    whole, gone = (
        vocabulary().moved(FACE, like=SURPRISE),
        vocabulary().moved(FACE, like=Expression(SURPRISE.words, {part: 1.0})),
    )
    inside = list(PARTS[part])
    beside = [point for point in range(68) if point not in inside]
    np.testing.assert_allclose(gone[inside], whole[inside], atol=1e-4)
    np.testing.assert_array_equal(gone[beside], FACE[beside])
    assert np.abs(gone[inside] - FACE[inside]).max() > 0.5  # pixels


def test_all_parts_are_the_whole_face_and_shares_scale() -> None:
    every = Expression(SURPRISE.words, dict.fromkeys(PARTS, 1.0))
    whole = vocabulary().moved(FACE, like=SURPRISE)
    np.testing.assert_array_equal(vocabulary().moved(FACE, like=every), whole)
    half = vocabulary().moved(FACE, like=Expression(SURPRISE.words, dict.fromkeys(PARTS, 0.5)))
    np.testing.assert_allclose(half - FACE, (whole - FACE) / 2, atol=1e-4)
    none = vocabulary().moved(FACE, like=Expression(SURPRISE.words, {"mouth": 0.0}))
    assert none.tobytes() == FACE.tobytes()


def test_what_a_face_shows_itself_is_taken_away_where_it_takes_over() -> None:
    surprised = vocabulary().moved(FACE, {"surprise": 1.0})
    rested = vocabulary().moved(surprised, like=Expression({}))
    assert np.abs(rested - FACE).max() < 0.5 * np.abs(surprised - FACE).max()
    same = vocabulary().moved(surprised, like=Expression(vocabulary().shown(surprised)))
    assert same.tobytes() == surprised.tobytes()
