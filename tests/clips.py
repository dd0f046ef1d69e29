"""Videos for tests: people of the bundled sample, who change their expression while the camera moves."""

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from ptk.dataset.manifest import SAMPLE

EXPRESSIONS = ("neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")


def encoded(pictures, *, container="mp4", codec="libx264", rate=25, times=None, turned=0, mirrored=False, **options):
    """The bytes of a video of `pictures` (uint8 (H, W, 3) with even sides, or PyAV's frames), at `times` in seconds.

    `turned` (degrees counterclockwise) and `mirrored` are what its display matrix asks players to do. `options` are
    `pixels` (the pixel format), `aspect` (of a pixel), and the codec's own.
    """
    import av

    pixels, aspect = options.pop("pixels", "yuv420p"), options.pop("aspect", None)
    if codec == "libx264":
        options = {"preset": "ultrafast"} | options  # slower ones do not write the same bytes every time
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as video:
        stream = video.add_stream(codec, rate=rate, options=options)
        frames = [one if isinstance(one, av.VideoFrame) else av.VideoFrame.from_ndarray(one) for one in pictures]
        stream.height, stream.width = frames[0].height, frames[0].width
        stream.pix_fmt = pixels
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if turned or mirrored:
            stream.set_display_rotation(turned, hflip=mirrored)
        for number, frame in enumerate(frames):
            frame.pts = number if times is None else round(times[number] * 1000)
            frame.time_base = Fraction(1, 1000) if times is not None else Fraction(1, rate)
            video.mux(stream.encode(frame))
        video.mux(stream.encode())
    return buffer.getvalue()


def acted(identity, script, *, hold=6, blend=4, side=288):
    """Pictures of one person who plays `script`, expression after expression, and the name of what each shows.

    Each is held for `hold` frames and fades into the next for `blend` of them, which are named "". An expression
    written with a "~" before it is out of focus. Meanwhile the camera drifts and rolls.
    """
    parts = [_portrait(identity, word) for word in script]
    shown = []
    for word, part, following in zip(script, parts, [*parts[1:], None], strict=True):
        shown += [(part, word)] * hold
        if following is not None:
            shown += [(Image.blend(part, following, (step + 1) / (blend + 1)), "") for step in range(blend)]
    return [_moved(part, number, side) for number, (part, _) in enumerate(shown)], [word for _, word in shown]


def write_clips(folder: Path) -> Path:
    """The clips that docs/videos.md begins with, in `folder`: one person's as a file, another's in a folder."""
    (folder / "bob").mkdir(parents=True)
    for path, identity in (("anna.mp4", "p00"), ("bob/talk.mp4", "p01")):
        pictures, _ = acted(identity, ("neutral", "happiness", "surprise"), hold=3, blend=1)
        (folder / path).write_bytes(encoded(pictures))
    return folder


def _portrait(identity: str, word: str) -> Image.Image:
    portrait = Image.open(SAMPLE / "images" / f"{identity}_{word.removeprefix('~')}.jpg").convert("RGB")
    return portrait.filter(ImageFilter.GaussianBlur(2)) if word.startswith("~") else portrait


def _moved(portrait: Image.Image, number: int, side: int) -> np.ndarray:
    backdrop = Image.new("RGB", (side, side), (128, 128, 128))
    x, y = (round((side - 256) / 2 * (1 + np.sin(number / pace))) for pace in (13, 7))
    backdrop.paste(portrait, (x, y))
    return np.array(backdrop.rotate(6 * np.sin(number / 11), Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)))
