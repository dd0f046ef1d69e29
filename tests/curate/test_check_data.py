"""Every kind of damage is found, with its line and its mend; what is whole is not complained about."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ptk.curate.check import check
from ptk.curate.errors import explain_misplaced
from ptk.dataset.journal import SOURCES
from ptk.dataset.manifest import DATASET, MANIFEST, SAMPLE, UNFINISHED, read_manifest, write_manifest
from ptk.errors import DataError, PluginError
from ptk.faces.landmarks import mirrored


def found(folder, **options):
    """What is wrong in `folder`: (kind, line) each."""
    return [(problem.kind, problem.line) for problem in check(folder, **options).problems]


def remarks(folder):
    return [remark.kind for remark in check(folder, detector="none").remarks]


def test_a_prepared_set_is_clean(prepared_set):
    report = check(prepared_set)
    assert report.clean
    assert report.remarks == ()
    assert report.summary() == f"{prepared_set}: 24 images of 12 photos of 6 people: nothing is wrong"


def test_the_sample_is_clean_though_its_landmarks_come_from_a_mesh(tmp_path):
    entries = [entry for entry in read_manifest(SAMPLE) if entry.expression in ("neutral", "surprise")][::3]
    for name in (DATASET, *(entry.image for entry in entries)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(SAMPLE / name, tmp_path / name)
    write_manifest(tmp_path, entries)
    report = check(tmp_path)
    assert report.clean
    assert [remark.kind for remark in report.remarks] == ["detector"]
    assert "mediapipe68 looked for the faces" in report.remarks[0].what


def test_every_line_that_is_no_entry_is_told(spoilt_set):
    path = spoilt_set / MANIFEST
    lines = path.read_text().splitlines()
    lines[3], lines[7] = "{", lines[7].replace('"split": "t', '"split": "T')
    path.write_text("\n".join(lines))
    report = check(spoilt_set, detector="none")
    assert [(problem.kind, problem.line) for problem in report.problems] == [("line", 4), ("line", 8)]
    assert report.problems[1].what.startswith("split must be train or test")
    assert report.sentence(report.problems[0]).startswith(f"{path}:4: line: not a line of a manifest")


def test_files_that_are_missing_damaged_or_changed(spoilt_set, manifest):
    missing, cut, text, changed, folder = 1, 4, 5, 8, 9
    manifest.image(missing).unlink()
    manifest.image(cut).write_bytes(manifest.image(cut).read_bytes()[:2000])
    manifest.image(text).write_text("not a picture")
    Image.open(manifest.image(changed)).save(manifest.image(changed), quality=90)
    manifest.image(folder).unlink()
    manifest.image(folder).mkdir()
    assert found(spoilt_set) == [
        ("missing", missing),
        ("damaged", cut),
        ("damaged", text),
        ("changed", changed),
        ("damaged", folder),
    ]


def test_without_sources_nobody_knows_what_was_written(spoilt_set, manifest):
    Image.open(manifest.image(8)).save(manifest.image(8), quality=90)
    assert found(spoilt_set, detector="none") == [("changed", 8)]
    (spoilt_set / "sources.jsonl").unlink()
    assert found(spoilt_set, detector="none") == []


def test_sizes(spoilt_set, manifest):
    (spoilt_set / "sources.jsonl").unlink()  # it would tell that the files changed
    wide, small = 1, manifest.line("p02", "happiness", "sketch")
    Image.open(manifest.image(wide)).resize((120, 121)).save(manifest.image(wide))
    Image.open(manifest.image(small)).resize((64, 64)).save(manifest.image(small))
    problems = check(spoilt_set, detector="none").problems
    assert [(problem.kind, problem.line) for problem in problems] == [("size", wide), ("size", small)]
    assert problems[0].what == "is not square: 120 x 121 pixels"
    assert problems[1].what == "has 64 pixels a side, the set's images have 120"


def test_renderings_are_as_large_as_their_photo_where_nobody_says_how_large(spoilt_set, manifest):
    (spoilt_set / "sources.jsonl").unlink()
    described = json.loads((spoilt_set / DATASET).read_text())
    (spoilt_set / DATASET).write_text(json.dumps(described | {"size": 0}))
    small = manifest.line("p02", "happiness", "sketch")
    Image.open(manifest.image(small)).resize((64, 64)).save(manifest.image(small))
    (problem,) = check(spoilt_set, detector="none").problems
    assert (problem.line, problem.what) == (small, "has 64 pixels a side, its photo has 120")


def test_the_same_image_twice(spoilt_set, manifest):
    manifest.entries[25] = manifest.entries[3]
    manifest.entries[26] = replace(manifest.entries[4], image=manifest.entries[6].image)
    manifest.write()
    problems = check(spoilt_set, detector="none").problems
    assert [(problem.kind, problem.line, problem.other) for problem in problems if problem.kind == "twice"] == [
        ("twice", 25, 3),
        ("twice", 26, 6),
    ]


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        (lambda points: points + 60, "outside of the image by"),
        (lambda points: points[:, ::-1], "not level but turned by 90 degrees"),
        (lambda points: 120 - points, "not level but turned by 180 degrees"),
        (lambda points: points * (-1, 1) + (120, 0), "not level but turned by 180 degrees"),  # mirrored, not permuted
        (lambda points: points * (1, -1) + (0, 120), "the mouth lies above the eyes"),
        (lambda points: points * 0 + 60, "the eyes are less than a pixel apart"),
        (lambda points: 60 + (points - 60) * 0.7, "the face would fill 0.70 of the crop and lie 0%"),
        (lambda points: points + np.array([25, 0]), "off its place"),
    ],
)
def test_landmarks_that_no_crop_has(spoilt_set, manifest, moved, told):
    points = np.array(manifest.entries[1].landmarks)
    assert explain_misplaced(points, 120, 0.125) == ""
    assert explain_misplaced(mirrored(points, 120), 120, 0.125) == ""
    manifest.entries[1] = replace(manifest.entries[1], landmarks=tuple(map(tuple, moved(points).tolist())))
    manifest.entries[2] = replace(manifest.entries[2], landmarks=manifest.entries[1].landmarks)
    manifest.write()
    (problem,) = check(spoilt_set, detector="none").problems  # one, not another for the sketch
    assert (problem.kind, problem.line, problem.fixable) == ("landmarks", 1, False)
    assert told in problem.what


def test_landmarks_that_are_a_little_off_are_told_by_a_detector(spoilt_set, manifest):
    for line in (1, 2):
        points = np.array(manifest.entries[line].landmarks)
        points[:, 0] += 2.5  # of 32 between the eyes: 0.078, and what detection adds
        manifest.entries[line] = replace(manifest.entries[line], landmarks=tuple(map(tuple, points.tolist())))
    manifest.write()
    assert found(spoilt_set, detector="none") == []
    report = check(spoilt_set)
    assert [(problem.kind, problem.line) for problem in report.problems] == [("landmarks", 1)]
    assert re.match(r"mediapipe68 finds the landmarks 0\.(07|08|09) eye distances away", report.problems[0].what)


def test_a_rendering_has_the_landmarks_of_its_photo(spoilt_set, manifest):
    sketch = manifest.line("p01", "neutral", "sketch")
    points = np.array(manifest.entries[sketch].landmarks)
    points[30] += 1
    manifest.entries[sketch] = replace(manifest.entries[sketch], landmarks=tuple(map(tuple, points.tolist())))
    manifest.write()
    assert found(spoilt_set, detector="none") == [("rendering", sketch)]


def test_a_person_on_both_sides_of_the_split(spoilt_set, manifest):
    side = manifest.entries[1].split
    other = {"train": "test", "test": "train"}[side]
    manifest.entries[1] = replace(manifest.entries[1], split=other)
    manifest.write()
    (problem,) = check(spoilt_set, detector="none").problems
    assert (problem.kind, problem.line) == ("split", 2)
    assert problem.mend == f"`fix` takes p00 to {side}"


def test_a_photo_of_two_people(spoilt_set, manifest):
    manifest.entries[2] = replace(manifest.entries[2], identity="p01", split=manifest.entries[5].split)
    manifest.write()
    assert found(spoilt_set, detector="none") == [("people", 2)]


def copied(manifest, line, identity, split):
    """The photo of `line` saved again as another person's."""
    entry = manifest.entries[line]
    name = f"{identity}_copy"
    image = f"images/photo/{name}.jpg"
    Image.open(manifest.image(line)).resize((100, 100)).resize((120, 120)).save(manifest.folder / image, quality=60)
    new = max(manifest.entries) + 1
    manifest.entries[new] = replace(entry, image=image, identity=identity, photo=name, split=split)
    manifest.write()
    return new


def test_copies_under_two_names_and_across_the_split(spoilt_set, manifest):
    side = manifest.entries[1].split
    other = {"train": "test", "test": "train"}[side]
    across = copied(manifest, 1, "zoe", other)
    third = manifest.line("p01", "neutral")
    within = copied(manifest, third, "yan", manifest.entries[third].split)
    problems = check(spoilt_set).problems
    assert [(problem.kind, problem.line, problem.other) for problem in problems] == [
        ("copy", across, 1),
        ("copy", within, third),
    ]
    assert "takes the person to train" in problems[0].mend
    assert "one name if they are one person" in problems[1].mend


def test_remarks(spoilt_set, manifest):
    assert remarks(spoilt_set) == ["detector"]  # nobody looked
    del manifest.entries[2]  # a sketch: fewer than photos, and a file too many
    manifest.write()
    (spoilt_set / UNFINISHED).touch()
    assert remarks(spoilt_set) == ["unfinished", "detector", "fewer", "unlisted"]


def test_a_photo_without_a_face_is_a_remark(spoilt_set, manifest):
    (spoilt_set / "sources.jsonl").unlink()
    Image.new("RGB", (120, 120), "skyblue").save(manifest.image(1))
    report = check(spoilt_set)
    assert report.clean
    assert [(remark.kind, remark.line) for remark in report.remarks] == [("faceless", 1)]


def test_one_file_twice_in_a_person_is_a_remark(spoilt_set, manifest):
    (spoilt_set / "sources.jsonl").unlink()
    manifest.image(1).write_bytes(manifest.image(3).read_bytes())
    report = check(spoilt_set, detector="none")
    assert [(remark.kind, remark.line, remark.other) for remark in report.remarks if remark.line] == [("same", 3, 1)]


def test_nobody_to_test_with_is_a_remark(spoilt_set, manifest):
    manifest.entries = {line: replace(entry, split="train") for line, entry in manifest.entries.items()}
    manifest.write()
    assert remarks(spoilt_set) == ["detector", "split"]


def test_what_cannot_be_judged_is_one_error(spoilt_set, tmp_path):
    with pytest.raises(DataError, match="no data set here"):
        check(tmp_path)
    with pytest.raises(PluginError, match=r"no such detector: dlib86; did you mean dlib68\?"):
        check(spoilt_set, detector="dlib86")
    (spoilt_set / DATASET).write_text("{")
    with pytest.raises(DataError, match=r"dataset\.json: cannot be read"):
        check(spoilt_set)


def test_a_set_whose_detector_is_not_installed_is_looked_at_by_another(spoilt_set):
    described = json.loads((spoilt_set / DATASET).read_text())
    (spoilt_set / DATASET).write_text(json.dumps(described | {"detector": "vanished"}))
    report = check(spoilt_set)
    assert report.clean
    assert report.contents.detector.name == "mediapipe68"
    assert "'vanished', which is no detector here" in report.remarks[0].what


def test_names_cannot_steer_the_terminal(spoilt_set, manifest):
    manifest.entries[1] = replace(manifest.entries[1], image="images/\x1b[2J\n.jpg")
    manifest.write()
    report = check(spoilt_set, detector="none")
    assert all(report.sentence(problem).isprintable() for problem in report.problems)


def test_damaged_records_are_passed_over(spoilt_set: Path) -> None:
    journal = spoilt_set / SOURCES
    first, *others = journal.read_text().splitlines()
    record = json.loads(first)
    record["faces"][0]["images"] = 3
    journal.write_text("\n".join([json.dumps(record), *others]) + "\n")
    assert found(spoilt_set, detector="none") == []
