"""The PatchGANs of mouths, eyes and faces: where they look, and what they refuse."""

import pytest
import torch

from ptk.discriminators.face_patches import FacePatches
from ptk.types import Planes, Target

SIZE = 128


def told(mouth, eyes) -> Planes:
    """A mouth and eyes of points that all lie in one place, (x, y) in pixels."""
    points = torch.full((1, 68, 2), 0.5)
    points[:, 48:68] = torch.tensor(mouth) / SIZE
    points[:, 36:48] = torch.tensor(eyes) / SIZE
    return Planes({}, Target(points=points, domain=torch.tensor([0])))


def patches(**options) -> FacePatches:
    torch.manual_seed(1)
    return FacePatches(**{"width": 8, "window": 32} | options)


def test_each_looks_at_its_window_alone():
    image = torch.rand(1, 3, SIZE, SIZE, requires_grad=True)
    # the face's landmarks are between those of the eyes, (36, 40), and the others, (64, 64) and (60, 90)
    for level, (left, top, side) in enumerate([(44, 74, 32), (20, 24, 32), (18, 33, 64)]):
        verdict = patches()([image], told((60.0, 90.0), (36.0, 40.0)))[level]
        (gradient,) = torch.autograd.grad(verdict.logits.square().sum(), image)
        rows, columns = gradient[0].abs().amax(0).nonzero(as_tuple=True)
        assert (columns.min(), columns.max(), rows.min(), rows.max()) == (left, left + side - 1, top, top + side - 1)


def test_regions_are_those_asked_for_in_that_order():
    image = torch.rand(1, 3, SIZE, SIZE)
    whole, some = patches(), patches(regions=["face", "mouth"])
    some.levels[0].load_state_dict(whole.levels[2].state_dict())
    some.levels[1].load_state_dict(whole.levels[0].state_dict())
    planes = told((60.0, 90.0), (36.0, 40.0))
    mouth, _, face = (verdict.logits for verdict in whole([image], planes))
    torch.testing.assert_close([verdict.logits for verdict in some([image], planes)], [face, mouth])


@pytest.mark.parametrize("regions", [[], ["nose"], ["mouth", "mouth"]], ids=str)
def test_regions_that_are_none_are_refused(regions):
    with pytest.raises(ValueError, match="some of mouth, eyes, face, each once"):
        patches(regions=regions)


def test_a_window_stays_inside_the_image_and_is_no_larger():
    image = torch.rand(1, 3, SIZE, SIZE)
    at_the_border, beyond = (patches()([image], told((x, x), (4.0, 4.0)))[0].logits for x in (SIZE - 16.0, SIZE + 40.0))
    torch.testing.assert_close(at_the_border, beyond)
    whole = patches(window=500)([image], told((60.0, 90.0), (36.0, 40.0)))
    assert [verdict.logits.shape[-2:] for verdict in whole] == [(SIZE // 8, SIZE // 8)] * 3


def test_verdicts_have_the_features_before_their_logits():
    first, second, third = patches(layers=2)([torch.rand(1, 3, SIZE, SIZE)], told((60.0, 90.0), (36.0, 40.0)))
    assert first.logits.shape == second.logits.shape == (1, 1, 8, 8)
    assert third.logits.shape == (1, 1, 16, 16)
    assert [feature.shape for feature in first.features] == [(1, 8, 16, 16), (1, 16, 8, 8)]


def test_it_says_what_it_cannot_do_without():
    with pytest.raises(ValueError, match="give Planes a target"):
        patches()([torch.rand(1, 3, SIZE, SIZE)], Planes({}))


@pytest.mark.parametrize("options", [{"window": 0}, {"layers": 0}, {"width": 0}, {"width": 12}], ids=str)
def test_options_that_make_no_network_are_refused(options):
    with pytest.raises(ValueError, match="start at 1"):
        patches(**options)
