"""The motion field: it leads from the target's landmarks to the source's, and dies out beyond the face."""

import pytest
import torch

from ptk.conditioners.motion_field import MotionField
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.types import Faces, Target

SIZE = 128


@pytest.fixture(scope="module")
def two():
    """Landmarks of one person, neutral and in surprise, in [0, 1] of the picture of 256 px."""
    photos = {entry.photo: entry for entry in read_manifest(SAMPLE)}
    return [torch.tensor([photos[f"p00_{word}"].landmarks]).float() / 256 for word in ("neutral", "surprise")]


def field(start, goal, size=SIZE, **options):
    source = Faces(image=torch.zeros(len(start), 3, size, size), points=start, domain=torch.zeros(1, dtype=torch.int64))
    return MotionField(**options)(source, Target(points=goal, domain=source.domain))


def at(plane, points):
    """The field (B, 68, 2) at `points`, between its pixels."""
    grid = points[:, None] * 2 - 1
    return torch.nn.functional.grid_sample(plane, grid, align_corners=False, padding_mode="border")[:, :, 0].mT


def test_at_the_targets_landmarks_it_leads_to_the_sources(two):
    start, goal = two
    found = goal + at(field(start, goal), goal)
    # The noise that landmarks are granted lets them stay away by a tenth of the motion, .002 of the side on average.
    assert (found - start).norm(dim=-1).mean() < 0.1 * (goal - start).norm(dim=-1).mean()


def test_where_nothing_moves_it_is_zero_and_far_from_the_face_it_dies_out(two):
    start, goal = two
    assert field(start, start).abs().max() == 0
    plane = field(start, goal)
    assert plane[..., :4, :4].abs().max() < 0.1 * plane.abs().max()


def test_it_is_the_same_at_any_size(two):
    start, goal = two
    fine = field(start, goal, 256)
    assert (torch.nn.functional.avg_pool2d(fine, 2) - field(start, goal)).abs().max() < 1e-3


@pytest.mark.parametrize("options", [{"reach": 0.0}, {"noise": 0.0}], ids=str)
def test_options_that_leave_no_field_are_refused(options):
    with pytest.raises(ValueError, match="must be above 0"):
        MotionField(**options)
