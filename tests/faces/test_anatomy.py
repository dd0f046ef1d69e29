"""What a face can do: what has nothing wrong with it stays, what passed something else comes back."""

import numpy as np

from ptk.faces.anatomy import lip_gap, possible
from ptk.faces.expressions import vocabulary
from ptk.faces.landmarks import MIRROR

REST = vocabulary().rest
UPPER_LIDS, LOWER_LIDS = [37, 38, 43, 44], [41, 40, 47, 46]


def test_a_face_that_can_be_keeps_every_bit() -> None:
    smiling = REST + vocabulary().words["smile"].field
    assert possible(REST, smiling).tobytes() == smiling.tobytes()


def test_lids_that_passed_each_other_meet() -> None:
    crossed = REST.copy()
    crossed[UPPER_LIDS, 1] += 0.2
    back = possible(REST, crossed)
    np.testing.assert_allclose(back[LOWER_LIDS, 1], back[UPPER_LIDS, 1])


def test_lips_that_passed_each_other_meet_and_keep_some_height() -> None:
    crossed = REST.copy()
    crossed[[66, 67, 65, 56, 57, 58], 1] -= 0.1
    back = possible(REST, crossed)
    assert (back[[67, 66, 65], 1] - back[[61, 62, 63], 1] >= np.minimum(0, REST[66, 1] - REST[62, 1]) - 1e-12).all()
    height = (back[[58, 57, 56], 1] - back[[67, 66, 65], 1]) / (REST[[58, 57, 56], 1] - REST[[67, 66, 65], 1])
    assert (height > 0.39).all()


def test_what_was_in_disorder_before_gets_no_worse_and_is_not_mended() -> None:
    """Detectors put closed lips a hair across each other."""
    crossed = REST.copy()
    crossed[62, 1] = crossed[66, 1] + 0.004
    assert possible(crossed, crossed).tobytes() == crossed.tobytes()


def test_mirrored_faces_are_put_right_as_in_a_mirror() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        messy = REST + random.normal(0, 0.05, (68, 2))
        there = possible(REST, messy[list(MIRROR)] * (-1, 1))
        np.testing.assert_allclose(there, possible(REST, messy)[list(MIRROR)] * (-1, 1), atol=1e-9)


def test_the_gap_between_lips_is_measured_in_shapes_and_in_changes() -> None:
    opened = vocabulary().words["open_mouth"].field
    assert lip_gap(opened) > 0.1
    np.testing.assert_allclose(lip_gap(REST + opened), lip_gap(REST) + lip_gap(opened))
