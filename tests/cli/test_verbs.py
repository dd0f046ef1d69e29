"""Verbs of plug-ins run beside ptk's own, which nothing that a plug-in does can take down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ptk as package
from installed import install
from ptk.cli.main import app
from ptk.registry.builtins import ptk_commands
from ptk.registry.parts import load_verb
from ptk.registry.registry import load_registry

COUNT = '''
from typing import Annotated
import typer
import ptk

def count(
    files: Annotated[list[str], typer.Argument(help="What to count.")],
    twice: Annotated[bool, typer.Option(help="Count each twice.")] = False,
) -> None:
    """Count files."""
    if "bad" in files:
        raise ptk.DataError("bad: is bad; leave it out")
    if "worse" in files:
        raise ZeroDivisionError("of files")
    typer.echo(len(files) * (1 + twice))

several = typer.Typer(help="Sort things.")

@several.command()
def up(files: Annotated[list[str], typer.Argument(help="What to sort.")]) -> None:
    """Sort upwards."""
    typer.echo(" ".join(sorted(files)))

@several.command()
def down(files: Annotated[list[str], typer.Argument(help="What to sort.")]) -> None:
    """Sort downwards."""
    typer.echo(" ".join(sorted(files, reverse=True)))
'''


def offering(*verbs):
    """Hooks that offer verbs: (name, factory) each."""
    parts = ", ".join(f'ptk.Part("{name}", "a verb for a test", "{factory}")' for name, factory in verbs)
    return f"import ptk\n\n@ptk.hookimpl\ndef ptk_commands():\n    return [{parts}]\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Install plug-ins for this test: a name and hooks each; `modules` go into every one of them."""

    def put(plugins, **modules):
        for name, hooks in plugins.items():
            install(tmp_path / "packages", name, hooks, **{"verbs": COUNT, **modules})
        monkeypatch.setenv("PTK_PLUGINS", ",".join(plugins))
        load_registry.cache_clear()

    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setenv("PTK_PLUGINS", "")
    monkeypatch.setenv("COLUMNS", "160")
    load_registry.cache_clear()
    yield put
    load_registry.cache_clear()
    for name in [name for name in sys.modules if name.startswith("ptk_") and "packages" in str(sys.modules[name])]:
        del sys.modules[name]


def test_a_function_is_a_verb(ptk, site):
    site({"counter": offering(("count", "ptk_counter.verbs:count"))})
    assert ptk("count", "a", "b") == (0, "2\n", "")
    assert ptk("count", "a", "b", "--twice") == (0, "4\n", "")
    status, printed, _ = ptk("count", "-h")
    assert status == 0
    assert "Count files." in printed and "What to count." in printed
    assert ptk("count")[0] == 2  # as typer has it where an argument is missing


def test_an_app_is_a_verb_with_verbs(ptk, site):
    site({"sorter": offering(("sort", "ptk_sorter.verbs:several"))})
    assert ptk("sort", "up", "b", "a") == (0, "a b\n", "")
    assert ptk("sort", "down", "a", "b") == (0, "b a\n", "")
    status, printed, _ = ptk("sort", "--help")
    assert status == 0
    assert "Sort things." in printed and "Sort downwards." in printed


def test_what_it_raises_is_a_line(ptk, site):
    site({"counter": offering(("count", "ptk_counter.verbs:count"))})
    assert ptk("count", "bad") == (1, "", "ptk: bad: is bad; leave it out\n")
    status, _, said = ptk("count", "worse")
    assert status == 1
    assert said.startswith("ptk: command count (ptk-counter 1.0): ZeroDivisionError: of files")
    assert said.endswith("report it to its makers\n")
    assert said.count("\n") == 1


def test_help_lists_it_with_its_distribution_below_those_of_ptk(ptk, site):
    site({"counter": offering(("count", "ptk_counter.verbs:count"))})
    status, printed, said = ptk("--help")
    assert (status, said) == (0, "")
    assert printed.index("doctor") < printed.index("count  a verb for a test  ptk-counter 1.0")
    assert "ptk_counter.verbs" not in sys.modules  # nor is the verb imported


def test_help_says_nothing_of_plug_ins_where_none_has_a_verb(ptk, site):
    printed = ptk("--help")[1]
    assert "Commands of plug-ins" not in printed
    assert "broken plug-in" not in printed


def test_two_that_offer_one_verb_are_both_named(ptk, site):
    verbs = {name: offering(("count", f"ptk_{name}.verbs:count")) for name in ("counter", "tally")}
    site({**verbs, "sorter": offering(("sort", "ptk_sorter.verbs:several"))})
    told = "command count: offered by ptk-counter 1.0 and ptk-tally 1.0; uninstall one of them"
    assert ptk("count", "a") == (1, "", f"ptk: {told}\n")
    status, printed, _ = ptk("--help")
    assert status == 0
    assert told in printed
    assert ptk("sort", "up", "b", "a")[1] == "a b\n"


@pytest.mark.parametrize("name", ["edit", "data", "plugins"])
def test_a_verb_of_ptk_cannot_be_taken(ptk, site, name):
    site({"taker": offering((name, "ptk_taker.verbs:count"), ("count", "ptk_taker.verbs:count"))})
    assert "Count files." not in ptk(name, "--help")[1]
    told = f"command {name}: offered by ptk {package.__version__} and ptk-taker 1.0; rename the second"
    assert f"broken plug-in ptk-taker 1.0: {told}\n" in ptk("--help")[1]
    status, _, said = ptk("count", "a")  # it is taken whole or not at all
    assert status == 2
    assert "No such command 'count'" in said


@pytest.mark.parametrize(
    ("hooks", "told"),
    [
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("import os\nos._exit(3)", "ends Python when it is imported (status 3)"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (offering(("two words", "a:b")), "must be one word"),
        ("import ptk\n@ptk.hookimpl\ndef ptk_command(): return []", "ptk_command"),
        ("import ptk\n@ptk.hookimpl\ndef ptk_commands(cli): return []", "cli"),
    ],
    ids=["raises", "ends Python", "leaves", "name", "no such hook", "signature"],
)
def test_a_broken_plug_in_is_named_where_verbs_are_looked_for_and_by_no_verb_of_ptk(ptk, site, hooks, told):
    site({"broken": hooks, "counter": offering(("count", "ptk_counter.verbs:count"))})
    status, printed, _ = ptk("--help")
    assert status == 0
    [line] = [line for line in printed.splitlines() if line.startswith("broken plug-in ptk-broken 1.0: ")]
    assert told in line
    assert ptk("count", "a") == (0, "1\n", "")
    assert "ptk-broken 1.0" in ptk("cuont", "a")[2]
    assert ptk("recipes", "check", "portraitgan-tiny")[0] == 0


@pytest.mark.parametrize(
    ("factory", "told"),
    [
        ("ptk_odd.nowhere:count", "cannot be loaded: ModuleNotFoundError"),
        ("ptk_odd.verbs:nothing", "cannot be loaded: AttributeError"),
        ("ptk_odd.dies:count", "cannot be loaded: ends Python when it is imported (status 3)"),
        ("ptk_odd.odd:Thing", "is no verb: it is a type, not a function"),
        ("ptk_odd.odd:count", "is no verb: "),
    ],
)
def test_a_verb_that_cannot_be_had_is_named_when_it_is_typed(ptk, site, factory, told):
    odd = "class Thing: pass\ndef count(file: int | str) -> None: ...\n"
    site({"odd": offering(("count", factory))}, odd=odd, dies="import os\nos._exit(3)\n")
    for words in (["count"], ["count", "--help"]):
        status, printed, said = ptk(*words)
        assert (status, printed) == (1, "")
        assert said.startswith("ptk: ") and said.count("\n") == 1
        assert "count (ptk-odd 1.0)" in said and told in said
    assert "count  a verb for a test" in ptk("--help")[1]


def test_an_unknown_verb_gets_the_nearest(ptk, site):
    site({"counter": offering(("count", "ptk_counter.verbs:count"))})
    assert "No such command 'cuont'; did you mean count?" in ptk("cuont")[2]
    assert "No such command 'edti'; did you mean edit?" in ptk("edti")[2]
    assert ptk("cuont")[0] == 2


def test_plugins_lists_and_shows_it(ptk, site):
    site({"counter": offering(("count", "ptk_counter.verbs:count"))})
    assert "command    count    a verb for a test" in ptk("plugins")[1]
    assert "ptk count --help" in ptk("plugins", "show", "count")[1]


def test_a_verb_of_ptk_imports_no_other_and_no_plug_in():
    script = (
        "import sys; sys.argv = ['ptk', 'recipes']\n"
        "from ptk.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(sorted(name for name in sys.modules if name.startswith(('ptk.cli', 'ptk_'))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
    environment.pop("PTK_PLUGINS", None)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert (
        done.stdout.splitlines()[-1]
        == "['ptk.cli', 'ptk.cli.flags', 'ptk.cli.main', 'ptk.cli.recipes', 'ptk.cli.recipes.listing', 'ptk.cli.verbs']"
    )


@pytest.mark.parametrize("part", ptk_commands(), ids=lambda part: part.name)
def test_help_says_of_a_verb_of_ptk_what_its_own_help_says_first(part):
    said = load_verb(part).help.strip().partition("\n\n")[0]
    assert " ".join(said.split()) == part.summary


def test_the_app_can_be_used_without_main():
    from typer.testing import CliRunner

    assert CliRunner().invoke(app, ["--version"]).stdout == f"ptk {package.__version__}\n"


def test_synth_says_which_package_to_install(ptk, site, monkeypatch):
    monkeypatch.setattr("ptk.registry.registry.entry_points", tuple)
    place = Path(package.__file__).parents[1] / "plugins" / "ptk-synth"
    told = f"ptk synth is a verb of ptk-synth, and ptk-synth is not installed: pip install -e {place}"
    for words in (["synth", "people"], ["synth", "--help"]):
        assert ptk(*words) == (1, "", f"ptk: {told}\n")


def test_synth_says_where_it_was_left_out(ptk, site):
    status, _, said = ptk("synth", "people")
    assert status == 1
    assert "ptk synth is a verb of ptk-synth, and ptk-synth is " in said
