"""How much memory images take, before they are read."""

import pytest
import torch

from ptk.data.footprint import data_bytes, images_that_return
from ptk.errors import DataError
from ptk.recipe.load import load_recipe
from ptk.training.run import start_run


@pytest.mark.parametrize("settings", [(), ("metrics=[mse]", "data.size=96")])
def test_it_is_what_a_run_holds(small_recipe, tmp_path, settings):
    recipe = load_recipe(small_recipe, settings)
    run = start_run(recipe, tmp_path / "run", torch.device("cpu"), torch.float32)
    assert data_bytes(recipe) == run.pairs.faces.images.nbytes + run.held_out.images.nbytes


def test_data_that_is_not_there_is_said(small_recipe):
    with pytest.raises(DataError, match="no data set here"):
        data_bytes(load_recipe(small_recipe, ["data.source=/nowhere"]))


def test_images_return_where_nothing_changes_them(small_recipe):
    recipe = load_recipe(small_recipe)
    assert images_that_return(recipe) == 3 * 2 * 2 * 2  # people, expressions, domains, as they are or mirrored
    assert images_that_return(load_recipe(small_recipe, ["data.mirror=false"])) == 3 * 2 * 2
    assert images_that_return(load_recipe(small_recipe, ["data.augment.rotate=5"])) == 0
    assert images_that_return(load_recipe(small_recipe, ["data.source=/nowhere"])) == 0
