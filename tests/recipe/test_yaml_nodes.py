"""A recipe's YAML says no more than a recipe needs: the rest is one mistake, with its line, at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.errors import PtkError, RecipeError
from ptk.recipe.load import parse_recipe
from ptk.recipe.yaml_nodes import BadYaml, compose, plain_value

RECIPE = """recipe: mine
data: {source: sample, size: 64}
domains: [photo, sketch]
conditioners: [{landmark_map: {sigma: 2}}, domain_planes]
generator: {portraitgan: {width: 8, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 8}}
losses: {critic: {lsgan: 1}, generator: {lsgan: 1}}
training: {steps: 1, batch: 1}
"""


def unfolding(levels):
    """Aliases of aliases: ten times as many values with each level."""
    lines = ["b0: &b0 [x, x, x, x, x, x, x, x, x, x]"]
    return "\n".join(lines + [f"b{n}: &b{n} [{', '.join([f'*b{n - 1} '] * 10)}]" for n in range(1, levels)])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x: !tag 1", "9: '!tag': no such kind of value in a recipe"),
        ("x: !!python/object/apply:os.system [ls]", "no such kind of value in a recipe"),
        ("x: !!binary YQ==", "no such kind of value in a recipe"),
        ("x: !!timestamp 2026-99-99", "no such kind of value in a recipe"),
        ("x: !!set {a, b}", "no such kind of value in a recipe"),
        ("x: !!int nothing", "9: 'nothing' cannot be read as int"),
        ("x: " + "1" * 5000, "cannot be read as int"),
        ("x: 0x" + "f" * 5000, "cannot be read as int"),
        ("x: " + "1:" * 3000 + "1", "cannot be read as int"),
        ("? [a]\n: b", "9: a name must be text, not a list or a mapping"),
        ("x: {[a]: b}", "a name must be text, not a list or a mapping"),
        ("x: " + "[" * 3000, "9: more than 32 levels of brackets or indents"),
        ("x:\n  " + "- " * 500 + "a", "more than 32 levels of brackets or indents"),
        ("x: &a [*a]", "9: an alias inside what it stands for"),
        ("x: &a {b: *a}", "an alias inside what it stands for"),
        ("x: *nobody", "9: not YAML: found undefined alias 'nobody'"),
        (unfolding(9), "its aliases unfold to more than a recipe may hold"),
        ('x: "\\ud800"', "9: text that is no Unicode, or has zeros in it"),
        ('x: "a\\0b"', "9: text that is no Unicode, or has zeros in it"),
        ('x: "\\U00ffffff"', "not YAML"),
        ("x: " + "a" * 70_000, "is longer than 64 KiB, which no recipe is"),
    ],
)
def test_what_no_recipe_says_is_one_mistake(line, why):
    with pytest.raises(RecipeError, match=r"^r\.yaml") as caught:
        parse_recipe(RECIPE + line, "r.yaml")
    (mistake,) = caught.value.mistakes
    assert why in mistake
    assert len(mistake) < 250


def test_dates_are_text_and_aliases_stand_for_their_values():
    node = compose("{a: 2026-01-31, b: &b [1, 2.5, yes, ~], c: *b }")
    assert plain_value(node) == {"a": "2026-01-31", "b": [1, 2.5, True, None], "c": [1, 2.5, True, None]}
    assert compose("") is None


def test_a_setting_is_bounded_as_the_file_is():
    with pytest.raises(RecipeError, match="cannot be read as int"):
        parse_recipe(RECIPE, "r.yaml", ["training.steps=" + "1" * 5000])


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200) | st.text(alphabet="[]{}:,-&*!a1\n '\"|>?%#", max_size=60))
def test_any_text_is_a_tree_or_refused(text):
    try:
        node = compose(text)
    except BadYaml as error:
        assert "\n" not in str(error)
    else:
        assert node is None or plain_value(node) is not object


@pytest.mark.parametrize("asked", [{"blocks": 100_000_000}, {"down": 10_000_000}])
def test_a_network_of_a_million_layers_is_refused_while_it_is_built(asked):
    from ptk.recipe.build import build_conditioners, build_generator
    from ptk.recipe.one_part import NetworkUse

    recipe = parse_recipe(RECIPE, "r.yaml")
    options = {"width": 1, **recipe.generator.options, **asked}
    huge = recipe.replace_uses("generator", [NetworkUse("portraitgan", options)])
    with pytest.raises(PtkError, match=r"portraitgan .*cannot be built"):
        build_generator(huge, build_conditioners(recipe))
