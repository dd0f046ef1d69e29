"""`ptk recipes check` says what would be built, without building it."""

import pytest

from ptk.errors import RecipeError
from ptk.recipe.check import summary
from ptk.recipe.load import load_recipe


def test_the_paper_recipe_in_figures():
    said = dict(summary(load_recipe("portraitgan"), "cpu"))
    assert said["channels"] == "3 image + 1 landmark_map + 5 domain_planes = 9"
    assert "parameters, gives 512 x 512, 256 x 256" in said["generator"]
    assert said["losses, critic"] == "1 lsgan"
    assert said["losses, generator"].startswith("1 lsgan, 10 feature_matching, 5 identity, 2 cycle, 10 texture")
    assert said["device"] == "cpu, float32"


def test_a_size_that_does_not_fit_the_generator_is_found():
    with pytest.raises(RecipeError, match="multiple of 16"):
        summary(load_recipe("portraitgan", ["data.size=500"]), "cpu")
