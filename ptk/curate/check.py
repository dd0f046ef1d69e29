"""Is a data set what its manifest says? All that is wrong with it, each with its place and mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ptk.curate.errors import Problem, find_problems
from ptk.curate.inspect_files import Contents, inspect_folder
from ptk.curate.warnings import find_warnings
from ptk.dataset.manifest import MANIFEST, PHOTO
from ptk.dataset.renderings import Progress

__all__ = ["Report", "check", "escape_unprintable", "judge"]


@dataclass(frozen=True)
class Report:
    """What a check found. `remarks` are no problems, but worth a look."""

    contents: Contents
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def sentence(self, one: Problem) -> str:
        """A problem or remark in one line: place, kind, what, mend. Unprintable signs of names are escaped."""
        path = self.contents.folder / MANIFEST
        place = f"{path}:{one.line}" if one.line else str(self.contents.folder)
        said = f"{one.image}: {one.what}" if one.image else one.what
        return escape_unprintable(f"{place}: {one.kind}: {said}; {one.mend}")

    def summary(self) -> str:
        """What was looked at, and how much of it is wrong, in one line."""
        entries = self.contents.entries.values()
        photos = len({entry.photo for entry in entries if entry.domain == PHOTO})
        people = len({entry.identity for entry in entries})
        shown = f" of {photos} photos of {people} people" if self.contents.description.faces else " without faces"
        found = ", ".join(
            f"{len(those)} {word}{'s' * (len(those) != 1)}"
            for those, word in ((self.problems, "problem"), (self.remarks, "remark"))
            if those
        )
        said = f"{len(self.contents.looks)} images{shown}: {found or 'nothing is wrong'}"
        return escape_unprintable(f"{self.contents.folder}: {said}")

    def as_json(self) -> dict[str, Any]:
        """The same for machines: plain data."""
        entries = self.contents.entries.values()
        return {
            "folder": str(self.contents.folder),
            "clean": self.clean,
            "images": len(self.contents.looks),
            "photos": len({entry.photo for entry in entries if entry.domain == PHOTO}),
            "people": len({entry.identity for entry in entries}),
            "faces": self.contents.description.faces,
            "detector": self.contents.detector.name,
            "problems": _plain(self.problems),
            "remarks": _plain(self.remarks),
        }


def check(folder: Path, *, detector: str | None = None, progress: Progress = lambda *_: None) -> Report:
    """Look at every line of the manifest in `folder` and at every file, and report all problems.

    `detector` is that of `ptk.curate.inspect_files.inspect_folder`. Raises DataError when there is no data set, or its
    dataset.json is damaged; whatever is wrong with lines and images is reported.
    """
    return judge(inspect_folder(folder, detector, progress))


def judge(contents: Contents) -> Report:
    """The report on what was looked at."""
    problems = sorted(find_problems(contents), key=lambda problem: problem.line)
    return Report(contents, tuple(problems), tuple(find_warnings(contents)))


def _plain(those: Iterable[Problem]) -> list[dict[str, Any]]:
    return [asdict(one) for one in those]


def escape_unprintable(text: str) -> str:
    """`text` on one line, without signs that would steer a terminal."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
