"""Everything that ptk raises on purpose.

PtkError
├── InputError          a file that somebody gave cannot be used
│   ├── ImageError      a photo or picture
│   │   ├── NoFaceError     a photo in which nobody was found, or nobody in particular
│   │   └── FaceError       a face that an edit would spoil, or whose expression cannot be read
│   ├── LandmarksError  a landmarks JSON
│   ├── WeightsError    a weights file or checkpoint
│   └── DataError       a data set
├── OutputError         a result cannot be written; nothing half written is left behind
├── RecipeError         a recipe has mistakes; `.mistakes` lists every one
├── PluginError         a plug-in part is missing, clashes, or broke its contract
│   └── PartError           a part raised something, or gave what parts of its kind must not
├── MissingExtra        an optional dependency is not installed
└── TrainingError       training cannot go on

A message names the thing, the place and the mend, in one line: ``photo.jpg: no face found (tried mediapipe68);
crop closer or pass `landmarks` ``. Parameters and functions stand in backquotes: the command line spells them as flags
and verbs (`ptk.cli.flags`), prints the message and exits with status 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = [
    "DataError",
    "FaceError",
    "ImageError",
    "InputError",
    "LandmarksError",
    "MissingExtra",
    "NoFaceError",
    "OutputError",
    "PartError",
    "PluginError",
    "PtkError",
    "RecipeError",
    "TrainingError",
    "WeightsError",
]


class PtkError(Exception):
    """Base of all errors that ptk raises on purpose."""


class InputError(PtkError):
    """A file that somebody gave cannot be used."""


class ImageError(InputError):
    """A photo or picture cannot be read."""


class NoFaceError(ImageError):
    """A photo shows no face, or several and nobody said which."""


class FaceError(ImageError):
    """A face is turned too far, stands on its head, or shows what no face does: an edit would spoil it."""


class LandmarksError(InputError):
    """A landmarks JSON is damaged, of another schema, of another photo, or out of a face's order."""


class WeightsError(InputError):
    """A weights file or checkpoint is damaged or of another kind."""


class DataError(InputError):
    """A data set is damaged or does not hold what a recipe asks for."""


class OutputError(PtkError):
    """A result cannot be written (disk full, no permission, no such folder)."""


class RecipeError(PtkError):
    """A recipe has mistakes; the message lists all of them, one a line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class PluginError(PtkError):
    """A plug-in part is missing, clashes with another, or broke its contract."""


class PartError(PluginError):
    """A part raised something, or gave what parts of its kind must not; the message names it and its distribution."""


class TrainingError(PtkError):
    """Training cannot go on: a loss is not finite, or a run cannot be resumed."""


class MissingExtra(PtkError):
    """An optional dependency is not installed; the message holds the exact install command.

    `extra` is the name of one of ptk's extras, `what` is who needs it.
    """

    def __init__(self, extra: str, what: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs packages that are not installed: {install_command(extra)}")


def read_requirements(extra: str = "") -> list[Requirement]:
    """Read what an extra (by default the core) requires on this machine; [] where ptk is not installed."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        every = [Requirement(line) for line in requires("ptk") or []]
    except PackageNotFoundError:
        return []
    # The core's requirements hold with every extra; an extra's own are those that do not hold without it.
    without = [one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})]
    if not extra:
        return without
    return [one for one in every if one not in without and one.marker and one.marker.evaluate({"extra": extra})]


def install_command(extra: str) -> str:
    """Return the pip command that installs what `extra` requires."""
    pins = [f"{one.name}{one.specifier}" for one in read_requirements(extra)]
    return "pip install " + " ".join(pins) if pins else f"pip install 'ptk[{extra}]'"
