"""What is measured of a recipe is measured without anybody's weights."""

from ptk.recipe.build import without_pretrained
from ptk.recipe.load import load_recipe, shipped_recipes


def test_every_loss_with_pretrained_weights_has_random_ones():
    """By the option's choices, not by the loss's name: of the shipped recipes, texture's and perceptual's."""
    changed = set()
    for path in shipped_recipes():
        recipe = load_recipe(path)
        offline = without_pretrained(recipe)
        for side, uses in offline.losses.items():
            for use, before in zip(uses, recipe.losses[side], strict=True):
                if use.options.get("weights") == "random":
                    changed.add(use.name)
                else:
                    assert use == before
    assert changed == {"texture", "perceptual"}
