"""The verb that ptk finds, the sample that it made, and the libraries that both name."""

import inspect
import json
import os
import subprocess
import sys
import tomllib
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

import ptk
import ptk.synth
import ptk_synth
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.errors import PluginError
from ptk.testing import rules
from ptk_synth.expressions import EXPRESSIONS
from ptk_synth.make import Settings
from ptk_synth.verb import synth
from ptk_synth.workers import renderers

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def held():
    try:
        distribution("ptk-synth")
    except PackageNotFoundError:
        return [pytest.param(None, marks=pytest.mark.skip(reason="ptk-synth is not installed"))]
    return rules("ptk-synth")


@pytest.mark.parametrize("rule", held(), ids=str)
def test_it_holds_every_rule(rule):
    rule()


def test_it_offers_its_verb_and_imports_nothing_for_that():
    script = (
        "import sys, ptk_synth\n[part] = ptk_synth.ptk_commands()\n"
        "assert part.name == 'synth'\nassert part.load().__doc__.strip() == part.summary\n"
        "assert not {'torch', 'numpy', 'PIL', 'anny', 'mitsuba'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_sample_says_how_to_make_it_again():
    said = json.loads((SAMPLE / "dataset.json").read_text())
    assert said["synth"] == asdict(Settings())
    assert {entry.expression for entry in read_manifest(SAMPLE)} == set(EXPRESSIONS)
    options = inspect.signature(synth).parameters
    assert {name: options[name].default for name in ("people", "size", "samples", "seed")} == {
        "people": 24,
        **{name: said["synth"][name] for name in ("size", "samples", "seed")},
    }


def test_the_extra_of_ptk_pins_the_same_libraries():
    own = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    core = tomllib.loads((PROJECT.parents[2] / "pyproject.toml").read_text())["project"]
    assert {line for line in own if "==" in line} == set(core["optional-dependencies"]["synth"])


def test_the_older_name_gives_the_same_things():
    assert ptk.synth.__all__ == ptk_synth.__all__
    assert all(getattr(ptk.synth, name) is getattr(ptk_synth, name) for name in ptk_synth.__all__)
    with pytest.raises(AttributeError, match="portrets"):
        ptk.synth.portrets  # noqa: B018


def test_the_older_name_says_what_to_install(monkeypatch):
    monkeypatch.setattr(ptk.synth, "find_spec", lambda name: None)
    with pytest.raises(PluginError, match="not installed: pip install ptk-synth"):
        ptk.synth.portraits  # noqa: B018


@pytest.mark.slow
def test_renderers_start_in_a_folder_with_a_foreign_ptk(tmp_path, monkeypatch):
    (tmp_path / "ptk").mkdir()
    for name in ("ptk/__init__.py", "random.py"):
        (tmp_path / name).write_text("raise ImportError('imported from the current folder')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    roots = (Path(each.__file__).parents[1] for each in (ptk, ptk_synth))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, roots)))
    pool = renderers(1)
    pool._initializer = None  # which imports what renders, for seconds
    with pool:
        assert pool.submit(len, "four").result() == 4
