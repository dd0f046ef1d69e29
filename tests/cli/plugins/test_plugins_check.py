"""`ptk plugins check`: every rule on its line, exit status 1 when one is broken."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from installed import OIL, hooks_of, install
from ptk.registry.registry import load_registry

NEEDY = '''
from pathlib import Path
import ptk
from ptk_needy import base

class Oil(base.Oil):
    """Oil paintings in the colours of `palette`, a picture."""

    def __init__(self, palette: Path, strength: float = 1.0) -> None:
        super().__init__(strength)
        if not palette.suffix:
            raise ValueError(f"{palette} is no picture")
'''


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder in which plug-ins can be installed for one test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delenv("PTK_PLUGINS", raising=False)
    load_registry.cache_clear()
    yield folder
    load_registry.cache_clear()
    for name in [each for each in sys.modules if each.partition(".")[0] in ("ptk_oil", "ptk_needy", "ptk_cracked")]:
        del sys.modules[name]  # another test has it in another folder


@pytest.fixture
def oil(site, monkeypatch):
    """The plug-in ptk-oil, whose part "oil" holds every rule."""
    install(site, "oil", hooks_of("oil"), parts=OIL)
    monkeypatch.setenv("PTK_PLUGINS", "oil")


@pytest.mark.parametrize("name", ["ptk-oil", "Ptk_Oil", "oil"])
def test_a_plug_in_is_checked_part_by_part(ptk, oil, name):
    status, said, _ = ptk("plugins", "check", name)
    lines = said.splitlines()
    assert status == 0
    assert lines[0] == "plug-in ptk-oil 1.0"
    assert lines[lines.index("domain oil") + 1] == "  ok    says in a line what it is"
    assert "0 broken, 0 skipped, in" in lines[-1]


def test_one_part_is_checked_alone(ptk, oil):
    status, said, _ = ptk("plugins", "check", "domain:oil")
    assert (status, said.splitlines()[0]) == (0, "domain oil")


def test_a_broken_rule_says_what_came_and_where_and_the_others_are_tried(ptk, oil, site):
    status, said, _ = ptk("plugins", "check", "ptk-oil", "--set", "strength=2")
    assert status == 1
    assert (
        "  FAIL  gives images in [-1, 1]\n"
        "        styled images must be in [-1, 1], values are in [-2, 2]\n"
        f"        {site}/ptk_oil/parts.py:12\n"
    ) in said
    assert "  ok    survives being sent to another process" in said
    assert "2 broken" in said.splitlines()[-1]  # once more for faces outside the crop


def test_the_same_for_machines(ptk, oil):
    status, said, _ = ptk("plugins", "check", "ptk-oil", "--set", "oil.strength=2", "--json")
    told = json.loads(said)
    assert (status, told["fail"]) == (1, 2)
    assert told["pass"] + told["fail"] + told["skip"] == len(told["outcomes"])
    (broken, _) = [one for one in told["outcomes"] if one["status"] == "fail"]
    assert (broken["subject"], broken["rule"]) == ("domain oil", "gives images in [-1, 1]")
    assert broken["where"].endswith("parts.py:12")


def test_a_part_that_needs_an_option_is_told_how_to_get_it(ptk, site, monkeypatch):
    install(site, "needy", hooks_of("needy"), parts=NEEDY, base=OIL)
    monkeypatch.setenv("PTK_PLUGINS", "needy")
    status, said, _ = ptk("plugins", "check", "ptk-needy")
    assert status == 0
    assert "it has options that must be given: --set needy.palette=..." in said
    status, said, _ = ptk("plugins", "check", "ptk-needy", "--set", "needy.palette=x.png", "--json")
    assert (status, json.loads(said)["skip"]) == (0, 0)
    status, said, _ = ptk("plugins", "check", "ptk-needy", "--set", "domain:needy.palette=x")
    assert status == 1
    assert said.count("raised ValueError: x is no picture") == 1
    assert f"{site}/ptk_needy/parts.py:12" in said


@pytest.mark.parametrize(
    ("arguments", "breach"),
    [
        (["ptk-oyl"], "ptk: no such plug-in or part: ptk-oyl; did you mean ptk-oil?"),
        (["ptk-oil", "--set", "strenth=2"], "--set strenth=2: no such option: strenth; did you mean strength?"),
        (["ptk-oil", "--set", "water.strength=2"], "--set water.strength=2: no such option: water.strength"),
        (["ptk-oil", "--set", "strength"], "--set strength: has no value; say strength=..."),
        (["ptk-oil", "--set", "strength=much"], "--set strength=much: input should be a valid number"),
        (["ptk-oil", "--photo", "nowhere.jpg"], "nowhere.jpg: no such file"),
        (["ptk-oil", "--place", "nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(ptk, oil, arguments, breach):
    status, said, told = ptk("plugins", "check", *arguments)
    assert (status, said) == (1, "")
    assert breach in told and len(told.splitlines()) == 1


def test_a_broken_plug_in_is_told_with_its_error(ptk, site):
    install(site, "cracked", "1 / 0\n")
    status, said, _ = ptk("plugins", "check", "ptk-cracked")
    assert status == 1
    assert f"ZeroDivisionError: division by zero ({site}/ptk_cracked/__init__.py:1)" in said


def test_a_source_is_tried_in_the_place_that_it_knows(ptk, tmp_path):
    (tmp_path / "neutral_front").mkdir()
    (tmp_path / "neutral_front" / "001_03.jpg").touch()
    status, said, _ = ptk("plugins", "check", "source:london", "--place", tmp_path)
    assert (status, "  ok    finds photos in its own place" in said) == (0, True)
    status, said, _ = ptk("plugins", "check", "source:kdef", "--place", tmp_path)
    assert (status, "must not be refused" in said) == (1, True)


def test_a_detector_is_tried_on_a_photo_of_ones_own(ptk, tmp_path):
    pytest.importorskip("mediapipe")
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(tmp_path / "wall.png")
    assert ptk("plugins", "check", "mediapipe68")[0] == 0
    status, said, _ = ptk("plugins", "check", "mediapipe68", "--photo", tmp_path / "wall.png")
    assert (status, "a photo of a face must give landmarks, it gave []" in said) == (1, True)
