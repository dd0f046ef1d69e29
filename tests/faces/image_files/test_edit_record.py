"""What a result says of how it was made: written into XMP, read back, and not believed where it is odd."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pictures import camera_exif, picture
from ptk.errors import ImageError, OutputError
from ptk.faces.image_files.metadata import COMPOSITE_WITH_TRAINED_MODEL, EditRecord, read_record, xmp_packet
from ptk.faces.images import Photo, copy_photo, read_photo, write_photo

SKETCH = EditRecord("sketch", "learned", moved=True)
PACKET = xmp_packet(COMPOSITE_WITH_TRAINED_MODEL, "ptk 1", SKETCH)
OWN = 'xmlns:ptk="https://ptk.invalid/ns/1.0/"'
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def packet(inside: str, before: str = "") -> bytes:
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" {OWN}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    path = tmp_path / "camera.jpg"
    Image.fromarray(picture()).save(path, exif=camera_exif(6), quality=90)
    return read_photo(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
@pytest.mark.parametrize(
    "record", [SKETCH, EditRecord("photo", "learned", True), EditRecord("my.style-2", "rendered", False)]
)
def test_every_format_keeps_the_record(tmp_path: Path, photo: Photo, suffix: str, record: EditRecord) -> None:
    path = tmp_path / f"result{suffix}"
    write_photo(path, photo.pixels, photo, record=record)
    assert read_photo(path).edit == record
    # and says it of the picture that is made of this one only if it is told to
    write_photo(path, photo.pixels, read_photo(path))
    assert read_photo(path).edit is None
    assert COMPOSITE_WITH_TRAINED_MODEL.encode() in path.read_bytes()


def test_photos_of_others_have_no_record(photo: Photo) -> None:
    assert photo.edit is None


def test_a_record_rewritten_as_elements_is_read() -> None:
    inside = "<ptk:Style>\n sketch</ptk:Style><ptk:StyleMadeBy>rendered</ptk:StyleMadeBy>"
    said = packet(f"{inside}<ptk:ExpressionMoved>False</ptk:ExpressionMoved>") + b" " * 2000 + b"\0"
    assert read_record(said) == EditRecord("sketch", "rendered", False)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "text",
        b"",
        packet("<ptk:Style>sketch</ptk:Style>"),  # nothing said of who made it
        PACKET.replace(b"learned", b"painted"),
        PACKET.replace(b'"True"', b'"perhaps"'),
        PACKET.replace(b"sketch", b"a sketch\xe2\x80\xae"),  # turns the text of a terminal around
        PACKET.replace(b"sketch", b"s" * 65),
        PACKET.replace(b"https://ptk.invalid", b"https://else.invalid"),
        PACKET[:-60],
        PACKET + b" " * (1 << 20) + b"<",
        b'<!DOCTYPE x [<!ENTITY s "sketch">]>' + packet("<ptk:Style>&s;</ptk:Style>"),
        b'<!DOCTYPE x SYSTEM "file:///etc/hostname">' + PACKET[PACKET.index(b"<x:") :],
        packet("<ptk:Style>" * 20_000),
    ],
)
def test_odd_packets_are_no_record(odd: object) -> None:
    assert read_record(odd) is None


def test_entities_are_not_expanded() -> None:
    """A billion laughs would take gigabytes."""
    laughs = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    assert read_record(packet("<ptk:Style>&l9;</ptk:Style>", f"<!DOCTYPE x [{laughs}]>")) is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_packets_are_a_record_or_none(data: st.DataObject) -> None:
    content = bytearray(PACKET[: data.draw(st.integers(0, len(PACKET)))] or b"<")
    for _ in range(data.draw(st.integers(0, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    record = read_record(bytes(content))
    assert record is None or (record.style.isascii() and record.style.isprintable())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_none(content: bytes) -> None:
    assert read_record(content + b"https://ptk.invalid/ns/1.0/") is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), suffix=st.sampled_from([".jpg", ".png", ".webp", ".tiff"]))
def test_a_damaged_packet_does_not_spoil_a_photo(
    tmp_path: Path, photo: Photo, suffix: str, data: st.DataObject
) -> None:
    path = tmp_path / f"result{suffix}"
    write_photo(path, photo.pixels, photo, record=SKETCH)
    content = path.read_bytes()
    start = content.index(b"<x:xmpmeta")
    at = start + data.draw(st.integers(0, len(PACKET) - 100))
    damaged = content[:at] + bytes([data.draw(st.integers(0, 255))]) + content[at + 1 :]
    try:
        read = read_photo(path, damaged)
    except ImageError as error:
        assert suffix == ".png", error  # whose chunks have checksums
    else:
        assert read.pixels.shape == photo.pixels.shape


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG"])
def test_a_photo_that_does_not_change_is_the_same_file(tmp_path: Path, photo: Photo, suffix: str) -> None:
    path = tmp_path / f"copy{suffix}"
    copy_photo(path, photo)
    subprocess.run(["cmp", photo.path, path], check=True)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff"])
def test_in_another_format_its_pixels_are_the_same(tmp_path: Path, photo: Photo, suffix: str) -> None:
    path = tmp_path / f"copy{suffix}"
    copy_photo(path, photo)
    copy = read_photo(path)
    np.testing.assert_array_equal(copy.pixels, photo.pixels)
    assert copy.exif == photo.exif
    assert b"digitalsourcetype" not in path.read_bytes()  # no model made anything of it


def test_a_copy_of_a_sketch_is_a_sketch(tmp_path: Path, photo: Photo) -> None:
    write_photo(tmp_path / "sketch.png", photo.pixels, photo, record=SKETCH)
    for name in ("copy.png", "copy.tiff"):
        copy_photo(tmp_path / name, read_photo(tmp_path / "sketch.png"))
        assert read_photo(tmp_path / name).edit == SKETCH


def test_a_photo_that_changed_meanwhile_is_not_copied(tmp_path: Path, photo: Photo) -> None:
    path = tmp_path / "copy.jpg"
    path.write_bytes(b"the old one")
    photo.path.write_bytes(photo.path.read_bytes() + b"more")
    with pytest.raises(ImageError, match=r"camera\.jpg: has changed since it was read; edit it again"):
        copy_photo(path, photo)
    photo.path.unlink()
    with pytest.raises(ImageError, match=r"camera\.jpg: cannot be read \(no such file or directory\)"):
        copy_photo(path, photo)
    assert [entry.name for entry in tmp_path.iterdir()] == ["copy.jpg"]
    assert path.read_bytes() == b"the old one"


def test_a_copy_needs_a_place(tmp_path: Path, photo: Photo) -> None:
    with pytest.raises(OutputError, match="no such file or directory"):
        copy_photo(tmp_path / "none" / "copy.jpg", photo)
    with pytest.raises(OutputError, match=r"not written as \.gif"):
        copy_photo(tmp_path / "copy.gif", photo)
