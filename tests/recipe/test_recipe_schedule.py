"""A recipe names its schedule as it names other parts: linear where it says nothing."""

import pytest

from ptk.errors import PartError, RecipeError
from ptk.recipe.check import summary
from ptk.recipe.load import parse_recipe
from ptk.training.same_run import check_same
from ptk.training.step import learning_rate
from untrained import RECIPE


def recipe(said=""):
    return parse_recipe(RECIPE.replace("steps: 1,", f"steps: 1, {said}"), "r.yaml")


@pytest.mark.parametrize(
    ("said", "name"),
    [("", "linear"), ("schedule: linear,", "linear"), ("schedule: constant,", "constant")],
)
def test_old_recipes_read_as_before(said, name):
    assert recipe(said).training.parts["schedule"].name == name


def test_a_mistake_has_its_line():
    with pytest.raises(RecipeError, match=r"^r\.yaml:9: training\.schedule\.liner: no such schedule; did you mean lin"):
        recipe("schedule: liner,")


def test_the_check_says_which_unless_it_is_the_default():
    assert "schedule" not in dict(summary(recipe("schedule: linear,"), "cpu"))
    assert dict(summary(recipe("schedule: constant,"), "cpu"))["schedule"] == "constant"


def test_naming_the_default_begins_no_other_run(tmp_path):
    def record(*said):
        return {"recipe": {"training": dict(said)}, "data": {}, "losses": {}}

    check_same(tmp_path, record(), record(("schedule", "linear"), ("optimiser", {"adam": {}})))


def test_one_that_fails_is_named():
    class Broken:
        def factor(self, step, steps):
            raise LookupError(f"no row {step}")

    with pytest.raises(PartError, match=r"Broken: factor raises LookupError: no row 3"):
        learning_rate(Broken(), recipe().training, 3)
