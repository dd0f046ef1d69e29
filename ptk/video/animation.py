"""Frames in a row as a file: MP4, GIF, WebP, or a folder of PNG. Whole or not at all, a frame in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import ptk
from ptk.errors import OutputError
from ptk.faces.image_files.metadata import COMPOSITE_WITH_TRAINED_MODEL, xmp_packet
from ptk.files import replacing, replacing_folder
from ptk.video.stream import SAID, import_av, write_film

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.faces.image_files.metadata import EditRecord

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["SUFFIXES", "check_animation", "write_animation"]

SUFFIXES = (".mp4", ".gif", ".webp")
"""What animations are written as, by suffix; a name without one is a folder."""

_WEBP = {"quality": 90, "method": 2}
_SHORTEST = 20  # milliseconds: browsers show frames of a GIF no faster
_COLOURS = 255
_MISSING = 24  # levels by which a colour, such as an open mouth's, is not in a palette


def check_animation(out: Path) -> None:
    """Raise OutputError, before anything is rendered, for a name that says no format, MissingExtra without PyAV."""
    suffix = out.suffix.lower()
    if suffix not in (*SUFFIXES, ""):
        raise OutputError(f"{out}: is no film; name it {', '.join(f'*{one}' for one in SUFFIXES)}, or a new folder")
    if suffix == "" and out.exists():
        raise OutputError(f"{out}: is there already; name a new folder")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"{out}: its folder does not exist; make it first")
    if suffix == ".mp4":
        import_av()


def write_animation(frames: Iterable[Pixels], out: Path, rate: float, record: EditRecord | None = None) -> None:
    """Write sRGB `frames`, all of one size, at `rate` a second; films and GIFs of `SUFFIXES` go round for ever.

    MP4 is H.264 in 4:2:0, as players want it: an odd last row or column is left out. A folder gets 0001.png and so on.
    XMP (in MP4 and GIF a comment) says that a model made the frames, and the `record` how. Raises OutputError for what
    cannot be written, also where there are no frames; what rendering frames raises is passed on, and nothing is left.
    """
    check_animation(out)
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise OutputError(f"{out}: there are no frames to write")
    frames = chain([first], frames)
    packet = xmp_packet(COMPOSITE_WITH_TRAINED_MODEL, f"ptk {ptk.__version__}", record)
    suffix = out.suffix.lower()
    if suffix == "":
        said = PngInfo()
        said.add_itxt("XML:com.adobe.xmp", packet.decode())
        with replacing_folder(out) as folder:
            for number, frame in enumerate(frames, 1):
                Image.fromarray(frame).save(folder / f"{number:04}.png", compress_level=2, pnginfo=said)
        return
    with replacing(out) as temporary:
        if suffix == ".mp4":
            write_film(frames, temporary, rate)
        elif suffix == ".gif":
            duration = max(_SHORTEST, round(1000 / rate / 10) * 10)  # GIFs count hundredths of a second
            _save(_quantise(frames), temporary, "GIF", duration=duration, loop=0, disposal=1, comment=SAID.encode())
        else:
            pictures = map(Image.fromarray, frames)
            _save(pictures, temporary, "WEBP", duration=round(1000 / rate), loop=0, xmp=packet, **_WEBP)


def _save(pictures: Iterator[Image.Image], path: Path, name: str, **options: Any) -> None:
    """Write an animation; Pillow takes pictures as they come."""
    next(pictures).save(path, name, save_all=True, append_images=pictures, **options)


def _quantise(frames: Iterable[Pixels]) -> Iterator[Image.Image]:
    """Bring frames to 255 colours, those of the first one until a frame has others: a palette that changes flickers."""
    palette: Image.Image | None = None
    for frame in frames:
        picture = Image.fromarray(frame)
        small = max(1, picture.width // 8), max(1, picture.height // 8)  # blurred: grain is no colour of its own
        wanted = np.asarray(picture.resize(small, Image.Resampling.BOX), int)
        taken = None if palette is None else picture.quantize(palette=palette)
        if taken is not None:
            seen = np.asarray(taken.convert("RGB").resize(small, Image.Resampling.BOX), int)
        if taken is None or np.abs(seen - wanted).max() > _MISSING:
            palette = taken = picture.quantize(_COLOURS)
        yield taken
