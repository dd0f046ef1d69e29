"""Two hundred inputs that cannot be used: each is listed with a reason, and everything else is prepared."""

import json
import os
import socket
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.dataset.manifest import read_manifest
from ptk.prepare.prepare import prepare

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])
NAMES = (
    "Ωμέγα",
    "写真",
    "صورة",
    "😀",
    "naïve",
    " leading",
    "trailing ",
    "-dash",
    "a" * 200,
    "per%cent",
    "quo'te\"",
    "a;b",
    "$HOME",
)


def png(width: int, height: int) -> bytes:
    """A PNG file that says it has so many pixels, and has almost none."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def saved(name: str, picture: Image.Image = PORTRAIT, **options: object) -> bytes:
    path = Path(name)
    picture.save(path, **options)
    content = path.read_bytes()
    path.unlink()
    return content


def damaged(folder: Path) -> Iterator[tuple[str | bytes, bytes]]:
    """Names and contents."""
    jpeg, whole_png, webp = (saved(str(folder / f"x{suffix}")) for suffix in (".jpg", ".png", ".webp"))
    for number in range(40):
        yield f"cut{number}_a.jpg", jpeg[: len(jpeg) * (number + 1) // 45]
        yield f"cutpng{number}_a.png", whole_png[: len(whole_png) * (number + 1) // 45]
    for number in range(15):
        yield f"cutwebp{number}_a.webp", webp[: len(webp) * (number + 1) // 20]
        yield f"noise{number}_a.jpg", np.random.default_rng(number).bytes(1 << number)
    for number, suffix in enumerate(("jpg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic", "mp4", "mov", "webm")):
        yield f"zero{number}_a.{suffix}", b""
        yield f"text{number}_a.{suffix}", b"this is no picture at all\n" * 20
    for width, height in (
        (60_000, 60_000),
        (2**31 - 1, 2**31 - 1),
        (1, 1),
        (1, 5000),
        (31, 31),
        (100_001, 1000),
        (0, 0),
    ):
        yield f"size{width}x{height}_a.png", png(width, height)
    for name in NAMES:
        yield f"{name}_a.jpg", jpeg[:1000]
    for suffix in ("txt", "pdf", "zip", "exe", "xmp", "json", "md", "psd", "dng", "svg"):
        yield f"other_a.{suffix}", jpeg
    for number in range(10):
        yield f"sky{number}_a.png", saved(str(folder / "y.png"), Image.new("RGB", (200, 200), (number * 20, 180, 255)))
    for number in range(20):  # bytes lost in the middle
        start = len(whole_png) * (number + 1) // 25
        yield f"hole{number}_a.png", whole_png[:start] + b"\0" * 64 + whole_png[start + 64 :]
    frames = [PORTRAIT.convert("P"), PORTRAIT.rotate(90).convert("P")]
    yield "animated_a.gif", saved(str(folder / "y.gif"), frames[0], save_all=True, append_images=frames[1:])
    yield b"\xff\xfe_a.jpg", jpeg  # whole, but a manifest cannot hold the name
    yield "line\nbreak_a.jpg", jpeg
    yield "bell\x07_a.jpg", jpeg


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, content in damaged(tmp_path):
        path = os.fsencode(folder) + b"/" + (name if isinstance(name, bytes) else name.encode())
        with open(path, "wb") as file:  # noqa: PTH123 (a Path of bytes there is none)
            file.write(content)
    (folder / "loop_a.jpg").symlink_to("loop_b.jpg")
    (folder / "loop_b.jpg").symlink_to("loop_a.jpg")
    (folder / "gone_a.jpg").symlink_to("nowhere.jpg")
    (folder / "ann").mkdir()
    (folder / "ann" / "up").symlink_to(folder)  # a folder in itself
    (folder / "ann" / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe_a.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket_a.jpg"))
    if os.getuid() != 0:  # root reads everything
        PORTRAIT.save(folder / "locked_a.jpg")
        (folder / "locked_a.jpg").chmod(0)
    return folder


def test_everything_is_listed_or_prepared(photos: Path, tmp_path: Path) -> None:
    good = {
        "ann": ["ann/smile.jpg", "ann/neutral.jpg"],
        "写真家": ["写真家_微笑.jpg"],
        "o'hara": ["o'hara_happy face.png"],
    }
    for names in good.values():
        for name in names:
            PORTRAIT.save(photos / name)
    there = [path for path in photos.rglob("*") if not (path.is_dir() and path.name in ("ann", "up"))]
    there = [path for path in there if "up" not in path.relative_to(photos).parts[:-1]]
    prepared = prepare([photos], tmp_path / "set", size=64)
    assert {entry.identity for entry in prepared.entries} == set(good)
    assert len(prepared.entries) == 4
    assert len(read_manifest(tmp_path / "set")) == 4
    for entry in prepared.entries:
        with Image.open(tmp_path / "set" / entry.image) as image:
            image.load()
    assert len(prepared.skipped) >= 200
    listed = {one.path for one in prepared.skipped}
    assert len(listed) == len(prepared.skipped)
    assert len(listed) + 4 == len(there) + 1  # ann/up, too
    for one in prepared.skipped:
        assert one.reason.strip()
        assert one.reason.isprintable(), one
        assert "Error" not in one.reason, one  # every kind of damage has words of its own
    lines = (tmp_path / "set" / "skipped.jsonl").read_text().split("\n")
    assert [json.loads(line)["path"] for line in lines if line] == [one.path for one in prepared.skipped]
