"""`ptk recipes check` says what would be built, without building it."""

import pytest

from ptk.errors import RecipeError
from ptk.recipe.check import summary
from ptk.recipe.load import load_recipe


def test_the_paper_recipe_in_figures():
    said = dict(summary(load_recipe("portraitgan"), "cpu"))
    assert said["channels"] == "3 image + 1 landmark_map + 5 domain_planes = 9"
    assert "parameters, gives 512 x 512, 256 x 256" in said["generator"]
    assert said["critic minimises"].startswith("1 adversarial")
    terms = said["generator minimises"].split("\n+ ")
    assert [term.split(":")[0].split(" (")[0] for term in terms] == [
        "1 adversarial",
        "10 feature_matching",
        "5 identity",
        "2 cycle",
        "10 texture",
    ]
    assert terms[2] == "5 identity: E|G(x) - y|"
    assert said["device"] == "cpu, float32"


def test_a_size_that_does_not_fit_the_generator_is_found():
    with pytest.raises(RecipeError, match="multiple of 16"):
        summary(load_recipe("portraitgan", ["data.size=500"]), "cpu")


def test_rates_and_critic_steps_are_said():
    settings = ["training.lr={generator: 1e-4, critic: 4e-4}", "training.critic_steps=5"]
    said = dict(summary(load_recipe("portraitgan-tiny", settings), "cpu"))
    assert "Adam 0.0001, the critic's 0.0004, (0.5, 0.999); the generator learns in one of 5" in said["training"]


def test_networks_a_domain_are_counted_and_said():
    one, each = (
        dict(summary(load_recipe("portraitgan-tiny", settings), "cpu"))["discriminator"]
        for settings in ([], ["discriminator.each=domain"])
    )
    assert "one each domain" in each
    count = [int(text.split(": ")[1].split(" ")[0].replace(",", "")) for text in (one, each)]
    assert count[1] == 2 * count[0]  # photo and sketch
