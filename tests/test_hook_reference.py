"""The hook reference is made from the code, and lacks nothing."""

import dataclasses
import importlib.util
from pathlib import Path
from typing import get_args

import pluggy
import pytest

from ptk.events import Event, Observer
from ptk.registry import hookspecs
from ptk.registry.kinds import KINDS

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "hooks.md").read_text()


def test_the_page_is_what_the_code_makes_of_it():
    spec = importlib.util.spec_from_file_location("make_hooks", DOCS / "make_hooks.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.page() == TEXT, "run: python docs/make_hooks.py"


def test_every_hook_that_there_is_has_a_kind_and_a_section():
    manager = pluggy.PluginManager("ptk")
    manager.add_hookspecs(hookspecs)
    hooks = {name for name in vars(hookspecs) if name.startswith("ptk_")}
    assert hooks == {kind.hook for kind in KINDS.values()}
    for hook in hooks:
        assert f"## `{hook}`" in TEXT
        assert manager.hook.__dict__[hook].spec.argnames == ()  # the page says that they take no argument


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_argument_that_ptk_gives_is_explained(kind):
    section = TEXT.split(f"## `{kind.hook}`")[1].split("\n## ")[0]
    for name, what in (*kind.given.items(), *kind.preset.items()):
        assert f"`{name}`: {what}" in section


def test_every_event_with_all_its_fields_is_there():
    told = {name for name in vars(Observer) if not name.startswith("_")}
    for event in get_args(Event):
        section = TEXT.split(f"(event: {event.__name__})`")[1].split("\n### ")[0]
        assert {field.name for field in dataclasses.fields(event)} <= set(section.replace("`", " ").split())
    assert all(f"### `{name}(event" in TEXT for name in told)
