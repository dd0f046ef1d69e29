"""Packages that are missing, of another version or broken: distributions laid out for real, told with their mends."""

import pytest
from laid_out import lay_out

from ptk.doctor import packages

LIBRARY = "libGL.so.1: cannot open shared object file: No such file or directory"
WORDS = {
    # What a module does on import -> (how that is told, the mend).
    "raise ValueError('no luck')": ("ValueError: no luck", "pip install --force-reinstall tool==1.0"),
    f"raise ImportError({LIBRARY!r})": (
        f"ImportError: {LIBRARY}",
        "install the system's package that has libGL.so.1 (Debian, Ubuntu: apt-file search libGL.so.1)",
    ),
    "import os; os._exit(3)": ("ends Python (status 3)", "pip install --force-reinstall tool==1.0"),
}


def ptk_needs(site, *needs):
    """A ptk whose metadata name these packages."""
    lay_out(site, "ptk", "9.9", needs)


def package(site, name, source="", version="1.0"):
    lay_out(site, name, version, files={f"{name.replace('-', '_')}.py": source.encode()})


def told(findings):
    return [(each.name, each.text, each.state, each.mend) for each in findings]


def test_what_ptk_pins_is_read_from_its_own_metadata():
    assert set(packages.extras()) >= {"dlib", "mediapipe", "styles"}
    assert packages.pins()["torch"].startswith("2.")
    assert "dlib-bin" in packages.pins("dlib")
    assert "dlib-bin" not in packages.pins()
    assert packages.install("torch") == f"pip install torch=={packages.pins()['torch']}"


def test_a_core_that_is_whole(site):
    ptk_needs(site, "tool==1.0", "other-tool==1.0")
    package(site, "tool")
    package(site, "other-tool", version="1.0+cpu")  # another build of the same
    assert told(packages.core(trying=True)) == [
        ("packages", "all 2 of ptk's core are there as pinned, and imported", "good", "")
    ]
    assert told(packages.core(trying=False)) == [("packages", "all 2 of ptk's core are there as pinned", "good", "")]


def test_a_core_that_lacks_one_and_has_another_version_of_one(site):
    ptk_needs(site, "tool==1.0", "old==2.0", "gone==3.0")
    package(site, "tool", "raise ValueError")  # may be for want of the one that is missing: not tried
    package(site, "old")
    found = list(packages.core(trying=True))
    assert told(found) == [
        ("gone", "is not installed", "broken", "pip install gone==3.0"),
        ("old", "1.0 is installed, ptk is tested with 2.0", "remark", "pip install old==2.0"),
        ("packages", "1 of the 3 of ptk's core are there as pinned", "good", ""),
    ]
    assert [each.core for each in found] == [True, False, False]


@pytest.mark.parametrize("source", WORDS)
def test_a_package_of_the_core_that_cannot_be_imported(site, source):
    said, mend = WORDS[source]
    ptk_needs(site, "Tool==1.0", "well==1.0")
    package(site, "tool", source)
    package(site, "well")
    broken, summary = packages.core(trying=True)
    assert (broken.name, broken.text, broken.state, broken.core) == ("Tool", said, "broken", True)
    assert broken.mend == mend.replace("tool", "Tool")
    assert summary.text == "1 of the 2 of ptk's core are there as pinned, and imported"


def test_what_needs_a_broken_torch_is_not_blamed(site):
    ptk_needs(site, "torch==1.0", "leaning==1.0")
    package(site, "torch", "raise OSError('libtorch is cut short')")
    package(site, "leaning", "import torch")
    broken, summary = packages.core(trying=True)
    assert (broken.name, broken.text) == ("torch", "OSError: libtorch is cut short")
    assert summary.text.startswith("0 of the 2 of ptk's core are there")


def test_an_extra_that_is_not_installed_comes_with_its_install_line(site):
    ptk_needs(site, "tool==1.0; extra == 'tools'", "other-tool==2.0; extra == 'tools'")
    [found] = packages.extra("tools", {"detector": ["finder", "keeper"]}, trying=True)
    assert (found.text, found.state, found.core) == ("not installed (for finder, keeper)", "remark", False)
    assert found.mend == "pip install tool==1.0 other-tool==2.0"
    assert found.values["missing"] == ["tool", "other-tool"]
    package(site, "tool")
    [found] = packages.extra("tools", {}, trying=True)
    assert found.text == "without other-tool (for plug-ins)"


def test_an_extra_that_is_there(site):
    ptk_needs(site, "tool==1.0; extra == 'video'")
    package(site, "tool", "raise ValueError")
    [found] = packages.extra("video", {}, trying=False)
    assert (found.text, found.state) == ("as pinned (for videos in `prepare`)", "good")
    (site / "tool.py").write_text("")
    [found] = packages.extra("video", {}, trying=True)
    assert (found.text, found.state) == ("tried (for videos in `prepare`)", "good")


def test_an_extra_of_another_version_is_tried_all_the_same(site):
    ptk_needs(site, "tool==2.0; extra == 'tools'")
    package(site, "tool", "raise ValueError('too old')")
    assert told(packages.extra("tools", {}, trying=True)) == [
        ("tools", "tool 1.0 is installed, ptk is tested with 2.0", "remark", "pip install tool==2.0"),
        ("tools", "tool: ValueError: too old", "broken", "pip install --force-reinstall tool==2.0"),
    ]


@pytest.mark.parametrize("source", WORDS)
def test_an_extra_that_is_broken(site, source):
    said, mend = WORDS[source]
    ptk_needs(site, "tool==1.0; extra == 'tools'")
    package(site, "tool", source)
    [found] = packages.extra("tools", {}, trying=True)
    assert (found.text, found.state, found.mend, found.core) == (f"tool: {said}", "broken", mend, False)


def test_what_ptk_says_itself_needs_no_second_mend():
    said = "no such detector: finder; did you mean keeper?"
    assert packages.repair(said, "pip install tool") == ""


def test_a_ptk_that_is_not_installed_pins_nothing(nothing_installed):
    assert packages.extras() == []
    assert list(packages.core(trying=True)) == []
    assert packages.install("torch") == "pip install torch"
