"""What is tried cannot harm who tries it: modules that raise, leave, kill Python or never end, really imported."""

import importlib.util

import pytest

from ptk.doctor import trying
from ptk.doctor.trying import Tried, tried

BAD = {
    # Module -> (its source, what is said of it).
    "quits": ("import os, sys; sys.stderr.write('sorry\\n'); sys.stderr.flush(); os._exit(3)", "(status 3: sorry)"),
    "crashes": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ends Python (SIGSEGV)"),
    "ends_well": ("import os; os._exit(0)", "ends Python (status 0)"),
    "raises": ("raise ValueError('no\\n   luck')", "ValueError: no luck"),
    "leaves": ("raise SystemExit(4)", "SystemExit: 4"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "absent": (None, "ModuleNotFoundError: No module named 'absent'"),
}
TALKS = """
import os
print('["raises", "good", ""]')
os.write(1, b'["raises", "good", ""]\\n\\xff\\n')
os.write(2, b'\\xff\\n')
"""


def write(folder, monkeypatch, **modules):
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(folder)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """All of them tried in one call, the good ones among and after the bad."""
    with pytest.MonkeyPatch.context() as patch:
        sources = {name: source for name, (source, _) in BAD.items() if source}
        write(tmp_path_factory.mktemp("modules"), patch, talks=TALKS, **sources)
        return tried({"import": ["talks", *BAD, "json"]})


@pytest.mark.parametrize("name", BAD)
def test_each_is_told_in_a_line(outcome, name):
    assert outcome.errors[name].endswith(BAD[name][1])


def test_the_others_are_tried_all_the_same_each_once(outcome):
    assert outcome.good == ("talks", "json")
    assert outcome.errors.keys() == BAD.keys()


def test_one_that_never_ends_is_left_and_the_others_go_on(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch, hangs="import threading; threading.Event().wait()")
    monkeypatch.setattr(trying, "_PATIENCE", 1.0)
    found = tried({"import": ["json", "hangs", "csv"]})
    assert found == Tried(("json", "csv"), {"hangs": "did not end within 1 s"})


def test_nothing_is_tried_where_there_is_nothing_to_try():
    assert tried({"import": []}) == Tried()


def test_a_file_in_the_current_folder_is_not_taken_for_a_package(tmp_path, monkeypatch):
    (tmp_path / "colorsys.py").write_text("raise ValueError('mine')")
    monkeypatch.chdir(tmp_path)
    assert tried({"import": ["colorsys"]}).good == ("colorsys",)


def test_a_product_is_formed(tmp_path, monkeypatch):
    wrong = "class ones:\n    def __init__(self, *size): pass\n    def __matmul__(self, other): return Off()\n"
    off = "class Off:\n    def __eq__(self, other): return self\n    def all(self): return False\n"
    write(tmp_path, monkeypatch, off_by_one=wrong + off)
    found = tried({"product": ["torch", "off_by_one"]})
    assert found == Tried(("torch",), {"off_by_one": "ArithmeticError: multiplies wrongly"})


def test_parts_are_used(monkeypatch):
    """A part that asks for an option (picture) is only loaded; one that is not there is told as ptk tells it."""
    kinds = {"domain": ["sketch", "picture", "sketsch"]}
    if importlib.util.find_spec("mediapipe"):
        kinds["detector"] = ["mediapipe68"]
    found = tried(kinds)
    assert found.good == ("sketch", "picture", *kinds.get("detector", []))
    assert found.errors["sketsch"].startswith("no such domain: sketsch; did you mean sketch?")


def test_what_an_extras_own_package_lacks_is_told_and_what_another_lacks_is_no_fault(tmp_path, monkeypatch):
    """dlib is there and cannot be loaded; mediapipe, which the detector both needs beside dlib, is not there."""
    library = "libopenblas.so.0: cannot open shared object file: No such file or directory"
    absent = "raise ModuleNotFoundError(\"No module named 'mediapipe'\", name='mediapipe')"
    write(tmp_path, monkeypatch, dlib=f"raise ImportError({library!r})", mediapipe=absent)
    found = tried({"detector": ["dlib68", "both"]})
    assert found.errors == {"dlib68": f"ImportError: {library}"}
    assert found.lacking["both"].startswith("detector mediapipe68 needs packages that are not installed: pip install ")
