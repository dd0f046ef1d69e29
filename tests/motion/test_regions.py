"""Where the mouth and the eyes are counts for more."""

import pytest
import torch

from ptk.losses.identity import Identity
from ptk.motion.regions import weigh_regions
from ptk.types import Faces, Planes, Translation


def points(size=1.0):
    """Everything in the upper left corner but for the outer corners of the eyes, which are half a picture apart."""
    made = torch.full((1, 68, 2), 0.1)
    made[:, 45] = torch.tensor([0.6, 0.1])
    return made * size


@pytest.mark.parametrize("lean", [1.0, 20.0])
def test_weights_fall_from_the_landmarks_to_1(lean):
    weights = weigh_regions(points(), 80, 160, lean)
    assert weights.shape == (1, 1, 80, 160)
    assert weights[0, 0, 8, 16] == pytest.approx(1 + lean, rel=0.05)
    assert weights[0, 0, 70, 150] == pytest.approx(1, abs=0.01)
    assert (weights >= 1).all()


def test_an_error_at_the_mouth_counts_for_more_than_one_elsewhere():
    def loss(lean, row):
        true, fake = torch.zeros(2, 1, 3, 64, 64)
        fake[..., row : row + 8, :8] = 1
        faces = Faces(image=true, points=points(), domain=torch.zeros(1, dtype=torch.int64))
        return Identity(lean)(
            Translation(source=faces, target=faces, planes=Planes({}), fake=[fake], restored=[]), None
        )

    assert loss(0, 4) == loss(0, 50) == pytest.approx(1 / 64)
    assert loss(20, 4) > 5 * loss(20, 50)
    with pytest.raises(ValueError, match="0 or more"):
        Identity(-1)
