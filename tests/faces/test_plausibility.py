"""Landmarks that no face can have are refused, unusual ones are not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.errors import FaceError, LandmarksError
from ptk.faces.expressions import vocabulary
from ptk.faces.landmarks import MIRROR, point_name
from ptk.faces.plausibility import check_reading, check_target, check_unseen_target, moves

WORDS = vocabulary()
FACES = [
    np.array(entry.landmarks, dtype=np.float32)
    for entry in read_manifest(SAMPLE)
    if entry.domain == "photo" and entry.expression in ("neutral", "happiness") and entry.identity < "p08"
]
EYES = [float(np.linalg.norm(face[45] - face[36])) for face in FACES]


def swapped(points: np.ndarray, first: list[int], second: list[int]) -> np.ndarray:
    result = points.copy()
    result[first + second] = points[second + first]
    return result


def with_point(points: np.ndarray, number: int, x: float, y: float) -> np.ndarray:
    result = points.copy()
    result[number] = x, y
    return result


def merged_lips(points: np.ndarray) -> np.ndarray:
    result = points.copy()
    result[[61, 62, 63]] = result[[67, 66, 65]] = (points[[61, 62, 63]] + points[[67, 66, 65]]) / 2
    return result


def slimmer(points: np.ndarray, share: float = 0.25) -> np.ndarray:
    """The cheeks pulled in, as the paper does."""
    result, cheeks = points.copy(), [*range(1, 8), *range(9, 16)]
    result[cheeks, 0] += share * (points[30, 0] - points[cheeks, 0])
    return result


def bigger_eyes(points: np.ndarray) -> np.ndarray:
    result = points.copy()
    for eye in (slice(36, 42), slice(42, 48)):
        result[eye] += 0.5 * (points[eye] - points[eye].mean(axis=0))
    return result


@pytest.mark.parametrize("edit", [np.copy, merged_lips, slimmer, bigger_eyes], ids=lambda edit: edit.__name__)
def test_what_people_edit_is_in_order(edit: Callable[[np.ndarray], np.ndarray]) -> None:
    for face in FACES:
        assert check_target(face, edit(face)) == []


@pytest.mark.parametrize("word", WORDS.words)
def test_no_word_is_out_of_order(word: str) -> None:
    for face in FACES:
        for strength in (WORDS.words[word].least, WORDS.words[word].most):
            assert check_target(face, WORDS.moved(face, {word: strength})) == []


@given(angle=st.floats(-3.1, 3.1), size=st.floats(0.05, 50), noise=st.integers(0, 99))
def test_place_angle_and_size_in_the_photo_do_not_matter(angle: float, size: float, noise: int) -> None:
    """Both face and landmarks lie anywhere; points that are off by 1 % of the eye distance are in order."""
    turn = size * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    face = FACES[noise % len(FACES)]
    away = np.random.default_rng(noise).uniform(-0.01, 0.01, face.shape) * EYES[0]
    assert check_target(face @ turn, (face + away) @ turn) == []
    with pytest.raises(LandmarksError, match=r"the right eye .* is right of the left eye"):
        check_target(face @ turn, swapped(face, [*range(36, 42)], [*range(42, 48)]) @ turn)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda face: swapped(face, [*range(36, 42)], [*range(42, 48)]),
            "the right eye (points 36 to 41) is right of the left eye (points 42 to 47); put it back",
        ),
        (
            lambda face: swapped(face, [*range(17, 22)], [*range(22, 27)]),
            "the right brow (points 17 to 21) is right of the left brow (points 22 to 26)",
        ),
        (
            lambda face: swapped(face, [*range(49, 54)], [*range(55, 60)]),
            "the upper lip (points 49 to 53) is below the lower lip (points 55 to 59)",
        ),
        (lambda face: face[list(MIRROR)], "the right eye (points 36 to 41) is right of the left eye"),
        (lambda face: face[::-1], "the right brow (points 17 to 21) is below the right eye"),
        (lambda face: swapped(face, [48], [54]), "point 48, right corner of the mouth, is right of point 54, left"),
        (lambda face: swapped(face, [*range(27, 36)], [*range(48, 57)]), "the nose (points 27 to 35) is below"),
        (lambda face: with_point(face, 48, 0, 0), "point 48, right corner of the mouth, moved by "),
        (lambda face: with_point(face, 8, *face[62]), "point 57, lower lip, is below point 8, chin"),
        (lambda face: face / 2, "the landmarks are 0.50 times as large as the face in the photo"),
        (lambda face: face * 2, "the landmarks are 2.00 times as large as the face in the photo"),
        (lambda face: face + 100, "the landmarks lie "),
        (lambda face: (face - 128) @ np.array([[0, 1], [-1, 0]]) + 128, "the landmarks are turned by 90 degrees"),
    ],
)
def test_what_no_face_can_be_is_refused(spoil: Callable[[np.ndarray], np.ndarray], said: str) -> None:
    for face in FACES:
        with pytest.raises(LandmarksError) as caught:
            check_target(face, spoil(face), "me.jpg")
        lines = str(caught.value).splitlines()
        assert len(lines) <= 3
        assert lines[0].startswith(f"me.jpg: {said}")
        assert all("(`write_landmarks`)" in line and line.endswith(", or force it") for line in lines)
        assert check_target(face, spoil(face), "me.jpg", force=True)[-len(lines) :] == [
            line.removesuffix(", or force it") for line in lines
        ]


def test_what_is_odd_is_warned_of() -> None:
    for face, eyes in zip(FACES, EYES, strict=True):
        (warning,) = check_target(face, face + np.float32([0.45 * eyes, 0]), "me.jpg")
        assert warning.startswith("me.jpg: the landmarks lie 0.")
        (warning,) = check_target(face, with_point(face, 2, face[2, 0] - 0.65 * eyes, face[2, 1]), "me.jpg")
        assert warning.startswith("me.jpg: point 2, right side of the jaw, moved by 0.6")


@given(
    points=arrays(np.float32, (68, 2), elements=st.floats(-1000, 2000, width=32))
    | arrays(np.float32, (1, 2), elements=st.floats(-1000, 2000, width=32)).map(lambda point: point.repeat(68, axis=0))
)
def test_any_points_are_judged(points: np.ndarray) -> None:
    for judge in (lambda: check_target(FACES[0], points), lambda: check_unseen_target(FACES[:1], points)):
        try:
            lines = judge()
        except LandmarksError as error:
            lines = str(error).splitlines()
        assert all(line.startswith("landmarks: ") for line in lines)


def test_disorder_that_the_photo_shows_may_stay() -> None:
    """On turned heads, or after a detector's mistake."""
    disorder = swapped(FACES[0], [37, 38], [41, 40])
    assert check_target(disorder, disorder) == []
    assert check_target(disorder, disorder + np.float32([1, 1])) == []


def test_landmarks_of_another_copy_of_the_photo_lie_on_nobody() -> None:
    crowd = [FACES[0] + 900, FACES[1] + (300, 20)]
    smiling = WORDS.moved(crowd[0].astype(np.float32), {"smile": 1})
    for scale in (0.5, 0.75, 1.33, 3):
        with pytest.raises(LandmarksError, match=f"the landmarks are {scale:.2f} times as large as the face"):
            check_unseen_target(crowd, smiling * scale)
    with pytest.raises(LandmarksError, match="those of a face in the photo, but not where it is"):
        check_unseen_target(crowd, crowd[1] + (400, 0))


def test_a_face_that_nobody_found_may_be_somebody_else() -> None:
    assert check_unseen_target([FACES[0]], FACES[4] + (500, 40)) == []
    assert check_unseen_target([], FACES[4]) == []
    with pytest.raises(LandmarksError, match=r"the right eye .* is right of the left eye"):
        check_unseen_target([], swapped(FACES[4], [*range(36, 42)], [*range(42, 48)]))


def test_two_decimals_are_no_movement() -> None:
    for face in FACES:
        assert not moves(face, np.round(face, 2))
        assert moves(face, WORDS.moved(face, {"smile": 0.1}))


def test_every_point_has_a_name_of_its_side() -> None:
    names = [point_name(number) for number in range(68)]
    assert names[48] == "point 48, right corner of the mouth"
    for number, name in enumerate(names):
        other = names[MIRROR[number]].split(", ")[1]
        assert name.split(", ")[1].translate(str.maketrans("", "")) in (
            other,
            other.replace("right", "LEFT").replace("left", "right").replace("LEFT", "left"),
        )


def test_readings_beyond_what_faces_do_are_refused() -> None:
    words = WORDS.words
    assert check_reading({"kiss": 1.5, "smile": 0.2}, words, "other.jpg") == []
    assert check_reading({"kiss": 0.1, "open_mouth": 2.38}, words, "other.jpg") == [
        "other.jpg: reads as open_mouth=2.38 (at most 1.5); taken for that much"
    ]
    with pytest.raises(
        FaceError, match=r"^other\.jpg: reads as kiss=2\.54 \(at most 1\.5\), more than any face does; "
    ):
        check_reading({"kiss": 2.54}, words, "other.jpg")
    assert len(check_reading({"kiss": 2.54}, words, "other.jpg", force=True)) == 1
