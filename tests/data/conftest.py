"""A data set that ptk prepared, whole, and copies of it to spoil."""

import shutil
from pathlib import Path

import pytest

from ptk.data.manifest import SAMPLE, Entry, read_manifest, write_manifest
from ptk.data.prepare import parse_styles, prepare
from small_sets import make_set


@pytest.fixture(scope="session")
def prepared_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people of the bundled sample, neutral and happy, as photo and sketch: 24 images, two people to test with."""
    folder = tmp_path_factory.mktemp("prepared")
    entries = read_manifest(SAMPLE)
    people = sorted({entry.identity for entry in entries})[:6]
    for entry in entries:
        if entry.identity in people and entry.expression in ("neutral", "happiness"):
            photo = folder / "photos" / entry.identity / f"{entry.expression}.jpg"
            photo.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SAMPLE / entry.image, photo)
    prepare([folder / "photos"], folder / "set", size=96, styles=parse_styles(["sketch"]), workers=2)
    return folder / "set"


@pytest.fixture
def spoilt_set(prepared_set: Path, tmp_path: Path) -> Path:
    """A copy of `prepared_set` that a test may spoil."""
    return Path(shutil.copytree(prepared_set, tmp_path / "set"))


class Manifest:
    """The manifest of a data set, to change by line number; `write` puts it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: dict[int, Entry] = dict(enumerate(read_manifest(folder), 1))

    def line(self, identity: str, expression: str, domain: str = "photo") -> int:
        """The line of one image."""
        wanted = (identity, expression, domain)
        return next(n for n, one in self.entries.items() if (one.identity, one.expression, one.domain) == wanted)

    def image(self, line: int) -> Path:
        """The file of a line."""
        return self.folder / self.entries[line].image

    def write(self) -> None:
        """Write what `entries` holds now."""
        write_manifest(self.folder, self.entries.values())


@pytest.fixture(scope="session")
def manifest_of() -> type[Manifest]:
    """How to get the manifest of a folder."""
    return Manifest


@pytest.fixture
def manifest(spoilt_set: Path) -> Manifest:
    """The manifest of `spoilt_set`."""
    return Manifest(spoilt_set)


@pytest.fixture
def left(tmp_path):
    """A set of Ann to train on and Bob to test with."""
    return make_set(tmp_path / "left", {"ann": ("p00", "train"), "bob": ("p01", "test")})


@pytest.fixture
def right(tmp_path):
    """A set of Cat to test with."""
    return make_set(tmp_path / "right", {"cat": ("p02", "test")})


@pytest.fixture
def out(tmp_path):
    return tmp_path / "made" / "both"
