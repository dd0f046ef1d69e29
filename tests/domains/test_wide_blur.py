"""Wide blurs, done on means of pixels: the same as on the pixels."""

import numpy as np
import pytest
from skimage import data

from ptk.domains.filters import blur, blur_widely


@pytest.mark.parametrize("sigma", [5.0, 16.0, 20.0, 33.0, 70.0])
def test_a_wide_blur_is_the_blur_itself_up_to_the_border(sigma: float) -> None:
    image = data.astronaut()[:301, :350].astype(np.float32) @ np.float32([0.3, 0.6, 0.1]) / 255
    gap = np.abs(blur_widely(image, sigma) - blur(image, sigma))
    assert gap.max() < 0.004  # a level of 255; the image has the whole range
    assert gap.max() == 0 or sigma >= 16


def test_a_wide_blur_goes_on_from_tile_to_tile() -> None:
    image = np.random.default_rng(0).random((400, 400)).astype(np.float32)
    part = blur_widely(image[150:, 131:], 18.0, (150, 131))
    np.testing.assert_allclose(part[60:, 60:], blur_widely(image, 18.0)[210:, 191:], atol=1e-5)
