"""The stack of PatchGANs: what each level sees, says, and learns from."""

import pytest
import torch
import torch.nn.functional as F

from ptk.discriminators.patch_stack import PatchStack
from ptk.errors import RecipeError
from ptk.layers.instance_norm import InstanceNorm2d
from ptk.types import Faces, Planes

CHANNELS = 4


def told(batch: int = 2, height: int = 64, width: int = 96) -> Planes:
    return Planes({"told": torch.rand(batch, CHANNELS, height, width)})


def stack(**options) -> PatchStack:
    torch.manual_seed(1)
    return PatchStack(CHANNELS, **{"width": 8} | options)


def test_a_verdict_a_level_with_the_features_before_its_logits():
    pyramid = [torch.rand(2, 3, 64, 96), torch.rand(2, 3, 32, 48)]
    verdicts = stack()(pyramid, told())
    # 4x4 convolutions padded by 2: a stride of 2 gives n/2 + 1, a stride of 1 gives n + 1
    assert [tuple(verdict.logits.shape) for verdict in verdicts] == [(2, 1, 11, 15), (2, 1, 7, 9)]
    assert [feature.shape[1] for feature in verdicts[0].features] == [8, 16, 32, 64]


@pytest.mark.parametrize(("layers", "field"), [(1, 16), (2, 34), (3, 70)])
def test_a_logit_sees_70_by_70_pixels_at_three_layers(layers, field):
    """Without the norms, whose statistics reach across the whole image."""
    network = stack(layers=layers, levels=1)
    for layer in network.levels[0]:
        for index, module in enumerate(layer):
            if isinstance(module, InstanceNorm2d):
                layer[index] = torch.nn.Identity()
    image = torch.rand(1, 3, 160, 160, requires_grad=True)
    logits = network([image], told(1, 160, 160))[0].logits
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    seen = image.grad[0].abs().amax(0) > 0
    assert int(seen.any(0).sum()) == field
    assert int(seen.any(1).sum()) == field


def test_each_level_looks_at_its_own_image_of_the_pyramid():
    network = stack()
    fine, coarse = torch.rand(1, 3, 64, 64), torch.rand(1, 3, 32, 32, requires_grad=True)
    planes = told(1, 64, 64)
    first, second = network([fine, coarse], planes)
    assert torch.autograd.grad(first.logits.sum(), coarse, allow_unused=True, retain_graph=True)[0] is None
    assert torch.autograd.grad(second.logits.sum(), coarse)[0].abs().max() > 0


def test_a_short_pyramid_is_extended_by_average_pooling():
    network, planes = stack(levels=3), told(1, 64, 64)
    image = torch.rand(1, 3, 64, 64)
    pooled = [image]
    for _ in range(2):
        pooled.append(F.avg_pool2d(pooled[-1], 3, stride=2, padding=1, count_include_pad=False))
    for short in ([image], pooled[:2]):
        for own, given in zip(network(short, planes), network(pooled, planes), strict=True):
            assert torch.equal(own.logits, given.logits)


def test_pooling_keeps_a_flat_image_flat():
    """Padding counted as black would darken the borders of the real pyramid only, and give it away."""
    network = stack(levels=2)
    flat = torch.full((1, 3, 64, 64), 0.7)
    short, whole = (network(pyramid, told(1, 64, 64)) for pyramid in ([flat], [flat, flat[..., ::2, ::2]]))
    torch.testing.assert_close(short[1].logits, whole[1].logits)


def test_only_a_conditional_stack_sees_the_planes():
    pyramid = [torch.rand(2, 3, 64, 96)]
    one, other = told(), told()
    plain, conditional = stack(), stack(conditional=True)
    for level in range(2):
        assert torch.equal(plain(pyramid, one)[level].logits, plain(pyramid, other)[level].logits)
        assert not torch.allclose(conditional(pyramid, one)[level].logits, conditional(pyramid, other)[level].logits)


def test_a_conditional_stack_hears_a_constant_plane():
    network, image = stack(conditional=True), torch.rand(1, 3, 64, 64)
    ones = [Planes({"domain": torch.eye(CHANNELS)[d].reshape(1, -1, 1, 1).expand(1, -1, 64, 64)}) for d in (0, 1)]
    before, after = (network([image], planes)[0].logits for planes in ones)
    assert (after - before).abs().mean() > 0.01 * before.std()


@pytest.mark.parametrize("conditional", [False, True])
def test_gradients_reach_every_parameter(conditional):
    network = stack(conditional=conditional)
    verdicts = network([torch.rand(2, 3, 64, 96)], told())
    sum(verdict.logits.square().mean() for verdict in verdicts).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.abs().max() > 1e-9, name


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"levels": 1, "padding": 1, "bias": True}, 2_764_737),  # CycleGAN
        ({"levels": 1, "padding": 1, "norm": "batch", "conditional": "image"}, 2_768_705),  # pix2pix
        (
            {"levels": 1, "padding": 1, "norm": "batch", "conditional": "image", "bias": True},
            2_768_705,
        ),  # no second bias
        ({"levels": 2, "bias": True, "conditional": "image"}, 5_535_618),  # pix2pixHD with two scales
        ({"levels": 3, "bias": True, "conditional": "image"}, 8_303_427),  # and with three
        ({"levels": 1}, 2_764_737 - (128 + 256 + 512)),  # less the biases that an instance norm subtracts
    ],
)
def test_it_is_as_large_as_those_of_the_systems_it_stands_for(options, count):
    with torch.device("meta"):
        network = PatchStack(6, **options)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def shown(image: torch.Tensor, planes: torch.Tensor) -> Planes:
    faces = Faces(image=image, points=torch.zeros(len(image), 68, 2), domain=torch.zeros(len(image), dtype=torch.int64))
    return Planes({"told": planes}, source=faces)


@pytest.mark.parametrize(
    ("conditional", "hears_image", "hears_planes"),
    [(False, False, False), (True, False, True), ("planes", False, True), ("image", True, False), ("both", True, True)],
)
def test_each_level_sees_what_it_is_to_be_conditioned_on(conditional, hears_image, hears_planes):
    network, pyramid = stack(conditional=conditional), [torch.rand(2, 3, 64, 96)]
    source, planes = torch.rand(2, 3, 64, 96), torch.rand(2, CHANNELS, 64, 96)
    with torch.no_grad():
        before = network(pyramid, shown(source, planes))
        for hears, other in ((hears_image, shown(-source, planes)), (hears_planes, shown(source, -planes))):
            for one, two in zip(before, network(pyramid, other), strict=True):
                assert torch.equal(one.logits, two.logits) != hears


def test_the_image_that_was_translated_is_reduced_as_the_judged_one_is():
    """Level 1 of a network that subtracts one from the other sees nothing where both are the same."""
    network = stack(conditional="image", width=3)
    for levels in network.levels:
        weight = levels[0][0].weight.data
        weight[:, 3:] = -weight[:, :3]
    image = torch.rand(1, 3, 64, 64)
    for verdict in network([image], shown(image, torch.zeros(1, CHANNELS, 64, 64))):
        assert verdict.features[0].abs().max() < 1e-6


def test_pyramids_of_odd_sizes_fit_what_is_shown_beside_them():
    pyramid = [torch.rand(1, 3, 67, 51), torch.rand(1, 3, 33, 25)]
    planes = shown(torch.rand(1, 3, 67, 51), torch.rand(1, CHANNELS, 67, 51))
    assert len(stack(conditional="both")(pyramid, planes)) == 2


def test_an_image_to_see_that_nobody_gave_is_told():
    with pytest.raises(ValueError, match="needs Planes with a source"):
        stack(conditional="image")([torch.rand(2, 3, 64, 96)], told())


@pytest.mark.parametrize(("layers", "padding"), [(1, 1), (3, 2), (8, 2)])
def test_a_class_head_tells_the_domain_at_every_level(layers, padding):
    network = PatchStack(0, 5, width=4, layers=layers, padding=padding, classes=True)
    verdicts = network([torch.rand(2, 3, 64, 96)], Planes({}))
    assert [tuple(verdict.classes.shape) for verdict in verdicts] == [(2, 5), (2, 5)]
    assert stack()([torch.rand(2, 3, 64, 96)], told())[0].classes is None


def test_classes_are_the_mean_over_places():
    network = PatchStack(0, 2, width=4, levels=1, classes=True)
    with torch.no_grad():
        network.class_heads[0].weight.zero_()
        network.class_heads[0].bias.copy_(torch.tensor([0.25, -1.5]))
        verdict = network([torch.rand(2, 3, 64, 96)], Planes({}))[0]
    torch.testing.assert_close(verdict.classes, torch.tensor([[0.25, -1.5], [0.25, -1.5]]))


def test_options_add_nothing_to_weights_that_have_none_of_them():
    """Weights of earlier versions have these names, and the same seed begins with the same values."""
    torch.manual_seed(1)
    names = {f"levels.{k}.{i}.0.{what}" for k in (0, 1) for i in (0, 1, 2, 3, 4) for what in ("weight", "bias")}
    biased = {f"levels.{k}.{i}.0.bias" for k in (0, 1) for i in (1, 2, 3)}
    assert set(stack().state_dict()) == names - biased
    for one, other in zip(stack(conditional=True).parameters(), stack(conditional="planes").parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(("side", "fits"), [(24, True), (23, False)])
def test_images_too_small_for_padding_one_are_refused(side, fits):
    network, image = stack(padding=1, levels=1), torch.rand(1, 3, side, 40)
    if fits:
        assert network([image], told(1, side, 40))[0].logits.shape[2] == 1
    else:
        with pytest.raises(RecipeError, match="level 0 looks at images of 40 x 23 pixels, with padding 1 it needs 24"):
            network([image], told(1, side, 40))


def test_options_below_one_are_refused():
    with pytest.raises(ValueError, match="start at 1"):
        stack(levels=0)


@pytest.mark.gpu
def test_a_gpu_gives_the_verdict_of_the_cpu():
    network, image, planes = stack(), torch.rand(1, 3, 64, 64), told(1, 64, 64)
    expected = network([image], planes)[0].logits
    moved = Planes({"told": planes["told"].cuda()})
    torch.testing.assert_close(network.cuda()([image.cuda()], moved)[0].logits.cpu(), expected, rtol=0, atol=1e-3)
