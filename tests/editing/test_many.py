"""Many photos through one translator: where results go, and that one photo stops no other."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ptk.editing.many import Editor, Job, edit_all, is_one_photo, plan
from ptk.errors import ImageError, NoFaceError, OutputError
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.types import Landmarks

FACE = (vocabulary().rest * 60 + (100, 80)).astype(np.float32)


class Network:
    """A translator that paints faces grey, and keeps where they were to go."""

    size = 64
    domains = ("photo",)

    def __init__(self) -> None:
        self.goals: list[np.ndarray] = []

    def rendered(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> np.ndarray:
        self.goals.append(goal - start)
        return np.full(cut.shape, 128.0, np.float32)


class Finds:
    """A detector that finds a face where the photo is bright."""

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        faces = {0: 0, 255: 1}.get(int(image[0, 0, 0]), 2)
        return [Landmarks(points=FACE, width=image.shape[1], height=image.shape[0])] * faces


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
    assert failures[0].startswith(f"{album / 'damaged.jpg'}: is not an image that ptk reads")
    assert failures[1].startswith(f"{album / 'nobody.jpg'}: no face found (tried finds)")
    assert seen == [(number, 5) for number in range(6)]
    written = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert written == sorted(job.out for job in made)
    assert [path.name for path in written] == ["a.png", "b.png", "a.png"]


def test_what_nobody_thought_of_is_a_failure_of_its_photo_alone(album: Path, tmp_path: Path) -> None:
    class Breaks(Network):
        def rendered(self, *given: object) -> np.ndarray:
            super().rendered(*given)  # type: ignore[arg-type]
            if len(self.goals) == 1:
                raise RuntimeError("out of\nluck")
            return np.zeros((64, 64, 3), np.float32)

    both = plan([album / "a.png", album / "b.bmp"], tmp_path / "out")
    assert edit_all(both, Editor(Breaks(), Finds(), "finds")) == [
        f"{album / 'a.png'}: unexpected RuntimeError: out of luck"
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.png"]


def test_stopping_leaves_whole_results_only(album: Path, tmp_path: Path) -> None:
    class Stopped(Network):
        def rendered(self, *given: object) -> np.ndarray:
            if self.goals:
                raise KeyboardInterrupt
            return super().rendered(*given)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        edit_all(plan([album], tmp_path / "out"), Editor(Stopped(), Finds(), "finds"))
    (whole,) = (path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert read_photo(whole).width == 200


def test_a_folder_that_cannot_be_made_is_said_of_each_photo(album: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failures = edit_all([Job(album / "a.png", tmp_path / "file" / "a.png")], editor())
    assert len(failures) == 1
    assert failures[0].startswith(f"{album / 'a.png'}: {tmp_path / 'file'}: cannot be made")


def test_without_a_wish_the_expression_stays(album: Path, tmp_path: Path) -> None:
    plain = editor()
    assert plain.edit(read_photo(album / "a.png"), tmp_path / "a.png")
    assert not plain.translator.goals[0].any()  # type: ignore[attr-defined]


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
    assert Editor(Network(), Finds3(), "finds", face=choice).edit(alone, out)  # type: ignore[arg-type]
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
    one = Editor(Network(), WithPoster(), "finds", warn=told.append)
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
