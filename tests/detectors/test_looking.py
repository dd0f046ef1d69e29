import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.detectors.looking import shrunk, tiles


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
def test_what_is_smaller_than_half_a_tile_lies_in_one(width: int, height: int, side: int, data: st.DataObject) -> None:
    across, down = data.draw(st.integers(1, side // 2)), data.draw(st.integers(1, side // 2))
    left = data.draw(st.integers(0, max(0, width - across)))
    top = data.draw(st.integers(0, max(0, height - down)))
    right, bottom = min(width, left + across), min(height, top + down)
    boxes = tiles(width, height, side)
    assert any(x0 <= left and right <= x1 and y0 <= top and bottom <= y1 for x0, y0, x1, y1 in boxes)
    assert all(
        0 <= x0 < x1 <= min(width, x0 + side) and 0 <= y0 < y1 <= min(height, y0 + side) for x0, y0, x1, y1 in boxes
    )
