"""Measure films that `ptk edit` makes: how much they flicker, how fast they are made, and how much memory that takes.

Run it as ``python docs/measure_films.py PHOTO`` with the extras video and mediapipe; ``--minutes 10`` measures a long
film instead. Flicker is the standard deviation over time, in the face, of the result over that of the source: of
landmarks found again, and of pixels, where the known motion of the camera is undone. The films are a photo that stands
still under a sensor's noise, and one that drifts, rolls and grows.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ptk.editing.editor import Editor
from ptk.editing.opening import open_editor
from ptk.faces.crop import Crop
from ptk.prepare.video import Video
from ptk.video.edit_video import edit_video
from ptk.video.stream import write_film

SIDE, FRAMES, RATE, NOISE = 512, 60, 25.0, 4.0


def move_camera(number: int, *, still: bool) -> np.ndarray:
    """The map (2, 3) from the photo to a frame."""
    if still:
        return np.array([[1.0, 0, 0], [0, 1.0, 0]])
    turn, grow = 5 * np.sin(number / 17), 1 + 0.06 * np.sin(number / 23)
    camera = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), turn, grow)
    camera[:, 2] += (12 * np.sin(number / 11), 8 * np.sin(number / 7))
    return np.asarray(camera)


def make_frames(photo: np.ndarray, count: int, *, still: bool) -> Iterator[np.ndarray]:
    """Frames of the photo with a sensor's noise."""
    dice = np.random.default_rng(1)
    for number in range(count):
        camera = move_camera(number, still=still)
        shown = cv2.warpAffine(photo, camera, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        yield (shown + dice.normal(0, NOISE, shown.shape)).clip(0, 255).astype(np.uint8)


def measure_spread(path: Path, editor: Editor, *, still: bool) -> tuple[float, float]:
    """How far landmarks (pixels) and pixels of the face (levels) of a film are spread over time."""
    video, points, faces = Video(path), [], []
    for frame in video.frames(range(len(video))):
        camera = move_camera(frame.number, still=still)
        back = cv2.invertAffineTransform(camera)
        found = editor.detector.detect(frame.pixels)[0].points
        points.append(found @ back[:, :2].T + back[:, 2])
        faces.append(cv2.warpAffine(frame.pixels, back, (SIDE, SIDE), flags=cv2.INTER_LINEAR))
    at = np.array(points)
    region = Crop.around(at.mean(axis=0).astype(np.float32))
    cut = np.array([region.cut(face, 192) for face in faces], dtype=np.float32)
    return float(np.linalg.norm(at.std(axis=0), axis=1).mean()), float(cut.std(axis=0).mean())


def measure_flicker(photo: np.ndarray, folder: Path, words: dict[str, float]) -> None:
    """Print the flicker of both films, with and without smoothing."""
    editor = open_editor(strengths=words, moving=["expression"])
    print("film | smoothed | landmarks, result / source | pixels, result / source | frames/s")
    for name, still in (("still, noise", True), ("moving", False)):
        source = folder / f"{name.split(',')[0]}.mp4"
        write_film(make_frames(photo, FRAMES, still=still), source, RATE)
        before = measure_spread(source, editor, still=still)
        for smooth in (True, False):
            out = folder / f"{source.stem}-{smooth}.mp4"
            begun = time.monotonic()
            edit_video(editor, source, out, {}, smooth=smooth)
            rate = FRAMES / (time.monotonic() - begun)
            after = measure_spread(out, editor, still=still)
            shares = [f"{a:.3f} / {b:.3f} = {a / b:.2f}" for a, b in zip(after, before, strict=True)]
            print(f"{name} | {'yes' if smooth else 'no'} | {shares[0]} | {shares[1]} | {rate:.1f}", flush=True)


def measure_length(photo: np.ndarray, folder: Path, minutes: float, rate: float) -> None:
    """Print the memory while a long film is made, every minute."""
    count = round(minutes * 60 * rate)
    source = folder / "long.mp4"
    write_film(make_frames(photo, count, still=False), source, rate)
    editor, done = open_editor(strengths={"smile": 0.7}, moving=["expression"]), [("", 0, 0)]
    begun = time.monotonic()

    def watch() -> None:
        while not stop.wait(60):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            memory = pages * resource.getpagesize() / 2**20
            print(f"{time.monotonic() - begun:.0f} s: {done[-1]}, {memory:.0f} MiB", flush=True)

    stop = threading.Event()
    threading.Thread(target=watch, daemon=True).start()
    edit_video(editor, source, folder / "out.mp4", {}, lambda *each: done.append(each))
    stop.set()
    made = time.monotonic() - begun
    lengths = [Video(path).times[-1] for path in (source, folder / "out.mp4")]
    print(
        f"{count} frames in {made:.0f} s, {count / made:.1f} a second; {lengths[0]:.2f} s and {lengths[1]:.2f} s long"
    )


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--rate", type=float, default=RATE)
    given = parser.parse_args()
    photo = np.asarray(Image.open(given.photo).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    with tempfile.TemporaryDirectory() as folder:
        if given.minutes:
            measure_length(photo, Path(folder), given.minutes, given.rate)
        else:
            measure_flicker(photo, Path(folder), {"smile": 0.7})


if __name__ == "__main__":
    main()
