import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.faces.drawing.number_plates import draw_numbers, place_plates
from ptk.types import Landmarks


def face_at(x: float, y: float, size: float) -> Landmarks:
    corners = np.array([[x - size / 2, y - size / 2], [x + size / 2, y + size / 2]], dtype=np.float32)
    return Landmarks(points=np.concatenate([corners, np.full((66, 2), (x, y), np.float32)]), width=800, height=600)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)))


def box(face: Landmarks) -> np.ndarray:
    return np.concatenate([face.points.min(axis=0), face.points.max(axis=0)])


@pytest.mark.parametrize(("width", "height"), [(1000, 700), (4000, 3000), (300, 200)])
def test_plates_cover_no_face_and_no_plate(width: int, height: int) -> None:
    unit = width / 1000
    faces = [face_at(x * unit, y * unit, size * unit) for x, y, size in [(80, 120, 150), (400, 60, 90), (560, 70, 110)]]
    faces += [face_at(x * unit, 500 * unit, 60 * unit) for x in range(100, 1000, 90)]
    plates = place_plates(faces, width, height)
    for number, plate in enumerate(plates):
        assert all(overlap(plate, box(face)) == 0 for face in faces)
        assert all(overlap(plate, other) == 0 for other in plates[:number])
        assert plate[3] - plate[1] >= width / 40  # read on a screen of 1000 pixels, too


@given(
    places=st.lists(st.tuples(st.floats(-100, 900), st.floats(-100, 700), st.floats(1, 900)), max_size=5),
    width=st.integers(32, 800),
    height=st.integers(32, 600),
)
def test_plates_lie_in_the_picture_wherever_faces_are(
    places: list[tuple[float, float, float]], width: int, height: int
) -> None:
    faces = [face_at(*place) for place in places]
    for left, top, right, bottom in place_plates(faces, width, height):
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    grey = np.full((height, width, 3), 128, np.uint8)
    assert draw_numbers(grey, faces).shape == grey.shape
    assert (grey == 128).all()


def test_faces_themselves_stay_as_they_are() -> None:
    faces = [face_at(200, 300, 120), face_at(600, 300, 60)]
    grey = np.full((600, 800, 3), 128, np.uint8)
    drawn = draw_numbers(grey, faces, faces[1])
    for face in faces:
        left, top, right, bottom = box(face).astype(int)
        assert (drawn[top:bottom, left:right] == 128).all()
    green = (drawn == (0, 130, 60)).all(axis=2)
    assert green[:, 500:].any()
    assert not green[:, :400].any()  # only the chosen one
    assert (drawn[:, :400] == 255).all(axis=2).any()
