"""Films with sound: pieces of H.264 that are written one by one, joined, and given the sound of another film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ptk
from ptk.errors import MissingExtra
from ptk.faces.image_files.metadata import COMPOSITE_WITH_TRAINED_MODEL
from ptk.files import replacing
from ptk.prepare.video import FORMATS

if TYPE_CHECKING:
    from jaxtyping import UInt8

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["SAID", "import_av", "join_pieces", "write_film", "write_piece"]

SAID = f"made by a model: ptk {ptk.__version__}, {COMPOSITE_WITH_TRAINED_MODEL}"
"""What films say of themselves."""

_SOUNDS = ("aac", "mp3", "ac3", "eac3", "alac", "flac", "opus")
"""How sound is coded that players find in MP4."""

_CLOCK = Fraction(1, 90_000)
_QUALITY = "16"  # libx264's constant rate factor: nothing is seen of the coding


def import_av() -> Any:
    """Import PyAV. Raises MissingExtra."""
    try:
        import av
    except ImportError as error:
        raise MissingExtra("video", "reading and writing videos") from error
    return av


def write_film(frames: Iterable[Pixels], path: Path, rate: float) -> None:
    """Write sRGB `frames` at `rate` a second as H.264 to the MP4 file `path`, without sound."""
    timed = ((number / rate, frame) for number, frame in enumerate(frames))
    _encode(timed, path, "mp4", rate)


def write_piece(frames: Iterable[tuple[float, Pixels]], path: Path, rate: float) -> None:
    """Write frames, each with its time in seconds, as a piece of a film to be joined: whole or not at all.

    `rate` is about how many there are a second: times may be uneven.
    """
    with replacing(path) as temporary:
        _encode(frames, temporary, "nut", rate)


def _encode(frames: Iterable[tuple[float, Pixels]], path: Path, form: str, rate: float) -> None:
    """Encode 4:2:0, as players want it: an odd last row or column is left out."""
    av = import_av()
    options = {"movflags": "+faststart+use_metadata_tags"} if form == "mp4" else {}
    with av.open(str(path), "w", format=form, options=options) as film:
        film.metadata["comment"] = SAID
        # without B frames pieces have the same clock from one to the next
        stream = film.add_stream(
            "libx264", Fraction(rate).limit_denominator(1001), options={"crf": _QUALITY, "bf": "0"}
        )
        stream.pix_fmt, stream.time_base, stream.codec_context.time_base = "yuv420p", _CLOCK, _CLOCK
        context = stream.codec_context
        context.color_range, context.colorspace = 1, 1  # narrow range, BT.709, as ITU-T H.273 numbers them
        context.color_primaries, context.color_trc = 1, 1
        height = width = 0
        for time, frame in frames:
            if not height:
                height, width = (side - side % 2 for side in frame.shape[:2])
                stream.width, stream.height = width, height
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
            shown = shown.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
            shown.pts, shown.time_base = round(time / _CLOCK), _CLOCK
            film.mux(stream.encode(shown))
        film.mux(stream.encode(None))


def join_pieces(pieces: Sequence[Path], sound: Path, path: Path) -> None:
    """Join the `pieces` of a film, in their order, with all sound of the film `sound`, to the MP4 file `path`.

    Sound is copied as it is, and coded anew (AAC) where MP4 has no place for it.
    """
    av = import_av()
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart+use_metadata_tags"}) as film:
        film.metadata["comment"] = SAID
        only = {"format_whitelist": FORMATS}
        with av.open(str(sound), container_options=only, metadata_errors="replace") as heard:
            with av.open(str(pieces[0])) as first:
                shown = film.add_stream_from_template(first.streams.video[0])
            sounds = _copy_sound(film, heard)
            waiting = next(sounds, None)
            for piece in pieces:
                with av.open(str(piece)) as opened:
                    for packet in opened.demux(opened.streams.video[0]):
                        if packet.pts is None:
                            continue
                        now = float(packet.pts * packet.time_base)
                        while waiting is not None and waiting[0] <= now:
                            film.mux(waiting[1])
                            waiting = next(sounds, None)
                        packet.stream = shown
                        film.mux(packet)
            while waiting is not None:
                film.mux(waiting[1])
                waiting = next(sounds, None)


def _copy_sound(film: Any, heard: Any) -> Iterator[tuple[float, Any]]:
    """Open a stream in `film` for each of the sounds `heard`; returns their packets, each with its time, in order."""
    streams: dict[int, tuple[Any, Any]] = {}
    for stream in heard.streams.audio:
        if stream.codec_context is not None and stream.codec_context.codec.canonical_name in _SOUNDS:
            streams[stream.index] = film.add_stream_from_template(stream), None
        elif stream.codec_context is not None:
            made = film.add_stream("aac", stream.codec_context.sample_rate)
            streams[stream.index] = made, made.codec_context

    def packets() -> Iterator[tuple[float, Any]]:
        if not streams:  # without any named, all would be read
            return
        av = import_av()
        try:
            for packet in heard.demux([heard.streams[index] for index in streams]):
                if packet.pts is None and packet.size:
                    continue
                stream, encoder = streams[packet.stream.index]
                if encoder is not None:
                    for frame in packet.decode():
                        yield from ((float(one.pts * one.time_base), one) for one in stream.encode(frame))
                elif packet.size:
                    time = float(packet.pts * packet.time_base)
                    packet.stream = stream
                    yield time, packet
        except av.FFmpegError:  # where the sound is cut short or damaged it ends
            pass
        for stream, encoder in streams.values():
            if encoder is not None:
                yield from ((float(one.pts * one.time_base), one) for one in stream.encode(None))

    return packets()
