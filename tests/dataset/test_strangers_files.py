"""Data sets come from strangers: no file in one runs another program, fills the memory, or stops every later run."""

import hashlib
import io
import json
import struct
import tarfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ptk.dataset.images import decode
from ptk.dataset.journal import SOURCES, UNFINISHED, Made, Record, journal, read_records, write_records
from ptk.dataset.manifest import Entry
from ptk.dataset.shards import INDEX, Shards, write_shards
from ptk.errors import DataError, OutputError
from small_sets import make_set

POINTS = tuple((float(i), float(i)) for i in range(68))
ENTRY = Entry("a.jpg", "ann", "photo", "a", "train", POINTS)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n%%EOF\n"


def png_of(width, height):
    """A PNG of a few kilobytes that is `width` x `height` grey pixels when it is decoded."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(width + 1)) for _ in range(height)) + rows.flush()
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b"")]
    written = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def test_postscript_by_the_name_of_a_photo_is_not_run(tmp_path, monkeypatch):
    ran = tmp_path / "ran"
    ghostscript = tmp_path / "gs"
    ghostscript.write_text(f"#!/bin/sh\ntouch {ran}\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)  # looked for again
    photo = tmp_path / "a.jpg"
    photo.write_bytes(POSTSCRIPT)
    with pytest.raises(DataError, match=r"a.jpg: damaged \(is a PostScript document, which ptk does not read"):
        decode(photo, ENTRY, 32, 0)
    assert not ran.exists()


@pytest.mark.parametrize("form", ["TGA", "PPM", "PCX", "ICO", "JPEG2000"])
def test_other_formats_are_no_images_of_a_data_set(form):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, form)
    with pytest.raises(DataError, match=r"^a.jpg: damaged \(is "):
        decode(io.BytesIO(buffer.getvalue()), ENTRY, 32, 0)


def test_a_small_file_of_many_pixels_is_refused_by_its_header():
    content = png_of(12_000, 3_001)
    assert len(content) < 50_000
    with pytest.raises(DataError, match=r"^a.jpg: damaged \(has more than 36 megapixels"):
        decode(io.BytesIO(content), ENTRY, 32, 0)
    assert decode(io.BytesIO(png_of(300, 200)), ENTRY, 32, 0).pixels.shape == (32, 32, 3)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    write_shards(make_set(folder / "set", {"ann": ("p00", "train"), "bob": ("p01", "test")}), str(folder / "shards"))
    return folder / "shards"


def change(shards, folder, edit):
    """Copy `shards` into `folder`; `edit(member, body)` gives what stands in the first shard, all sums fitting."""
    index = json.loads((shards / INDEX).read_text())
    name, buffer = index["shards"][0]["name"], io.BytesIO()
    with tarfile.open(shards / name) as old, tarfile.open(fileobj=buffer, mode="w") as new:
        for member in old:
            changed, body = edit(member, old.extractfile(member).read())
            new.addfile(changed, None if body is None else io.BytesIO(body))
    index["shards"][0]["sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
    (folder / name).write_bytes(buffer.getvalue())
    (folder / INDEX).write_text(json.dumps(index))
    found = Shards.open(str(folder))
    return found.read(found.shards[0], 32, ("photo", "sketch"))


def as_it_is(member, body):
    return member, body


def as_kind(kind):
    def edit(member, body):
        if member.name.endswith(".photo.jpg"):
            member.type, member.linkname, member.size = kind, "000000.json", 0
            return member, None
        return member, body

    return edit


def with_json(text):
    def edit(member, body):
        if member.name.endswith(".json"):
            body = text(body)
            member.size = len(body)
        return member, body

    return edit


def test_whole_shards_are_read(shards, tmp_path):
    assert len(change(shards, tmp_path, as_it_is)) == 4


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_links_and_devices_in_a_shard_are_refused(shards, tmp_path, kind):
    with pytest.raises(DataError, match=r"damaged \('000000.photo.jpg' is no plain file\); write the shards again"):
        change(shards, tmp_path, as_kind(kind))


@pytest.mark.parametrize(
    "text",
    [lambda _: b"[" * 5000, lambda _: b"3", lambda body: body.replace(b'"', b'"\\ud800', 1), lambda _: b"1" * 5000],
)
def test_odd_json_in_a_shard_is_one_line(shards, tmp_path, text):
    with pytest.raises(DataError, match="damaged") as caught:
        change(shards, tmp_path, with_json(text))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_sparse_member_does_not_unfold(shards, tmp_path):
    """GNU's sparse format: a kilobyte of tar that says it is three gigabytes of zeros."""
    member = tarfile.TarInfo("000000.json")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"00000000000\0" + b"00000000000\0"
    header[483:495] = b"%011o\0" % (3 << 30)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    content = bytes(header) + bytes(1024)
    index = json.loads((shards / INDEX).read_text())
    name = index["shards"][0]["name"]
    index["shards"][0]["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / name).write_bytes(content)
    (tmp_path / INDEX).write_text(json.dumps(index))
    found = Shards.open(str(tmp_path))
    with pytest.raises(DataError, match=r"damaged \('000000.json' is no plain file"):
        found.read(found.shards[0], 32, ("photo",))


@pytest.mark.parametrize(
    "changed", [{"name": "../../etc/passwd"}, {"name": "a/b.tar"}, {"name": ""}, {"split": "all"}, {"photos": -1}]
)
def test_an_index_leads_nowhere_else(shards, tmp_path, changed):
    index = json.loads((shards / INDEX).read_text())
    index["shards"][0] |= changed
    (tmp_path / INDEX).write_text(json.dumps(index))
    with pytest.raises(DataError, match="not an index of shards"):
        Shards.open(str(tmp_path))


MADE = Made("a", POINTS, 50.0, {"photo": "0" * 64})
GOOD = Record("a.jpg", "key", "ann", faces=(MADE,))
LINE = {
    "source": "b.jpg",
    "key": "k",
    "identity": "bob",
    "faces": [{"photo": "b", "points": POINTS, "side": 5.0, "images": {}}],
}


@pytest.mark.parametrize(
    "changed",
    [
        {"identity": "\ud800"},
        {"identity": 3},
        {"reason": ["x"]},
        {"faces": [{**LINE["faces"][0], "side": float("nan")}]},
        {"faces": [{**LINE["faces"][0], "side": "5"}]},
        {"faces": [{**LINE["faces"][0], "images": []}]},
        {"faces": [{**LINE["faces"][0], "images": {"photo": None}}]},
        {"faces": [{**LINE["faces"][0], "points": POINTS[:3]}]},
        {"faces": [{**LINE["faces"][0], "photo": "\udfff"}]},
        {"faces": {}},
        {"more": 1},
    ],
)
@pytest.mark.parametrize("name", [SOURCES, UNFINISHED])
def test_a_damaged_line_of_the_journal_stops_no_later_run(tmp_path, changed, name):
    write_records(tmp_path, [GOOD])
    with (tmp_path / name).open("a") as file:
        file.write(json.dumps(LINE | changed) + "\n")
    records = read_records(tmp_path)
    assert records == [GOOD]
    with journal(tmp_path) as book:
        for record in records:
            book.add(record)
    write_records(tmp_path, records)
    assert read_records(tmp_path) == [GOOD, GOOD]


def test_what_no_run_could_read_again_is_not_written(tmp_path):
    write_records(tmp_path, [GOOD])
    before = (tmp_path / SOURCES).read_bytes()
    odd = Record("a.jpg", "key", "\ud800", reason="no face")
    with pytest.raises(OutputError, match=r"'a.jpg': cannot be noted in sources.jsonl"):
        write_records(tmp_path, [odd])
    with journal(tmp_path) as book, pytest.raises(OutputError, match="cannot be noted"):
        book.add(odd)
    assert (tmp_path / SOURCES).read_bytes() == before
    assert [path.name for path in Path(tmp_path).iterdir() if path.name.startswith(".")] == []
