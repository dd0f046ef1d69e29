"""What verbs must hold, and what is said of each that does not."""

import sys
from typing import Annotated

import pytest
import typer
from breaches import breaches, outcomes

from installed import install
from ptk.registry.parts import Part
from ptk.testing.contracts import part_checks

READ = "is a function or an app that typer can read"
EXPLAINED, OPTIONS = "says in its help what it does", "each of its options says what it is for"
QUICK = "loads nothing heavy before it runs"


def fine(
    folder: Annotated[str, typer.Argument(help="Where.")], deep: Annotated[bool, typer.Option(help="How.")] = True
):
    """Count photos."""
    raise AssertionError("a check runs no verb")


def silent(folder: str, deep: Annotated[bool, typer.Option(help="How.")] = True, wide: bool = False):
    pass


def both():
    app = typer.Typer(help="Count photos.")
    app.command()(fine)
    app.command()(silent)
    return app


def test_a_function_that_holds_every_rule():
    assert breaches("command", fine) == {}
    assert outcomes("command", fine)[QUICK].message == "its plug-in imports it to say what it offers"


def test_a_verb_that_says_nothing_of_itself():
    told = outcomes("command", silent)
    assert told[EXPLAINED].message == "needs a docstring, which is its help: ptk mine"
    assert told[OPTIONS].message.endswith(": folder of ptk mine, wide of ptk mine")
    assert told[OPTIONS].where.startswith(__file__)


def test_each_verb_of_an_app_is_looked_at():
    told = breaches("command", both())
    assert told[EXPLAINED].endswith(": ptk mine silent")
    assert told[OPTIONS].endswith(": folder of ptk mine silent, wide of ptk mine silent")
    assert set(told) == {EXPLAINED, OPTIONS}


def test_what_is_no_verb_is_told_once_by_each_rule_that_needs_one():
    told = breaches("command", type("Thing", (), {}))
    assert told[READ].startswith("command mine (ptk-mine 1.0): ")
    assert told[READ].endswith("is no verb: it is a type, not a function or a typer.Typer")


@pytest.mark.parametrize(("above", "held"), [("import json", True), ("import torch", False)])
def test_a_verb_that_loads_torch_before_it_runs(tmp_path, monkeypatch, above, held):
    body = f'{above}\n\ndef run() -> None:\n    """Run."""\n    import numpy\n'
    package = install(tmp_path, "counter", "", command=body)
    monkeypatch.syspath_prepend(tmp_path)
    checks = part_checks("command", Part("count", "counts", "ptk_counter.command:run"))
    told = {one.rule: one.run() for one in checks}[QUICK]
    assert (told.status == "pass") == held
    assert held or told.message.startswith(f"torch is imported by {package}/command.py:1: import it inside the")
    for name in ("ptk_counter", "ptk_counter.command"):
        sys.modules.pop(name, None)
