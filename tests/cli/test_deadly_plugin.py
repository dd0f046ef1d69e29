"""A plug-in that ends Python when it is imported is named by every verb that looks at plug-ins, and ends none."""

import shlex

import pytest
import torch
import yaml

from installed import hooks_of, install
from ptk.dataset.manifest import SAMPLE
from ptk.recipe.weights import write_weights
from ptk.registry.registry import load_registry
from untrained import RECIPE, write_untrained

TOLD = "ends Python when it is imported (status 3): it must not call os._exit or os.abort"

# What each verb is asked: for a part that there is not, for all, or for one whose module ends Python. Then its status.
VERBS = {
    "domains": 0,
    "plugins": 0,
    "plugins show ghost": 1,
    "plugins show doomed": 1,
    "plugins check ghost": 1,
    "plugins check ptk-deadly": 1,
    "plugins check ptk-doomed": 1,
    "edit photo.jpg --style ghost": 1,
    "edit photo.jpg --style doomed": 1,
    "edit photo.jpg --expression smile --observe ghost": 1,
    "landmarks photo.jpg --detector ghost": 1,
    "prepare photos --styles ghost --out faces": 1,
    "prepare photos --styles doomed --out faces": 1,
    "train mine.yaml --set domains=[photo,ghost] --out run": 1,
    "train mine.yaml --set domains=[photo,doomed] --out run": 1,
    "train mine.yaml --observe ghost --out run": 1,
    "bench mine.yaml --set domains=[photo,ghost]": 1,
    "recipes check mine.yaml --set generator=ghost": 1,
    "recipes check mine.yaml --set plugins=[ptk-deadly]": 1,
    "data check sample --detector ghost": 1,
    "domains add untrained.safetensors ghost": 1,
    "eval untrained.safetensors --data sample --metric ghost --out page": 1,
    "export foreign.safetensors --out net.onnx": 1,
}


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with what the verbs ask for; installed are a plug-in that ends Python, and one whose part does."""
    packages = tmp_path / "packages"
    install(packages, "deadly", "import os\nos._exit(3)\n")
    install(packages, "doomed", hooks_of("doomed"), parts="import os\nos._exit(3)\n")
    for place in (tmp_path / "photo.jpg", tmp_path / "photos" / "ann_smile.jpg"):
        place.parent.mkdir(exist_ok=True)
        place.write_bytes((SAMPLE / "images" / "p02_surprise.jpg").read_bytes())
    (tmp_path / "mine.yaml").write_text(RECIPE)
    write_untrained(tmp_path / "untrained.safetensors")
    foreign = {"recipe": {**yaml.safe_load(RECIPE), "generator": "ghost"}, "editing_plugins": ["ptk-deadly 1.0"]}
    write_weights(tmp_path / "foreign.safetensors", {"generator.weight": torch.zeros(1)}, foreign)
    monkeypatch.syspath_prepend(packages)
    monkeypatch.setenv("PTK_PLUGINS", "deadly,doomed")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(tmp_path)
    load_registry.cache_clear()
    yield tmp_path
    load_registry.cache_clear()


@pytest.mark.parametrize("line", VERBS)
@pytest.mark.usefixtures("desk")
def test_every_verb_names_it_and_goes_on(ptk, line):
    status, printed, said = ptk(*shlex.split(line))
    assert status == VERBS[line], printed + said
    assert TOLD in printed + said
    assert "doomed" in line or "ptk-deadly 1.0" in printed + said
    assert "doomed" not in line or "ptk-doomed 1.0" in printed + said
    assert "unexpected" not in said


@pytest.mark.usefixtures("desk")
def test_an_edit_with_ptks_own_parts_asks_no_plugin(ptk):
    status, _, said = ptk("edit", "photo.jpg", "--weights", "untrained.safetensors", "--style", "sketch", "-o", "o.png")
    assert (status, "deadly" in said) == (0, False), said


@pytest.mark.usefixtures("desk")
def test_eval_of_all_metrics_names_it(desk):
    from ptk.evaluation.evaluate import Metrics

    metrics = Metrics.built(load_registry(), (), "mediapipe68")
    assert metrics.skipped["ptk-deadly 1.0"] == f"broken: {TOLD}"
    assert "mse" in metrics.parts
