"""The whole objective stands in `ptk recipes check`, term by term, as an equation would."""

import pytest

from ptk.recipe.check import objective
from ptk.recipe.load import load_recipe, shipped_recipes
from ptk.registry.registry import load_registry
from ptk.types.translation import declared

PARTS = [load_registry().part("loss", name) for name in load_registry().names("loss")]
LOSSES = [part for part in PARTS if part.origin.startswith("ptk ")]


@pytest.mark.parametrize("part", LOSSES, ids=lambda part: part.name)
def test_every_loss_of_ptk_has_an_equation(part):
    for side in part.sides:
        assert declared(part.load()).equation(side, {})


@pytest.mark.parametrize("path", shipped_recipes(), ids=lambda path: path.stem)
def test_every_term_of_a_shipped_recipe_is_an_equation(path):
    recipe = load_recipe(path)
    for side, terms in objective(recipe).items():
        assert len(terms) == len(recipe.losses[side])
        assert all(": " in term for term in terms)


def test_cyclegans_objective():
    assert objective(load_recipe("cyclegan")) == {
        "critic": [
            "1 adversarial (mode lsgan, pool 50): ½ Σ_k (E[(D_k(y) - 1)²] + E[D_k(G(x))²]), half of the G(x) older, "
            "from 50"
        ],
        "generator": [
            "1 adversarial (mode lsgan): Σ_k E[(D_k(G(x)) - 1)²]",
            "10 cycle: E|G(G(x)) - x|",
            "5 identity_mapping: E|G(y) - y|, y to its own domain",
        ],
    }


def test_a_loss_without_an_equation_has_its_weight_and_name(monkeypatch):
    monkeypatch.delattr("ptk.losses.cycle.Cycle.equation")
    assert "10 cycle" in objective(load_recipe("cyclegan"))["generator"]
