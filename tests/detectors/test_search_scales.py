from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.detectors.search_scales import disagreement, is_new, pyramid, shrunk, tiles


@given(width=st.integers(1, 700), height=st.integers(1, 700), longest=st.integers(1, 64))
def test_a_shrunk_picture_fits_and_tells_by_how_much(width: int, height: int, longest: int) -> None:
    copy, scale = shrunk(np.zeros((height, width, 3), np.uint8), longest)
    assert max(copy.shape[:2]) == min(longest, max(width, height))
    assert copy.shape[1::-1] * scale == pytest.approx((width, height))


def test_a_small_picture_is_left_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    copy, scale = shrunk(picture, 40)
    assert (copy == picture).all()
    assert scale.tolist() == [1, 1]


@given(width=st.integers(1, 3000), height=st.integers(1, 3000), side=st.integers(100, 600), data=st.data())
def test_what_is_smaller_than_their_overlap_lies_in_a_tile(
    width: int, height: int, side: int, data: st.DataObject
) -> None:
    across, down = data.draw(st.integers(1, side // 6)), data.draw(st.integers(1, side // 6))
    left = data.draw(st.integers(0, max(0, width - across)))
    top = data.draw(st.integers(0, max(0, height - down)))
    right, bottom = min(width, left + across), min(height, top + down)
    boxes = tiles(width, height, side)
    assert any(x0 <= left and right <= x1 and y0 <= top and bottom <= y1 for x0, y0, x1, y1 in boxes)
    assert all(
        0 <= x0 < x1 <= min(width, x0 + side) and 0 <= y0 < y1 <= min(height, y0 + side) for x0, y0, x1, y1 in boxes
    )


@given(width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_copies_are_halved_from_the_photo_itself_down_to_where_the_first_look_sees(width: int, height: int) -> None:
    copies = pyramid(np.zeros((height, width, 3), np.uint8))
    longest = [max(copy.shape[:2]) for copy in copies]
    if max(width, height) <= 384:
        assert longest == []  # one tile would show what the first look showed
        return
    assert longest[-1] == max(width, height)
    assert longest[0] <= 1400  # faces of an eighth are found at first: 175 px, less than half a tile
    assert all(coarse == (fine + 1) // 2 for coarse, fine in pairwise(longest))


def test_a_face_is_new_unless_it_lies_in_a_known_one_or_on_much_of_it() -> None:
    face = np.array([100.0, 100, 300, 300])
    assert is_new(face, [])
    assert is_new(np.array([310.0, 100, 340, 140]), [face])  # a child's beside it
    assert is_new(np.array([250.0, 120, 450, 320]), [face])  # cheek to cheek
    assert not is_new(face + 30, [face])
    assert not is_new(np.array([150.0, 200, 180, 230]), [face])  # an eye
    assert not is_new(np.array([50.0, 0, 350, 300]), [face])  # with the hair


@given(angle=st.floats(-3, 3), size=st.floats(0.1, 1000))
def test_disagreement_does_not_depend_on_turn_and_size(angle: float, size: float) -> None:
    face, other = np.random.default_rng(0).uniform(0, 100, (2, 68, 2))
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert disagreement(face @ turn, other @ turn) == pytest.approx(disagreement(face, other))
