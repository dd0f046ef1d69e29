"""Irises move as one between lids and corners that stay."""

import numpy as np
import pytest

from ptk.faces.expressions import vocabulary
from ptk.faces.topology import EYELIDS
from ptk.motion.gaze import find_gaze_flow, limit_gaze

FACE = (vocabulary().rest * 300 + (300, 200)).astype(np.float32)
SHAPE = (400, 600)
EYE = EYELIDS[0]
CORNERS = FACE[[EYE[0][0], EYE[0][-1]]]
WIDE = float(np.linalg.norm(CORNERS[1] - CORNERS[0]))
LIDS = FACE[[*EYE[0][1:-1], *EYE[1][1:-1]]]
IRIS = np.array([*LIDS.mean(axis=0), 0.19 * WIDE], dtype=np.float32)


def flow_to(shift):
    goal = limit_gaze(FACE, IRIS, IRIS[:2] + np.array(shift, dtype=np.float32), EYE)
    return goal, find_gaze_flow(FACE, IRIS, goal, EYE, SHAPE)


@pytest.mark.parametrize("shift", [(12, 0), (-12, 0), (3, 3)])
def test_the_middle_of_an_iris_comes_from_where_it_was(shift):
    goal, flow = flow_to(shift)
    np.testing.assert_allclose(goal - IRIS[:2], shift, atol=0.01)
    x, y = goal.round().astype(int)
    around = flow[y - 2 : y + 3, x - 5 : x + 6]
    np.testing.assert_allclose(around, np.broadcast_to(-np.array(shift, np.float32), around.shape), atol=0.35)


@pytest.mark.parametrize("shift", [(15, 0), (-15, 0), (0, -6), (0, 6)])
def test_corners_brows_and_cheeks_stay_and_no_white_comes_from_skin(shift):
    _, flow = flow_to(shift)
    rows, columns = np.indices(SHAPE)
    far = (np.abs(columns - IRIS[0]) > 0.6 * WIDE) | (np.abs(rows - IRIS[1]) > 0.5 * WIDE)
    assert np.abs(flow[far]).max() == 0
    left, right = CORNERS[:, 0].round().astype(int)
    row = int(IRIS[1])
    places = np.arange(left, right) + flow[row, left:right, 0]
    assert (np.diff(places) > 0).all()  # nothing folds
    assert places.min() > left - 0.05 * WIDE
    assert places.max() < right + 0.05 * WIDE


def test_an_iris_ends_at_corners_and_shows_little_that_lids_hid():
    for shift in ((500, 0), (-500, 0), (0, -500), (0, 500)):
        goal, _ = flow_to(shift)
        assert np.abs(goal - IRIS[:2]).max() < 0.3 * WIDE
        assert CORNERS[0, 0] < goal[0] - 0.5 * IRIS[2]
        assert goal[0] + 0.5 * IRIS[2] < CORNERS[1, 0]
