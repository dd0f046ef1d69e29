from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ptk.types import MediaFile, Skipped


@pytest.fixture
def touch(tmp_path: Path) -> Callable[[Iterable[str]], Path]:
    """Makes empty files, by their paths in a new folder, and returns the folder."""

    def make(names: Iterable[str]) -> Path:
        made: set[Path] = set()
        for name in names:
            path = tmp_path / "set" / name
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            path.touch()
        return tmp_path / "set"

    return make


@pytest.fixture
def media() -> Callable[[list[MediaFile | Skipped]], dict[str, tuple[str, str]]]:
    """Photo -> identity and expression, of what was found."""
    return lambda found: {one.photo: (one.identity, one.expression) for one in found if isinstance(one, MediaFile)}


@pytest.fixture
def left_out() -> Callable[[list[MediaFile | Skipped]], dict[str, str]]:
    """Path -> reason, of what was skipped."""
    return lambda found: {one.path: one.reason for one in found if isinstance(one, Skipped)}
