import numpy as np
import pytest

from ptk.errors import NoFaceError
from ptk.faces.choose import choose_face
from ptk.types import Landmarks


def face_at(x: float, y: float, size: float) -> Landmarks:
    corners = np.array([[x - size / 2, y - size / 2], [x + size / 2, y + size / 2]], dtype=np.float32)
    return Landmarks(points=np.concatenate([corners, np.full((66, 2), (x, y), np.float32)]), width=800, height=600)


LEFT, RIGHT = face_at(200, 300, 120), face_at(600, 250, 80)


def test_the_only_face_is_meant_whether_numbered_or_not() -> None:
    assert choose_face([LEFT], "a.jpg", "mediapipe68", None) is LEFT
    assert choose_face([LEFT], "a.jpg", "mediapipe68", 1) is LEFT


def test_a_number_picks_counted_from_one() -> None:
    assert choose_face([LEFT, RIGHT], "a.jpg", "mediapipe68", 2) is RIGHT


def test_nobody_found_names_photo_detector_and_mend() -> None:
    with pytest.raises(NoFaceError, match=r"^a\.jpg: no face found \(tried dlib68\); crop closer or pass --landmarks$"):
        choose_face([], "a.jpg", "dlib68", None)


def test_several_are_listed_with_place_and_size() -> None:
    with pytest.raises(NoFaceError) as caught:
        choose_face([LEFT, RIGHT], "a.jpg", "mediapipe68", None)
    assert str(caught.value) == (
        "a.jpg: 2 faces found: 1 at (200, 300), 120 x 120 px; 2 at (600, 250), 80 x 80 px. Say which: --face 1 to 2"
    )


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_number_that_nobody_has_is_refused(number: int) -> None:
    with pytest.raises(NoFaceError, match=f"there is no face {number}; 2 faces found: 1 at"):
        choose_face([LEFT, RIGHT], "a.jpg", "mediapipe68", number)
