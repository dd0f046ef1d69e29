"""Detail kept: 1 for the photo itself, less for a soft one, and only where it is looked at."""

import pytest
import torch
from skimage import data
from torch.nn import functional

from ptk.faces.expressions import vocabulary
from ptk.metrics.detail import MouthDetail, SkinDetail
from ptk.types import Faces

POINTS = torch.tensor(vocabulary().rest * 0.28 + (0.5, 0.4), dtype=torch.float32)[None]


@pytest.fixture(scope="module")
def photo():
    image = torch.from_numpy(data.astronaut()).permute(2, 0, 1)[None].float() / 127.5 - 1
    return Faces(image=image, points=POINTS, domain=torch.zeros(1, dtype=torch.int64))


@pytest.mark.parametrize("metric", [SkinDetail(), MouthDetail()])
def test_the_photo_has_all_its_detail_and_a_soft_one_little(photo, metric):
    soft = functional.avg_pool2d(photo.image, 5, 1, 2)
    assert metric(photo, photo, photo.image).tolist() == pytest.approx([1.0])
    assert metric(photo, photo, soft).item() < 0.5
    assert metric(photo, photo, torch.zeros_like(soft)).item() < 0.01


def test_each_looks_at_its_own_part(photo):
    painted = photo.image.clone()
    low, high = (POINTS[0, 48:60] * 512).aminmax(dim=0)
    (left, top), (right, bottom) = low.int().tolist(), high.int().tolist()
    painted[..., top - 4 : bottom + 5, left - 4 : right + 5] = 0
    assert MouthDetail()(photo, photo, painted).item() < 0.05
    assert SkinDetail()(photo, photo, painted).item() == pytest.approx(1.0)


def test_a_face_at_the_border_and_rows_by_themselves(photo):
    away = Faces(image=photo.image, points=POINTS - 0.45, domain=photo.domain)
    assert SkinDetail()(photo, away, photo.image).isfinite().all()
    two = Faces(
        image=photo.image.repeat(2, 1, 1, 1), points=POINTS.repeat(2, 1, 1), domain=torch.zeros(2, dtype=torch.int64)
    )
    both = torch.cat([photo.image, functional.avg_pool2d(photo.image, 3, 1, 1)])
    found = SkinDetail()(two, two, both)
    assert found[0].item() == pytest.approx(1.0)
    assert found[1] < 0.8
