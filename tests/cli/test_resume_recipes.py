"""A resumed run is the unbroken one, bit for bit, for every recipe that comes with ptk, and for parts that draw."""

import json
import shutil

import pytest
from safetensors import safe_open

from ptk.recipe.load import load_recipe, name_recipe, shipped_recipes
from ptk.training.checkpoint import checkpoints

pytestmark = pytest.mark.slow

CUT, END = 2, 4


BACKBONE = {"backbone": "vgg11", "weights": "random"}
SMALL_NETWORKS = {
    "generator": {"width": 8, "styler": 8, "mouth": 8, "blocks": 1},
    "discriminator": {"width": 8, "window": 32, "size": 64, "layers": 2},
}
"""Values of those options that a shipped recipe sets."""


def shrink(name):
    """Settings that make a shipped recipe small and leave all of its parts and its randomness."""
    recipe = load_recipe(name)
    small = {
        "data.size": 64,
        "training.batch": 2,
        "training.checkpoint": CUT,
        "training.grid": CUT,
    }
    if recipe.data.domains == "parts":
        small["domains"] = "[photo, sketch]"
    else:
        small["domains"] = "[happiness, neutral]"
    for kind, options in SMALL_NETWORKS.items():
        use = getattr(recipe, kind)
        small |= {f"{kind}.{use.name}.{key}": value for key, value in options.items() if key in use.options}
    if recipe.generator.name == "unet":
        small["generator.unet.down"] = 6
    for side, use in ((side, use) for side, uses in recipe.losses.items() for use in uses):
        if "backbone" in use.options:
            small |= {f"losses.{side}.{use.name}.{key}": value for key, value in BACKBONE.items()}
        if "window" in use.options:
            small[f"losses.{side}.{use.name}.window"] = use.options["window"] * 64 // recipe.data.size
        if use.name == "patch_nce":  # of the small resnet: a stride doubles its width
            small[f"losses.{side}.{use.name}.layers"] = "[0, 2, 3]"
            small[f"losses.{side}.{use.name}.channels"] = "[3, 16, 32]"
        if "pool" in use.options:
            small[f"losses.{side}.{use.name}.pool"] = 2  # full before the cut
    if recipe.training.critic_steps > 1:
        small["training.critic_steps"] = 3  # the cut lies between two steps of the generator
    return [f"{key}={value}" for key, value in small.items()]


def contents(run):
    """Everything by name that the last checkpoint and the weights hold, as bytes."""
    folder, found = checkpoints(run)[-1], {}
    for path in (folder / "tensors.safetensors", run / "weights.safetensors"):
        with safe_open(path, "pt") as file:
            found |= {f"{path.stem}: {name}": file.get_tensor(name).numpy().tobytes() for name in file.keys()}  # noqa: SIM118
    return found | {"python": json.loads((folder / "state.json").read_text())["python_random"]}


def differing(one, other):
    assert one.keys() == other.keys()
    return [name for name in one if one[name] != other[name]]


@pytest.fixture
def resumed(ptk, tmp_path):
    """Trains to the end, and again from the checkpoint at CUT; returns what differs, and what the first one holds."""

    def train(recipe, settings):
        words = ["train", recipe, "--device", "cpu", "--steps", END]
        for setting in settings:
            words += ["--set", setting]
        whole, cut = tmp_path / "whole", tmp_path / "cut"
        for out, *more in ((whole,), (cut, "--resume")):
            status, _, said = ptk(*words, "--out", out, *more)
            assert status == 0, said
            if out == whole:
                shutil.copytree(whole, cut)
                shutil.rmtree(checkpoints(cut)[-1])  # as if it had been killed after the one before
                (cut / "weights.safetensors").unlink()
        assert [int(folder.name) for folder in checkpoints(cut)] == [CUT, END]
        held = contents(whole)
        return differing(held, contents(cut)), held

    return train


@pytest.mark.parametrize("name", [name_recipe(path) for path in shipped_recipes()])
def test_every_shipped_recipe_resumes_to_the_bit(resumed, small_data, name):
    differs, _ = resumed(name, [f"data.source={small_data}", *shrink(name)])
    assert differs == []


DICE = [
    "losses.generator.dice=1",
    "losses.critic.dice=0.5",
    "conditioners=[landmark_map, rain, domain_planes]",
    "discriminator=gambler",
    "metrics=[lottery]",
    f"training.grid={CUT}",
    f"training.checkpoint={CUT}",
    "training.schedule=constant",
]


@pytest.mark.usefixtures("dice")
def test_parts_that_draw_and_remember_resume_to_the_bit(resumed, small_recipe):
    differs, whole = resumed(small_recipe, DICE)
    assert differs == []
    trained = whole["tensors: losses.generator.dice.balance"]
    assert trained != bytes(12), "the loss's own parameter was not trained"
