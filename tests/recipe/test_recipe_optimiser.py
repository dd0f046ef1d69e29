"""A recipe names its optimiser as it names other parts: adam where it says nothing."""

import pytest
from torch import nn

from ptk.errors import PluginError, RecipeError
from ptk.optimisers.adam import Adam, AdamW
from ptk.optimisers.lion import Lion
from ptk.recipe.build import build_optimiser
from ptk.recipe.check import summary
from ptk.recipe.load import parse_recipe
from ptk.recipe.schema import TrainingSettings
from untrained import RECIPE

LINE = 1 + next(number for number, line in enumerate(RECIPE.splitlines()) if line.startswith("training"))


def recipe(said="", *overrides):
    return parse_recipe(RECIPE.replace("steps: 1,", f"steps: 1, {said}"), "r.yaml", overrides)


def build(said="", *overrides):
    return build_optimiser(recipe(said, *overrides).training, [nn.Parameter()], 0.25)


@pytest.mark.parametrize(
    ("said", "kind", "values"),
    [
        ("", Adam, {"betas": (0.5, 0.999), "weight_decay": 0}),
        ("optimiser: adam,", Adam, {"betas": (0.5, 0.999)}),
        ("optimiser: {adam: {eps: 1e-6}},", Adam, {"eps": 1e-6}),
        ("betas: [0.3, 0.4],", Adam, {"betas": (0.3, 0.4)}),
        ("optimiser: adamw,", AdamW, {"betas": (0.5, 0.999), "weight_decay": 0.01}),
        ("optimiser: lion,", Lion, {"betas": (0.9, 0.99)}),
        ("optimiser: lion, betas: [0.3, 0.4],", Lion, {"betas": (0.3, 0.4)}),
        ("optimiser: {lion: {betas: [0.8, 0.9]}}, betas: [0.3, 0.4],", Lion, {"betas": (0.8, 0.9)}),
    ],
)
def test_options_and_betas_reach_it(said, kind, values):
    built = build(said)
    assert type(built) is kind
    assert {name: built.param_groups[0][name] for name in values} == values
    assert built.param_groups[0]["lr"] == 0.25


def test_one_run_can_have_another():
    assert type(build("", "training.optimiser=lion")) is Lion
    assert build("", "training.optimiser.lion.betas=[0.8, 0.9]").defaults["betas"] == (0.8, 0.9)


def test_settings_that_no_recipe_made_have_adam():
    settings = TrainingSettings(betas=(0.1, 0.2))
    assert build_optimiser(settings, [nn.Parameter()], 1e-3).defaults["betas"] == (0.1, 0.2)


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("optimiser: liom,", "training.optimiser.liom: no such optimiser; did you mean lion?"),
        ("optimiser: {lion: {beta: 1}},", "training.optimiser.lion.beta: no such option; did you mean betas?"),
        ("optimiser: {lion: {lr: 1}},", "training.optimiser.lion.lr: no such option; there are betas, weight_decay"),
        ("optimiser: {adam: {eps: low}},", "training.optimiser.adam.eps: input should be a valid number"),
        ("optimiser: [adam],", "training.optimiser: must be a name, or a name with its options"),
        ("optimiser: {adam: {}, lion: {}},", "training.optimiser: must be a name, or a name with its options"),
        ("optimiser: ,", "training.optimiser: must be a name, or a name with its options"),
    ],
)
def test_mistakes_have_their_line(said, mistake):
    with pytest.raises(RecipeError) as told:
        recipe(said)
    assert str(told.value).startswith(f"r.yaml:{LINE}: {mistake}")


def test_the_check_builds_it_and_says_which():
    assert "pairs, Adam 0.0002 (0.5, 0.999)" in dict(summary(recipe(), "cpu"))["training"]
    said = recipe("optimiser: {lion: {betas: [0.8, 0.9], weight_decay: 0.1}},")
    assert "pairs, Lion (weight_decay 0.1) 0.0002 (0.8, 0.9)" in dict(summary(said, "cpu"))["training"]
    with pytest.raises(PluginError, match=r"optimiser lion \(ptk .*\): cannot be built: Invalid beta"):
        summary(recipe("optimiser: {lion: {betas: [0.8, 9]}},"), "cpu")


def test_it_is_a_part_of_the_recipe():
    assert ("training.optimiser.lion", "optimiser") in [use[:2] for use in recipe("optimiser: lion,").uses()]
