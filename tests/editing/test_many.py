"""Many photos through one translator: where results go, and that one photo stops no other."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ptk.editing.editor import Editor
from ptk.editing.many import Job, edit_all, is_one_photo, plan
from ptk.editing.rendered import Rendered
from ptk.errors import FaceError, ImageError, LandmarksError, NoFaceError, OutputError
from ptk.faces.align import FACE as SOLID
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.types import Landmarks

SMILE = {"smile": 1.0}
FACE = (vocabulary().rest * 60 + (100, 80)).astype(np.float32)


class Network:
    """A translator that paints faces grey, and keeps where they were to go."""

    size = 64
    domains = ("photo",)
    face_flow = None

    def __init__(self) -> None:
        self.goals: list[np.ndarray] = []

    def render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        self.goals.append(goal - start)
        return Rendered(np.full(cut.shape, 128.0, np.float32))


class Finds:
    """A detector that finds a face where the photo is bright."""

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        faces = {0: 0, 255: 1}.get(int(image[0, 0, 0]), 2)
        return [Landmarks(points=FACE, width=image.shape[1], height=image.shape[0])] * faces


def turned(degrees: float) -> np.ndarray:
    """The mean face after a turn to the right of the picture, in pixels."""
    sin, cos = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    seen = np.stack([SOLID[:, 0] * cos - SOLID[:, 2] * sin, SOLID[:, 1]], axis=-1)
    return np.asarray(seen * 60 + (100, 80), dtype=np.float32)


class Sees:
    """A detector that finds the same face everywhere, and more of it the brighter the photo is."""

    def __init__(self, **points: np.ndarray) -> None:
        self.points = points

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        points = self.points[f"level{image[0, 0, 0]}"]
        return [Landmarks(points=points, width=image.shape[1], height=image.shape[0])]


def photo(path: Path, level: int = 255) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (200, 200), (level,) * 3).save(path)
    return path


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three photos of faces in two folders, one without anybody, one that is damaged, and what is no photo."""
    folder = tmp_path / "album"
    photo(folder / "a.png")
    photo(folder / "b.bmp")
    photo(folder / "trip" / "a.png")
    photo(folder / "nobody.jpg", 0)
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    (folder / "notes.txt").write_text("no photo")
    photo(folder / ".trash" / "old.png")
    return folder


def editor(**options: object) -> Editor:
    return Editor(Network(), Finds(), "finds", **options)  # type: ignore[arg-type]


def test_one_photo_goes_to_a_file(tmp_path: Path) -> None:
    one = photo(tmp_path / "me.jpg")
    assert is_one_photo([one])
    assert plan([one], None) == [Job(one, tmp_path / "me.ptk.jpg")]
    assert plan([one], tmp_path / "new.png") == [Job(one, tmp_path / "new.png")]
    with pytest.raises(OutputError, match="is the photo itself"):
        plan([one], one)


def test_a_folder_s_photos_keep_their_places_below_it(album: Path, tmp_path: Path) -> None:
    out = tmp_path / "edited"
    jobs = {str(job.photo.relative_to(album)): str(job.out.relative_to(out)) for job in plan([album], out)}
    assert jobs == {
        "a.png": "a.png",
        "b.bmp": "b.png",  # ptk writes no BMP
        "damaged.jpg": "damaged.jpg",
        "nobody.jpg": "nobody.jpg",
        "trip/a.png": "trip/a.png",
    }


def test_results_of_before_are_no_photos_to_edit(album: Path) -> None:
    photo(album / "edited" / "a.png")
    assert all("edited" not in job.photo.parts for job in plan([album], album / "edited"))


def test_the_same_photo_twice_is_edited_once(album: Path, tmp_path: Path) -> None:
    jobs = plan([album / "a.png", album / "a.png", album], tmp_path / "out")
    assert len(jobs) == len({job.out for job in jobs}) == 5


def test_what_cannot_be_planned(album: Path, tmp_path: Path) -> None:
    two = [album / "a.png", album / "trip" / "a.png"]
    with pytest.raises(OutputError, match="several photos need a folder for their results: give --out FOLDER"):
        plan(two, None)
    with pytest.raises(OutputError, match=r"is a file; several photos need a folder"):
        plan(two, album / "notes.txt")
    with pytest.raises(OutputError, match=r"a\.png: both .*album/a\.png and .*trip/a\.png would go there"):
        plan(two, tmp_path / "out")
    with pytest.raises(OutputError, match=r"a\.png: is a photo itself, which ptk never overwrites"):
        plan([album], album)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ImageError, match=r"empty: no photos in this folder"):
        plan([empty], tmp_path / "out")


def test_a_photo_that_fails_stops_no_other(album: Path, tmp_path: Path) -> None:
    seen, made = [], []
    jobs = plan([album], tmp_path / "out")
    failures = edit_all(jobs, editor(), lambda *each: seen.append(each[1:]), made.append)
    assert len(failures) == 2
    assert failures[0].startswith(f"{album / 'damaged.jpg'}: cannot be read as an image (damaged or cut short)")
    assert failures[1].startswith(f"{album / 'nobody.jpg'}: no face found (tried finds)")
    assert seen == [(number, 5) for number in range(6)]
    written = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert written == sorted(job.out for job in made)
    assert [path.name for path in written] == ["a.png", "b.png", "a.png"]


def test_what_nobody_thought_of_is_a_failure_of_its_photo_alone(album: Path, tmp_path: Path) -> None:
    class Breaks(Network):
        def render(self, *given: object) -> Rendered:
            made = super().render(*given)  # type: ignore[arg-type]
            if len(self.goals) == 1:
                raise RuntimeError("out of\nluck")
            return made

    both = plan([album / "a.png", album / "b.bmp"], tmp_path / "out")
    assert edit_all(both, Editor(Breaks(), Finds(), "finds", strengths=SMILE)) == [
        f"{album / 'a.png'}: unexpected RuntimeError: out of luck"
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.png"]


def test_stopping_leaves_whole_results_only(album: Path, tmp_path: Path) -> None:
    class Stopped(Network):
        def render(self, *given: object) -> Rendered:
            if self.goals:
                raise KeyboardInterrupt
            return super().render(*given)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        edit_all(plan([album], tmp_path / "out"), Editor(Stopped(), Finds(), "finds", strengths=SMILE))
    (whole,) = (path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert read_photo(whole).width == 200


def test_a_folder_that_cannot_be_made_is_said_of_each_photo(album: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failures = edit_all([Job(album / "a.png", tmp_path / "file" / "a.png")], editor())
    assert len(failures) == 1
    assert failures[0].startswith(f"{album / 'a.png'}: {tmp_path / 'file'}: cannot be made")


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
        {"like": surprised},
        {"strengths": {"smile": 0.5}},
        {"like": surprised, "strengths": {"smile": 0.5}},
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


def test_in_a_folder_a_number_is_each_photo_s_own(album: Path, tmp_path: Path) -> None:
    photo(album / "two.png", 99)
    jobs = plan([album / "a.png", album / "two.png"], tmp_path / "out")
    (failure,) = edit_all(jobs, editor(face=2))
    assert failure.startswith(f"{album / 'a.png'}: there is no face 2; 1 face found: 1 at")
    (failure,) = edit_all(jobs, editor())
    assert failure.startswith(f"{album / 'two.png'}: 2 faces found: 1 at")
    for choice in ("all", "largest"):
        assert edit_all(jobs, editor(face=choice)) == []


def test_who_else_is_in_a_photo_is_told_where_the_main_face_is_taken(album: Path, tmp_path: Path) -> None:
    class WithPoster(Finds):
        def detect(self, image: np.ndarray) -> list[Landmarks]:
            poster = Landmarks(points=(FACE * 0.2).astype(np.float32), width=200, height=200)
            return [poster, *super().detect(image)]

    told: list[str] = []
    one = Editor(Network(), WithPoster(), "finds", strengths=SMILE, warn=told.append)
    assert edit_all([Job(album / "a.png", tmp_path / "a.png")], one) == []
    (line,) = told
    assert line.startswith(f"{album / 'a.png'}: 2 faces found: 1 at")
    assert line.endswith("Taking 2, by far the largest; --face takes another")
    assert one.only_face(read_photo(album / "a.png")).points is FACE


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


def test_a_turned_face_among_many_stops_no_other(tmp_path: Path) -> None:
    for level, name in ((10, "front"), (20, "half"), (30, "profile")):
        photo(tmp_path / "album" / f"{name}.png", level)
    faces = Sees(level10=turned(0), level20=turned(40), level30=turned(60))
    warnings: list[str] = []
    one = Editor(Network(), faces, "sees", strengths={"smile": 1}, warn=warnings.append)
    failures = edit_all(plan([tmp_path / "album"], tmp_path / "out"), one)
    assert [line.split(": the face is")[0] for line in warnings] == [str(tmp_path / "album" / "half.png")]
    assert [line.split(": the face is")[0] for line in failures] == [str(tmp_path / "album" / "profile.png")]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["front.png", "half.png"]


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
    assert lines[0].startswith(f"{other}: reads as open_mouth=1.")
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
