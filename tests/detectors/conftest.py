import numpy as np
import pytest
from jaxtyping import UInt8
from skimage import data


@pytest.fixture(scope="session")
def astronaut() -> UInt8[np.ndarray, "512 512 3"]:
    picture: np.ndarray = data.astronaut()
    return picture
