"""One photo through an Editor: which of its faces, where they go, and when that is refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from stand_ins import FACE, SMILE, Finds, Network, Sees, editor, photo, turned

from ptk.editing.editor import Editor
from ptk.errors import FaceError, LandmarksError, NoFaceError
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.faces.words.expression import Expression
from ptk.types import Landmarks


def test_without_a_wish_the_photo_itself_is_the_result(album: Path, tmp_path: Path) -> None:
    warnings: list[str] = []
    plain = editor(warn=warnings.append)
    assert plain.edit(read_photo(album / "a.png"), tmp_path / "same.png")
    assert (tmp_path / "same.png").read_bytes() == (album / "a.png").read_bytes()
    assert warnings == [f"{album / 'a.png'}: nothing to change; {tmp_path / 'same.png'} is the photo as it was"]


def test_words_and_another_s_expression_add_up(album: Path, tmp_path: Path) -> None:
    words = vocabulary()
    surprised = words.moved(FACE, {"surprise": 1})
    moves = []
    for options in (
        {"like": Expression(words.shown(surprised))},
        {"strengths": {"smile": 0.5}},
        {"like": Expression(words.shown(surprised)), "strengths": {"smile": 0.5}},
    ):
        network = Network()
        Editor(network, Finds(), "finds", **options).edit(read_photo(album / "a.png"), tmp_path / "a.png")  # type: ignore[arg-type]
        moves.append(network.goals[0])
    assert np.abs(moves[0]).max() > 0.01  # sides of the crop
    np.testing.assert_allclose(moves[2], moves[0] + moves[1], atol=5e-3)  # lids are held back once, not twice


class Finds3(Finds):
    """A detector that finds three faces, the one in the middle the surest, the one on the right the largest."""

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        places = [FACE * 0.5 + (100, 40), FACE * 0.5 + (0, 40), FACE * 0.6 + (200, 40)]
        height, width = image.shape[:2]
        return [Landmarks(points=points.astype(np.float32), width=width, height=height) for points in places]


@pytest.mark.parametrize(("choice", "reached"), [("all", {0, 1, 2}), ("largest", {2}), (1, {0}), (2, {1}), (3, {2})])
def test_faces_are_edited_by_number_the_largest_or_all(choice: object, reached: set[int], tmp_path: Path) -> None:
    Image.new("RGB", (400, 200), "white").save(tmp_path / "a.png")
    alone, out = read_photo(tmp_path / "a.png"), tmp_path / "out.png"
    assert Editor(Network(), Finds3(), "finds", face=choice, strengths=SMILE).edit(alone, out)  # type: ignore[arg-type]
    tips = np.array([points[30] for points in (FACE * 0.5 + (0, 40), FACE * 0.5 + (100, 40), FACE * 0.6 + (200, 40))])
    changed = {number for number, (x, y) in enumerate(tips.astype(int)) if read_photo(out).pixels[y, x, 0] < 200}
    assert changed == reached


def test_somebody_else_s_photo_shows_one_face(album: Path, tmp_path: Path) -> None:
    assert editor().only_face(read_photo(album / "a.png")).points is FACE
    for level, said in ((0, "no face found"), (99, "2 faces found")):
        with pytest.raises(NoFaceError, match=rf"other\.png: {said} \(tried finds\); crop it to the one"):
            editor().only_face(read_photo(photo(tmp_path / "other.png", level)))


def test_only_a_movement_suffers_from_a_turn(tmp_path: Path) -> None:
    """Silent to 30 degrees, a warning to 45, refused beyond, each in a line that names the photo."""
    me, out = read_photo(photo(tmp_path / "me.png")), tmp_path / "out.png"
    for degrees, warnings, refused in ((29, 0, False), (31, 1, False), (44, 1, False), (46, 0, True)):
        for strengths, force in (({"smile": 1.0}, False), ({"smile": 1.0}, True), ({"smile": 0.0}, False), ({}, False)):
            lines: list[str] = []
            one = Editor(
                Network(), Sees(level255=turned(degrees)), "sees", strengths=strengths, force=force, warn=lines.append
            )
            out.unlink(missing_ok=True)
            if refused and any(strengths.values()) and not force:
                with pytest.raises(FaceError, match=rf"^{me.path}: the face is turned {degrees} degrees"):
                    one.edit(me, out)
                assert not out.exists()
                assert lines == []
                continue
            one.edit(me, out)
            if not any(strengths.values()):
                assert lines.pop().startswith(f"{me.path}: nothing to change")
            assert len(lines) == (any(strengths.values()) and (warnings or refused))
            assert all(line.startswith(f"{me.path}: the face is turned {degrees} degrees") for line in lines)


def test_an_expression_is_read_from_faces_that_show_one(tmp_path: Path) -> None:
    other = photo(tmp_path / "other.png", 20)
    rest = vocabulary().rest

    def read(strengths: dict[str, float], force: bool = False) -> tuple[dict[str, float], list[str]]:
        points = (rest + sum(each * vocabulary().words[word].field for word, each in strengths.items())) * 60 + (
            100,
            80,
        )
        lines: list[str] = []
        one = Editor(Network(), Sees(level20=points.astype(np.float32)), "s", force=force, warn=lines.append)
        return one.read_expression(read_photo(other))[1], lines

    seen, lines = read({"open_mouth": 1.0})
    assert seen["open_mouth"] == pytest.approx(1, abs=0.2)  # readings shrink by two standard deviations
    assert lines == []
    seen, lines = read({"open_mouth": 2.2})  # a scream, some of it taken for surprise
    assert seen["open_mouth"] == vocabulary().words["open_mouth"].most
    assert re.match(rf"{other}: reads as open_mouth=(1\.[6-9]|2\.)\d+ \(at most 1\.5\); taken for that much", lines[0])
    with pytest.raises(
        FaceError, match=rf"^{other}: reads as kiss=\d\.\d\d \(at most 1\.5\).*, more than any face does"
    ):
        read({"kiss": 4.0})
    seen, lines = read({"kiss": 4.0}, force=True)
    assert all(strength <= vocabulary().words[word].most for word, strength in seen.items())
    assert len(lines) == 1


def test_landmarks_are_held_against_the_face(tmp_path: Path) -> None:
    me, out = read_photo(photo(tmp_path / "me.png", 10)), tmp_path / "out.png"
    one = Editor(Network(), Sees(level10=FACE), "sees")

    def target(points: np.ndarray) -> Landmarks:
        return Landmarks(points=points.astype(np.float32), width=200, height=200)

    assert one.edit(me, out, target(vocabulary().moved(FACE, {"smile": 1})))
    for points in (FACE[::-1], FACE / 2, FACE + 90):
        with pytest.raises(LandmarksError, match=rf"^{me.path}: .*, or force it"):
            one.edit(me, out, target(points))


def test_of_several_faces_one_that_is_turned_too_far_is_left_out(tmp_path: Path) -> None:
    class Turned(Finds):
        def detect(self, image: np.ndarray) -> list[Landmarks]:
            away = turned(60) * 0.5 + np.float32((200, 20))
            faces = (FACE * 0.5 + (0, 40)).astype(np.float32), away.astype(np.float32)
            return [Landmarks(points=points, width=400, height=200) for points in faces]

    Image.new("RGB", (400, 200), "white").save(tmp_path / "a.png")
    lines: list[str] = []
    one = Editor(Network(), Turned(), "finds", face="all", strengths=SMILE, warn=lines.append)
    assert one.edit(read_photo(tmp_path / "a.png"), tmp_path / "out.png")
    (line,) = lines
    assert line.startswith(f"{tmp_path / 'a.png'}: the face is turned 60 degrees")
    x, y = (FACE[30] * 0.5 + (0, 40)).astype(int)
    assert read_photo(tmp_path / "out.png").pixels[y, x, 0] < 200
