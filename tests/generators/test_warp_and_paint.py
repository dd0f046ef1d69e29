"""The generator that warps and paints: what it copies untrained, where it looks, and what it refuses."""

import pytest
import torch
from torch import nn

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.conditioners.motion_field import MotionField
from ptk.errors import RecipeError
from ptk.generators.warp_and_paint import WarpAndPaint
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.warp import warp
from ptk.types import Faces, Planes, Target


def face(size: int) -> Faces:
    random = torch.Generator().manual_seed(3)
    coarse = torch.rand(1, 3, 8, 8, generator=random) * 2 - 1
    image = nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(-1, 1)
    points = torch.rand(1, 68, 2, generator=random) * 0.6 + 0.2
    return Faces(image=image, points=points, domain=torch.tensor([0]))


def told(source: Faces, target: Target) -> Planes:
    planes = {"motion_field": MotionField()(source, target), "domain_planes": DomainPlanes(2)(source, target)}
    return Planes(planes, target, source)


def tiny(plain=0, **options) -> WarpAndPaint:
    torch.manual_seed(1)
    return WarpAndPaint(4, plain=plain, geometry=VERSION_1, **{"width": 8, "down": 2, "blocks": 1} | options)


def test_a_motion_says_where_each_pixel_comes_from():
    image = torch.arange(8.0).expand(1, 1, 8, 8) / 8
    motion = torch.zeros(1, 2, 8, 8)
    motion[:, 0] = 0.25  # of the width: two pixels from the right
    moved = warp(image, motion)
    torch.testing.assert_close(moved[..., :6], image[..., 2:])
    assert (moved[..., 6:] == image[..., -1:]).all()  # beyond the border its pixels go on
    torch.testing.assert_close(warp(image, torch.zeros(1, 2, 8, 8)), image)


def test_untrained_it_gives_the_warped_source():
    """All but the 1 % that may go and the noise of the last layer, a few per cent of the image's spread."""
    source = face(64)
    goal = Target(points=source.points * 0.8 + 0.1, domain=torch.tensor([1]))
    with torch.no_grad():
        planes = told(source, goal)
        (result,) = tiny()(source.image, planes)
    there = warp(source.image, planes["motion_field"])
    assert (result - there).abs().mean() < 0.05 * there.std()
    assert (source.image - there).abs().mean() > 0.2 * there.std()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fold": 1},
        {"fold": 4, "down": 1},
        {"blocks": 0},
        {"styler": 8},
        {"styler": 8, "styler_fold": 1},
        {"detail": 8},
        {"chroma": 3},
    ],
    ids=str,
)
def test_it_learns_to_paint_what_is_not_there(options):
    """A style that no motion gives: the negative of the image, of one of two domains."""
    source = face(32)
    goal = Target(points=source.points, domain=torch.tensor([1]))
    network, planes = tiny(**options), told(source, goal)
    adam = torch.optim.Adam(network.parameters(), 5e-3)
    first = last = None
    for _ in range(30):
        loss = (network(source.image, planes)[0] + source.image).abs().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        first, last = first or loss.item(), loss.item()
    assert last < 0.5 * first


def test_with_a_styler_photos_are_made_by_the_first_network_alone_and_teach_it_alone():
    source = face(32)
    network = tiny(styler=8)
    photo, styled = (Target(points=source.points * 0.9, domain=torch.tensor([domain])) for domain in (0, 1))
    (result,) = network(source.image, told(source, photo))
    same = tiny()
    same.load_state_dict({name: one for name, one in network.state_dict().items() if not name.startswith("styler.")})
    torch.testing.assert_close(result, same(source.image, told(source, photo))[0])

    def reached(target):
        network.zero_grad()
        network(source.image, told(source, target))[0].square().mean().backward()
        taught = {name for name, one in network.named_parameters() if one.grad is not None and one.grad.abs().sum() > 0}
        return {name.startswith("styler.") for name in taught}

    assert reached(photo) == {False}
    assert reached(styled) == {True}


def test_with_a_mouth_nothing_else_learns_and_nothing_else_changes():
    source = face(64)
    goals = [Target(points=source.points * 0.9, domain=torch.tensor([domain])) for domain in (0, 1)]
    network, same = tiny(mouth=8), tiny()
    nn.init.normal_(network.mouth.head.weight, std=0.5)
    same.load_state_dict({name: one for name, one in network.state_dict().items() if not name.startswith("mouth.")})
    photo, other = (network(source.image, told(source, goal))[0] for goal in goals)
    photo.square().mean().backward()
    assert {name.split(".")[0] for name, one in network.named_parameters() if one.grad is not None} == {"mouth"}

    with torch.no_grad():
        before = [same(source.image, told(source, goal))[0] for goal in goals]
        share = network.mouth(source.image, told(source, goals[0])["motion_field"], goals[0].points)[2]
    changed = (photo - before[0]).detach().abs().amax(1, keepdim=True)
    assert 0.1 < share.mean() < 0.9
    assert changed[share > 0.5].mean() > 0.1
    assert changed[share == 0].max() == 0
    torch.testing.assert_close(other, before[1])  # what it paints is a photo, and the second domain is none


def test_a_mouth_has_to_be_told_where_it_is():
    source = face(64)
    planes = told(source, Target(points=source.points, domain=source.domain))
    with pytest.raises(ValueError, match="give Planes source and target"):
        tiny(mouth=8)(source.image, Planes({name: planes[name] for name in planes}))


def test_detail_knows_no_blocks_of_more_than_two_pixels():
    """What it adds moves with the picture by as little as that, so it can undo the pattern of larger blocks."""
    detail = tiny(fold=4, down=1, detail=8).detail
    nn.init.normal_(detail.head.weight, std=1.0)
    features = torch.ones(1, 8, 16, 16)
    picture = torch.zeros(1, 3, 64, 64)
    picture[..., 28:36, 28:36] = face(8).image
    with torch.no_grad():
        added, moved = (detail(one, one, features) for one in (picture, picture.roll(2, -1)))
    assert added.std() > 0.1
    torch.testing.assert_close(moved, added.roll(2, -1), atol=1e-4, rtol=0)


def test_colour_is_painted_less_finely_than_brightness():
    """What is painted over a copy is as bright as without, pixel by pixel, and of a smoother colour."""
    source = face(64)
    same = Target(points=source.points, domain=torch.tensor([0]))
    fine, smooth = tiny(), tiny(chroma=5)
    for network in (fine, smooth):
        torch.manual_seed(2)
        nn.init.normal_(network.head.weight, std=0.02)
    with torch.no_grad():
        planes = told(source, same)
        paints = [network(source.image * 0.2, planes)[0] - source.image * 0.2 for network in (fine, smooth)]
    greys = [paint.mean(1, keepdim=True) for paint in paints]
    torch.testing.assert_close(*greys, atol=1e-5, rtol=0)
    rough = [(paint - grey).diff(dim=-1).abs().mean() for paint, grey in zip(paints, greys, strict=True)]
    assert rough[1] < 0.3 * rough[0]
    for pixels in (-1, 4):
        with pytest.raises(ValueError, match="odd number of pixels"):
            tiny(chroma=pixels)


def test_a_style_of_an_even_picture_has_no_border():
    """Nothing tells the styler where the image ends."""
    styler = tiny(styler=8).styler
    torch.nn.init.normal_(styler.head.weight, std=0.05)
    with torch.no_grad():
        result = styler(torch.full((1, 3, 64, 64), 0.1), torch.ones(1, 4, 64, 64))
    # each of the pixels that one folded pixel becomes has its own value, the same at the border and in the middle
    cells = nn.functional.pixel_unshuffle(result, 2)
    assert cells.std() > 0.01
    torch.testing.assert_close(cells, cells[..., 8:9, 8:9].expand_as(cells), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("height", "width"), [(36, 32), (32, 44)])
def test_images_that_cannot_be_halved_so_often_are_refused(height, width):
    image = torch.zeros(1, 3, height, width)
    planes = Planes({"motion_field": torch.zeros(1, 2, height, width), "domain_planes": torch.zeros(1, 2, 1, 1)})
    with pytest.raises(RecipeError, match="a multiple of 8"):
        tiny()(image, planes)


@pytest.mark.parametrize(
    "options",
    [
        {"width": 0},
        {"down": 0},
        {"fold": 0},
        {"blocks": -1},
        {"detail": -1},
        {"mouth": -1},
        {"styler": -1},
        {"styler_fold": 0},
    ],
    ids=str,
)
def test_options_that_make_no_network_are_refused(options):
    with pytest.raises(ValueError, match="start at"):
        tiny(**options)


def test_the_plain_domain_may_stand_anywhere():
    """Two networks that differ in the order of their domains alone make the same images."""
    source = face(64)
    first, second = (tiny(plain, mouth=8, styler=8).eval() for plain in (0, 1))
    state = {name: one.clone() for name, one in first.state_dict().items()}
    for name, weight in state.items():
        if name.endswith("convolution.weight") and not name.startswith("mouth."):
            weight[:, -2:] = weight[:, -2:].flip(1)  # the domains are the last of its planes
    for network in (first, second):
        nn.init.normal_(network.head.weight, std=0.1)
    second.load_state_dict(state | {"head.weight": first.head.weight})
    for domain in (0, 1):
        goals = [
            Target(points=source.points * 0.9, domain=torch.tensor([domain if plain == 0 else 1 - domain]))
            for plain in (0, 1)
        ]
        with torch.no_grad():
            made = [
                network(source.image, told(source, goal))[0]
                for network, goal in zip((first, second), goals, strict=True)
            ]
        torch.testing.assert_close(*made, atol=1e-4, rtol=0)
        assert (made[0] - source.image).abs().mean() > 0.01
