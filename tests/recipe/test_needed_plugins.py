"""A recipe, and weights, say which plug-ins they need and how to get them."""

import pytest

from ptk.editing.translator import Translator
from ptk.errors import RecipeError, WeightsError
from ptk.recipe.load import parse_recipe
from ptk.recipe.weights import write_weights
from ptk.registry.registry import Registry


def test_a_plug_in_that_is_not_installed_is_named_with_its_line(small_recipe):
    text = small_recipe.read_text() + "plugins: [ptk-moustache, ptk]\n"
    with pytest.raises(RecipeError) as caught:
        parse_recipe(text, "my.yaml", registry=Registry())
    line = len(text.splitlines())
    assert caught.value.mistakes == (
        f"my.yaml:{line}: plugins: ptk-moustache is not installed: pip install ptk-moustache",
    )


def test_metrics_are_checked_like_other_parts(small_recipe):
    text = small_recipe.read_text() + "metrics: [mse, ssmi]\n"
    with pytest.raises(RecipeError, match=r"metrics\.ssmi: no such metric; did you mean ssim"):
        parse_recipe(text, "my.yaml")
    fine = parse_recipe(small_recipe.read_text() + "metrics: [mse]\n", "my.yaml")
    assert ("metric", "mse") in fine.parts


def test_weights_name_the_plug_in_and_version_that_they_lack(small_recipe, tmp_path):
    recipe = parse_recipe(small_recipe.read_text(), "my.yaml")
    document = {**recipe.document, "domains": ["photo", "moustache"]}
    metadata = {"recipe": document, "domains": ["photo", "moustache"], "plugins": ["ptk 0.1.0", "ptk-moustache 1.2"]}
    write_weights(tmp_path / "w.safetensors", {}, metadata)
    with pytest.raises(WeightsError) as caught:
        Translator.load(tmp_path / "w.safetensors", "cpu")
    assert str(caught.value) == (
        f"{tmp_path / 'w.safetensors'}: cannot be built here: it needs plug-ins: "
        "ptk-moustache is not installed: pip install ptk-moustache==1.2"
    )
