"""Files that are no photo, or none that can be used, are refused in one line."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pictures import camera_exif, picture
from ptk.errors import ImageError
from ptk.faces.images import read_photo


def refused(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        read_photo(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_missing_folder_and_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    assert refused(tmp_path / "none.jpg") == "no such file"
    assert refused(tmp_path) == "is a folder; give a photo"
    assert refused(tmp_path / "empty.jpg") == "is empty; copy it again"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a regular file" in refused(tmp_path / "pipe.jpg")


def test_text_named_jpg(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("Dear diary, today I bought a camera.\n" * 50)
    assert refused(tmp_path / "notes.jpg").startswith("is not an image that ptk reads")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_cut_short(tmp_path: Path, suffix: str, part: float) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / f"whole{suffix}")
    content = (tmp_path / f"whole{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(content[: int(len(content) * part)])
    assert "cut short" in refused(path)


def test_too_small(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert refused(tmp_path / "dot.png") == "1 x 1 pixels are too small; 32 a side are the least"


@pytest.mark.parametrize("side", [20_000, 12_000])
def test_too_large_is_refused_by_the_header(tmp_path: Path, side: int) -> None:
    """12,000 is under Pillow's own limit and over ours; neither file holds any pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    data = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + data)
    assert refused(tmp_path / "huge.png") == "has more than 100 megapixels; scale it down first"


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tiff"])
def test_several_frames_or_pages(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(np.roll(picture(), shift, axis=1)) for shift in (0, 10, 20)]
    frames[0].save(tmp_path / f"film{suffix}", save_all=True, append_images=frames[1:])
    assert refused(tmp_path / f"film{suffix}").startswith("holds 3 frames or pages; export the one you want")


def test_a_gif_of_one_frame_is_a_photo(tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / "still.gif")
    assert read_photo(tmp_path / "still.gif").pixels.shape == (40, 60, 3)


def test_heic_is_named(tmp_path: Path) -> None:
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    assert refused(tmp_path / "phone.heic") == "HEIC is not supported; export it as JPEG or PNG"


def test_float_pixels_have_no_agreed_white(tmp_path: Path) -> None:
    Image.fromarray(np.ones((40, 40), np.float32)).save(tmp_path / "float.tiff")
    said = "has 32-bit floating-point samples; save it with 8 or 16 bits a channel"
    assert refused(tmp_path / "float.tiff") == said


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".gif", ".bmp"])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused_in_one_line(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    formats = {".jpg": "JPEG", ".tiff": "TIFF"}
    name = formats.get(suffix, suffix[1:].upper())
    Image.fromarray(picture()).save(buffer, format=name, exif=camera_exif(6))
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(content)
    try:
        photo = read_photo(path)
    except ImageError as error:
        assert "\n" not in str(error)
    else:
        assert photo.pixels.dtype == np.uint8
        assert photo.pixels.shape == (photo.height, photo.width, 3)
