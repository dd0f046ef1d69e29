"""What several tests need: a small data set of real pictures, a small recipe, and a cache of their own."""

import importlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

# Tests run side by side, a worker a core; more threads than cores only wait for each other. Set before torch starts.
os.environ["OMP_NUM_THREADS"] = "1"
# What else is installed here is no part of what these tests hold.
os.environ["PTK_PLUGINS"] = ""

import pytest
import torch
from hypothesis import HealthCheck, settings

from installed import install_weights
from nursery import Nursery
from ptk.dataset.manifest import SAMPLE, read_manifest, write_manifest
from ptk.prepare.prepare import parse_styles, prepare
from ptk.registry.registry import load_registry
from small_sets import Manifest

# How long examples take says how busy the machine is, nothing of ptk.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

SMALL = """
recipe: small
data: {source: SOURCE, size: 64}
domains: [photo, sketch]
conditioners:
  - landmark_map: {sigma: 4}
  - domain_planes
generator: {portraitgan: {width: 8, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 2, layers: 2, width: 8}}
losses:
  critic: {lsgan: 1}
  generator:
    lsgan: 1
    feature_matching: 10
    identity: 5
    cycle: 2
    texture: {weight: 10, backbone: vgg11, weights: random}
training: {steps: 8, batch: 2, lr: 4.0e-4, ema: 0.9, seed: 1, checkpoint: 4, grid: 4}
"""


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Renderings that tests make stay out of the user's cache; subprocesses inherit the setting."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """Four people of the bundled sample, two expressions each: three to train on, one held out."""
    folder = tmp_path_factory.mktemp("data") / "small"
    folder.mkdir()
    entries = [entry for entry in read_manifest(SAMPLE) if entry.expression in ("neutral", "happiness")]
    train = sorted({entry.identity for entry in entries if entry.split == "train"})[:3]
    test = sorted({entry.identity for entry in entries if entry.split == "test"})[:1]
    kept = [entry for entry in entries if entry.identity in train + test]
    for entry in kept:
        (folder / entry.image).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE / entry.image, folder / entry.image)
    write_manifest(folder, kept)
    (folder / "dataset.json").write_text(json.dumps({"licence": "CC0-1.0", "detector": "mesh"}))
    return folder


@pytest.fixture(scope="session")
def prepared_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people of the bundled sample, neutral and happy, as photo and sketch: 24 images, two people to test with."""
    folder = tmp_path_factory.mktemp("prepared")
    entries = read_manifest(SAMPLE)
    people = sorted({entry.identity for entry in entries})[:6]
    for entry in entries:
        if entry.identity in people and entry.expression in ("neutral", "happiness"):
            photo = folder / "photos" / entry.identity / f"{entry.expression}.jpg"
            photo.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SAMPLE / entry.image, photo)
    prepare([folder / "photos"], folder / "set", size=96, styles=parse_styles(["sketch"]), workers=2)
    return folder / "set"


@pytest.fixture
def spoilt_set(prepared_set: Path, tmp_path: Path) -> Path:
    """A copy of `prepared_set` that a test may spoil."""
    return Path(shutil.copytree(prepared_set, tmp_path / "set"))


@pytest.fixture(scope="session")
def manifest_of() -> type[Manifest]:
    """How to get the manifest of a folder."""
    return Manifest


@pytest.fixture
def bring_weights(tmp_path, monkeypatch):
    """Install weights for this test, as `install_weights` does: by the name of the plug-in and the style it brings."""
    names = []

    def forget():
        load_registry.cache_clear()
        for name in [each for each in sys.modules if each.split(".")[0] in {f"ptk_{name}" for name in names}]:
            del sys.modules[name]

    def put(name, style, change=(b"", b"")):
        package = install_weights(tmp_path / "packages", name, style, change)
        importlib.invalidate_caches()  # the folder was not there yet
        names.append(name)
        monkeypatch.setenv("PTK_PLUGINS", ",".join(names))
        forget()  # what another test installed by the same name, too
        return package

    monkeypatch.syspath_prepend(tmp_path / "packages")
    yield put
    forget()


@pytest.fixture
def manifest(spoilt_set: Path) -> Manifest:
    """The manifest of `spoilt_set`."""
    return Manifest(spoilt_set)


@pytest.fixture(scope="session")
def small_recipe(small_data, tmp_path_factory):
    """A recipe file that trains on `small_data` in a second or two."""
    path = tmp_path_factory.mktemp("recipe") / "small.yaml"
    path.write_text(SMALL.replace("SOURCE", str(small_data)))
    return path


@pytest.fixture(scope="session")
def nursery(own_cache, tmp_path_factory):
    """`ptk` in processes of its own that start at once; for tests that need a process, not what it imports."""
    opened = Nursery(tmp_path_factory.mktemp("nursery"))
    yield opened
    opened.end()


def pytest_configure():
    """Let programs that tests start hear Ctrl-C, also where whoever started the tests ignores it: in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item):
    """Tests marked gpu run where there is one."""
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device, torch sees none here")
