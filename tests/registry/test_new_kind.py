"""A new kind is a record, a hook and a template: recipes, their check and the scaffold need nothing else."""

import shutil
import types

import pytest
import yaml

from ptk import Part, hookimpl
from ptk.errors import PluginError, RecipeError
from ptk.recipe.build import build_parts
from ptk.recipe.check import summary
from ptk.recipe.load import parse_editing_recipe, parse_recipe
from ptk.registry import hookspecs
from ptk.registry.kinds import KINDS, NAMINGS, Kind, Naming
from ptk.registry.registry import Registry
from ptk.scaffold import outline, package
from untrained import RECIPE


class Salt:
    """Made for this test; takes `grams`."""

    def __init__(self, grams: float = 1.0) -> None:
        if grams > 100:
            raise ValueError("too much")
        self.grams = grams


NAMES = {
    "list": Naming("seasonings", "list"),
    "part": Naming("training.seasoning", "part", default="salt"),
    "needed": Naming("seasoning", "part", needed=True, for_editing=True),
}
SAID = {"list": "seasonings: [{{salt: {0}}}]\n", "needed": "seasoning: {{salt: {0}}}\n"}


@pytest.fixture
def registry(monkeypatch):
    """A registry with a plug-in that offers a part of the kind "seasoning"."""

    def ptk_seasonings():
        return [Part("salt", "made for a test", Salt)]

    monkeypatch.setattr(hookspecs, "ptk_seasonings", hookspecs.hookspec(lambda: []), raising=False)
    hookspecs.ptk_seasonings.__name__ = "ptk_seasonings"
    monkeypatch.setitem(KINDS, "seasoning", Kind("seasoning", "seasonings", "taste"))
    module = types.ModuleType("kitchen")
    module.ptk_seasonings = hookimpl(ptk_seasonings)
    registry = Registry()
    assert not registry.register("kitchen", "ptk-kitchen 1.0", module).error
    for name in ("ptk.recipe.one_part", "ptk.recipe.load", "ptk.scaffold.package"):
        monkeypatch.setattr(f"{name}.load_registry", lambda: registry)
    return registry


@pytest.fixture(params=NAMES)
def form(request, registry, monkeypatch):
    naming = NAMES[request.param]
    monkeypatch.setitem(KINDS, "seasoning", Kind("seasoning", "seasonings", "taste", naming=naming))
    monkeypatch.setitem(NAMINGS, "seasoning", naming)
    return request.param


def text(form, options="{}"):
    """A recipe with such a part."""
    if form == "part":
        return RECIPE.replace("steps: 1,", f"steps: 1, seasoning: {{salt: {options}}},")
    return RECIPE + SAID[form].format(options)


def test_recipes_name_it_and_it_is_built_with_its_options(form):
    recipe = parse_recipe(text(form, "{grams: 3}"), "r.yaml")
    key = NAMES[form].key
    assert (f"{key}.salt", "seasoning") in [use[:2] for use in recipe.uses()]
    assert ("seasoning", "salt") in recipe.parts
    assert recipe.place(f"{key}.salt.grams").startswith("r.yaml:")
    (built,) = build_parts(recipe, "seasoning").values()
    assert (type(built), built.grams) == (Salt, 3)


def test_mistakes_have_their_line(form):
    key = NAMES[form].key
    with pytest.raises(RecipeError, match=rf"^r\.yaml:\d+: {key}\.salt\.gram: no such option; did you mean grams\?$"):
        parse_recipe(text(form, "{gram: 3}"), "r.yaml")
    with pytest.raises(RecipeError, match=rf"^r\.yaml:\d+: {key}\.slat: no such seasoning; did you mean salt\?$"):
        parse_recipe(text(form).replace("salt", "slat"), "r.yaml")


def test_a_recipe_without_it_has_the_default_or_none_or_lacks_it(form):
    if form == "needed":
        with pytest.raises(RecipeError, match="seasoning: is missing"):
            parse_recipe(RECIPE, "r.yaml")
        return
    names = [use.name for use in parse_recipe(RECIPE, "r.yaml").uses_of("seasoning")]
    assert names == (["salt"] if form == "part" else [])


def test_editing_reads_it_where_it_needs_it(form):
    recipe = parse_editing_recipe(yaml.safe_load(text(form)), "weights")
    assert [use.name for use in recipe.by_kind.get("seasoning", ())] == (["salt"] if form == "needed" else [])
    assert (("seasoning", "salt") in recipe.editing_parts) == (form == "needed")


def test_the_check_lists_it(form):
    row = "seasonings" if form == "list" else "seasoning"
    assert dict(summary(parse_recipe(text(form, "{grams: 3}"), "r.yaml"), "cpu"))[row] == "salt (grams 3.0)"


def test_the_check_builds_what_stands_among_settings(form):
    recipe = parse_recipe(text(form, "{grams: 300}"), "r.yaml")
    if form != "part":
        assert summary(recipe, "cpu")  # it may be large, such as a metric's network
        return
    with pytest.raises(PluginError, match=r"seasoning salt \(ptk-kitchen 1\.0\): cannot be built: too much"):
        summary(recipe, "cpu")


@pytest.mark.parametrize("other", ["domain", "optimiser"])
def test_new_packages_have_it_in_their_recipe(form, other, tmp_path, monkeypatch):
    templates = tmp_path / "templates"
    shutil.copytree(outline.TEMPLATES, templates)
    (templates / "seasoning").mkdir()
    own, needed = ("seasoning: $part", "seasoning: salt") if form != "list" else ("seasonings: [$part]", "")
    said = {"summary": "s", "what": "w", "example": own, "recipe": own, "otherwise": needed}
    (templates / "seasoning" / "kind.yaml").write_text(yaml.safe_dump(said))
    monkeypatch.setattr(outline, "TEMPLATES", templates)
    monkeypatch.setattr(package, "TEMPLATES", templates)
    for kind in ("seasoning", other):
        folder = package.write_plugin(f"fresh-{kind}", kind, tmp_path).folder
        written = yaml.safe_load((folder / "recipe.yaml").read_text())
        inside = written["training"] if form == "part" else written
        name = "fresh_seasoning" if kind == "seasoning" else "salt"
        expected = {"seasonings": [name]} if form == "list" else {"seasoning": name}
        assert (expected.items() <= inside.items()) == (kind == "seasoning" or form != "list")
