"""PortraitGAN's generator: shapes, size, and that it listens to what it is told (the style must not be ignored)."""

import pytest
import torch
from torch import nn

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.conditioners.landmark_map import LandmarkMap
from ptk.errors import PtkError
from ptk.generators.portraitgan import PortraitGAN
from ptk.types import Faces, Planes, Target

DOMAINS = 3


def tell(source: Faces, target: Target) -> Planes:
    return Planes(
        {"landmark_map": LandmarkMap()(source, target), "domain_planes": DomainPlanes(DOMAINS)(source, target)}
    )


def face(size: int) -> Faces:
    """Noise smooth enough to have structure at every scale, and points well inside."""
    generator = torch.Generator().manual_seed(3)
    coarse = torch.rand(1, 3, 8, 8, generator=generator) * 2 - 1
    image = nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(-1, 1)
    points = torch.rand(1, 68, 2, generator=generator) * 0.6 + 0.2
    return Faces(image=image, points=points, domain=torch.tensor([0]))


def tiny(**options) -> PortraitGAN:
    torch.manual_seed(1)
    return PortraitGAN(1 + DOMAINS, **{"width": 8, "down": 2, "blocks": 1} | options)


def change(network: PortraitGAN, source: Faces, target: Target) -> tuple[float, float]:
    """How much the image changes between being told `source` and being told `target`, relative to its own spread.

    Everywhere, and in the middle ninth: what leaks in from the borders shows first at the borders.
    """
    third = source.image.shape[-1] // 3
    with torch.no_grad():
        before, after = (network(source.image, tell(source, told))[0] for told in (source, target))
    change = (after - before).abs() / before.std()
    return change.mean().item(), change[..., third:-third, third:-third].mean().item()


# Untrained, it changes by 0.5 of the image's spread when the domain is switched, by 0.1 and more when landmarks move;
# by 0.07 in the middle where the domain only leaks in at zero-padded borders; by 2e-6 where it is deaf.
SWITCHED, MOVED, DEAF = 0.2, 0.05, 1e-4


LIKE_THE_TINY_RECIPE = {"norm": "group", "upsample": "resize"}


@pytest.mark.parametrize("options", [{}, LIKE_THE_TINY_RECIPE], ids=["paper", "tiny"])
@pytest.mark.parametrize("size", [64, 256, 512])
def test_switching_the_domain_and_moving_the_landmarks_both_change_the_image(size, options):
    hears(tiny(**options), size)


@pytest.mark.parametrize(
    "options", [{"upsample": "resize"}, {"padding": "zeros"}, {"down": 4}, {"norm": "group"}], ids=str
)
def test_it_hears_both_with_every_option(options):
    hears(tiny(**options), 64)


def hears(network: PortraitGAN, size: int) -> None:
    source = face(size)
    switched = Target(points=source.points, domain=source.domain + 1)
    moved = Target(points=source.points * 0.8 + 0.1, domain=source.domain)
    for told, threshold in ((switched, SWITCHED), (moved, MOVED)):
        everywhere, middle = change(network, source, told)
        assert everywhere > threshold
        assert middle > threshold


@pytest.mark.parametrize("padding", ["reflect", "replicate"])
def test_instance_norm_after_the_stem_makes_it_deaf_to_the_domain(padding):
    """The trap for which stem_norm is "none": a constant plane is a constant shift, and the norm subtracts it."""
    source = face(64)
    switched = Target(points=source.points, domain=source.domain + 1)
    everywhere, middle = change(tiny(stem_norm="instance", padding=padding), source, switched)
    assert everywhere < DEAF
    assert middle < DEAF


def test_zero_padding_only_lets_the_domain_leak_in_at_the_borders():
    source = face(256)
    switched = Target(points=source.points, domain=source.domain + 1)
    network = tiny(stem_norm="instance", padding="zeros", blocks=0)
    everywhere, middle = change(network, source, switched)
    assert everywhere > 1.5 * middle
    assert middle < SWITCHED


@pytest.mark.parametrize(("scales", "down"), [(1, 2), (2, 2), (3, 4)])
def test_images_come_finest_first_and_in_range(scales, down):
    source = face(64)
    image = torch.cat([source.image[..., :32, :]] * 2)
    planes = Planes({"told": torch.rand(2, 1 + DOMAINS, 32, 64)})
    pyramid = tiny(scales=scales, down=down)(image, planes)
    assert [tuple(level.shape) for level in pyramid] == [(2, 3, 32 >> k, 64 >> k) for k in range(scales)]
    assert all(level.abs().max() <= 1 for level in pyramid)


@pytest.mark.parametrize(("width", "parameters"), [(64, 182_441_158), (32, 45_619_814)])
def test_it_is_as_large_as_pix2pixhd(width, parameters):
    """182.5 M parameters at width 64 and 45.6 M at 32, with five domains and a landmark map, as pix2pixHD's generator.

    Counted here without the biases that an instance norm subtracts: 333 of them for each channel of width.
    """
    with torch.device("meta"):
        network = PortraitGAN(plane_channels=6, width=width)
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == parameters
    encoder, blocks, decoder = (2 + 4 + 8 + 16) * width, 9 * 2 * 16 * width, (8 + 4 + 2 + 1) * width
    assert round((count + encoder + blocks + decoder) / 1e6, 1) == {64: 182.5, 32: 45.6}[width]


@pytest.mark.parametrize("options", [{}, {"upsample": "resize"}, LIKE_THE_TINY_RECIPE], ids=str)
def test_gradients_reach_every_parameter(options):
    network = tiny(**options)
    source = face(64)
    pyramid = network(source.image, tell(source, source))
    sum(level.square().mean() for level in pyramid).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.abs().max() > 1e-9, name
        assert torch.isfinite(parameter.grad).all(), name


def test_the_seed_decides_the_weights():
    same, other = tiny().state_dict(), tiny().state_dict()
    assert all(torch.equal(same[name], other[name]) for name in same)
    torch.manual_seed(2)
    assert not torch.equal(PortraitGAN(4, width=8, down=2, blocks=1).head.weight, same["head.weight"])


def test_weights_start_normal_with_deviation_002_and_biases_at_zero():
    network = tiny(width=32)
    assert network.blocks[0].body[0].weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert network.stem[0].bias.abs().max() == 0


@pytest.mark.parametrize(("height", "width"), [(100, 96), (96, 100), (16, 64)])
def test_a_size_that_cannot_be_halved_is_refused_with_the_multiple(height, width):
    planes = Planes({"told": torch.zeros(1, 4, height, width)})
    with pytest.raises(PtkError, match="multiple of 16, 32 or more") as raised:
        tiny(down=4)(torch.zeros(1, 3, height, width), planes)
    assert f"{width} x {height}" in str(raised.value)


def test_options_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="scales must be 1 to 2"):
        tiny(scales=3)
    with pytest.raises(ValueError, match="start at 1"):
        tiny(width=0)


@pytest.mark.gpu
def test_a_gpu_gives_the_image_of_the_cpu():
    network, source = tiny(), face(64)
    planes = tell(source, source)
    expected = network(source.image, planes)[0]
    moved = Planes({name: planes[name].cuda() for name in planes})
    torch.testing.assert_close(network.cuda()(source.image.cuda(), moved)[0].cpu(), expected, rtol=0, atol=1e-3)
