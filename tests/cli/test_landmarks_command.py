"""``ptk landmarks`` from the command line."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.faces.images import read_photo
from ptk.faces.landmarks import eye_distance, read_landmarks

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ptk_landmarks(ptk: Run) -> Run:
    return functools.partial(ptk, "landmarks")


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    Image.fromarray(data.astronaut()).save(tmp_path / "a.jpg", quality=95)
    return tmp_path / "a.jpg"


@pytest.fixture
def group(tmp_path: Path) -> Path:
    picture = Image.fromarray(data.astronaut())
    both = Image.new("RGB", (1024, 512))
    both.paste(picture, (0, 0))
    both.paste(picture.resize((384, 384)), (600, 60))
    both.save(tmp_path / "group.png")
    return tmp_path / "group.png"


@pytest.mark.parametrize("detector", ["mediapipe68", "dlib68"])
def test_the_json_lies_beside_the_photo_and_belongs_to_it(ptk_landmarks: Run, portrait: Path, detector: str) -> None:
    out = portrait.with_name("a.landmarks.json")
    assert ptk_landmarks(portrait, "--detector", detector) == (0, f"{out}\n", "")
    found = read_landmarks(out, read_photo(portrait))
    assert (found.detector, found.sha256) == (detector, hashlib.sha256(portrait.read_bytes()).hexdigest())
    assert eye_distance(found.points) == pytest.approx(62, abs=4)  # measured in a viewer


def test_points_are_those_of_the_upright_photo(ptk_landmarks: Run, portrait: Path, tmp_path: Path) -> None:
    with Image.open(portrait) as image:
        exif = Image.Exif()
        exif[274] = 6  # stored lying, to be turned by a quarter
        image.rotate(90, expand=True).save(tmp_path / "phone.jpg", quality=95, exif=exif)
    for name in ("a", "phone"):
        ptk_landmarks(tmp_path / f"{name}.jpg", "-o", tmp_path / f"{name}.json")
    one, other = (read_landmarks(tmp_path / f"{name}.json").points for name in ("a", "phone"))
    assert np.abs(one - other).mean() < 1


def test_show_draws_the_points_on_a_copy(ptk_landmarks: Run, portrait: Path, tmp_path: Path) -> None:
    before = portrait.read_bytes()
    status, said, _ = ptk_landmarks(portrait, "-o", tmp_path / "points.json", "--show", tmp_path / "drawn.png")
    assert (status, said.splitlines()) == (0, [str(tmp_path / "points.json"), str(tmp_path / "drawn.png")])
    drawn, own = np.array(Image.open(tmp_path / "drawn.png")).astype(int), np.array(Image.open(portrait)).astype(int)
    changed = np.abs(drawn - own).max(axis=2) > 30
    points = read_landmarks(tmp_path / "points.json").points
    low, high = points.min(axis=0), points.max(axis=0)
    ys, xs = np.nonzero(changed)
    assert changed.sum() > 68  # more than a pixel a point
    assert (xs.min() > low[0] - 5) and (xs.max() < high[0] + 5) and (ys.min() > low[1] - 5) and (ys.max() < high[1] + 5)
    assert portrait.read_bytes() == before


def test_of_several_faces_one_must_be_chosen(ptk_landmarks: Run, group: Path, tmp_path: Path) -> None:
    status, _, said = ptk_landmarks(group)
    assert status == 1
    assert said.startswith(f"ptk: {group}: 2 faces found: 1 at (")
    assert said.count("\n") == 1
    left = {}
    for choice in (1, 2, "largest"):
        assert ptk_landmarks(group, "--face", choice, "-o", tmp_path / f"{choice}.json")[0] == 0
        left[choice] = bool(read_landmarks(tmp_path / f"{choice}.json").points[30, 0] < 512)
    assert left == {1: True, 2: False, "largest": True}
    assert "there is no face 3" in ptk_landmarks(group, "--face", 3)[2]
    assert "a landmarks file is of one face" in ptk_landmarks(group, "--face", "all")[2]
    assert (
        "a face is chosen by a number from 1 on, largest or all, not by left"
        in ptk_landmarks(group, "--face", "left")[2]
    )


def test_faces_to_choose_from_are_drawn_with_their_numbers(ptk_landmarks: Run, group: Path, tmp_path: Path) -> None:
    drawn, own = tmp_path / "drawn.png", read_photo(group).pixels
    status, written, said = ptk_landmarks(group, "--show", drawn)
    assert (status, written) == (1, f"{drawn}\n")
    assert "2 faces found" in said
    assert not group.with_name("group.landmarks.json").exists()
    changed = (read_photo(drawn).pixels != own).any(axis=2)
    assert changed[:, :512].any()
    assert changed[:, 512:].any()
    ptk_landmarks(group, "--face", 1, "-o", tmp_path / "1.json")
    points = read_landmarks(tmp_path / "1.json").points
    (left, top), (right, bottom) = points.min(axis=0).astype(int), points.max(axis=0).astype(int)
    assert not changed[top:bottom, left:right].any()  # a face to be known by
    assert ptk_landmarks(group, "--face", 1, "-o", tmp_path / "1.json", "--show", drawn)[0] == 0
    changed = (read_photo(drawn).pixels != own).any(axis=2)
    assert changed[top:bottom, left:right].any()  # its points
    assert changed[:, 512:].any()  # the other's number


def test_edited_points_are_not_lost_by_looking_again(ptk_landmarks: Run, portrait: Path) -> None:
    out = portrait.with_name("a.landmarks.json")
    out.write_text("edited by hand")
    status, _, said = ptk_landmarks(portrait)
    assert (status, said.count("\n")) == (1, 1)
    assert "is there already" in said
    assert out.read_text() == "edited by hand"
    assert ptk_landmarks(portrait, "-o", out)[0] == 0
    assert read_landmarks(out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.jpg"], "nowhere.jpg: no such file"),
        (["a.jpg", "--detector", "dlib86"], "dlib68"),
        (["a.jpg", "-o", "a.jpg"], "a.jpg: is the photo itself"),
        (["a.jpg", "--show", "a.jpg"], "a.jpg: is the photo itself"),
        (["a.jpg", "--show", "drawn.pdf"], "drawn.pdf: photos are not written as .pdf"),
        (["a.jpg", "-o", "no/folder.json"], "no/folder.json: there is no folder no"),
        (["a.jpg", "-o", "one.png", "--show", "one.png"], "one.png: the JSON and the picture need a file each"),
        (["sky.png"], "sky.png: no face found (tried mediapipe68)"),
    ],
)
def test_whatever_is_wrong_is_one_line_and_leaves_no_file(
    ptk_landmarks: Run, portrait: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    folder = portrait.parent
    Image.new("RGB", (200, 200), "skyblue").save(folder / "sky.png")
    monkeypatch.chdir(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    status, _, line = ptk_landmarks(*arguments)
    assert (status, line.count("\n")) == (1, 1)
    assert said in line
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.slow
def test_of_a_drawing_they_are_found_on_its_photo(ptk: Run, ptk_landmarks: Run, portrait: Path, tmp_path: Path) -> None:
    assert ptk_landmarks(portrait, "-o", tmp_path / "true.json")[0] == 0
    assert ptk("edit", portrait, "--style", "poster", "-o", tmp_path / "poster.png")[0] == 0
    assert ptk_landmarks(tmp_path / "poster.png", "--from", "poster", "-o", tmp_path / "drawn.json")[::2] == (0, "")
    true = read_landmarks(tmp_path / "true.json", read_photo(portrait)).points
    drawn = read_landmarks(tmp_path / "drawn.json", read_photo(tmp_path / "poster.png")).points
    assert np.linalg.norm(true - drawn, axis=1).mean() / eye_distance(true) < 0.06
    code, _, said = ptk_landmarks(tmp_path / "poster.png", "--from", "crayon", "-o", tmp_path / "none.json")
    assert code == 1
    assert said.startswith("ptk: --from crayon: no way back is known; there are photo, sketch")
