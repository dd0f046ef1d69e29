"""Whatever happens to a data set, a mend makes it clean or refuses it in one line."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.curate.check import check
from ptk.curate.fix import fix
from ptk.dataset.manifest import DATASET, MANIFEST, read_manifest, write_manifest
from ptk.errors import DataError, PtkError

kinds = ["field", "cut", "bytes", "gone", "swap", "copy", "line", "records"]
words = ["", "p00", "p01", "photo", "sketch", "images", "x" * 300, "a/b", "\0", "é.jpg"]


def damages(kinds):
    return st.lists(
        st.tuples(st.sampled_from(kinds), st.integers(0, 30), st.integers(0, 30), st.sampled_from(words)),
        min_size=1,
        max_size=8,
    )


def spoil(manifest, kind, one, two, word):
    folder = manifest.folder
    lines = sorted(manifest.entries)
    a, b = lines[one % len(lines)], lines[two % len(lines)]
    path = manifest.image(a)
    if kind == "field":
        field = ("image", "identity", "domain", "photo", "expression")[two % 5]
        manifest.entries[a] = replace(manifest.entries[a], **{field: word or "w"})
        manifest.write()
    elif kind == "cut" and path.is_file():
        path.write_bytes(path.read_bytes()[: two * 200])
    elif kind == "bytes" and path.is_file():
        path.write_bytes(word.encode() * two)
    elif kind == "gone":
        path.unlink(missing_ok=True)
    elif kind == "swap":
        first, second = manifest.entries[a], manifest.entries[b]
        manifest.entries[a] = replace(first, image=second.image)
        manifest.entries[b] = replace(second, image=first.image)
        manifest.write()
    elif kind == "copy" and path.is_file() and manifest.image(b).parent.is_dir():
        manifest.image(b).write_bytes(path.read_bytes())
    elif kind == "points":
        points = np.roll(np.array(manifest.entries[a].landmarks), two) + (one - two)
        manifest.entries[a] = replace(manifest.entries[a], landmarks=tuple(map(tuple, points.tolist())))
        manifest.write()
    elif kind == "line":
        with (folder / MANIFEST).open("ab") as file:
            file.write(word.encode() + b'{"image": "x\xff\n')
    elif kind == "records":
        content = (folder / "sources.jsonl").read_bytes()
        (folder / "sources.jsonl").write_bytes(content[two * 40 :] if one % 2 else content[: -two * 40])


@pytest.fixture(scope="module")
def small_set(prepared_set, tmp_path_factory):
    """Three people of `prepared_set`, one to test with: many examples take seconds."""
    folder = tmp_path_factory.mktemp("small")
    entries = read_manifest(prepared_set)
    tested = next(entry.identity for entry in entries if entry.split == "test")
    trained = list(dict.fromkeys(entry.identity for entry in entries if entry.split == "train"))[:2]
    kept = [entry for entry in entries if entry.identity in (tested, *trained)]
    for name in (DATASET, "sources.jsonl", *(entry.image for entry in kept)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(prepared_set / name, folder / name)
    write_manifest(folder, kept)
    return folder


def check_that_it_is_mended_or_refused(small_set, manifest_of, spoilt, detector):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(small_set, Path(place) / "set"))
        for damage in spoilt:
            try:
                spoil(manifest_of(folder), *damage)
            except (DataError, OSError, ValueError):
                continue  # two damages may leave nothing for a third
        try:
            assert fix(folder, detector=detector).report.clean
        except PtkError as error:
            assert "\n" not in str(error)
            return
        assert check(folder, detector=detector).clean
        assert fix(folder, detector=detector).done == ()


@settings(deadline=None, max_examples=25)
@given(spoilt=damages(kinds))
def test_whatever_happens_to_a_set_it_is_mended_or_refused_in_a_line(small_set, manifest_of, spoilt):
    check_that_it_is_mended_or_refused(small_set, manifest_of, spoilt, "none")


@settings(deadline=None, max_examples=4)
@given(spoilt=damages(["points", "swap", "copy"]))
def test_whatever_happens_to_landmarks_they_are_found_again(small_set, manifest_of, spoilt):
    check_that_it_is_mended_or_refused(small_set, manifest_of, spoilt, "mediapipe68")
