"""Measure edits: the whole command as somebody waits for it, and an edit with everything loaded."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

import torch

from ptk.errors import PtkError
from ptk.safe_path import leave_out_current_folder
from ptk.timing import Spread, in_turns

__all__ = ["time_edits", "time_warm_edits"]

_GOAL = ("--expression", "smile=0.7")


def time_edits(
    photo: Path,
    weights: Sequence[Path],
    device: str,
    *,
    patience: float = 60.0,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Spread]:
    """Seconds of `ptk edit PHOTO --expression smile=0.7 --device DEVICE`, start of Python included, by weights.

    With none, those that come with ptk. They take turns for about `patience` seconds, or three rounds where those take
    longer. What is written is not kept. Raises PtkError, with its own last words, when the command fails.
    """
    leave_out_current_folder()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "ptk", "edit", str(photo), *_GOAL, "--device", device]
        command += ["--out", str(Path(folder) / "edited.png")]
        works = {str(one): partial(_run, [*command, "--weights", str(one)]) for one in weights}
        progress("editing, in turns")
        taken = in_turns(works or {"ptk's own": partial(_run, command)}, torch.device("cpu"), patience=patience)
    return {name: Spread.of(each) for name, each in taken.items()}


def time_warm_edits(
    photo: Path,
    weights: Path,
    device: str,
    *,
    patience: float = 20.0,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Spread]:
    """Seconds of each step of editing `photo` again, in one process that has read it and loaded all.

    "faces" is finding them, "edit" is smile=0.7 of the largest, from its landmarks to the photo's pixels, with the
    network; "sketch" the same photo in that style. Raises NoFaceError.
    """
    from ptk.detectors.mediapipe68 import MediaPipe68
    from ptk.editing.loading import load_translator
    from ptk.editing.session import Session
    from ptk.editing.styles import choose_renderer
    from ptk.faces.expressions import vocabulary
    from ptk.faces.images import read_photo

    detector, opened = MediaPipe68(), read_photo(photo)
    session = Session(opened, load_translator(weights, device), detector, detector.name, face="largest")
    source = session.faces[0].points
    # Two goals in turn: the last photo is remembered, and what is remembered is not measured.
    goals = cycle(vocabulary().moved(source, {"smile": strength}) for strength in (0.7, 0.6))
    sketch = choose_renderer("sketch")
    works: dict[str, Callable[[], object]] = {
        "faces": lambda: detector.detect(opened.pixels),
        "edit": lambda: session.render(next(goals), preview=False),
        "sketch": lambda: sketch.paint(opened.pixels, [source]),
    }
    progress("editing again and again")
    taken = in_turns(works, torch.device("cpu"), patience=patience)
    return {name: Spread.of(each) for name, each in taken.items()}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split()).removeprefix("ptk: ")
        raise PtkError(said[:300] or f"`edit` ended with status {done.returncode}; try it by itself")
