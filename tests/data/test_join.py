"""Sets that were made alike and share nobody become one, whole and clean; whatever else is asked for is refused."""

import hashlib
import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import ptk.data.join
from ptk.cli.main import app
from ptk.data.check import check
from ptk.data.join import join
from ptk.data.journal import Made, Record, read_records, write_records
from ptk.data.manifest import DATASET, MANIFEST, SAMPLE, UNFINISHED, Entry, read_manifest, write_manifest
from ptk.data.summary import summarise
from ptk.errors import DataError, OutputError

SIDE = 64
PEOPLE = {name: [one for one in read_manifest(SAMPLE) if one.identity == name][:2] for name in ("p00", "p01", "p02")}
DESCRIBED = {
    "size": SIDE,
    "margin": 0,
    "detector": "mediapipe68",
    "domains": [
        {"name": "photo", "part": "photo", "options": {}},
        {"name": "sketch", "part": "sketch", "options": {"lines": 2}},
    ],
    "split": {"train_share": 0.5, "seed": 1},
    "licence": "CC0-1.0",
}


def make_set(folder, people, **described):
    """A small set as ptk prepare leaves it: two photos of each person of the sample, a split by name, and a sketch.

    `people` is {name in the set: (person of the sample, split)}.
    """
    entries, records = [], []
    for name, (person, split) in people.items():
        for number, shot in enumerate(PEOPLE[person]):
            with Image.open(SAMPLE / shot.image) as photo:
                pictures = {"photo": photo.convert("RGB").resize((SIDE, SIDE))}
                points = tuple((x * SIDE / photo.width, y * SIDE / photo.width) for x, y in shot.landmarks)
            pictures["sketch"] = pictures["photo"].convert("L")
            images = {}
            for domain, picture in pictures.items():
                image = f"images/{domain}/{name}/{name}_{number}.jpg"
                (folder / image).parent.mkdir(parents=True, exist_ok=True)
                picture.save(folder / image)
                images[domain] = hashlib.sha256((folder / image).read_bytes()).hexdigest()
                entries.append(Entry(image, name, domain, f"{name}_{number}", split, points, shot.expression))
            made = Made(f"{name}_{number}", points, 50.0, images)
            records.append(Record(f"{len(records)}.jpg", "key", name, faces=(made,)))
    write_manifest(folder, entries)
    write_records(folder, [*records, Record("dark.jpg", "key", reason="no face found")])
    (folder / "skipped.jsonl").write_text('{"path": "dark.jpg", "reason": "no face found"}\n')
    (folder / DATASET).write_text(json.dumps(DESCRIBED | described))
    return folder


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


def change(folder, **fields):
    """Let the first line of a manifest say something else."""
    first, *others = read_manifest(folder)
    write_manifest(folder, [replace(first, **fields), *others])


def describe(folder, **said):
    (folder / DATASET).write_text(json.dumps(json.loads((folder / DATASET).read_text()) | said))


def test_all_images_of_all_sets_are_there_and_nothing_is_wrong(left, right, out):
    entries = join([left, right], out)
    assert entries == read_manifest(out) == read_manifest(left) + read_manifest(right)
    assert all((out / one.image).read_bytes() == (left / one.image).read_bytes() for one in read_manifest(left))
    assert {path.name for path in out.iterdir()} == {
        "images",
        MANIFEST,
        DATASET,
        "sources.jsonl",
        "skipped.jsonl",
    }
    assert list(out.parent.iterdir()) == [out]
    report = check(out, detector="none")
    assert report.clean
    assert [remark.kind for remark in report.remarks] == ["detector"]  # it says that nobody looked


def test_what_was_joined_can_be_joined(left, right, out, tmp_path):
    join([left, right], out)
    third = make_set(tmp_path / "third", {"dan": ("p01", "train")})
    assert len(join([out, third], tmp_path / "all")) == 16
    assert [record.source for record in read_records(tmp_path / "all")][4] == "both/left/dark.jpg"


def test_everybody_stays_on_their_side_but_for_the_sets_to_train_on(left, right, out, tmp_path):
    join([left, right], out)
    assert {one.identity: one.split for one in read_manifest(out)} == {"ann": "train", "bob": "test", "cat": "test"}
    join([left, right], tmp_path / "other", all_train=[left / ".." / "right"])  # the same folder by another name
    splits = {one.identity: one.split for one in read_manifest(tmp_path / "other")}
    assert splits == {"ann": "train", "bob": "test", "cat": "train"}


def test_dataset_json_says_how_all_were_made_and_each_licence_once(left, right, out, tmp_path):
    describe(right, licence="CC BY 4.0")
    join([left, right], out)
    said = json.loads((out / DATASET).read_text())
    assert {name: said[name] for name in DESCRIBED if name not in ("split", "licence")} == {
        name: value for name, value in DESCRIBED.items() if name not in ("split", "licence")
    }
    assert said["licence"] == "CC0-1.0; CC BY 4.0"
    assert "split" not in said  # no share and seed give it
    third = make_set(tmp_path / "third", {"dan": ("p01", "train")}, licence="CC BY 4.0")
    join([out, third], tmp_path / "all")
    assert json.loads((tmp_path / "all" / DATASET).read_text())["licence"] == "CC0-1.0; CC BY 4.0"


def test_images_are_links_where_the_disk_has_them_and_else_copies(left, right, out, tmp_path, monkeypatch):
    image = read_manifest(left)[0].image
    join([left, right], out)
    assert (out / image).samefile(left / image)

    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    join([left, right], tmp_path / "copied")
    assert not (tmp_path / "copied" / image).samefile(left / image)
    assert (tmp_path / "copied" / image).read_bytes() == (left / image).read_bytes()


def test_a_symbolic_link_to_an_image_becomes_the_image(left, right, out):
    image = read_manifest(left)[0].image
    (left / image).rename(left / "elsewhere.jpg")
    (left / image).symlink_to("../../../elsewhere.jpg")
    join([left, right], out)
    assert (out / image).read_bytes() == (left / "elsewhere.jpg").read_bytes()
    assert not (out / image).is_symlink()


def test_what_was_known_of_the_files_is_known_of_all(left, right, out, tmp_path):
    join([left, right], out)
    records = read_records(out)
    assert [record.source for record in records] == [
        *(f"left/{name}" for name in ("0.jpg", "1.jpg", "2.jpg", "3.jpg", "dark.jpg")),
        *(f"right/{name}" for name in ("0.jpg", "1.jpg", "dark.jpg")),
    ]
    assert summarise(out).crops.most == 50
    skipped = [json.loads(line) for line in (out / "skipped.jsonl").read_text().splitlines()]
    assert [line["path"] for line in skipped] == ["left/dark.jpg", "right/dark.jpg"]
    image = out / read_manifest(out)[-1].image
    image.unlink()
    Image.fromarray(np.zeros((SIDE, SIDE, 3), np.uint8)).save(image)
    assert "changed" in {problem.kind for problem in check(out, detector="none").problems}


def test_sets_of_one_name_are_told_apart(left, right, out, tmp_path):
    (tmp_path / "more").mkdir()
    same = right.rename(tmp_path / "more" / "left")
    join([left, same], out)
    sources = [record.source for record in read_records(out)]
    assert len(set(sources)) == len(sources) == 8
    assert sources[-1] == "left (2)/dark.jpg"


def test_a_photo_that_was_dropped_does_not_vouch_for_another_of_its_name(left, right, out):
    write_manifest(left, [one for one in read_manifest(left) if one.photo != "ann_0"])
    entries = [replace(one, photo="ann_0") if one.photo == "cat_0" else one for one in read_manifest(right)]
    write_manifest(right, entries)
    join([right, left], out)
    assert check(out, detector="none").clean


def test_sets_that_nobody_recorded_can_be_joined_and_ptk_prepare_takes_them_for_no_set_of_its_own(left, right, out):
    for folder in (left, right):
        for name in (DATASET, "sources.jsonl", "skipped.jsonl"):
            (folder / name).unlink()
    join([left, right], out)
    assert not (out / "sources.jsonl").exists()
    assert check(out, detector="none").clean


def test_lines_of_skipped_jsonl_that_are_none_are_passed_over(left, right, out):
    with (left / "skipped.jsonl").open("ab") as file:
        file.write(b'{"path": "cut\n[1]\n\xff\n{"reason": "no path"}\n')
    join([left, right], out)
    assert len((out / "skipped.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("said", "what", "option"),
    [
        ({"size": 96}, "the side of an image in pixels is 96, in {left} it is 64", "--size"),
        ({"size": 0}, "the side of an image in pixels is unknown, in {left} it is 64", "--size"),
        ({"margin": 0.125}, "the margin is 0.125, in {left} it is 0.0", "--margin"),
        ({"detector": "dlib68"}, "the detector is dlib68, in {left} it is mediapipe68", "--detector"),
        (
            {"domains": [*DESCRIBED["domains"], {"name": "wave"}]},
            "the domain wave is made by wave, in {left} it is not there",
            "--styles",
        ),
        (
            {"domains": [DESCRIBED["domains"][0], {"name": "sketch", "options": {"lines": 3}}]},
            'the domain sketch is made by sketch with {{"lines": 3}}, in {left} it is made by sketch with',
            "--styles",
        ),
        (
            {"domains": DESCRIBED["domains"][:1]},
            "the domain sketch is made nobody knows how, in {left} it is made by sketch",
            "--styles",
        ),
    ],
)
def test_sets_that_were_made_otherwise_are_refused_with_the_option_to_mend_it(left, right, out, said, what, option):
    describe(right, **said)
    with pytest.raises(DataError) as raised:
        join([left, right], out)
    words = str(raised.value)
    assert words.startswith(f"{right}: {what.format(left=left)}")
    assert words.endswith(f"; prepare one of them again with the {option} of the other")
    assert "\n" not in words
    assert not out.parent.exists()


def test_the_order_of_domains_is_no_difference(left, right, out):
    describe(right, domains=DESCRIBED["domains"][::-1])
    join([left, right], out)
    assert json.loads((out / DATASET).read_text())["domains"] == DESCRIBED["domains"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"identity": "ann"}, "the person ann is in {left}, too; if these are two people, rename one"),
        ({"photo": "bob_1"}, "the photo bob_1 is in {left}, too"),
        ({"image": "images/photo/./Ann/ann_0.jpg"}, "the image images/photo/./Ann/ann_0.jpg is in {left}, too"),
    ],
)
def test_a_name_that_two_sets_share_is_refused(left, right, out, fields, said):
    change(right, **fields)
    image = right / read_manifest(right)[0].image
    image.parent.mkdir(exist_ok=True)
    image.touch()
    with pytest.raises(DataError) as raised:
        join([left, right], out)
    assert str(raised.value).startswith(f"{right}: {said.format(left=left)}")
    assert not out.parent.exists()


def test_many_shared_people_are_one_line(left, out, tmp_path):
    again = make_set(tmp_path / "again", {"bob": ("p00", "train"), "ann": ("p01", "test")})
    with pytest.raises(DataError, match=r"again: the person bob and 1 more are in .*left, too; .*prepare both sources"):
        join([left, again], out)


def test_a_set_that_is_not_whole_is_refused(left, right, out):
    image = right / read_manifest(right)[2].image
    content = image.read_bytes()
    image.unlink()
    with pytest.raises(DataError, match=f"^{image}: is missing; ptk data check {right} tells what is wrong$"):
        join([left, right], out)
    image.write_bytes(content)
    (right / UNFINISHED).touch()
    with pytest.raises(DataError, match=f"^{right}: ptk prepare was interrupted"):
        join([left, right], out)
    (right / UNFINISHED).unlink()
    (right / MANIFEST).write_text("{}\n")
    with pytest.raises(DataError, match=f"^{right / MANIFEST}:1: not a line"):
        join([left, right], out)
    assert not out.parent.exists()


def test_two_sets_are_needed_and_only_they_can_be_trained_on(left, right, out):
    for folders in ([left], [left, right, right.parent / "right"]):
        with pytest.raises(DataError, match="these are not two sets or more; name different folders"):
            join(folders, out)
    with pytest.raises(DataError, match=f"^--all-train {out}: is none of the sets to join"):
        join([left, right], out, all_train=[left, out])


def test_the_set_goes_into_a_new_folder_or_an_empty_one(left, right, out, tmp_path):
    for place, why in ((left / "both", "lies in a set to join"), (left, "is there already")):
        with pytest.raises(OutputError, match=f"^{place}: {why}"):
            join([left, right], place)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "link"):
        with pytest.raises(OutputError, match=f"{name}: is there already; name a new folder with --out$"):
            join([left, right], tmp_path / name)
    out.mkdir(parents=True)
    join([left, right], out)
    before = (out / MANIFEST).read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        join([right, left], out)
    assert (out / MANIFEST).read_bytes() == before


def test_ctrl_c_leaves_nothing_behind(left, right, out, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ptk.data.join, "write_manifest", stop)
    with pytest.raises(KeyboardInterrupt):
        join([left, right], out)
    assert list(out.parent.iterdir()) == []


def test_a_line_that_is_there_twice_does_no_harm_to_the_set_it_is_from(left, right, out):
    entries = read_manifest(left)
    image = left / entries[0].image
    before = shutil.copy(image, left.parent / "before.jpg").read_bytes()
    write_manifest(left, [*entries, replace(entries[0], image=entries[0].image.replace("images/", "images/./"))])
    join([left, right], out)
    assert image.read_bytes() == before


def test_the_command_tells_what_is_in_it(left, right, out):
    run = CliRunner().invoke(app, ["data", "join", *map(str, (left, right, "--out", out, "--all-train", right))])
    assert (run.exit_code, run.stdout) == (
        0,
        f"{out}: 3 people (2 to train, 1 to test), 6 photos, 12 images in photo, sketch\n",
    )
