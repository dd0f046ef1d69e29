"""Portraits of people that one has described, and the names with which one asks for them."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ptk_synth
from ptk.errors import MissingExtra
from ptk_synth import aged, draw_person, portraits


def test_public_names_are_these():
    assert ptk_synth.__all__ == ["AGES", "EXPRESSIONS", "Person", "Portrait", "aged", "draw_person", "portraits"]


@pytest.mark.parametrize("name", ptk_synth.__all__)
def test_public_name_resolves_and_is_no_module(name):
    assert getattr(ptk_synth, name) is not None
    assert importlib.util.find_spec(f"ptk_synth.{name}") is None  # it would hide the name once it is imported


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="portrets"):
        ptk_synth.portrets  # noqa: B018


def test_describing_people_imports_nothing_heavy():
    script = (
        "import sys\nfrom ptk_synth import aged, draw_person, portraits\naged(draw_person(0, 1), 72)\n"
        "assert not {'torch', 'anny', 'mitsuba', 'scipy', 'PIL'} & set(sys.modules), sorted(sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_says_at_once_how_to_get_the_renderer(monkeypatch):
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "mitsuba" else object())
    with pytest.raises(MissingExtra, match=r"ptk_synth.portraits needs .*pip install"):
        portraits([])


def test_renders_what_is_wanted_in_that_order_and_nothing_else():
    pytest.importorskip("mitsuba", reason="needs mitsuba: see ptk-synth")
    paths = pytest.importorskip("anny.paths", reason="needs anny: see ptk-synth")
    if not list(Path(paths.get_anny_cache_path()).rglob("build_model_data_*")):
        pytest.skip("anny has not cached its model on this machine yet, which takes it a minute")
    person = draw_person(2, seed=7)
    wanted = [(aged(person, 20), ["happiness"]), (person, []), (aged(person, 72), ["neutral", "happiness"])]
    young, old, smiling = portraits(wanted, size=48, samples=2, workers=1)
    assert [each.person.years for each in (young, old, smiling)] == [20, 72, 72]
    assert [each.expression for each in (young, old, smiling)] == ["happiness", "neutral", "happiness"]
    for each in (young, old, smiling):
        assert (each.picture.shape, each.picture.dtype, each.points.shape) == ((48, 48, 3), np.uint8, (68, 2))
        assert 0.25 < np.linalg.norm(each.points[45] - each.points[36]) / 48 < 0.36  # framed as all people are
    # Black hair at 20, white at 72: around the forehead the picture is much lighter
    assert old.picture[:12, 12:36].mean() > young.picture[:12, 12:36].mean() + 20
    with pytest.raises(ValueError, match="no such expression: smirk; there are anger"):
        list(portraits([(person, ["smirk"])], size=32, samples=1, workers=1))
