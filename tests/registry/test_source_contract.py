"""A source that breaks its contract is told how."""

import numpy as np
import pytest

from ptk.errors import DataError, PluginError
from ptk.registry.contracts import check_source
from ptk.registry.registry import Registry
from ptk.types import MediaFile, Skipped

REGISTRY = Registry()


def source(find):
    class Source:
        def find(self, place):
            paths = [path for path in sorted(place.glob("**/*")) if path.is_file()] if place.is_dir() else []
            if not paths:
                raise DataError(f"{place}: no photos here")
            hidden = [path for path in paths if any(part.startswith(".") for part in path.relative_to(place).parts)]
            return find(place, [path for path in paths if path not in hidden])

    return Source


def all_of(place, paths):
    return [MediaFile(path, "ann", path.stem) for path in paths]


def test_a_source_that_holds_the_contract(tmp_path):
    (tmp_path / "photo.jpg").touch()
    check_source(source(all_of), tmp_path)


@pytest.mark.parametrize(
    ("find", "breach"),
    [
        (lambda place, paths: None, "find must return a list, it returned a NoneType"),
        (lambda place, paths: paths, "expected ptk.MediaFile or ptk.Skipped, got PosixPath"),
        (lambda place, paths: all_of(place, paths[1:]), "every file must be found, or listed as skipped"),
        (lambda place, paths: all_of(place, paths + paths[:1]), "must be found once; .* was found 2 times"),
        (lambda place, paths: all_of(place, [*paths, place / "circle/notes.txt"]), "must be found once; .*notes.txt"),
        (lambda place, paths: all_of(place, [*paths, place / ".hidden_smile.jpg"]), "hidden files must be passed over"),
        (lambda place, paths: all_of(place, [*paths, place / "lost.jpg"]), "path must be that of a file"),
        (lambda place, paths: [MediaFile(path, "a/b", path.stem) for path in paths], "identity must be a name"),
        (lambda place, paths: [MediaFile(path, "ann", "two\nlines") for path in paths], "photo must be a name"),
        (lambda place, paths: [Skipped(str(path), "") for path in paths], "reason must be a line"),
        (
            lambda place, paths: all_of(place, sorted(paths, key=lambda path: path.stat().st_ino)),
            "must not depend on the order in which files were made",
        ),
        (lambda place, paths: all_of(place, np.random.default_rng().permutation(paths)), "the same place must give"),
    ],
)
def test_sources_that_break_the_contract(find, breach):
    with pytest.raises(PluginError, match=breach):
        check_source(source(find))


def test_a_source_must_know_its_own_place(tmp_path):
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(PluginError, match="a photo or video must be found in"):
        check_source(source(lambda place, paths: [Skipped(path.name, "is no photo") for path in paths]), tmp_path)
    with pytest.raises(PluginError, match="must not be refused"):
        check_source(REGISTRY.part("source", "radboud").load(), tmp_path)


def test_a_source_must_refuse_what_is_empty():
    class Easygoing:
        def find(self, place):
            return []

    with pytest.raises(PluginError, match="every file must be found"):
        check_source(Easygoing)

    class Generous(source(all_of)):
        def find(self, place):
            return super().find(place) if place.is_dir() and any(place.iterdir()) else []

    with pytest.raises(PluginError, match="a folder that is empty must give a DataError"):
        check_source(Generous)
