"""Manifests come back as they were written; what is none is one line that names the place."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptk.dataset.manifest import SAMPLE, Entry, load_manifest, read_lines, read_manifest, write_manifest
from ptk.errors import DataError

POINTS = tuple((float(index), index / 4) for index in range(68))
ENTRY = Entry("images/a.jpg", "a", "photo", "a_smile", "train", POINTS, "smile")

names = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1).map(lambda name: f"x{name}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(image=names, identity=names, expression=st.text(st.characters(codec="utf-8")))
def test_whatever_is_written_comes_back(tmp_path, image, identity, expression):
    entry = Entry(image, identity, "photo", image, "test", POINTS, expression)
    write_manifest(tmp_path, [entry, ENTRY])
    assert read_manifest(tmp_path) == [entry, ENTRY]


def test_the_hash_names_the_content(tmp_path):
    write_manifest(tmp_path, [ENTRY])
    first = load_manifest(tmp_path).sha256
    write_manifest(tmp_path, [ENTRY, ENTRY])
    assert load_manifest(tmp_path).sha256 != first


def damaged(**changes):
    line = {
        "image": "a.jpg", "identity": "a", "domain": "photo", "photo": "a", "split": "train", "landmarks": POINTS
    }  # fmt: skip
    return json.dumps({key: value for key, value in {**line, **changes}.items() if value is not None})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not a line of a manifest"),
        ("[]", "not a line of a manifest"),
        (damaged(identity=None), "not a line of a manifest (KeyError: 'identity')"),
        (damaged(identity=3), "identity must be text, it is 3"),
        (damaged(landmarks=POINTS[:67]), "landmarks must be 68 finite points, these are 67"),
        (damaged(landmarks=[[float("nan"), 0]] * 68), "landmarks must be 68 finite points"),
        (damaged(landmarks=[["x", 0]] * 68), "not a line of a manifest"),
        (damaged(split="validation"), "split must be train or test, it is 'validation'"),
        (damaged(image="../a.jpg"), "image must be a path inside the data set"),
        (damaged(image="/etc/passwd"), "image must be a path inside the data set"),
        (damaged(image="."), "image must be a path inside the data set"),
        (damaged(identity="\ud800"), "identity must be text"),
        (damaged(landmarks=[[10**400, 0]] * 68), "not a line of a manifest (OverflowError"),
        ("[" * 100_000, "not a line of a manifest (ValueError: brackets nest too deep"),
    ],
)
def test_a_damaged_line_is_named(tmp_path, line, message):
    write_manifest(tmp_path, [ENTRY])
    with (tmp_path / "manifest.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError) as caught:
        read_manifest(tmp_path)
    assert f"manifest.jsonl:2: {message}" in str(caught.value)


def test_every_line_is_read_whatever_the_others_hold(tmp_path):
    write_manifest(tmp_path, [ENTRY])
    with (tmp_path / "manifest.jsonl").open("ab") as file:
        file.write(b'\xff\n\n{"image": \n' + damaged(identity="b").encode())
    lines = read_lines(tmp_path)
    assert list(lines) == [1, 2, 4, 5]  # the third is empty
    assert lines[1] == ENTRY
    assert [isinstance(lines[number], DataError) for number in lines] == [False, True, True, False]
    assert "manifest.jsonl:2: not a line of a manifest (UnicodeDecodeError" in str(lines[2])


def test_a_folder_without_a_manifest_says_how_to_make_one(tmp_path):
    with pytest.raises(DataError, match=r"no data set here \(no manifest.jsonl\); make one with `prepare`"):
        read_manifest(tmp_path)


def test_the_sample_is_24_people_with_eight_expressions_split_by_identity():
    entries = read_manifest(SAMPLE)
    people = {entry.identity for entry in entries}
    assert (len(entries), len(people)) == (192, 24)
    assert len({entry.expression for entry in entries}) == 8
    splits = {
        entry.identity: {other.split for other in entries if other.identity == entry.identity} for entry in entries
    }
    assert all(len(split) == 1 for split in splits.values())
    assert sum(split == {"train"} for split in splits.values()) == 17  # 7/3 of 24, rounded
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) <= 6e6
