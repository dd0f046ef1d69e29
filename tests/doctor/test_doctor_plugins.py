"""Plug-ins as the doctor finds them: well, broken, in each other's way, deadly; all of them really installed."""

import sys

import pytest

from installed import OIL, hooks_of, install
from ptk.doctor.plugins import deadly, own_parts, parts_of_extra, plugins

KILLS = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"


@pytest.fixture
def installed(site, monkeypatch):
    """Installs ptk-NAME with these hooks; no other plug-in is looked at."""
    names = []

    def put(name, hooks, **modules):
        install(site, name, hooks, **modules)
        names.append(name)
        monkeypatch.setenv("PTK_PLUGINS", ",".join(names))

    return put


def told(findings):
    return [(found.name, found.text, found.state) for found in findings]


def test_none(fresh):
    assert told(plugins()) == [("plug-ins", "none are installed", "good")]
    assert list(deadly()) == []


def test_one_that_is_well_is_told_with_its_parts(installed):
    installed("oil", hooks_of("oil"), parts=OIL)
    assert told(plugins()) == [("ptk-oil 1.0", "domain oil", "good")]
    assert list(deadly()) == []


def test_damaged_weights_are_told_with_their_styles_and_the_mend(bring_weights):
    package = bring_weights("old", "brown")
    assert told(plugins()) == [("ptk-old 1.0", "weights old", "good")]
    (package / "brown.onnx").write_bytes(b"")
    _, broken = plugins()
    assert broken.text.startswith(f"{package / 'brown.onnx'}: is not the file that was declared")
    assert broken.text.endswith("(styles brown)")
    assert (broken.state, broken.core, broken.mend) == ("broken", False, "pip install --force-reinstall ptk-old")


def test_one_that_is_broken_is_told_with_its_error_and_the_mend(installed):
    installed("oil", hooks_of("oil"), parts=OIL)
    installed("lacks", "import ptk_has_no_such_package")
    broken, well = plugins()
    assert broken.text == "ModuleNotFoundError: No module named 'ptk_has_no_such_package'"
    assert (broken.name, broken.state, broken.core) == ("ptk-lacks 1.0", "broken", False)
    assert broken.mend == "pip uninstall ptk-lacks, or upgrade it; `survey_plugins(verbose=True)` shows the traceback"
    assert well.state == "good"
    assert list(deadly()) == []  # what raises ends nothing


def test_two_that_offer_the_same_are_both_named(installed):
    installed("oil", hooks_of("oil"), parts=OIL)
    installed("paint", hooks_of("oil", target="parts:Oil").replace("ptk_oil.", "ptk_paint."), parts=OIL)
    assert told(plugins())[2:] == [
        ("domain oil", "offered by ptk-oil 1.0 and ptk-paint 1.0: neither can be used", "broken")
    ]


def test_one_that_is_asked_for_and_not_installed(fresh, monkeypatch):
    monkeypatch.setenv("PTK_PLUGINS", "ptk-nowhere")
    [found] = plugins()
    assert (found.text, found.state) == ("is named in PTK_PLUGINS and not installed", "broken")
    assert found.mend == "pip install ptk-nowhere, or leave it out there"


def test_one_that_ends_python_is_told_by_one_who_lives(installed, monkeypatch):
    installed("oil", hooks_of("oil"), parts=OIL)
    installed("deadly", KILLS)
    [found] = deadly()
    assert (found.name, found.text) == ("ptk-deadly", "ends Python (SIGSEGV)")
    assert (found.state, found.core) == ("broken", True)
    mend, setting = found.mend.split(": PTK_PLUGINS=")
    assert mend == "pip uninstall ptk-deadly, or leave it out"
    others = setting.removesuffix(" `examine`")
    assert "oil" in others.split(",")
    monkeypatch.setenv("PTK_PLUGINS", others)
    assert list(deadly()) == []


def test_one_that_ends_python_only_when_it_is_asked(installed):
    installed("later", f"import ptk\n@ptk.hookimpl\ndef ptk_domains():\n    {KILLS}")
    assert [found.name for found in deadly()] == ["ptk-later"]


def test_ptks_own_parts_load(fresh):
    [found] = own_parts()
    assert found.state == "good"
    assert found.text == f"all {found.values['parts']} of ptk's own load"


def test_a_part_of_ptk_that_is_damaged(fresh, monkeypatch):
    monkeypatch.delitem(sys.modules, "ptk.losses.cycle", raising=False)
    monkeypatch.setitem(sys.modules, "ptk.losses.cycle", None)  # as Python remembers a module that it must not import
    [found] = own_parts()
    assert (found.state, found.core, found.mend) == ("broken", True, "install ptk again")
    assert found.text.startswith("cycle (ptk ")


def test_whom_an_extra_serves(fresh):
    assert parts_of_extra("dlib") == {"detector": ["dlib68", "both"], "metric": ["identity_distance"]}
    assert parts_of_extra("video") == {}
