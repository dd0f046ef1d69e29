"""Renderings come from the cache as they were made."""

import numpy as np
import pytest
import torch

from ptk.dataset.renderings import render, stylise
from ptk.domains.sketch import Sketch
from ptk.recipe.one_part import DomainUse

SKETCH = DomainUse("sketch", {}, "sketch")
POINTS = np.random.default_rng(1).random((11, 68, 2))


@pytest.fixture
def photos():
    """Eleven pictures, so more than one batch, higher than wide: a mix-up of axes would show."""
    return np.random.default_rng(0).integers(0, 256, (11, 48, 32, 3), dtype=np.uint8)


def test_the_second_time_gives_what_the_first_gave(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = []
    first = render(photos, POINTS, SKETCH, Sketch(), lambda what, count, total: done.append((what, count, total)))
    assert done == [("rendering sketch", 8, 11), ("rendering sketch", 11, 11)]
    assert len(list(tmp_path.rglob("*.safetensors"))) == 1
    again = render(photos, POINTS, SKETCH, Sketch(), lambda *_: pytest.fail("rendered again"))
    assert first.shape == photos.shape
    assert np.array_equal(first, again)
    assert np.array_equal(again, stylise(photos, POINTS, Sketch(), torch.device("cpu")))


def test_other_photos_and_options_are_rendered_anew(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    render(photos, POINTS, SKETCH, Sketch())
    render(photos[:5], POINTS[:5], SKETCH, Sketch())
    render(photos, POINTS, DomainUse("sketch", {"other": 1}, "sketch"), Sketch())
    assert len(list(tmp_path.rglob("*.safetensors"))) == 3


def test_a_damaged_cache_is_rendered_again(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = render(photos, POINTS, SKETCH, Sketch())
    (cached,) = tmp_path.rglob("*.safetensors")
    cached.write_bytes(cached.read_bytes()[:100])
    assert np.array_equal(render(photos, POINTS, SKETCH, Sketch()), first)


def test_a_cache_that_cannot_be_written_costs_time_only(photos, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert render(photos, POINTS, SKETCH, Sketch()).shape == photos.shape
