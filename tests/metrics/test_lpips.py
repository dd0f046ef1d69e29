"""LPIPS is that of those who published its weights."""

import pytest
import skimage.data
import torch
from torch.nn import functional

from ptk.errors import MissingExtra
from ptk.metrics.lpips import LPIPS
from ptk.metrics.lpips_vgg import LPIPSVGG
from ptk.types import Faces


def faces(image):
    return Faces(image=image, points=torch.zeros(1, 68, 2), domain=torch.zeros(1, dtype=torch.int64))


# What their own code says of the astronaut beside itself, mirrored, and blurred.
PUBLISHED = {LPIPS: (0.0, 0.47625798, 0.37068623), LPIPSVGG: (0.0, 0.53712165, 0.41951558)}


@pytest.mark.parametrize("metric", PUBLISHED)
def test_values_are_those_of_its_authors_code(metric):
    try:
        lpips = metric()
    except MissingExtra as missing:
        pytest.skip(str(missing))
    pixels = torch.from_numpy(skimage.data.astronaut()[0:192, 128:288].copy()).permute(2, 0, 1)[None]
    image = pixels.float().div(127.5).sub(1)
    blurred = functional.avg_pool2d(image, 5, 1, 2)
    for changed, expected in zip((image, image.flip(-1), blurred), PUBLISHED[metric], strict=True):
        assert lpips(faces(image), faces(changed), image).item() == pytest.approx(expected, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize(("metric", "name"), [(LPIPS, "lpips"), (LPIPSVGG, "lpips_vgg")])
def test_without_its_weights_it_says_what_to_install(monkeypatch, metric, name):
    monkeypatch.setattr("ptk.metrics.lpips.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=f"metric {name} needs packages"):
        metric()
