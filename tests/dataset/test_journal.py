"""The journal survives what may happen to a file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.dataset.journal import SOURCES, Made, Record, digest, journal, read_records, write_records
from ptk.dataset.manifest import UNFINISHED
from ptk.errors import OutputError

POINTS = tuple((float(n), n / 2) for n in range(68))
RECORDS = [
    Record("ann_smile.jpg", "1" * 32, "ann", "smile", (Made("ann_smile", POINTS, 812.5, {"photo": "a" * 64}),)),
    Record("写真/x.jpg", "2" * 32, reason="no face found (tried mediapipe68); crop closer"),
    Record("clip.mp4", "3" * 32, "bob", "", (Made("clip-000001", POINTS, 9.0, {"photo": "b" * 64}),), note="1 frame"),
]


def test_what_is_noted_comes_back_at_once_and_when_finished(tmp_path: Path) -> None:
    with journal(tmp_path) as notes:
        for count, record in enumerate(RECORDS, 1):
            notes.add(record)
            assert read_records(tmp_path) == RECORDS[:count]  # nothing is held back that a kill would lose
    write_records(tmp_path, RECORDS)
    (tmp_path / UNFINISHED).unlink()
    assert read_records(tmp_path) == RECORDS


def test_a_run_that_goes_on_notes_behind_a_line_that_was_cut(tmp_path: Path) -> None:
    with journal(tmp_path) as notes:
        notes.add(RECORDS[0])
        notes.add(RECORDS[1])
    part = tmp_path / UNFINISHED
    part.write_bytes(part.read_bytes()[:-20])
    with journal(tmp_path) as notes:
        notes.add(RECORDS[2])
    assert read_records(tmp_path) == [RECORDS[0], RECORDS[2]]


@settings(max_examples=150, deadline=None)
@given(position=st.floats(0, 1), noise=st.binary(min_size=1, max_size=30))
def test_damage_loses_lines_and_invents_none(
    position: float, noise: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    write_records(folder, RECORDS)
    content = (folder / SOURCES).read_bytes()
    start = int(position * len(content))
    (folder / SOURCES).write_bytes(content[:start] + noise + content[start:])
    found = read_records(folder)
    assert sum(record in found for record in RECORDS) >= len(RECORDS) - 1
    for record in found:
        assert isinstance(record, Record)
        assert record.faces or record.reason


def test_fingerprints_tell_values_apart() -> None:
    values = [(1, "2"), ("1", 2), (12,), ("1", "2"), ({"a": 1},), ({"a": 2},), (None,), ("None",)]
    assert len({digest(*each) for each in values}) == len(values)
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_the_lock_of_a_folder_goes_with_its_run(tmp_path: Path) -> None:
    """And one that a killed run left behind locks nobody out."""
    (tmp_path / "sources.jsonl.lock").touch()
    with (
        journal(tmp_path),
        pytest.raises(OutputError, match="another `prepare` is at work here"),
        journal(tmp_path),
    ):
        raise AssertionError("two runs in one folder")
    with journal(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [UNFINISHED]
