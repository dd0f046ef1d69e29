"""What a sample grid shows: people moved, or images of every domain in turn; and what is measured on it."""

import numpy as np
import pytest
import torch

from ptk.data.source import open_source
from ptk.recipe.build import build_conditioners, build_generator
from ptk.recipe.load import load_recipe
from ptk.training.grid import draw_grid, plan_grid
from ptk.training.measure import measure

UNPAIRED = ["data.pairs=unpaired", "losses.generator={lsgan: 1, cycle: 2}", "data.size=32"]
DEAF = ["conditioners=[domain_planes]"]
WORDS = ["data.domains=expressions", "domains=[neutral, happiness]"]


class Truth:
    """A metric that counts what it is asked, and of whom."""

    lower_is_better = True

    def __init__(self, needs_truth):
        self.needs_truth = needs_truth
        self.asked = []

    def __call__(self, source, target, result):
        self.asked.append((int(source.domain), int(target.domain), torch.equal(source.image, target.image)))
        return torch.ones(len(result))


def drawn(small_recipe, *settings, split="train"):
    recipe = load_recipe(small_recipe, [*settings])
    faces = open_source(recipe).load(split)
    conditioners = build_conditioners(recipe)
    generator = build_generator(recipe, conditioners)
    grid = plan_grid(faces, recipe)
    return faces, grid, generator, conditioners


def test_people_are_moved_where_the_network_hears_landmarks(small_recipe):
    faces, grid, generator, conditioners = drawn(small_recipe, "data.size=32")
    assert grid.moves
    assert len(grid.rows) == 3  # one a person
    assert all(faces.identity[row.source] == faces.identity[row.target] for row in grid.rows)
    assert draw_grid(generator, conditioners, faces, grid).size == (4 * 32, 3 * 32 + 20)  # source, target, two domains


@pytest.mark.parametrize("settings", [UNPAIRED, [*UNPAIRED, *DEAF], ["data.size=32", *DEAF]])
def test_images_of_every_domain_come_in_turn_otherwise(small_recipe, settings):
    faces, grid, generator, conditioners = drawn(small_recipe, *settings)
    assert not grid.moves
    assert [int(faces.domain[row.source]) for row in grid.rows] == [0, 1] * 3
    assert len({int(faces.identity[row.source]) for row in grid.rows}) == 3
    picture = np.asarray(draw_grid(generator, conditioners, faces, grid))
    assert picture.shape == (6 * 32 + 20, 3 * 32, 3)  # source, two domains
    assert (picture[20:52, 32:64] == 255).all()  # a photo is not translated to photo
    assert not (picture[20:52, 64:] == 255).all()


def test_what_needs_the_truth_is_measured_where_the_data_has_it(small_recipe):
    faces, grid, generator, conditioners = drawn(small_recipe, *UNPAIRED, *DEAF)
    metric = Truth(needs_truth=True)
    assert measure({"truth": metric}, generator, conditioners, faces, grid) == {"truth": 1.0}
    assert sorted(set(metric.asked)) == [(0, 1, False), (1, 0, False)]  # never the source's own image
    assert len(metric.asked) == 6


def test_another_expression_of_the_same_person_is_the_truth(small_recipe):
    faces, grid, generator, conditioners = drawn(small_recipe, *UNPAIRED, *DEAF, *WORDS)
    metric = Truth(needs_truth=True)
    measure({"truth": metric}, generator, conditioners, faces, grid)
    assert len(metric.asked) == 6


def test_without_a_truth_only_those_are_measured_that_need_none(small_recipe):
    faces, grid, generator, conditioners = drawn(small_recipe, *UNPAIRED, *DEAF)
    import dataclasses

    strangers = dataclasses.replace(faces, identity=torch.arange(len(faces)), photo=torch.arange(len(faces)))
    needing, other = Truth(needs_truth=True), Truth(needs_truth=False)
    assert measure({"a": needing, "b": other}, generator, conditioners, strangers, grid) == {"b": 1.0}
    assert not needing.asked
    assert {equal for _, _, equal in other.asked} == {True}  # the target's image is the source's
