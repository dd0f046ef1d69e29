"""`ptk doctor` where something is really missing or broken: it tells what, how it is mended, and lives."""

import json

import pytest

from installed import install
from ptk.doctor.examine import _extras, _ptk, _recipes
from ptk.recipe import load

KILLS = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"


def test_without_torch_there_is_one_thing_to_mend(computer, examined):
    status, said = examined(computer("torch", "torch-*"), "--quick")
    assert status == 1
    assert "torch: is not installed; pip install torch==" in said
    assert "the rest: Machine, Parts and plug-ins, Extras, " in said
    assert "cannot be checked" not in said
    assert said.endswith("ptk does not work here: 1 broken, 1 to think about\n")


def test_a_torch_that_kills_python_does_not_kill_the_doctor(computer, examined):
    python = computer("torch", torch=KILLS)
    status, said = examined(python, "--json")
    assert status == 1
    found = json.loads(said)
    assert not found["works"]
    core, rest = found["groups"]
    broken = [each for each in core["findings"] if each["state"] == "broken"]
    assert [(each["name"], each["text"]) for each in broken] == [("torch", "ends Python (SIGILL)")]
    assert rest["title"] == "Not looked at"
    status, said = examined(python, "--quick")  # which imports nothing that it need not
    assert status == 1
    assert "torch: does not run: ends Python (SIGILL); pip install --force-reinstall torch==" in said


def test_a_plug_in_that_kills_python_does_not_kill_the_doctor(tmp_path, examined, computer, monkeypatch):
    install(tmp_path / "site", "deadly", KILLS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("PTK_PLUGINS", "deadly")
    status, said = examined(computer(), "--quick")
    assert status == 1
    assert "ptk-deadly: ends Python (SIGILL); pip uninstall ptk-deadly, or leave it out: PTK_PLUGINS=" in said
    assert "the rest: Extras, Models, Folders and settings, Recipes here; " in said


@pytest.mark.slow
def test_what_is_missing_or_broken_beside_the_core_keeps_nobody_from_working(computer, examined, tmp_path, monkeypatch):
    (tmp_path / "caches").mkdir()
    (tmp_path / "caches" / "ptk").write_text("a file, where a folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    python = computer("dlib*", "_dlib*", "face_recognition_models*", "mediapipe*", "onnxscript*")
    status, said = examined(python, "--quick")
    assert status == 0
    assert "dlib: not installed (for dlib68, both, identity_distance); pip install dlib-bin==" in said
    assert "mediapipe: not installed (for mediapipe68, mediapipe478, " in said
    assert "; pip install mediapipe==" in said
    assert "export: without onnxscript (for ptk export); pip install onnx==" in said
    assert "dlib68: no model (not for commercial use" in said
    assert "/caches/ptk is no folder): styles are rendered anew for every run; " in said
    assert said.splitlines()[-1].startswith("ptk works here: 1 broken, ")


def test_a_ptk_that_is_not_installed_is_no_fault_of_its_core(nothing_installed):
    findings = list(_ptk(False, str))
    assert [(each.name, each.state) for each in findings] == [("Python", "good"), ("ptk", "remark")]
    assert list(_extras(False, str)) == []


def test_a_ptk_without_its_recipes_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "SHIPPED", tmp_path)
    [found] = _recipes(True, str)
    assert (found.text, found.state, found.mend) == (f"there are none in {tmp_path}", "broken", "install ptk again")
