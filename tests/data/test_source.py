"""How much memory images take, before they are read."""

import pytest
import torch

from ptk.data.source import open_source
from ptk.errors import DataError
from ptk.recipe.load import load_recipe
from ptk.training.run import start_run


@pytest.mark.parametrize("settings", [(), ("metrics=[mse]", "data.size=96")])
def test_it_is_what_a_run_holds(small_recipe, tmp_path, settings):
    recipe = load_recipe(small_recipe, settings)
    run = start_run(recipe, tmp_path / "run", torch.device("cpu"), torch.float32)
    assert open_source(recipe).count_bytes() == run.pairs.faces.images.nbytes + run.held_out.images.nbytes


def test_data_that_is_not_there_is_said(small_recipe):
    with pytest.raises(DataError, match="no data set here"):
        open_source(load_recipe(small_recipe, ["data.source=/nowhere"])).count_bytes()


def test_images_return_where_nothing_changes_them(small_recipe):
    for setting, count in (
        ("data.mirror=true", 3 * 2 * 2 * 2),  # people, expressions, domains, as they are or mirrored
        ("data.mirror=false", 3 * 2 * 2),
        ("data.augment.rotate=5", 0),
        ("data.source=/nowhere", 0),
    ):
        assert open_source(load_recipe(small_recipe, [setting])).count_recurring() == count
