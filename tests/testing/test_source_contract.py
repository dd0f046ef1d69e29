"""A source that breaks its contract is told how."""

import numpy as np
import pytest
from breaches import breaches

from ptk.errors import DataError
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
    assert not breaches("source", source(all_of), place=tmp_path)


FOUND, EVERY, TWICE = "finds files under names", "finds or lists every file", "finds no file twice"


@pytest.mark.parametrize(
    ("find", "rule", "breach"),
    [
        (lambda place, paths: all_of(place, paths[1:]), EVERY, "nothing is said of ann/neutral.jpg"),
        (lambda place, paths: all_of(place, paths + paths[:1]), TWICE, "was found 2 times"),
        (lambda place, paths: all_of(place, [*paths, place / "circle/notes.txt"]), TWICE, "notes.txt was found 2"),
        (
            lambda place, paths: all_of(place, [*paths, place / ".hidden_smile.jpg"]),
            "passes over hidden files",
            ".hidden_smile.jpg was taken",
        ),
        (lambda place, paths: all_of(place, [*paths, place / "lost.jpg"]), FOUND, "path must be that of a file"),
        (lambda place, paths: [MediaFile(path, "a/b", path.stem) for path in paths], FOUND, "identity must be a name"),
        (lambda place, paths: [MediaFile(path, "a", "two\nlines") for path in paths], FOUND, "photo must be a name"),
        (lambda place, paths: [MediaFile(path, "a", "b", "", "") for path in paths], FOUND, "domain must be a name"),
        (lambda place, paths: [Skipped(str(path.relative_to(place)), "") for path in paths], FOUND, "reason of what"),
        (
            lambda place, paths: all_of(place, sorted(paths, key=lambda path: path.stat().st_ino)),
            "does not depend on the order",
            "must not depend on the order in which files were made",
        ),
    ],
)
def test_sources_that_break_one_rule(find, rule, breach):
    ((broken, told),) = breaches("source", source(find)).items()
    assert broken.startswith(rule) and breach in told


def test_a_source_may_read_from_the_folder_who_is_shown():
    named = source(lambda place, paths: [MediaFile(path, place.name, path.stem) for path in paths])
    assert not breaches("source", named)


def test_a_source_that_answers_at_random():
    def shuffled(place, paths):
        return all_of(place, np.random.default_rng().permutation(paths))

    told = breaches("source", source(shuffled))
    assert told["finds the same again"] == "the same place must give the same files in the same order"


@pytest.mark.parametrize(
    ("find", "breach"),
    [
        (lambda place, paths: None, "find must return a list, it returned a NoneType"),
        (lambda place, paths: paths, "expected ptk.MediaFile or ptk.Skipped, got PosixPath"),
    ],
)
def test_sources_that_return_something_else(find, breach):
    assert breach in breaches("source", source(find))["finds files under names that a data set can have"]


def test_a_source_must_know_its_own_place(tmp_path):
    (tmp_path / "photo.jpg").touch()
    blind = source(lambda place, paths: [Skipped(path.name, "is no photo") for path in paths])
    told = breaches("source", blind, place=tmp_path)
    assert told["finds photos in its own place"] == f"a photo or video must be found in {tmp_path}"
    told = breaches("source", REGISTRY.part("source", "radboud").load(), place=tmp_path)
    assert "must not be refused" in told["finds photos in its own place"]


REFUSES = "refuses empty and missing folders with a ptk.DataError"


def test_a_source_must_refuse_what_is_empty():
    class Generous(source(all_of)):
        def find(self, place):
            return super().find(place) if place.is_dir() and any(place.iterdir()) else []

    assert breaches("source", Generous) == {REFUSES: "a folder that is empty must give a ptk.DataError, it gave []"}


def test_a_source_must_name_the_place_that_it_refuses():
    class Curt(source(all_of)):
        def find(self, place):
            try:
                return super().find(place)
            except DataError:
                raise DataError("nothing here") from None

    assert "the error must name" in breaches("source", Curt)[REFUSES]
