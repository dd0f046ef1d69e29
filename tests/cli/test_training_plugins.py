"""Weights edit and are exported without the plug-ins that only trained them; a part that edits is named."""

import pytest
from PIL import Image
from skimage import data

from ptk.recipe.weights import read_metadata
from ptk.registry.registry import load_registry

TRAINING_ONLY = ("losses.generator.dice=1", "losses.critic.dice=1", "discriminator=gambler", "metrics=[lottery]")


def settings(*all_of_them):
    return [word for setting in all_of_them for word in ("--set", setting)]


@pytest.fixture
def train_then_uninstall(ptk, small_recipe, tmp_path, monkeypatch):
    """Trains with the plug-in and these settings, and uninstalls it; returns the weights."""

    def train(*more):
        words = settings(*TRAINING_ONLY, "plugins=[ptk-dice]", *more)
        status, _, said = ptk("train", small_recipe, *words, "--steps", 2, "--out", tmp_path / "run", "--device", "cpu")
        assert status == 0, said
        monkeypatch.setenv("PTK_PLUGINS", "")
        load_registry.cache_clear()
        return tmp_path / "run" / "weights.safetensors"

    return train


@pytest.mark.usefixtures("dice")
def test_weights_edit_grow_and_are_exported_without_training_plugins(ptk, train_then_uninstall, tmp_path):
    weights = train_then_uninstall()
    assert "ptk-dice 1.0" in read_metadata(weights)["plugins"]
    assert [origin.split()[0] for origin in read_metadata(weights)["editing_plugins"]] == ["ptk"]
    Image.fromarray(data.astronaut()).save(tmp_path / "photo.png")
    grown, exported, edited = (tmp_path / name for name in ("more.safetensors", "net.onnx", "edited.png"))
    for words in (
        ("edit", tmp_path / "photo.png", "--weights", weights, "--style", "sketch", "--out", edited, "--device", "cpu"),
        ("export", weights, "--out", exported),
        ("domains", "add", weights, "watercolor", "--out", grown),
    ):
        status, _, said = ptk(*words)
        assert status == 0, (words[0], said)
    assert Image.open(edited).size == (512, 512)
    assert exported.stat().st_size > 1000
    more = read_metadata(grown)
    assert "ptk-dice 1.0" in more["plugins"], "whoever trains on needs it again"
    assert more["recipe"]["losses"]["generator"]["dice"] == 1


@pytest.mark.usefixtures("dice")
def test_a_missing_part_that_edits_is_named_with_its_plugin(ptk, train_then_uninstall, tmp_path):
    weights = train_then_uninstall("conditioners=[landmark_map, rain, domain_planes]")
    assert "ptk-dice 1.0" in read_metadata(weights)["editing_plugins"]
    status, _, said = ptk("export", weights, "--out", tmp_path / "net.onnx")
    assert status == 1
    assert said.startswith(f"ptk: {weights}: cannot be built here: it needs plug-ins: ptk-dice is ")
