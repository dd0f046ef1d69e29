"""Videos, a frame at a time: upright, with square pixels, in sRGB. Read by PyAV (FFmpeg's libraries)."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ptk.errors import ImageError, MissingExtra

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64, Int64, UInt8

__all__ = ["FORMATS", "MAX_FRAMES", "MAX_PIXELS", "Frame", "Video"]

MAX_PIXELS = 40_000_000
"""Videos with larger frames are refused by their header: decoders keep up to sixteen of them. 8K has 33 million."""

MAX_FRAMES = 250_000
"""How many frames of a video are known of, over two hours at 30 a second; what comes after them is not read."""

FORMATS = "3gp,asf,avi,dv,flv,gif,m4a,mov,mp4,matroska,mpeg,mpegts,mxf,ogg,webm"
"""What FFmpeg may take content for: no playlists, which would open other files, no pictures and no text."""

_NO_VIDEO = "cannot be read as a video (damaged, cut short, or not MP4, MOV, MKV, WebM, AVI, MPEG, WMV, FLV or OGG)"
_READ_AT_ONCE = 1 << 18
_WIDEST_PIXEL = 4
_HDR = (16, 18)  # transfer by SMPTE ST 2084 (PQ) and by ARIB STD-B67 (HLG), as ITU-T H.273 numbers them
_UNSPECIFIED, _HD_LINES = 2, 720
_Turn = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a video: its `number`, counted from 0 as shown, its `time` in seconds from the first, its pixels."""

    number: int
    time: float
    pixels: UInt8[np.ndarray, "height width 3"]


class Video:
    """The video at `path`, or in `content` when that is given; `path` is then only its name in messages.

    On opening only the packets' timestamps are read: `times` are the seconds at which frames are shown, from the first
    one's, which is shown at `start`, by the clock that sound has, too; `keys` tells which frames can be decoded without
    any other. `frames` decodes. At no time is more held than one frame and what the decoder keeps.

    Raises ImageError, in one line, for what is no video, holds only sound or a single picture, is damaged from the
    start, or has frames of more than MAX_PIXELS; a video that was cut short has the frames before the cut. Raises
    MissingExtra without PyAV.
    """

    times: Float64[np.ndarray, " frames"]
    keys: Bool[np.ndarray, " frames"]

    def __init__(self, path: str | Path, content: bytes | None = None) -> None:
        self._path, self._content = Path(path), content
        stamps, keys = self._index()
        # Damaged files have packets of one and the same time, of which decoders give one frame.
        self._stamps, self._order = np.unique(stamps, return_index=True)
        self.keys = keys[self._order]
        if len(self._stamps) == 1:
            raise ImageError(f"{self._path}: holds a single picture, no video; save it as JPEG or PNG")
        with self._opened() as (_, stream):
            seconds = float(stream.time_base or Fraction(1, 1000))
        self.start = float(self._stamps[0]) * seconds
        self.times = (self._stamps - self._stamps[0]) * seconds

    def __len__(self) -> int:
        return len(self.times)

    @property
    def path(self) -> Path:
        """Its file, or what messages call it."""
        return self._path

    def frames(self, numbers: Collection[int], *, draft: bool = False) -> Iterator[Frame]:
        """The frames with these `numbers` as they are shown, without those that are damaged.

        Colours are sRGB; those of an HDR video (PQ, HLG) are mapped into it, which takes seconds a frame. A `draft` is
        quicker: its HDR stays flat and dull, and chroma is interpolated roughly. Landmarks are found as well in it.
        """
        spans, wanted = self._spans(numbers)
        with self._opened() as (container, stream):
            turn = None
            for stamp, frame in _decoded(container, stream, spans, wanted):
                try:
                    turn = _display_matrix(frame) if turn is None else turn
                    pixels = _pixels(frame, stream.sample_aspect_ratio, turn, draft=draft)
                except (_av().FFmpegError, MemoryError) as error:
                    raise self._unreadable(error) from error
                if pixels is not None:
                    number = self._number[stamp]
                    yield Frame(number=number, time=float(self.times[number]), pixels=pixels)

    @cached_property
    def _number(self) -> dict[int, int]:
        return {int(stamp): number for number, stamp in enumerate(self._stamps)}

    def _spans(self, numbers: Collection[int]) -> tuple[dict[int, int], set[int]]:
        """Which packets must be decoded, first -> last as they lie in the file, to see the stamps that are returned."""
        chosen = np.unique(np.asarray(list(numbers), dtype=np.int64))
        keys = np.flatnonzero(self.keys)
        spans: dict[int, int] = {}
        for number in chosen:
            before = keys[keys <= number]
            first = int(self._order[before[-1]]) if len(before) else 0
            last = int(self._order[number])
            if first > last:  # not so in a well-formed file: decode from its start
                first = 0
            spans[first] = max(spans.get(first, 0), last)
        return spans, {int(stamp) for stamp in self._stamps[chosen]}

    def _index(self) -> tuple[Int64[np.ndarray, " packets"], Bool[np.ndarray, " packets"]]:
        """The packets' timestamps and whether they are keyframes, as they lie in the file."""
        stamps: list[int] = []
        keys: list[bool] = []
        with self._opened() as (container, stream):
            for stamp, packet in _packets(container, stream):
                stamps.append(stamp)
                keys.append(packet.is_keyframe)
        if not stamps:
            raise ImageError(f"{self._path}: holds no frames (damaged or cut short); copy it again")
        return np.array(stamps, dtype=np.int64), np.array(keys, dtype=bool)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        av = _av()
        with self._bytes() as source:
            try:
                container = av.open(
                    source,
                    "r",
                    buffer_size=_READ_AT_ONCE,
                    container_options={"format_whitelist": FORMATS},
                    metadata_errors="replace",  # a title in Latin-1
                )
            except (av.ArgumentError, av.InvalidDataError) as error:
                raise ImageError(f"{self._path}: {_NO_VIDEO}; convert it to MP4") from error
            except (av.FFmpegError, OSError, MemoryError) as error:
                raise self._unreadable(error) from error
            with container:
                yield container, self._stream(container)

    @contextmanager
    def _bytes(self) -> Iterator[BinaryIO]:
        try:
            if self._content is None and self._path.exists() and not self._path.is_file():
                raise ImageError(f"{self._path}: is not a regular file; give a video")
            source = self._path.open("rb") if self._content is None else io.BytesIO(self._content)
        except FileNotFoundError as error:
            raise ImageError(f"{self._path}: no such file") from error
        except (OSError, ValueError) as error:  # ValueError: a null byte in the name
            reason = getattr(error, "strerror", None) or str(error)
            raise ImageError(f"{self._path}: cannot be read ({reason.lower()})") from error
        with source:
            if not source.read(1):
                raise ImageError(f"{self._path}: is empty; copy it again")
            source.seek(0)
            yield source

    def _stream(self, container: Any) -> Any:
        """The stream of moving pictures, ready to be decoded. A song's cover is none."""
        moving = [one for one in container.streams.video if not one.disposition & one.disposition.attached_pic]
        if not moving:
            raise ImageError(f"{self._path}: holds no pictures, only sound or data; give a video")
        known = [one for one in moving if one.codec_context is not None and one.width * one.height > 0]
        if not known:
            raise ImageError(f"{self._path}: is damaged, or coded in an unknown way; convert it to MP4")
        stream = max(known, key=lambda one: one.width * one.height)
        if stream.width * stream.height > MAX_PIXELS:
            size = f"{stream.width} x {stream.height} pixels"
            raise ImageError(f"{self._path}: frames of {size} are too large; scale the video down first")
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        stream.codec_context.thread_count = 1  # worker processes take a core each
        return stream

    def _unreadable(self, error: BaseException) -> ImageError:
        reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
        return ImageError(f"{self._path}: cannot be read as a video ({reason}); convert it to MP4")


def _av() -> Any:
    try:
        import av
    except ImportError as error:
        raise MissingExtra("video", "reading videos") from error
    return av


def _packets(container: Any, stream: Any) -> Iterator[tuple[int, Any]]:
    """The packets that will be shown, each with its timestamp, up to where the file ends or is damaged for good."""
    count = 0
    try:
        for packet in container.demux(stream):
            stamp = packet.dts if packet.pts is None else packet.pts
            if packet.size == 0 or stamp is None or packet.is_discard:
                continue
            yield stamp, packet
            count += 1
            if count == MAX_FRAMES:
                return
    except (_av().FFmpegError, OSError, IndexError):  # IndexError: PyAV's, at packets of a stream begun since
        return


def _decoded(container: Any, stream: Any, spans: dict[int, int], wanted: set[int]) -> Iterator[tuple[int, Any]]:
    """The undamaged frames with the stamps `wanted`, each once."""
    left = set(wanted)
    last = -1
    for position, (_, packet) in enumerate(_packets(container, stream)):
        last = max(last, spans.get(position, -1))
        if position <= last:
            yield from _taken(stream, packet, left)
        if position == last:
            yield from _taken(stream, None, left)
            stream.codec_context.flush_buffers()
            if not left or position >= max(spans.values()):
                return
    yield from _taken(stream, None, left)  # where a cut file ends


def _taken(stream: Any, packet: Any | None, left: set[int]) -> Iterator[tuple[int, Any]]:
    try:
        for frame in stream.decode(packet):
            if frame.pts in left and not frame.is_corrupt:
                left.discard(frame.pts)
                yield frame.pts, frame
    except _av().FFmpegError:  # a damaged packet; the next keyframe mends it
        return


def _pixels(frame: Any, aspect: Fraction | None, turn: _Turn, *, draft: bool) -> np.ndarray | None:
    """The frame as people see it (H, W, 3), or None when it is larger than it may be."""
    from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc, Interpolation

    width, height = frame.width, frame.height
    if aspect and 1 / _WIDEST_PIXEL <= aspect <= _WIDEST_PIXEL:  # wider than any real pixel: taken for square
        # to square pixels: stretched, never shrunk
        width, height = (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
    if width * height > MAX_PIXELS:
        return None
    options: dict[str, Any] = {"interpolation": Interpolation.BICUBIC | Interpolation.BITEXACT}
    if not draft:
        options["interpolation"] |= Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
        if frame.color_trc in _HDR:
            options |= {"dst_color_trc": ColorTrc.IEC61966_2_1, "dst_color_primaries": ColorPrimaries.BT709}
    if frame.colorspace == _UNSPECIFIED and frame.height >= _HD_LINES:
        options["src_colorspace"] = Colorspace.ITU709  # as players take it
    shown = frame.reformat(width, height, format="rgb24", threads=1, **options)
    return _upright(shown.to_ndarray(), turn)


def _display_matrix(frame: Any) -> _Turn:
    """How phones ask for the frame to be turned and mirrored: (a, b, c, d) of x' = a x + c y, y' = b x + d y."""
    from av.sidedata.sidedata import Type

    # PyAV 18.1 never frees a frame whose side data was looked at: look at that of a tiny copy
    for data in frame.reformat(16, 16, format="rgb24", threads=1).side_data:
        if data.type == Type.DISPLAYMATRIX:
            a, b, _, c, d = np.frombuffer(data, dtype=np.int32)[:5]
            return int(a), int(b), int(c), int(d)
    return 1, 0, 0, 1


def _upright(pixels: np.ndarray, turn: _Turn) -> np.ndarray:
    a, b, c, d = turn
    if abs(b) > abs(a):
        pixels, a, d = pixels.swapaxes(0, 1), c, b
    return np.ascontiguousarray(pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
