"""The U-Net that enlarges by interpolation."""

import pytest
import torch

from ptk.errors import RecipeError
from ptk.generators.residual_unet import ResidualUNet
from ptk.types import Planes


def planes(domain: int, size: int = 32) -> Planes:
    shown = torch.zeros(1, 3, size, size)
    shown[:, domain] = 1
    return Planes({"domain_planes": shown})


def test_it_makes_pictures_of_any_sides_that_can_be_halved():
    network = ResidualUNet(3, width=8, down=3).eval()
    shown = Planes({"domain_planes": torch.zeros(2, 3, 32, 56)})
    made = network(torch.rand(2, 3, 32, 56) * 2 - 1, shown)[0]
    assert made.shape == (2, 3, 32, 56)
    assert made.abs().max() <= 1
    with pytest.raises(RecipeError, match="28 x 32 pixels cannot be halved 3 times; make both sides a multiple of 8"):
        network(torch.zeros(1, 3, 32, 28), planes(0))


def test_it_hears_the_planes():
    network = ResidualUNet(3, width=8, down=2).eval()
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    assert (network(image, planes(0))[0] - network(image, planes(1))[0]).abs().mean() > 0.001


def test_a_flat_picture_comes_out_without_a_pattern():
    """Transposed convolutions and pixel shuffles leave one that repeats every few pixels."""
    torch.manual_seed(0)
    network = ResidualUNet(3, width=8, down=3).eval()
    made = network(torch.full((1, 3, 400, 400), 0.3), Planes({"domain_planes": torch.zeros(1, 3, 400, 400)}))[0]
    inside = made[..., 192:208, 192:208]
    assert inside.std(dim=(2, 3)).max() < 1e-4


@pytest.mark.parametrize("options", [{"width": 0}, {"down": 0}, {"down": 11}, {"blocks": -1}, {"widest": 0}])
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match="width and widest start at 1"):
        ResidualUNet(3, **options)


def test_a_residual_one_gives_the_image_before_it_has_learned():
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    network = ResidualUNet(3, width=4, down=2, residual=True)
    assert torch.equal(network(image, planes(1))[0], image)
    torch.nn.init.constant_(network.head.bias, 0.5)
    torch.testing.assert_close(network(image, planes(1))[0], (image + 0.5).clamp(max=1))
