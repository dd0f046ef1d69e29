import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.errors import NoFaceError, PtkError
from ptk.faces.choose import choose_face, choose_faces, main_face, number_faces, parse_choice
from ptk.faces.landmarks import mirrored
from ptk.types import Landmarks


def face_at(x: float, y: float, size: float) -> Landmarks:
    corners = np.array([[x - size / 2, y - size / 2], [x + size / 2, y + size / 2]], dtype=np.float32)
    return Landmarks(points=np.concatenate([corners, np.full((66, 2), (x, y), np.float32)]), width=800, height=600)


LEFT, RIGHT = face_at(200, 300, 120), face_at(600, 250, 80)


@st.composite
def groups(draw: st.DrawFn) -> list[list[Landmarks]]:
    """People in rows, as photographers put them: faces of 80 to 120 px, uneven by 20, rows 180 px apart or more."""
    rows = []
    top = 0.0
    for _ in range(draw(st.integers(1, 4))):
        count = draw(st.integers(1, 6))
        left = draw(st.floats(0, 100))
        middles = [(left + 130 * column, top + draw(st.floats(-10, 10))) for column in range(count)]
        rows.append([face_at(x, y, draw(st.floats(80, 120))) for x, y in middles])
        top += draw(st.floats(180, 400))
    return rows


def flat(rows: list[list[Landmarks]]) -> list[Landmarks]:
    return [face for row in rows for face in row]


@given(rows=groups(), data=st.data())
def test_rows_are_numbered_from_the_top_and_from_the_left(rows: list[list[Landmarks]], data: st.DataObject) -> None:
    found = data.draw(st.permutations(flat(rows)))  # detectors give the surest first
    assert number_faces(found) == flat(rows)


@given(rows=groups(), data=st.data())
def test_who_is_cropped_away_leaves_the_order_of_the_others(rows: list[list[Landmarks]], data: st.DataObject) -> None:
    left, top = data.draw(st.tuples(st.floats(0, 300), st.floats(0, 300)))
    kept = [face for face in flat(rows) if face.points[:, 0].min() > left and face.points[:, 1].min() > top]
    cropped = [face_at(*(face.points[5] - (left, top)), float(np.ptp(face.points[:, 0]))) for face in kept]
    assert number_faces(cropped[::-1]) == cropped


@given(rows=groups(), data=st.data())
def test_the_mirror_turns_each_row_around(rows: list[list[Landmarks]], data: st.DataObject) -> None:
    twins = {face: Landmarks(points=mirrored(face.points, 900), width=900, height=900) for face in flat(rows)}
    found = data.draw(st.permutations(list(twins.values())))
    assert number_faces(found) == [twins[face] for row in rows for face in reversed(row)]


@given(rows=groups(), data=st.data())
def test_noise_of_some_pixels_changes_no_number(rows: list[list[Landmarks]], data: st.DataObject) -> None:
    noise = np.random.default_rng(data.draw(st.integers(0, 99)))
    numbered = flat(rows)
    moved = [
        Landmarks(points=(face.points + noise.uniform(-3, 3, (68, 2))).astype(np.float32), width=9, height=9)
        for face in numbered
    ]
    assert number_faces(moved[::-1]) == moved


@given(places=st.lists(st.tuples(*[st.floats(0, 900)] * 2, st.floats(20, 400)), max_size=7), data=st.data())
def test_numbers_do_not_depend_on_the_order_of_finding(
    places: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    faces = [face_at(*place) for place in places]
    again = data.draw(st.permutations(faces))
    ordered = [face.points.tolist() for face in number_faces(faces)]
    assert [face.points.tolist() for face in number_faces(again)] == ordered
    assert sorted(ordered) == sorted(face.points.tolist() for face in faces)


def test_a_child_beside_an_adult_is_in_a_row_with_her() -> None:
    adult, child = face_at(300, 300, 300), face_at(700, 420, 50)
    assert number_faces([child, adult]) == [adult, child]
    below = face_at(100, 470, 50)  # at her chin's height, hardly
    assert number_faces([below, adult]) == [adult, below]


def test_the_only_face_is_meant_whatever_is_chosen() -> None:
    for choice in (None, 1, "largest"):
        assert choose_face([LEFT], "a.jpg", "mediapipe68", choice) is LEFT  # type: ignore[arg-type]
    assert choose_faces([LEFT], "a.jpg", "mediapipe68", "all") == [LEFT]


def test_a_number_picks_from_left_to_right_whoever_is_surest() -> None:
    for found in ([LEFT, RIGHT], [RIGHT, LEFT]):
        assert choose_face(found, "a.jpg", "mediapipe68", 2) is RIGHT
        assert choose_face(found, "a.jpg", "mediapipe68", "largest") is LEFT
        assert choose_faces(found, "a.jpg", "mediapipe68", "all") == [LEFT, RIGHT]


@pytest.mark.parametrize("choice", [None, 1, "largest", "all"])
def test_nobody_found_names_photo_detector_and_mend(choice: int | None) -> None:
    with pytest.raises(NoFaceError, match=r"^a\.jpg: no face found \(tried dlib68\); crop closer or pass `landmarks`$"):
        choose_faces([], "a.jpg", "dlib68", choice)


def test_several_are_listed_with_place_and_size() -> None:
    with pytest.raises(NoFaceError) as caught:
        choose_face([RIGHT, LEFT], "a.jpg", "mediapipe68", None)
    assert str(caught.value) == (
        "a.jpg: 2 faces found: 1 at (200, 300), 120 x 120 px; 2 at (600, 250), 80 x 80 px. "
        "Say which: `face` 1 to 2, largest, or all (`edit` only); "
        "`write_landmarks(a.jpg, show=faces.png)` draws the numbers"
    )


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_number_that_nobody_has_is_refused(number: int) -> None:
    with pytest.raises(NoFaceError, match=f"there is no face {number}; 2 faces found: 1 at"):
        choose_face([LEFT, RIGHT], "a.jpg", "mediapipe68", number)


def test_one_who_is_three_times_as_large_as_all_others_is_taken_with_a_word() -> None:
    poster, passer_by = face_at(500, 100, 39), face_at(700, 350, 30)
    said: list[str] = []
    assert choose_face([poster, LEFT, passer_by], "a.jpg", "mediapipe68", None, said.append) is LEFT
    (line,) = said
    assert line.startswith("a.jpg: 3 faces found: 1 at (500, 100), 39 x 39 px; 2 at (200, 300)")
    assert line.endswith(". Taking 2, by far the largest; `face` takes another")
    assert choose_face([poster, LEFT, passer_by], "a.jpg", "mediapipe68", 3, said.append) is passer_by
    assert choose_face([LEFT], "a.jpg", "mediapipe68", None, said.append) is LEFT
    assert len(said) == 1


def test_whom_a_photo_is_of() -> None:
    assert main_face([]) is None
    assert main_face([LEFT]) is LEFT
    for found in itertools.permutations([LEFT, face_at(500, 100, 40)]):
        assert main_face(found) is LEFT
    assert main_face([LEFT, face_at(500, 100, 41)]) is None


@pytest.mark.parametrize(("word", "choice"), [("all", "all"), ("largest", "largest"), ("1", 1), ("12", 12)])
def test_words_for_faces(word: str, choice: int | str) -> None:
    assert parse_choice(word) == choice


@given(word=st.text() | st.sampled_from(["0", "-1", "1.0", "²", "All", ""]))
def test_other_words_are_refused(word: str) -> None:
    if word in ("all", "largest") or (word.isascii() and word.isdigit() and int(word) > 0):
        return
    with pytest.raises(PtkError, match="a face is chosen by a number from 1 on, largest or all, not by"):
        parse_choice(word)
