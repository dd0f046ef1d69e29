"""Sets that were made alike and share nobody become one, whole and clean; whatever else is asked for is refused."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import ptk.curate.join
from ptk.cli.main import app
from ptk.curate.check import check
from ptk.curate.join import join
from ptk.curate.summary import summarise
from ptk.dataset.journal import read_records
from ptk.dataset.manifest import DATASET, MANIFEST, read_manifest, write_manifest
from small_sets import DESCRIBED, SIDE, describe, make_set


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


def test_the_order_of_domains_is_no_difference(left, right, out):
    describe(right, domains=DESCRIBED["domains"][::-1])
    join([left, right], out)
    assert json.loads((out / DATASET).read_text())["domains"] == DESCRIBED["domains"]


def test_ctrl_c_leaves_nothing_behind(left, right, out, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ptk.curate.join, "write_manifest", stop)
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
