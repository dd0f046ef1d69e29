"""Domains that the data itself holds: its own images, and the expressions of its photographs."""

import dataclasses
import json

import pytest
import torch
from test_unpaired import find

from ptk.data.pairs import Pairs
from ptk.data.source import open_source
from ptk.dataset.manifest import read_manifest
from ptk.dataset.shards import write_shards
from ptk.errors import DataError, RecipeError
from ptk.recipe.load import load_recipe, parse_editing_recipe

CPU = torch.device("cpu")
WORDS = [
    "data.domains=expressions",
    "domains=[neutral, happiness]",
    "data.pairs=unpaired",
    "losses.generator={lsgan: 1, cycle: 2}",
]


def test_expressions_are_domains_of_photographs_alone(small_recipe):
    recipe = load_recipe(small_recipe, WORDS)
    assert [use.part for use in recipe.domains] == ["images", "images"]
    faces = open_source(recipe).load("train")
    assert len(faces) == 3 * 2  # people x expressions: nothing is rendered
    shown = [faces.expressions[photo] for photo in faces.photo.tolist()]
    assert [recipe.domain_names[domain] for domain in faces.domain.tolist()] == shown
    settings = recipe.data.model_copy(update={"mirror": False})
    pair = Pairs(faces, settings, batch=4, seed=1, device=CPU, geometry=recipe.geometry).batch(0)
    assert {shown[row] for row in find(faces, pair.a).tolist()} == {"neutral"}
    assert {shown[row] for row in find(faces, pair.b).tolist()} == {"happiness"}
    assert open_source(recipe).held_out().domain.tolist() == [1, 0]  # happiness, neutral: photos by name
    assert open_source(recipe).count_bytes() == (6 + 2) * 3 * 64 * 64


def test_expressions_can_be_pairs_of_one_person(small_recipe):
    recipe = load_recipe(small_recipe, [*WORDS, "data.pairs=identity"])
    faces = open_source(recipe).load("train")
    settings = recipe.data.model_copy(update={"mirror": False})
    pair = Pairs(faces, settings, batch=4, seed=1, device=CPU, geometry=recipe.geometry).batch(0)
    assert torch.equal(faces.identity[find(faces, pair.a)], faces.identity[find(faces, pair.b)])
    assert torch.equal(pair.a.domain, 1 - pair.b.domain)


def test_expressions_of_shards_are_domains_too(prepared_set, tmp_path):
    written = write_shards(prepared_set, str(tmp_path / "shards"), photos=4)
    assert written.expressions == ("happiness", "neutral")
    words = [
        "data.domains=expressions",
        "domains=[happiness, neutral]",
        "data.size=32",
        "data.pairs=unpaired",
        "losses.generator={lsgan: 1, cycle: 2}",
    ]
    recipe = load_recipe("portraitgan-tiny", [f"data.source={written.url}", *words])
    open_source(recipe).check()
    pair = open_source(recipe).training_pairs(CPU).batch(0)
    assert (pair.a.segments, pair.b.segments) == (((0, 1),), ((1, 1),))
    older = tmp_path / "shards" / "shards.json"
    said = json.loads(older.read_text())
    older.write_text(json.dumps({key: said[key] for key in said if key not in ("expressions", "faces")}))
    open_source(recipe).check()  # what older shards do not tell is found when they are read


def test_a_recipe_may_mix_images_of_the_set_with_what_is_rendered(spoilt_set):
    lines = [dataclasses.replace(each, domain="drawn" if each.domain == "sketch" else each.domain)
             for each in read_manifest(spoilt_set)]  # fmt: skip
    from ptk.dataset.manifest import write_manifest

    write_manifest(spoilt_set, lines)
    recipe = load_recipe(
        "portraitgan-tiny",
        [f"data.source={spoilt_set}", "data.size=32", "domains=[photo, {drawn: {from: images}}, sketch]"],
    )
    open_source(recipe).check()
    faces = open_source(recipe).load("train")
    assert sorted(faces.domain.tolist()) == [0] * 8 + [1] * 8 + [2] * 8  # four people, two photos


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["domains=[neutral, hapiness]"], "`set` domains=[neutral, hapiness]: domains.hapiness: {source} has no such "
         "expression; did you mean happiness?"),
        (["domains=[neutral, xyzzy]"], "`set` domains=[neutral, xyzzy]: domains.xyzzy: {source} has no such "
         "expression; there are happiness, neutral"),
        (["data.domains=images"], "small.yaml:4: domains.sketch: {source} has no such domain; there are photo"),
    ],
)  # fmt: skip
def test_a_domain_that_the_data_has_not_is_a_line_with_the_nearest(small_recipe, small_data, settings, said):
    first = [] if "data.domains=images" in settings else WORDS
    recipe = load_recipe(small_recipe, [*first, *settings])
    with pytest.raises(RecipeError) as refused:
        open_source(recipe).check()
    assert str(refused.value).removeprefix(f"{small_recipe.parent}/") == said.format(source=small_data)


def test_nothing_is_rendered_in_expressions(small_recipe):
    with pytest.raises(RecipeError, match=r"domains.happiness: with data.domains: expressions nothing is rendered"):
        load_recipe(small_recipe, [*WORDS[:2], "domains=[neutral, {happiness: {from: sketch}}]"])


def test_weights_of_expressions_are_read_again(small_recipe):
    recipe = load_recipe(small_recipe, WORDS)
    again = parse_editing_recipe(recipe.document, "weights")
    assert (again.domains, again.data.domains) == (recipe.domains, "expressions")


def test_a_set_with_faces_must_have_all_landmarks(spoilt_set):
    from ptk.dataset.manifest import write_manifest

    first, *others = read_manifest(spoilt_set)
    write_manifest(spoilt_set, [dataclasses.replace(first, landmarks=None), *others])
    recipe = load_recipe("portraitgan-tiny", [f"data.source={spoilt_set}", "data.size=32"])
    with pytest.raises(DataError, match=f"{first.image} has no landmarks; run `fix` on"):
        open_source(recipe).load(first.split)
