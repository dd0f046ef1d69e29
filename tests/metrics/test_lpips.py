"""LPIPS is that of those who published its weights."""

import pytest
import skimage.data
import torch
from torch.nn import functional

from ptk.errors import MissingExtra
from ptk.metrics.lpips import LPIPS
from ptk.types import Faces


def faces(image):
    return Faces(image=image, points=torch.zeros(1, 68, 2), domain=torch.zeros(1, dtype=torch.int64))


@pytest.fixture(scope="module")
def lpips():
    try:
        return LPIPS()
    except MissingExtra as missing:
        pytest.skip(str(missing))


def test_values_are_those_of_its_authors_code(lpips):
    pixels = torch.from_numpy(skimage.data.astronaut()[0:192, 128:288].copy()).permute(2, 0, 1)[None]
    image = pixels.float().div(127.5).sub(1)
    blurred = functional.avg_pool2d(image, 5, 1, 2)
    for changed, expected in ((image, 0.0), (image.flip(-1), 0.47625798), (blurred, 0.37068623)):
        assert lpips(faces(image), faces(changed), image).item() == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_without_its_weights_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("ptk.metrics.lpips.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="metric lpips needs packages"):
        LPIPS()
