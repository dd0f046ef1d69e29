"""Two small sets to join."""

import pytest

from small_sets import make_set


@pytest.fixture
def left(tmp_path):
    """A set of Ann to train on and Bob to test with."""
    return make_set(tmp_path / "left", {"ann": ("p00", "train"), "bob": ("p01", "test")})


@pytest.fixture
def right(tmp_path):
    """A set of Cat to test with."""
    return make_set(tmp_path / "right", {"cat": ("p02", "test")})


@pytest.fixture
def out(tmp_path):
    return tmp_path / "made" / "both"
