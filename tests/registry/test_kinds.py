"""Everything that a kind of part needs is there: ptk/registry/kinds.py says where it stands."""

from importlib import import_module
from pathlib import Path

import pytest

import ptk
from ptk.recipe.schema import TrainingSettings
from ptk.registry import builtins, hookspecs
from ptk.registry.kinds import KINDS, NAMINGS

RECIPE_KEYS = ("recipe", "data", "training", "plugins", *(f"training.{key}" for key in TrainingSettings.model_fields))
ROOT = Path(ptk.__file__).parents[1]

ELSEWHERE = {"detector": ("editing",)}  # drawn68 finds landmarks on the photo that an edit makes of a drawing

each = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


@each
def test_the_registry_has_its_hook_and_ptks_own_parts(kind):
    assert hasattr(hookspecs, kind.hook), f"ptk/registry/hookspecs.py: {kind.hook}"
    own = getattr(builtins, kind.hook)()
    assert own, f"ptk/registry/builtins.py: {kind.hook}"
    homes = tuple(
        f"ptk.{home}." for home in ({"command": "cli"}.get(kind.name, kind.plural), *ELSEWHERE.get(kind.name, ()))
    )
    assert all(str(part.factory).startswith(homes) for part in own), homes


@each
def test_the_kit_for_authors_has_its_rules_and_its_template(kind):
    contract = import_module(kind.rules)
    assert contract.RULES, f"ptk/testing/contracts/{kind.plural}.py"
    assert hasattr(contract, "answer") or kind.name == "command"
    template = ROOT / "ptk" / "scaffold" / "templates" / kind.name
    names = {path.name for path in template.rglob("*.tmpl")}
    assert names == {f"{kind.name}.py.tmpl", "test_PART.py.tmpl"}
    assert (template / "kind.yaml").is_file()


@each
def test_what_parts_are_can_be_imported(kind):
    assert (kind.load_base() is None) == (kind.base_name == "")


@each
def test_settings_with_parts_are_those_of_training_and_have_defaults(kind):
    if kind.naming is not None:
        assert kind.naming.section in ("", "training")
        assert not kind.naming.section or (kind.naming.form == "part" and kind.naming.default)


def test_no_two_kinds_stand_at_one_key_of_recipes():
    keys = [naming.key for naming in NAMINGS.values()]
    assert len({*keys, *RECIPE_KEYS}) == len(keys) + len(RECIPE_KEYS)


def test_records_go_by_their_names():
    assert all(name == kind.name for name, kind in KINDS.items())
    assert len({kind.hook for kind in KINDS.values()}) == len(KINDS)
