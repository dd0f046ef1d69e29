"""What shaving holds: stubble goes, skin that has none stays, and so does all that is not the lower face."""

import numpy as np
import pytest
import torch

import ptk
from ptk_beard.domain import Beard, Shaved

LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]


@pytest.fixture
def stubbly(draw) -> tuple[ptk.Faces, ptk.Faces]:
    """A face without and with stubble."""
    bare = draw(height=256, width=256)
    bearded = Beard(length=0.15, colour="black").stylise(bare)
    return bare, ptk.Faces(image=bearded, points=bare.points, domain=bare.domain)


def brightness(image: torch.Tensor, points: np.ndarray, at: list[int]) -> float:
    x, y = (points[at].mean(axis=0) * 256).astype(int)
    return float((image[0] * LUMA).sum(0)[y - 6 : y + 6, x - 6 : x + 6].mean())


@pytest.mark.parametrize("at", [[8, 8, 57], [50, 33, 52], [5, 48, 5]], ids=["chin", "lip", "jaw"])
def test_stubble_goes(stubbly, points, at):
    """Three fifths of the way back to the skin, at least."""
    bare, bearded = stubbly
    before, between, after = (
        brightness(image, points, at) for image in (bare.image, bearded.image, Shaved().stylise(bearded))
    )
    assert between < before - 0.1
    assert after > between + 0.6 * (before - between)


def test_who_is_shaved_stays(draw):
    """Smooth skin changes by less than two levels of 255."""
    faces = draw(height=256, width=256)
    assert (Shaved().stylise(faces) - faces.image).abs().mean() < 2 / 127.5


def test_eyes_lips_and_all_around_stay(stubbly, points):
    _, bearded = stubbly
    change = (Shaved().stylise(bearded) - bearded.image)[0].abs().amax(0)
    assert change[: int(points[41, 1] * 256)].max() < 0.01
    assert change[:, :40].max() == 0
    lips = (points[[48, 51, 54, 57]].mean(axis=0) * 256).astype(int)
    assert change[lips[1] - 3 : lips[1] + 3, lips[0] - 12 : lips[0] + 12].mean() < 0.02


def test_a_whole_photo_is_shaved_as_a_crop(stubbly, points):
    _, bearded = stubbly
    pixels = ((bearded.image[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    image = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 127.5 - 1
    styled = Shaved().stylise(ptk.Faces(image=image, points=bearded.points, domain=bearded.domain))
    shaved = Shaved().render(pixels, points, 1.0)
    assert np.abs(shaved - ((styled[0].permute(1, 2, 0).numpy() + 1) * 127.5)).max() < 1
    assert np.array_equal(Shaved().render(pixels, points + 5, 1.0), pixels)
