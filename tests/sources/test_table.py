"""Tables of one's own: CSV and JSONL."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.errors import DataError
from ptk.sources.table import Table
from ptk.types import MediaFile, Skipped


@pytest.fixture
def table(touch):
    """Writes a table beside photos/a.jpg, photos/b.jpg and clip.mp4, and returns its path."""
    place = touch(["photos/a.jpg", "photos/b.jpg", "clip.mp4", "notes.txt"])

    def write(name, content):
        path = place / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_csv_names_files_people_and_expressions_and_other_columns_are_ignored(table, media):
    path = table("t.csv", "age,Image, identity ,expression\n30,photos/a.jpg,ann,smile\n31,clip.mp4,bob,\n")
    assert media(Table().find(path)) == {"ann_a": ("ann", "smile"), "bob_clip": ("bob", "")}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.csv", b"\xef\xbb\xbfimage,identity\r\nphotos/a.jpg,ann\r\n"),
        ("excel.csv", "image;identity\nphotos/a.jpg;ann\n"),
        ("windows.csv", "image,identity\nphotos\\a.jpg,ann\n"),
        ("tabs.tsv", "image\tidentity\nphotos/a.jpg\tann\n"),
        ("quoted.csv", 'note,image,identity\n"two\nlines, and a comma",photos/a.jpg,ann\n'),
        ("objects.jsonl", '\n{"image": "photos/a.jpg", "identity": "ann", "age": [3]}\n'),
    ],
)
def test_ways_to_write_the_same(name, content, table, media):
    assert media(Table().find(table(name, content))) == {"ann_a": ("ann", "")}


def test_numbers_are_names_too(table, media):
    path = table("t.jsonl", '{"image": "photos/a.jpg", "identity": 7}')
    assert media(Table().find(path)) == {"7_a": ("7", "")}


def test_rows_that_cannot_be_used_are_listed_by_their_line(table, left_out):
    rows = [
        "photos/a.jpg,ann,smile",
        "photos/lost.jpg,ann,smile",
        '"photos/b.jpg","bob",\n"laughs\nloud"',  # an unquoted end of line: two rows of the wrong length
        ",ann,",
        "photos/b.jpg,,",
        "photos/a.jpg,bob,",
        "photos,ann,",
        "notes.txt,ann,",
        "photos/b.jpg,../ann,",
        "photos/b.jpg,a,b,c",
    ]
    path = table("t.csv", "image,identity,expression\n" + "\n".join(rows))
    assert left_out(Table().find(path)) == {
        "t.csv:3": "photos/lost.jpg is not there",
        "t.csv:5": "has 1 cells, the header has 3; quote cells that hold a separator",
        "t.csv:7": "has no image",
        "t.csv:8": "has no identity",
        "t.csv:9": "photos/a.jpg stands in line 2 already",
        "t.csv:10": "photos is no file",
        "t.csv:11": "notes.txt is no photo or video, going by its suffix",
        "t.csv:12": "its identity holds a path",
        "t.csv:13": "has 4 cells, the header has 3; quote cells that hold a separator",
    }


def test_lines_of_json_that_cannot_be_used_are_listed(table, left_out):
    lines = [
        '{"image": "photos/a.jpg", "identity": "ann"}',
        '{"image": "photos/b.jpg", "identity": ["ann"]}',
        '{"image": 3, "identity": "ann"}',
        '["photos/b.jpg", "ann"]',
        '{"image": "photos/b.jpg", "iden',
        '{"image": "a\\u0000b.jpg", "identity": "ann"}',
        '{"image": "photos/b.jpg", "identity": "a\\ud800"}',
        "[" * 100_000,
        '{"image": "photos/b.jpg", "identity": "ann", "expression": {}}',
        '{"image": "photos/b.jpg", "identity": true}',
    ]
    assert left_out(Table().find(table("t.jsonl", "\n".join(lines)))) == {
        "t.jsonl:2": "identity is not text",
        "t.jsonl:3": "image is not text",
        "t.jsonl:4": "is no JSON object",
        "t.jsonl:5": "is not JSON",
        "t.jsonl:6": "a\\x00b.jpg is not there",
        "t.jsonl:7": "its identity has characters that cannot be printed",
        "t.jsonl:8": "is not JSON",
        "t.jsonl:9": "expression is not text",
        "t.jsonl:10": "identity is not text",
    }


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", "", "t.csv:1: is empty"),
        ("t.csv", "file,identity\nphotos/a.jpg,ann\n", "t.csv:1: has no column image"),
        ("t.csv", "image,person\nphotos/a.jpg,ann\n", "t.csv:1: has no column identity"),
        ("t.csv", "image,identity,image\nphotos/a.jpg,ann,x\n", "t.csv:1: has two columns image"),
        ("t.csv", "image,identity\n", "t.csv: none of its 0 rows can be used"),
        ("t.csv", "image,identity\nx.jpg,ann\n", r"t.csv: none of its 1 rows .*; t\.csv:2: x\.jpg is not there"),
        ("t.csv", f"image,identity\n{'x' * 5000},ann\n", r"; t\.csv:2: x{200}\.\.\. is not there"),
        ("t.csv", 'image,identity\nphotos/a.jpg,ann\n"photos/b.jpg,bob\n', "t.csv:3: is not CSV"),
        ("t.csv", b"image,identity\nphotos/a.jpg,\xff\n", "t.csv:2: is not UTF-8"),
        ("t.csv", b"\xff\xfei\x00m\x00", "t.csv:1: is not UTF-8"),
        ("t.jsonl", " \n", "t.jsonl:1: is empty"),
        ("t.jsonl", "image,identity\nphotos/a.jpg,ann\n", r"none of its 2 rows .*; t\.jsonl:1: is not JSON"),
        ("t.xlsx", "PK", "t.xlsx: is no table; give a .csv"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(name, content, said, table):
    path = table(name, content)
    with pytest.raises(DataError, match=said) as caught:
        Table().find(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_table(tmp_path):
    for place, said in ((tmp_path, "is no file; give the table itself"), (tmp_path / "no.csv", "no such file")):
        with pytest.raises(DataError, match=said):
            Table().find(place)


CELLS = st.sampled_from(["photos/a.jpg", "photos/b.jpg", "ann", "", "..", "ü"]) | st.text(max_size=6)


@settings(deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=6))
def test_every_row_of_a_csv_is_found_or_listed(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    (folder / "photos").mkdir()
    for name in "ab":
        (folder / "photos" / f"{name}.jpg").touch()
    text = io.StringIO()
    csv.writer(text).writerows([["image", "identity", "expression"], ["photos/a.jpg", "ann", ""], *rows])
    (folder / "t.csv").write_text(text.getvalue().encode("utf-8", "replace").decode(), newline="")
    found = Table().find(folder / "t.csv")
    assert len(found) == len(rows) + 1
    for one in found:
        assert one.path.is_file() if isinstance(one, MediaFile) else one.reason.isprintable()


@settings(deadline=None)
@given(
    content=st.binary(max_size=40) | st.text(max_size=40).map(str.encode), name=st.sampled_from(["t.csv", "t.jsonl"])
)
def test_any_bytes_are_a_table_or_refused_in_one_line(content, name, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    start = b"image,identity\n" if name == "t.csv" else b'{"image": "a.jpg", "identity": "ann"}\n'
    (folder / "a.jpg").touch()
    (folder / name).write_bytes(start + content)
    try:
        found = Table().find(folder / name)
    except DataError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert all(isinstance(one, MediaFile | Skipped) for one in found)


@settings(deadline=None)
@given(values=st.dictionaries(st.sampled_from(["image", "identity", "expression"]), st.none() | st.integers() | CELLS))
def test_any_object_is_found_or_listed(values, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    for name in ("a.jpg", "first.jpg"):
        (folder / name).touch()
    lines = [{"image": "first.jpg", "identity": "ann"}, values]
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = Table().find(folder / "t.jsonl")
    assert len(found) == 2
