"""Generators of other systems: as large as their authors' own, and as they describe them."""

import pytest
import torch

from ptk.errors import RecipeError
from ptk.generators.resnet import ResNet
from ptk.generators.skip_unet import SkipUNet
from ptk.generators.stargan import StarGAN
from ptk.layers.instance_norm import InstanceNorm2d
from ptk.recipe.build import count_parameters
from ptk.types import Planes

NOTHING = Planes({})


@pytest.mark.parametrize(
    ("network", "count"),
    [
        (lambda: ResNet(0), 11_378_179),  # resnet_9blocks with instance norm of the authors' code
        (lambda: ResNet(0, blocks=6), 7_837_699),  # resnet_6blocks
        (lambda: ResNet(0, down=4), 182_443_267),  # pix2pixHD's GlobalGenerator at its defaults
        (lambda: SkipUNet(0), 54_413_955),  # unet_256 of the authors' code
        (lambda: SkipUNet(0, down=7), 41_828_995),  # unet_128
        (lambda: StarGAN(5), 8_430_528),  # c_dim 5 of the authors' code
    ],
    ids=["resnet_9blocks", "resnet_6blocks", "pix2pixHD", "unet_256", "unet_128", "stargan"],
)
def test_they_have_the_parameters_of_their_authors_networks(network, count):
    with torch.device("meta"):
        assert count_parameters(network()) == count


def test_the_unet_reaches_one_pixel_and_sees_the_image_at_every_size():
    network = SkipUNet(0, width=4, down=5)
    sizes = []
    for convolution in (network.stem, *network.encoder):
        convolution.register_forward_hook(lambda _, __, out: sizes.append(out.shape[-1]))
    image = torch.rand(2, 3, 32, 32)
    (made,) = network(image, NOTHING)
    assert sizes == [16, 8, 4, 2, 1]
    assert made.shape == image.shape
    assert [one.in_channels for one in network.decoder] == [8, 16, 32, 64, 32]


def test_the_unets_noise_is_in_the_inner_levels_of_training_alone():
    network = SkipUNet(0, width=4, down=7)
    assert network.dropped == {4, 5}
    assert SkipUNet(0, width=4, down=8).dropped == {4, 5, 6}
    assert not SkipUNet(0, width=4, down=7, dropout=False).dropped
    image = torch.rand(2, 3, 128, 128)
    with torch.no_grad():
        first, second = (network(image, NOTHING)[0] for _ in range(2))
        assert not torch.equal(first, second)
        network.eval()
        first, second = (network(image, NOTHING)[0] for _ in range(2))
        assert torch.equal(first, second)


def test_stargan_hears_a_label_in_the_middle_of_the_picture():
    assert_hears_a_label(StarGAN(3, width=16, blocks=2))


def test_resnet_told_planes_hears_a_label_in_the_middle_of_the_picture():
    assert_hears_a_label(ResNet(3, width=16, blocks=2))


def assert_hears_a_label(network):
    torch.manual_seed(1)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0, 0.1)
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    label = torch.zeros(1, 3, 64, 64)
    label[:, 0] = 1
    with torch.no_grad():
        one, other = (network(image, Planes({"domain_planes": each}))[0] for each in (label, label.roll(1, dims=1)))
    assert (one - other)[..., 20:44, 20:44].abs().mean() > 0.01  # of [-1, 1]; networks that are deaf change by 1e-6


def test_resnet_normalises_after_its_stem_only_where_it_is_told_nothing():
    assert isinstance(ResNet(0, width=2, blocks=0).stem[1], InstanceNorm2d)
    assert not any(isinstance(module, InstanceNorm2d) for module in ResNet(2, width=2, blocks=0).stem)


def test_resnet_begins_as_its_authors_do():
    """Normal weights of deviation .02, no bias."""
    torch.manual_seed(1)
    weights = dict(ResNet(0, width=16, blocks=2).named_parameters())
    assert all(not value.any() for name, value in weights.items() if name.endswith("bias"))
    spread = torch.cat([value.flatten() for name, value in weights.items() if name.endswith("weight")]).std()
    assert spread.item() == pytest.approx(0.02, rel=0.02)


@pytest.mark.parametrize(
    ("network", "size"),
    [(SkipUNet(0, width=2, down=5), 48), (StarGAN(0, width=2), 66), (ResNet(0, width=2), 66), (ResNet(0, width=2), 4)],
)
def test_images_that_cannot_be_halved_are_refused_with_what_to_change(network, size):
    with pytest.raises(RecipeError, match=r"make both( sides)? a multiple of \d+.* \(data.size\)"):
        network(torch.zeros(1, 3, size, size), NOTHING)


@pytest.mark.parametrize(
    ("part", "options"),
    [(SkipUNet, {"down": 1}), (SkipUNet, {"width": 0}), (StarGAN, {"blocks": -1}), (ResNet, {"width": 0})],
)
def test_options_out_of_range_are_refused(part, options):
    with pytest.raises(ValueError, match="start"):
        part(0, **options)


def test_what_resnet_encodes_is_what_it_decodes():
    torch.manual_seed(0)
    generator = ResNet(2, width=4, down=2, blocks=3)
    image, planes = torch.rand(1, 3, 32, 48) * 2 - 1, Planes({"told": torch.rand(1, 2, 32, 48)})
    features = generator.encode(image, planes)
    assert [tuple(one.shape[1:]) for one in features] == [
        *((3, 32, 48), (4, 32, 48), (8, 16, 24)),
        *[(16, 8, 12)] * 4,
    ]
    made = torch.tanh(generator.head(generator.decoder(features[-1])))
    assert torch.equal(made, generator(image, planes)[0])
