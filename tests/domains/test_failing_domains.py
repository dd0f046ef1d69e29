"""A domain that fails is named with its distribution, whoever calls it: an edit, `prepare`, training, `ptk eval`."""

import re

import numpy as np
import pytest
import torch

import ptk
from ptk.dataset.renderings import render, stylise
from ptk.editing.styles import StyleRenderer
from ptk.errors import PartError
from ptk.recipe.one_part import DomainUse, build_one
from ptk.registry.failures import describe_part, find_named, note_failures
from ptk.registry.registry import Registry

PHOTOS = np.random.default_rng(0).integers(0, 256, (3, 32, 48, 3), dtype=np.uint8)
POINTS = np.random.default_rng(1).random((3, 68, 2))


def raise_division(image):
    return 1 / 0


def leave(image):
    raise SystemExit(0)


FAILING = {
    "raises": (raise_division, "stylise raises ZeroDivisionError: division by zero"),
    "leaves": (leave, "stylise raises SystemExit: 0"),
    "nothing": (lambda image: None, "stylise must return a tensor, it returned a NoneType"),
    "array": (lambda image: image.numpy(), "stylise must return a tensor, it returned a ndarray"),
    "narrow": (lambda image: image[..., 1:], "stylise must return images (3, 3, 32, 48), it returned (3, 3, 32, 47)"),
    "grey": (lambda image: image[:, :1], "stylise must return images (3, 3, 32, 48), it returned (3, 1, 32, 48)"),
    "none": (lambda image: image[:0], "stylise must return images (3, 3, 32, 48), it returned (0, 3, 32, 48)"),
    "bytes": (lambda image: image.byte(), "floating-point images in [-1, 1], it returned torch.uint8"),
    "nan": (lambda image: torch.where(image > 0.9, torch.nan, image), "it returned NaN or infinity"),
    "levels": (lambda image: (image + 1) * 127.5, "images in [-1, 1], it returned values in [0, 255]"),
}


class Failing(ptk.Domain):
    """Fails as `way` says."""

    title = "Failing"

    def __init__(self, way: str) -> None:
        self.way = way

    def stylise(self, faces):
        return FAILING[self.way][0](faces.image)


class Plugin:
    @staticmethod
    @ptk.hookimpl
    def ptk_domains():
        return [ptk.Part("failing", "fails", Failing)]

    __name__ = "plugin"


@pytest.fixture
def registry():
    registry = Registry()
    assert not registry.register("odd", "ptk-odd 1.0", Plugin()).error
    return registry


@pytest.fixture
def failing(registry):
    return lambda way: build_one("domain", "failing", {"way": way}, {}, registry)


@pytest.mark.parametrize("way", FAILING)
def test_its_name_and_distribution_are_told_with_what_it_did(failing, way, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = "domain failing (ptk-odd 1.0): "
    with pytest.raises(PartError, match=rf"^{re.escape(said)}.*{re.escape(FAILING[way][1])}$"):
        stylise(PHOTOS, POINTS, failing(way), torch.device("cpu"))
    with pytest.raises(PartError, match=f"^{re.escape(said)}"):  # in an edit
        StyleRenderer(failing(way)).paint(PHOTOS[0], [POINTS[0] * 40])
    with pytest.raises(PartError, match=f"^{re.escape(said)}"):  # in training and ptk eval
        render(PHOTOS, POINTS, DomainUse("odd", {}, "sketch"), failing(way))
    assert not list(tmp_path.rglob("*.safetensors"))  # nothing of it stays in the cache


def test_a_little_beyond_the_range_is_clipped(failing, monkeypatch):
    monkeypatch.setitem(FAILING, "sharp", (lambda image: image * 1.2, ""))
    made = stylise(PHOTOS, POINTS, failing("sharp"), torch.device("cpu"))
    assert made.shape == PHOTOS.shape
    assert made.max() == 255


def test_errors_of_memory_stay_what_they_are(failing, monkeypatch):
    def too_much(image):
        raise MemoryError

    monkeypatch.setitem(FAILING, "large", (too_much, ""))
    with pytest.raises(MemoryError):
        stylise(PHOTOS, POINTS, failing("large"), torch.device("cpu"))


def test_prepare_lists_the_photo_with_the_domain(registry, monkeypatch, tmp_path):
    """One odd photo does not stop the others, and is tried again once the domain is mended."""
    from PIL import Image

    from ptk.dataset.images import encode
    from ptk.prepare.messages import Settings, Task
    from ptk.prepare.worker import Face, Worker
    from ptk.types import MediaFile

    monkeypatch.setattr("ptk.recipe.one_part.load_registry", lambda: registry)
    worker = Worker(Settings(32, 0.0, "mediapipe68", 1, (DomainUse("odd", {"way": "raises"}, "failing"),), "cpu"))
    face = Face("ann_smile", tuple(map(tuple, POINTS[0] * 32)), 32.0, {"photo": encode(PHOTOS[0, :, :32])})
    Image.fromarray(PHOTOS[0]).save(tmp_path / "a.png")
    media = MediaFile(path=tmp_path / "a.png", identity="ann", photo="ann_smile")
    outcome = worker.run(Task(0, media, cut=(face,), missing=("odd",)))
    assert outcome.reason == "domain failing (ptk-odd 1.0): stylise raises ZeroDivisionError: division by zero"
    assert outcome.passing
    assert not outcome.fatal


@pytest.mark.parametrize(
    ("hook", "kind", "method"), [("ptk_detectors", "detector", "detect"), ("ptk_sources", "source", "find")]
)
def test_detectors_and_sources_that_fail_are_named(hook, kind, method):
    class Failed:
        def __init__(self, result: object = 0) -> None:
            self.result = result

    def work(self, _):
        return 1 / 0 if self.result == 0 else self.result

    setattr(Failed, method, work)
    plugin = type("P", (), {hook: staticmethod(_named(hook, Failed)), "__name__": "p"})
    registry = Registry()
    assert not registry.register("odd", "ptk-odd 1.0", plugin()).error
    with pytest.raises(PartError, match=rf"^{kind} odd \(ptk-odd 1\.0\): {method} raises ZeroDivisionError"):
        getattr(build_one(kind, "odd", {}, {}, registry), method)(None)
    with pytest.raises(PartError, match=f"{method} must return a list, it returned a NoneType"):
        getattr(build_one(kind, "odd", {"result": None}, {}, registry), method)(None)
    part = build_one(kind, "odd", {"result": [3]}, {}, registry)
    assert getattr(part, method)(None) == part.result == [3]


def _named(hook, factory):
    def offer():
        return [ptk.Part("odd", "", factory)]

    offer.__name__ = hook
    return ptk.hookimpl(offer)


def test_networks_and_losses_keep_their_errors_and_get_a_note(failing):
    part = failing("raises")
    with pytest.raises(KeyError) as raised, note_failures(part):
        raise KeyError("x")
    assert find_named(raised.value) == describe_part(part) == "domain failing (ptk-odd 1.0)"
    assert find_named(KeyError("x")) == ""
