"""What travels between `prepare` and its workers."""

from __future__ import annotations

from dataclasses import dataclass, field

from ptk.recipe.one_part import DomainUse
from ptk.types import MediaFile

__all__ = ["Face", "Outcome", "Settings", "Task"]


@dataclass(frozen=True)
class Settings:
    """What is the same for all photos: `size` of the crops and `margin` around them (see `ptk.dataset.manifest`).

    Without `faces` no detector looks: whole pictures are cut square.
    """

    size: int
    margin: float
    detector: str
    frames: int
    styles: tuple[DomainUse, ...]
    device: str
    faces: bool = True


@dataclass(frozen=True)
class Face:
    """A face that was cut out, in pixels of the stored image: `images` are JPEG files by domain.

    Of a whole picture there are no `points`.

    `side` is that of the crop in pixels of the original photo: less than the crop's size means it was enlarged.
    """

    photo: str
    points: tuple[tuple[float, float], ...]
    side: float
    images: dict[str, bytes]


@dataclass(frozen=True)
class Task:
    """One file to work on. `content` is given where the worker may not see the file.

    `cut` holds the faces with their photo image where only the styles named in `missing` are to be made.
    """

    number: int
    media: MediaFile
    content: bytes | None = None
    cut: tuple[Face, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a task: faces, or the `reason` why there are none.

    `note` says more of faces that were chosen. `fatal` is an error that every other task would meet, too. `passing`:
    it may go better another time. `seconds` says where the time went.
    """

    number: int
    faces: tuple[Face, ...] = ()
    reason: str = ""
    note: str = ""
    fatal: str = ""
    passing: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
