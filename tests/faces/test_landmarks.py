import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ptk.errors import LandmarksError, OutputError
from ptk.faces.images import Photo
from ptk.faces.landmarks import (
    CONTOURS,
    MIRROR,
    REGIONS,
    draw_landmarks,
    eye_distance,
    mirrored,
    read_landmarks,
    write_landmarks,
)
from ptk.types import Landmarks

SHA = "ab" * 32
POINTS = np.random.default_rng(5).uniform(20, 300, (68, 2)).astype(np.float32)


def some(**fields: Any) -> Landmarks:
    known = {"points": POINTS, "width": 400, "height": 320, "sha256": SHA, "detector": "mediapipe68"}
    return Landmarks(**{**known, **fields})


def photo(width: int = 400, height: int = 320, sha256: str = SHA) -> Photo:
    pixels = np.zeros((height, width, 3), np.uint8)
    return Photo(pixels=pixels, alpha=None, icc=None, exif=None, sha256=sha256, path=Path("me.jpg"), format="JPEG")


def written(tmp_path: Path, **changes: Any) -> Path:
    """A landmarks file with `changes` to its JSON; None takes a key away."""
    path = tmp_path / "edited.json"
    write_landmarks(path, some())
    content = json.loads(path.read_text())
    content.update(changes)
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return path


def refused(path: Path, of: Photo | None = None) -> str:
    with pytest.raises(LandmarksError) as caught:
        read_landmarks(path, of)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write_landmarks(tmp_path / "a.json", some())
    back = read_landmarks(tmp_path / "a.json", photo())
    np.testing.assert_allclose(back.points, POINTS, atol=0.0051)  # two decimals
    assert back.points.dtype == np.float32
    assert (back.width, back.height, back.sha256, back.detector) == (400, 320, SHA, "mediapipe68")


def test_people_find_one_point_a_line(tmp_path: Path) -> None:
    write_landmarks(tmp_path / "a.json", some(points=np.full((68, 2), 12.345, np.float32)))
    lines = (tmp_path / "a.json").read_text().splitlines()
    assert lines[1] == '  "schema": "ptk.landmarks/1",'
    assert lines.count("    [12.35, 12.35],") + lines.count("    [12.34, 12.34],") == 67
    assert len(lines) == 68 + 8


def test_moving_one_point_changes_one_line(tmp_path: Path) -> None:
    write_landmarks(tmp_path / "a.json", some())
    moved = POINTS.copy()
    moved[48, 1] -= 5
    write_landmarks(tmp_path / "b.json", some(points=moved))
    before, after = ((tmp_path / name).read_text().splitlines() for name in ("a.json", "b.json"))
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_unknown_keys_are_left_alone(tmp_path: Path) -> None:
    read_landmarks(written(tmp_path, note="smiling a little"), photo())


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    read_landmarks(path)


def test_points_may_lie_outside_the_photo(tmp_path: Path) -> None:
    points = POINTS.tolist()
    points[0] = [-80.0, 500.0]
    assert read_landmarks(written(tmp_path, points=points)).points[0].tolist() == [-80.0, 500.0]


@pytest.mark.parametrize("length", [1, 40, 500, 900])
def test_cut_short(tmp_path: Path, length: int) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text()[:length])
    assert refused(path).startswith("line 1 is not JSON")


def test_not_json_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content, reason in (
        (b"", "line 1 is not JSON"),
        (b"\xff\xd8\xff\xe0 a photo", "is not text"),
        (b"[1, 2]", "holds no JSON object"),
        (b"[" * 100_000, "is not JSON that ptk reads"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "is not JSON that ptk reads"),
    ):
        path.write_bytes(content)
        assert refused(path).startswith(reason)


def test_missing_or_folder_or_huge(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.json") == "cannot be read (no such file or directory)"
    assert refused(tmp_path) == "cannot be read (is a directory)"
    (tmp_path / "huge.json").write_bytes(b" " * (1 << 20) + b"{}")
    assert refused(tmp_path / "huge.json") == "is larger than 1 MiB, which no landmarks file is"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": "ptk.landmarks/2"}, 'its "schema" is "ptk.landmarks/2", not "ptk.landmarks/1"'),
        ({"schema": None}, 'its "schema" is null'),
        ({"topology": "wflw98"}, 'its "topology" is "wflw98", not "ibug68"'),
        ({"points": None}, 'has no "points"'),
        ({"points": POINTS[:67].tolist()}, "has 67 points, not 68"),
        ({"points": [[1, 2, 3]] * 68}, "point 0, right end of the jaw, is [1, 2, 3], not [x, y]"),
        ({"points": [[1, "2"]] * 68}, 'point 0, right end of the jaw, is [1, "2"], not [x, y]'),
        ({"points": [[1, True]] * 68}, "point 0, right end of the jaw, is [1, true], not [x, y]"),
        ({"points": [[1, None]] * 68}, "point 0, right end of the jaw, is [1, null], not [x, y]"),
        ({"points": [[1, 1e9]] * 68}, "point 0, right end of the jaw, is [1, 1000000000.0], far outside the photo"),
        ({"points": [[1, 10**400]] * 68}, "point 0, right end of the jaw, is [1, 1000"),
        ({"points": [[1, float("nan")]] * 68}, "holds NaN, which is no coordinate"),
        ({"points": [[1, float("-inf")]] * 68}, "holds -Infinity, which is no coordinate"),
        ({"photo": None}, 'has no "photo" with width and height'),
        ({"photo": {"width": 400}}, '"height" of "photo" is null, not a number of pixels'),
        ({"photo": {"width": 400, "height": 3.5}}, '"height" of "photo" is 3.5'),
        ({"photo": {"width": True, "height": 4}}, '"width" of "photo" is true'),
        ({"photo": {"width": -4, "height": 4}}, '"width" of "photo" is -4'),
        ({"photo": {"width": 400, "height": 320, "sha256": "abc"}}, '"sha256" of "photo" is not 64 hexadecimal'),
        ({"detector": 5}, '"detector" is not text'),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    assert refused(written(tmp_path, **changes)).startswith(reason)


def test_overflowing_floats_are_infinite(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text().replace('"points": [[', '"points": [[1e999, 1], [', 1).replace(", 1], [", ", ", 1))
    assert "point 0, right end of the jaw, is" in refused(path)


def test_of_another_photo(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert "same size, other sha256" in refused(path, photo(sha256="cd" * 32))
    assert refused(path, photo(width=600)).startswith("belongs to a photo of 400 x 320 pixels, me.jpg has 600 x 320")


def test_without_sha256_only_the_size_counts(tmp_path: Path) -> None:
    path = written(tmp_path, photo={"width": 400, "height": 320})
    assert read_landmarks(path, photo(sha256="cd" * 32)).sha256 == ""
    assert "belongs to a photo of 400 x 320" in refused(path, photo(height=321))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused_in_one_line(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "edited.json"
    write_landmarks(path, some())
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        points = read_landmarks(path).points
    except LandmarksError as error:
        assert "\n" not in str(error)
    else:
        assert points.shape == (68, 2)
        assert np.isfinite(points).all()


def test_writing_into_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file or directory"):
        write_landmarks(tmp_path / "none" / "a.json", some())


def test_mirror_swaps_left_and_right() -> None:
    assert sorted(MIRROR) == list(range(68))
    assert [MIRROR[MIRROR[index]] for index in range(68)] == list(range(68))
    # outer and inner eye corners, mouth corners, nostrils, ends of the jaw, ends of the brows
    pairs = [(36, 45), (39, 42), (48, 54), (60, 64), (31, 35), (0, 16), (17, 26), (21, 22), (37, 44), (41, 46)]
    assert all(MIRROR[one] == other for one, other in pairs)
    # on the line of symmetry: nose, chin, middles of the lips
    assert [index for index in range(68) if MIRROR[index] == index] == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_mirroring_a_region_gives_its_opposite() -> None:
    opposite = {"right_brow": "left_brow", "right_eye": "left_eye", "left_brow": "right_brow", "left_eye": "right_eye"}
    for name, region in REGIONS.items():
        there = REGIONS[opposite.get(name, name)]
        assert {MIRROR[index] for index in range(68)[region]} == set(range(68)[there])


@given(hnp.arrays(np.float64, (2, 68, 2), elements=st.floats(-100, 500)))
def test_mirroring_twice_changes_nothing(points: np.ndarray) -> None:
    before = points.copy()
    once = mirrored(points, 320.0)
    np.testing.assert_array_equal(points, before)
    np.testing.assert_allclose(mirrored(once, 320.0), points, atol=1e-9)
    np.testing.assert_array_equal(once[:, 0, 0], 320.0 - points[:, 16, 0])
    np.testing.assert_array_equal(once, mirrored(torch.from_numpy(points), 320.0).numpy())


def test_mirrored_drawings_are_drawings_mirrored() -> None:
    """With pixel centres at half integers, a flip of the pixels is x -> width - x of the points."""
    canvas = np.zeros((320, 400, 3), np.uint8)
    flipped = draw_landmarks(canvas, POINTS)[:, ::-1].astype(int)
    drawn = draw_landmarks(canvas, mirrored(POINTS, 400)).astype(int)
    assert np.abs(flipped - drawn).mean() < 0.1 * flipped.mean()  # PIL's strokes are not quite symmetric


def test_contours_join_each_point_once_and_close_eyes_and_lips() -> None:
    assert sorted({index for contour in CONTOURS for index in contour}) == list(range(68))
    assert [contour[0] == contour[-1] for contour in CONTOURS] == [False] * 5 + [True] * 4


def test_eye_distance_is_between_the_outer_corners() -> None:
    points = np.zeros((2, 68, 2))
    points[:, 36], points[:, 45] = (10, 20), (13, 24)
    assert eye_distance(points).tolist() == [5.0, 5.0]


def test_drawing_leaves_the_picture_and_what_lies_outside(tmp_path: Path) -> None:
    canvas = np.full((320, 400, 3), 90, np.uint8)
    drawn = draw_landmarks(canvas, POINTS)
    assert (canvas == 90).all()
    x, y = POINTS[30].astype(int)
    assert drawn[y, x].tolist() != [90, 90, 90]
    assert (draw_landmarks(canvas, POINTS + 5000) == canvas).all()
    assert draw_landmarks(canvas, POINTS - 150).shape == canvas.shape


def test_irises_come_back_and_old_files_have_none(tmp_path: Path) -> None:
    irises = np.array([[100.25, 120.5, 6.25], [160.75, 119.0, 6.5]], dtype=np.float32)
    write_landmarks(tmp_path / "a.json", some(irises=irises))
    np.testing.assert_array_equal(read_landmarks(tmp_path / "a.json").irises, irises)
    assert read_landmarks(written(tmp_path)).irises is None


def test_irises_that_are_none_are_named(tmp_path: Path) -> None:
    assert refused(written(tmp_path, irises=[[1, 2, 3]])).startswith('"irises" is [[1, 2, 3]], not [x, y, radius]')
    assert refused(written(tmp_path, irises=[[1, 2, 3], [1, 2]])).startswith("the left iris is [1, 2], not")
    assert refused(written(tmp_path, irises=[[1, 2, -3], [1, 2, 3]])).startswith("the right iris is [1, 2, -3], far")
