"""MSE, PSNR and SSIM against arithmetic by hand."""

import math

import pytest
import skimage.metrics
import torch

from ptk.metrics.pixels import MSE, PSNR
from ptk.metrics.ssim import SSIM
from shown import shown


@pytest.fixture
def true():
    return shown(torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0)) * 2 - 1)


def test_mse_is_that_of_images_in_0_to_1(true):
    off = true.image.clone()
    off[1] += 0.2  # 0.1 of images in [0, 1]
    assert MSE()(true, true, off).tolist() == pytest.approx([0, 0.01], abs=1e-7)


def test_psnr_is_in_decibels(true):
    values = PSNR()(true, true, true.image + 0.2).tolist()
    assert values == pytest.approx([20, 20], abs=1e-3)  # -10 log10(0.01)
    assert math.isinf(PSNR()(true, true, true.image)[0])


def test_ssim_is_that_of_scikit_image(true):
    other = (true.image + torch.randn(true.image.shape, generator=torch.Generator().manual_seed(1)) * 0.2).clamp(-1, 1)
    assert SSIM()(true, true, true.image).tolist() == pytest.approx([1, 1])
    as_usual = {
        "data_range": 1,
        "channel_axis": 0,
        "gaussian_weights": True,
        "sigma": 1.5,
        "use_sample_covariance": False,
    }
    for ours, a, b in zip(SSIM()(true, true, other).tolist(), true.image, other, strict=True):
        pictures = ((image.double().numpy() + 1) / 2 for image in (a, b))
        theirs = skimage.metrics.structural_similarity(*pictures, **as_usual)
        assert ours == pytest.approx(theirs, abs=2e-3)  # torchmetrics takes in some of the border, which they leave out
