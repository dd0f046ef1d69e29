"""``ptk data`` from the command line."""

import json
import shutil
from pathlib import Path

import pytest

from ptk.dataset.manifest import MANIFEST, read_manifest


@pytest.fixture
def folder(small_data: Path, tmp_path: Path) -> Path:
    """A data set of four people, eight images, to spoil."""
    return Path(shutil.copytree(small_data, tmp_path / "set"))


def test_a_clean_set_is_one_line_and_status_0(ptk, folder):
    status, said, complaint = ptk("data", "check", folder, "--detector", "mediapipe68")
    assert (status, complaint) == (0, "")
    assert said == f"{folder}: 8 images of 8 photos of 4 people: nothing is wrong\n"


def test_each_problem_is_a_line_and_the_status_is_1(ptk, folder):
    entries = read_manifest(folder)
    (folder / entries[1].image).unlink()
    (folder / entries[4].image).write_text("not a picture")
    status, said, complaint = ptk("data", "check", folder, "--detector", "none")
    assert (status, complaint) == (1, "")
    lines = said.splitlines()
    assert lines[0] == (
        f"{folder / MANIFEST}:2: missing: {entries[1].image}: is missing; "
        "ptk prepare makes it again; --fix drops the lines of this photo"
    )
    assert lines[1].startswith(f"{folder / MANIFEST}:5: damaged: {entries[4].image}: is not an image")
    assert lines[-1] == f"{folder}: 8 images of 8 photos of 4 people: 2 problems, 1 remark"


def test_fix_says_what_it_did_and_leaves_a_clean_set(ptk, folder):
    entries = read_manifest(folder)
    (folder / entries[1].image).unlink()
    status, said, _ = ptk("data", "check", folder, "--fix", "--detector", "none")
    assert status == 0
    assert said.startswith(f"{folder / MANIFEST}:2: {entries[1].image}: dropped: {entries[1].image} is missing\n")
    assert said.splitlines()[-1].startswith(f"1 mend; {folder}: 7 images of 7 photos of 4 people: 1 remark")
    assert (folder / f"{MANIFEST}.bak").exists()
    assert ptk("data", "check", folder, "--detector", "none")[0] == 0


def test_the_report_as_json(ptk, folder):
    entries = read_manifest(folder)
    (folder / entries[1].image).unlink()
    status, said, _ = ptk("data", "check", folder, "--json", "--detector", "none")
    report = json.loads(said)
    assert (status, report["clean"], report["people"]) == (1, False, 4)
    (problem,) = report["problems"]
    assert (problem["kind"], problem["line"], problem["image"]) == ("missing", 2, entries[1].image)
    assert "done" in json.loads(ptk("data", "check", folder, "--json", "--fix", "--detector", "none")[1])


def test_show_writes_a_page_and_prints_where_it_is(ptk, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, said, complaint = ptk("data", "show", folder)
    assert (status, complaint) == (0, "")
    assert said.splitlines()[-1] == "set-show/index.html"
    assert "4 (train 3, test 1)" in said
    assert (tmp_path / "set-show" / "index.html").exists()
    assert ptk("data", "show", "sample", "--out", "page")[0] == 0
    assert (tmp_path / "page" / "index.html").exists()


def test_mistakes_are_one_line(ptk, folder, tmp_path):
    for arguments, wrong in (
        (("check", tmp_path), "no data set here"),
        (("show", tmp_path / "nowhere"), "no data set here"),
        (("check", folder, "--detector", "dlib86"), "did you mean dlib68?"),
        (("show", folder, "--out", folder), "is there already"),
        (("show", folder, "--out", "/proc/page"), "cannot be written"),
    ):
        status, said, line = ptk("data", *arguments)
        assert (status, said) == (1, "")
        assert line.count("\n") == 1
        assert wrong in line
