"""Exported networks for mouths: run where a mouth is asked to move, beside the network for the face."""

import shutil

import numpy as np
import pytest
from test_export import SMALL

from ptk.editing.exported.export import export, trial_faces
from ptk.editing.exported.mouth_network import find_window, moves_mouth, put_mouth
from ptk.editing.exported.runtime import ExportedTranslator
from ptk.editing.loading import load_translator
from ptk.editing.translator import Translator
from ptk.errors import WeightsError
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.mouth_frame import MouthFrame
from untrained import write_untrained

BROWS, LOWER_LIP = slice(17, 27), slice(64, 68)
WIDE, HIGH = VERSION_1.mouth_frame.wide, VERSION_1.mouth_frame.high


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    pytest.importorskip("onnx", reason="ptk export is an extra")
    pytest.importorskip("onnxscript", reason="ptk export is an extra")
    folder = tmp_path_factory.mktemp("mouths")
    weights = write_untrained(
        folder / "untrained.safetensors", SMALL.replace("MOUTH", "8"), loud=0.05, domains=["photo", "sketch"]
    )
    return weights, export(weights, folder / "small.onnx").files


def move(points, part, by=(0.0, -0.03)):
    moved = points.copy()
    moved[part] += by
    return moved


@pytest.mark.slow
def test_only_mouths_that_are_asked_to_move_are_made(exported, monkeypatch):
    weights, files = exported
    mine, torchs = load_translator(files[-1]), Translator.load(weights, "cpu")
    made, run = [], mine._run_mouth
    monkeypatch.setattr(mine, "_run_mouth", lambda given: made.append(1) or run(given))
    cut, start, _ = trial_faces(64)[0]
    for part, times in ((BROWS, 0), (LOWER_LIP, 1)):
        made.clear()
        goal = move(start, part)
        gap = np.abs(mine.render(cut, start, goal, "photo").image - torchs.render(cut, start, goal, "photo").image)
        assert len(made) == times
        assert gap[: 64 // 2].mean() < 0.2  # of 255 levels: numbers are stored with eleven bits
        assert not times or gap.mean() < 0.2


@pytest.mark.slow
def test_a_style_is_made_of_the_whole_photo(exported):
    weights, files = exported
    mine, torchs = load_translator(files[-1]), Translator.load(weights, "cpu")
    cut, start, _ = trial_faces(64)[0]
    goal = move(start, BROWS)
    mine.render(cut, start, goal, "photo")  # remembered, without the mouth
    gap = np.abs(mine.render(cut, start, goal, "sketch").image - torchs.render(cut, start, goal, "sketch").image)
    assert gap.mean() < 0.2


@pytest.mark.slow
def test_a_mouth_at_the_border_comes_out_as_torchs(exported):
    weights, files = exported
    mine, torchs = load_translator(files[-1]), Translator.load(weights, "cpu")
    cut, start, goal = trial_faces(64)[0]
    for aside in ((0.3, 0.2), (-0.3, 0.1), (0.9, 0.0)):  # the last leaves nothing of it in the picture
        there = goal + aside
        gap = np.abs(mine.render(cut, start, there, "photo").image - torchs.render(cut, start, there, "photo").image)
        assert gap.mean() < 0.2


def test_the_window_holds_the_frame_of_the_mouth_turned_or_not():
    _, _, goal = trial_faces(64)[0]
    for angle in (0.0, 0.4, -1.0):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = ((goal - 0.5) @ turn.T * 0.5 + 0.5).astype(np.float32)[None]
        rows, columns = find_window(points, 256, 8, VERSION_1)
        frame = MouthFrame.around(points, 256, 256, VERSION_1).narrowed()
        ends = np.array([[(x, y) for x in (-WIDE / 2, WIDE / 2) for y in (-HIGH / 2, HIGH / 2)]], dtype=np.float32)
        x, y = frame.outside(ends)[0].T
        assert columns.start <= x.min() - 8
        assert columns.stop >= x.max() + 8
        assert rows.start <= y.min() - 8
        assert rows.stop >= y.max() + 8
    assert find_window(points + 5, 256, 8, VERSION_1) is None


def test_a_mouth_counts_as_moving_when_its_surroundings_do():
    start = np.full((1, 68, 2), 0.5, dtype=np.float32)
    for index, moves in ((8, True), (33, True), (66, True), (19, False), (40, False)):
        goal = start.copy()
        goal[0, index] += 0.001
        assert moves_mouth(start, goal) == moves
    assert not moves_mouth(start, start)


def test_a_mouth_is_put_in_as_far_as_it_counts():
    face = {name: np.zeros((1, channels, 8, 8)) for name, channels in (("result", 3), ("flow", 2), ("visibility", 1))}
    share = np.array([[[[0.0, 0.5, 1.0]]]])
    mouth = {"mouth": np.ones((1, 3, 1, 3)), "visibility": np.ones((1, 1, 1, 3)), "share": share}
    made = put_mouth(face, mouth, np.full((1, 2, 1, 3), 2.0), (slice(4, 5), slice(2, 5)))
    np.testing.assert_array_equal(made["result"][0, 0, 4], [0, 0, 0, 0.5, 1, 0, 0, 0])
    assert made["flow"].sum() == 2 * 2 * 1.5
    assert made["visibility"].sum() == 1.5
    assert not face["result"].any()


@pytest.mark.slow
def test_a_network_without_its_mouths_says_so(exported, tmp_path):
    alone = shutil.copy(exported[1][-1], tmp_path / "small.onnx")
    mine = load_translator(alone)
    cut, start, goal = trial_faces(64)[0]
    mine.render(cut, start, move(start, BROWS), "photo")  # needs none
    with pytest.raises(WeightsError, match=r"small\.mouth\.onnx: no such file, which small\.onnx needs for mouths"):
        mine.render(cut, start, goal, "photo")
    shutil.copy(exported[1][-1], tmp_path / "small.mouth.onnx")
    with pytest.raises(WeightsError, match=r"small\.mouth\.onnx: a network, but not one of ptk"):
        load_translator(alone).render(cut, start, goal, "photo")


def test_networks_that_make_mouths_with_the_rest_are_given_all_lips():
    """The second form of exported files."""
    seen = {}
    how = {"reach": 0.2, "noise": 0.01}
    said = {"size": 64, "domains": ["photo"], "planes": {"motion_field": how}, "face_flow": {**how, "lips": True}}
    translator = ExportedTranslator(lambda given: seen.update(given) or {"result": given["image"]}, said)
    cut, start, goal = trial_faces(64)[0]
    translator.render(cut, start, goal, "photo")
    assert seen["lips"].shape == (1, 4, 64, 64)
