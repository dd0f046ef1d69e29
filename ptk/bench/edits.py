"""Measure the whole command ``ptk edit``, as somebody waits for it: every time in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from ptk.bench.timing import Spread, in_turns
from ptk.errors import PtkError

__all__ = ["time_edits"]

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
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "ptk", "edit", str(photo), *_GOAL, "--device", device]
        command += ["--out", str(Path(folder) / "edited.png")]
        works = {str(one): partial(_run, [*command, "--weights", str(one)]) for one in weights}
        progress("editing, in turns")
        taken = in_turns(works or {"ptk's own": partial(_run, command)}, torch.device("cpu"), patience=patience)
    return {name: Spread.of(each) for name, each in taken.items()}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split()).removeprefix("ptk: ")
        raise PtkError(said[:300] or f"ptk edit ended with status {done.returncode}; try it by itself")
