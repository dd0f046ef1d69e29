"""Coordinates of the lips: what is cut out comes back."""

import pytest
import torch

from mouths import lips, smooth, turned
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.mouth_cut import cut_mouth, paste_mouth
from ptk.motion.mouth_frame import MouthFrame


@pytest.mark.parametrize("by", [0, 0.4, -2.5])
def test_what_is_cut_out_comes_back_where_it_was(by):
    image, points = smooth(128), turned(lips(), by)
    frame = MouthFrame.around(points, 128, 128, VERSION_1)
    there = paste_mouth(frame, torch.ones(1, 1, 80, 120), 128, 128)
    back = paste_mouth(frame, cut_mouth(frame, image), 128, 128)
    assert 0.15 < there.mean() < 0.3  # 0.6 x 0.4 of the picture, without what a turned one has outside
    torch.testing.assert_close(
        back[(there > 0.999).expand_as(back)], image[(there > 0.999).expand_as(back)], atol=0.03, rtol=0
    )
    assert (back[(there == 0).expand_as(back)] == 0).all()


@pytest.mark.parametrize("by", [0, 0.4, -2.5])
def test_a_frame_is_level_with_the_mouth_and_as_wide_as_it(by):
    found = MouthFrame.around(turned(lips(), by), 200, 200, VERSION_1)
    torch.testing.assert_close(found.lips[0, 0], torch.tensor([-0.5, 0.0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.lips[0, 6], torch.tensor([0.5, 0.0]), atol=1e-4, rtol=0)
    assert found.lips[0, 3, 1] < -0.2 < 0.2 < found.lips[0, 9, 1]
    torch.testing.assert_close(found.eyes, torch.tensor([0.5 / 0.4]))


def test_a_mouth_twice_as_far_away_is_half_as_wide():
    near, far = (MouthFrame.around(turned(lips(), 0.3) * scale, 200, 200, VERSION_1) for scale in (1, 0.5))
    torch.testing.assert_close(near.wider_than(far), torch.tensor([[2.0]]))
    torch.testing.assert_close(far.wider_than(near), torch.tensor([[0.5]]))


@pytest.mark.parametrize("by", [0, 0.4, -2.5])
def test_a_squeezed_frame_shows_the_same_mouth_less_tall(by):
    frame = MouthFrame.around(turned(lips(), by), 128, 128, VERSION_1)
    flat = frame.squeezed(torch.tensor([2.0]))
    torch.testing.assert_close(flat.lips, frame.lips * torch.tensor([1, 0.5]))
    torch.testing.assert_close(flat.outside(flat.lips), frame.outside(frame.lips))
    torch.testing.assert_close(flat.inside(frame.outside(frame.lips)), flat.lips, atol=1e-5, rtol=0)
    pixels = frame.pixels(128, 128) * torch.tensor([1, 0.5])
    torch.testing.assert_close(flat.pixels(128, 128), pixels, atol=1e-5, rtol=0)
    whole, seen = (cut_mouth(each, smooth(128))[:, :, :, 60] for each in (frame, flat))
    torch.testing.assert_close(seen[:, :, 20:60], whole.unflatten(2, (40, 2)).mean(3), atol=0.02, rtol=0)


def test_lips_of_an_open_mouth_are_inside():
    frame = MouthFrame.around(lips(open_by=0.5), 200, 200, VERSION_1)
    assert frame.lips[..., 1].abs().max() <= 0.5
    assert frame.along.norm() == pytest.approx(1.2 * 0.6 * 200, rel=1e-4)
