import pytest
import torch
from skimage import data
from torch import Tensor


@pytest.fixture(scope="session")
def portrait() -> Tensor:
    """A real face, (1, 3, 256, 256) in [-1, 1]."""
    crop = torch.tensor(data.astronaut()[0:256, 96:352])
    return crop.permute(2, 0, 1)[None].float() / 127.5 - 1
