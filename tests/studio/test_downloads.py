"""What is downloaded is what the command line writes, pixel by pixel; the commands shown are run here."""

from __future__ import annotations

import shlex
import sys

import numpy as np
import pytest
from PIL import Image

from pictures import camera_exif
from profiles import DISPLAY_P3, SRGB_CURVE, rgb_profile
from ptk.cli.main import main
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.faces.landmarks import read_landmarks
from ptk.faces.words.expression_file import read_expression
from studio.conftest import decode, encode

WORDS = {"smile": 0.7, "look_left": 1.0, "brows_up": 0.4}
DRAGS = {"48": [-6.0, -9.5], "8": [2.25, 7.0], "37": [0.5, -2.0]}


@pytest.fixture(scope="module")
def camera_file(portrait) -> bytes:
    """A JPEG of a camera that was held upside down, in Display P3."""
    icc = rgb_profile(DISPLAY_P3, SRGB_CURVE)
    return encode(portrait[::-1, ::-1], "JPEG", quality=95, exif=camera_exif(3), icc_profile=icc)


@pytest.fixture
def ptk(tmp_path, monkeypatch):
    """Run a command line in a folder."""
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> None:
        words = shlex.split(line)
        assert words[0] == "ptk"
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code

    return run


def wish(face=1, style="photo", **named):
    return {"face": face, "faces": {str(face): named}, "style": style}


EDITS = {
    "words": wish(words=WORDS),
    "dragged": wish(moved=DRAGS),
    "both": wish(words=WORDS, moved=DRAGS),
    "both, as a sketch": wish(words=WORDS, moved=DRAGS, style="sketch"),
    "words, in a neural style": wish(words={"surprise": 1.0}, style="candy"),
    "a turn": wish(words={"turn": 8.0, "tilt": 12.0, "wink_left": 1.0}),
    "a head alone": {**wish(words={"smile": 1.0}, style="sketch"), "area": "head"},
}


NEURAL = "words, in a neural style"
SOME_SLOW = [pytest.param(name, marks=pytest.mark.slow if name == NEURAL else ()) for name in EDITS]


@pytest.mark.parametrize("name", SOME_SLOW)
def test_the_result_is_that_of_the_landmarks_file(page, camera_file, ptk, tmp_path, name):
    edit = EDITS[name]
    photo = page.open(camera_file, "cat.jpg")["id"]
    (tmp_path / "cat.jpg").write_bytes(camera_file)
    (tmp_path / "moved.json").write_bytes(page.post(photo, "landmarks", edit).content)
    style = [] if edit["style"] == "photo" else ["--style", edit["style"], "--area", edit.get("area", "photo")]
    ptk(shlex.join(["ptk", "edit", "cat.jpg", "--landmarks", "moved.json", "-o", "theirs.jpg", *style]))
    ours = page.post(photo, "result", edit, suffix=".jpg")
    assert ours.content == (tmp_path / "theirs.jpg").read_bytes()  # pixels, EXIF, profile and record
    assert not np.array_equal(decode(ours.content), decode(camera_file)[::-1, ::-1])
    with Image.open(tmp_path / "theirs.jpg") as image:
        assert image.info["icc_profile"]
        assert b"ExpressionMoved" in image.info["xmp"]


@pytest.mark.parametrize("name", SOME_SLOW)
def test_the_command_that_is_shown_does_the_same(page, camera_file, ptk, tmp_path, name):
    edit = EDITS[name]
    photo = page.open(camera_file, "the cat's.jpg")["id"]
    (tmp_path / "the cat's.jpg").write_bytes(camera_file)
    shown = page.post(photo, "command", edit).json()
    dragged = bool(edit["faces"]["1"].get("moved"))
    assert shown["needs"] == (["the cat's.landmarks.json"] if dragged else [])
    for needed in shown["needs"]:
        (tmp_path / needed).write_bytes(page.post(photo, "landmarks", edit).content)
    for line in shown["lines"]:
        ptk(line)
    made = page.post(photo, "result", edit, suffix=".jpg")
    assert made.content == (tmp_path / "the cat's.ptk.jpg").read_bytes()


@pytest.mark.parametrize("style", ["sketch", "photo"])
def test_a_style_alone_is_that_of_the_command(page, portrait_file, ptk, tmp_path, style):
    photo = page.open(portrait_file, "-o.png")["id"]
    (tmp_path / "-o.png").write_bytes(portrait_file)
    (line,) = page.post(photo, "command", {"style": style}).json()["lines"]
    ptk(line)
    assert page.post(photo, "result", {"style": style}, suffix=".png").content == (tmp_path / "-o.ptk.png").read_bytes()


def test_the_second_of_two_faces(page, two_faces, ptk, tmp_path):
    content = encode(two_faces)
    opened = page.open(content, "two.png")
    assert [face["number"] for face in opened["faces"]] == [1, 2]
    (tmp_path / "two.png").write_bytes(content)
    for edit in (wish(2, words={"surprise": 1.0}), wish(2, moved={"57": [0, 8]}, style="sketch")):
        shown = page.post(opened["id"], "command", edit).json()
        for needed in shown["needs"]:
            (tmp_path / needed).write_bytes(page.post(opened["id"], "landmarks", edit).content)
        (line,) = shown["lines"]
        assert "--face 2" in line
        ptk(line)
        made = page.post(opened["id"], "result", edit, suffix=".png")
        assert made.content == (tmp_path / "two.ptk.png").read_bytes()


def test_both_faces_in_the_same_way_are_one_command(page, two_faces, ptk, tmp_path):
    content = encode(two_faces)
    photo = page.open(content, "two.png")["id"]
    (tmp_path / "two.png").write_bytes(content)
    edit = {"faces": {"1": {"words": {"smile": 1.0}}, "2": {"words": {"smile": 1.0}}}}
    (line,) = page.post(photo, "command", edit).json()["lines"]
    ptk(line)
    assert page.post(photo, "result", edit, suffix=".png").content == (tmp_path / "two.ptk.png").read_bytes()


def test_two_faces_that_do_different_things_are_two_commands(page, two_faces, ptk, tmp_path):
    content = encode(two_faces)
    photo = page.open(content, "two.png")["id"]
    (tmp_path / "two.png").write_bytes(content)
    edit = {"faces": {"1": {"words": {"smile": 1.0}}, "2": {"moved": {"57": [0, 8]}}}, "style": "sketch"}
    shown = page.post(photo, "command", edit).json()
    assert shown["needs"] == ["two.2.landmarks.json"]
    (tmp_path / "two.2.landmarks.json").write_bytes(page.post(photo, "landmarks", {**edit, "face": 2}).content)
    assert len(shown["lines"]) == 2
    for line in shown["lines"]:
        ptk(line)
    made = decode(page.post(photo, "result", edit, suffix=".png").content).astype(float)
    theirs = decode((tmp_path / "two.ptk.png").read_bytes()).astype(float)
    assert abs(made - theirs).mean() < 2  # the second finds its face in the result of the first


def test_the_landmarks_file_is_read_back_to_the_last_bit(page, camera_file, tmp_path):
    photo = page.open(camera_file, "cat.jpg")["id"]
    edit = wish(words=WORDS, moved=DRAGS)
    (tmp_path / "cat.jpg").write_bytes(camera_file)
    answer = page.post(photo, "landmarks", edit)
    assert "cat.landmarks.json" in answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].startswith("attachment")
    (tmp_path / "a.json").write_bytes(answer.content)
    read = read_landmarks(tmp_path / "a.json", read_photo(tmp_path / "cat.jpg"))
    _, meta = page.render(photo, edit, "whole")
    np.testing.assert_allclose(read.points, meta["points"], atol=0.051)
    session = page.studio.photos.session(page.studio.photos.get(photo))
    start = session.faces[0].points
    words = vocabulary().moved(start, WORDS)
    moved = words.copy()
    for number, drag in DRAGS.items():
        moved[int(number)] += np.float32(drag)
    np.testing.assert_array_equal(read.points, moved)


def test_an_expression_is_downloaded_as_it_was_asked(page, portrait_file, tmp_path):
    photo = page.open(portrait_file)["id"]
    for edit, words in ((wish(words=WORDS), WORDS), ({}, {})):
        (tmp_path / "a.json").write_bytes(page.post(photo, "expression", edit).content)
        assert read_expression(tmp_path / "a.json").words == words
    dragged = wish(words={"look_up": 0.5}, moved={"48": [-8, -14], "54": [8, -14], "60": [-6, -10], "64": [6, -10]})
    (tmp_path / "a.json").write_bytes(page.post(photo, "expression", dragged).content)
    read = read_expression(tmp_path / "a.json").words
    assert read["look_up"] == 0.5
    assert read.get("smile", 0) + read.get("closed_smile", 0) + read.get("laugh", 0) > 0.1


def test_an_expression_goes_around(page, portrait_file, camera_file):
    """Downloaded, and read again: the same words."""
    photo = page.open(portrait_file)["id"]
    saved = page.post(photo, "expression", wish(words=WORDS)).content
    assert page.ask("POST", "/api/expressions", content=saved).json()["words"] == WORDS
    read = page.ask("POST", "/api/expressions", content=camera_file, headers={"X-Ptk-Name": "me.jpg"}).json()
    assert sum(read["words"].get(name, 0) for name in ("smile", "laugh")) > 0.2  # she smiles
    assert read["parts"] == {}
    assert all(name in read["said"] for name, strength in read["words"].items() if strength > 0.05)
    edit = wish(like={"words": read["words"], "parts": {"mouth": 1.0}})
    again = page.post(photo, "expression", edit).content
    read_again = page.ask("POST", "/api/expressions", content=again).json()
    assert (read_again["words"], read_again["parts"]) == (read["words"], {"mouth": 1.0})


def test_the_command_takes_over_what_was_taken_over(page, portrait_file, ptk, tmp_path):
    photo = page.open(portrait_file, "cat.png")["id"]
    (tmp_path / "cat.png").write_bytes(portrait_file)
    like = {"words": {"surprise": 1.0, "look_up": 1.0, "turn": 5.0}, "parts": {"mouth": 0.5, "eyes": 1.0}}
    edit = wish(like=like, words={"tilt": -4.5})
    shown = page.post(photo, "command", edit).json()
    (needed,) = shown["needs"]
    (tmp_path / needed).write_bytes(page.post(photo, "expression", wish(like=like)).content)
    (line,) = shown["lines"]
    ptk(line)
    assert page.post(photo, "result", edit, suffix=".png").content == (tmp_path / "cat.ptk.png").read_bytes()


@pytest.mark.parametrize("content", [b'{"schema": "ptk.expression/1"}', b"{", b'{"schema": "other"}', b"{" * 2_000_000])
def test_expression_files_that_are_none_are_refused_in_a_line(page, content):
    answer = page.ask("POST", "/api/expressions", content=content)
    assert answer.status_code == 422
    assert not set("`\n") & set(answer.json()["error"])


def test_the_result_is_measured(page, portrait_file):
    photo = page.open(portrait_file)["id"]
    still = page.post(photo, "measure", {}).json()
    moved = page.post(photo, "measure", wish(words={"surprise": 1.0})).json()
    assert set(moved["parts"]) == {"mouth", "eyes", "brows", "jaw", "nose"}
    assert 0 <= still["mean"] < 0.5 < moved["mean"] < 10
    drawn = page.post(photo, "measure", {"style": "sketch"}).json()
    assert "error" in drawn or drawn["mean"] > still["mean"]


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".webp", ".tif", ".tiff"])
def test_results_come_in_every_format(page, portrait_file, tmp_path, suffix):
    photo = page.open(portrait_file, "cat.png")["id"]
    for edit in ({}, wish(words={"smile": 1.0})):
        answer = page.post(photo, "result", edit, suffix=suffix)
        assert f"cat.ptk{suffix.lower()}" in answer.headers["content-disposition"]
        made = tmp_path / f"made{suffix.lower()}"
        made.write_bytes(answer.content)
        assert read_photo(made).pixels.shape == (512, 512, 3)
