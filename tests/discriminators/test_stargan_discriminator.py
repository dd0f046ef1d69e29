"""StarGAN's discriminator: as large as its authors', and what it says of the domain."""

import pytest
import torch

from ptk.discriminators.stargan import StarGANDiscriminator
from ptk.errors import RecipeError
from ptk.types import Planes

NOTHING = Planes({})


@pytest.mark.parametrize(
    ("domains", "size", "count"),
    [
        (5, 128, 44_762_048),  # CelebA with five attributes, of the authors' code
        (8, 128, 44_786_624),  # RaFD with eight expressions: 3 * 2048 * 2 * 2 more
        (5, 256, 44_762_048 + 5 * 2048 * (16 - 4)),
    ],
)
def test_it_has_the_parameters_of_its_authors_network(domains, size, count):
    with torch.device("meta"):
        network = StarGANDiscriminator(domains, size=size)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


@pytest.mark.parametrize(("height", "width"), [(64, 64), (64, 96), (128, 64)])
def test_one_verdict_with_a_class_a_domain(height, width):
    network = StarGANDiscriminator(3, size=64, width=4)
    (verdict,) = network([torch.rand(2, 3, height, width)], NOTHING)
    assert verdict.logits.shape == (2, 1, height // 64, width // 64)
    assert verdict.classes.shape == (2, 3)
    assert [one.shape[1] for one in verdict.features] == [4, 8, 16, 32, 64, 128]


def test_a_larger_image_is_told_by_the_mean_of_its_places():
    torch.manual_seed(1)
    network = StarGANDiscriminator(3, size=64, width=4).eval()
    wide = torch.rand(1, 3, 64, 128)
    with torch.no_grad():
        x = wide
        for layer in network.layers:
            x = layer(x)
        expected = torch.stack([network.classes(x[..., i : i + 1]).flatten(1) for i in (0, 1)]).mean(0)
        torch.testing.assert_close(network([wide], NOTHING)[0].classes, expected)


def test_there_is_no_norm_and_a_steep_leak():
    network = StarGANDiscriminator(3, size=64, width=4)
    assert {type(one).__name__ for layer in network.layers for one in layer} == {"Conv2d", "LeakyReLU"}
    assert all(layer[1].negative_slope == 0.01 for layer in network.layers)


def test_images_smaller_than_it_was_built_for_are_refused_with_what_to_write():
    with pytest.raises(RecipeError, match="images of 96 x 64 pixels are smaller than `size`, 128: make it 64"):
        StarGANDiscriminator(3, width=4)([torch.rand(1, 3, 64, 96)], NOTHING)


@pytest.mark.parametrize("options", [{"size": 63}, {"width": 0}, {"layers": 0}, {"layers": 10**9}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="start"):
        StarGANDiscriminator(3, **options)
