"""Folders that cannot be written, disks that are full, variables that change what ptk does."""

import os
import resource
import sys
from pathlib import Path

import pytest

from ptk.doctor import places
from ptk.doctor.findings import checked

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, a folder in which nobody can write")


def only(findings):
    [found] = findings
    return found


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder that holds the user's caches: here, ptk's stands, or would stand, in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_cache_that_is_not_there_yet_is_not_made_by_looking(home):
    found = only(places.cache())
    assert (found.text, found.state) == (f"{home / 'ptk'}, writable, empty", "good")
    assert not list(home.iterdir())


def test_a_cache_is_told_with_its_size(home):
    (home / "ptk" / "renderings").mkdir(parents=True)
    (home / "ptk" / "renderings" / "one.safetensors").write_bytes(b"\0" * 3 * 2**20)
    found = only(places.cache())
    assert found.text == f"{home / 'ptk'}, writable, holds 3 MiB, may be deleted"
    assert found.values == {"path": str(home / "ptk"), "bytes": 3 * 2**20, "files": 1}


@pytest.mark.parametrize("name", ["caches", "caches/ptk"])
def test_a_cache_whose_place_is_taken_by_a_file(home, monkeypatch, name):
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "caches"))
    taken = home / name
    taken.parent.mkdir(exist_ok=True)
    taken.write_text("in the way")
    found = only(places.cache())
    assert (found.state, found.core) == ("broken", False)
    assert found.text.startswith(f"{home / 'caches' / 'ptk'} cannot be written ({taken} is no folder): ")
    assert "XDG_CACHE_HOME" in found.mend
    assert taken.read_text() == "in the way"


def test_a_cache_that_is_a_link_to_nowhere(home):
    (home / "ptk").symlink_to(home / "nowhere")
    assert "is no folder" in only(places.cache()).text


@LINUX
def test_a_cache_in_which_nobody_can_write(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc")
    found = only(places.cache())
    assert found.state == "broken"
    assert found.text.startswith("/proc/ptk cannot be written (")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write everywhere")
def test_a_cache_that_belongs_to_somebody_else(home):
    (home / "ptk").mkdir(mode=0o500)
    assert "(permission denied)" in only(places.cache()).text


def test_a_full_disk(home):
    """Here the limit on the size of files (ulimit -f) says no, as a disk does that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        found = only(places.cache())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert found.state == "broken"
    assert "cannot be written (file too large)" in found.text
    assert not list(home.iterdir())


def test_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = only(places.here())
    assert (found.text, found.state) == (f"{tmp_path}, writable", "good")


@LINUX
def test_a_current_folder_in_which_nobody_can_write(monkeypatch):
    monkeypatch.chdir("/proc")
    found = only(places.here())
    assert (found.state, found.mend) == ("remark", "work in another folder, or give `out`")


def test_a_current_folder_that_was_deleted(tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    found = only(checked("here", places.here))
    assert (found.name, found.state) == ("here", "broken")
    assert found.text.startswith("cannot be checked: FileNotFoundError: ")


def test_a_disk_that_holds_both_folders_is_told_once(home, monkeypatch):
    monkeypatch.chdir(home)
    found = only(places.free_space())
    assert (found.name, found.values["path"]) == ("disk", str(home))
    assert 0 < found.values["free"] <= found.values["total"]


@LINUX
def test_a_cache_on_another_disk_is_told_too(tmp_path, monkeypatch):
    if tmp_path.stat().st_dev == Path("/dev/shm").stat().st_dev:
        pytest.skip("needs a folder that is not in memory")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/shm")
    assert [found.name for found in places.free_space()] == ["disk", "disk of the cache"]


@pytest.mark.parametrize(
    ("bound", "state", "said"),
    [
        ("_LITTLE", "remark", "free some before training: a run of portraitgan takes 9 GiB"),
        ("_NOTHING", "broken", "free space below "),
    ],
)
def test_little_space_is_worth_a_thought_and_none_is_broken(home, monkeypatch, bound, state, said):
    """No disk is filled for this: the bound is set above what there is."""
    monkeypatch.chdir(home)
    monkeypatch.setattr(places, bound, 1 << 62)
    found = only(places.free_space())
    assert (found.state, found.core) == (state, False)
    assert found.mend.startswith(said)


def test_variables_that_are_set_are_told_with_what_they_do(monkeypatch):
    for name in places._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert only(places.variables()).text.startswith("none of PTK_PLUGINS, PTK_DEBUG, ")
    monkeypatch.setenv("PTK_PLUGINS", "")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert [(found.name, found.text) for found in places.variables()] == [
        ("PTK_PLUGINS", "(empty): no plug-in but these is used"),
        ("HF_HUB_OFFLINE", "1: pretrained weights are not downloaded"),
    ]
