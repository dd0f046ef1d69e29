"""Many photos through one translator: where results go, and that one photo stops no other."""

from pathlib import Path

import numpy as np
import pytest
from stand_ins import FACE, SMILE, Finds, Network, Sees, editor, photo, turned

from ptk.editing.batch import Job, edit_all, is_one_photo, plan
from ptk.editing.editor import Editor
from ptk.editing.rendered import Rendered
from ptk.errors import ImageError, OutputError
from ptk.faces.images import read_photo
from ptk.types import Landmarks


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
    with pytest.raises(OutputError, match="several photos need a folder for their results: give `out=FOLDER`"):
        plan(two, None)
    with pytest.raises(OutputError, match=r"is a file; several photos need a folder"):
        plan(two, album / "notes.txt")
    with pytest.raises(OutputError, match=r"all\.PNG: is named like a photo; several photos need a folder"):
        plan(two, tmp_path / "all.PNG")
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
    assert line.endswith("Taking 2, by far the largest; `face` takes another")
    assert one.only_face(read_photo(album / "a.png")).points is FACE


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
