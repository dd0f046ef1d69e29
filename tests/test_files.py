"""A file is replaced whole or not at all."""

import subprocess
import sys

import pytest

from ptk.errors import OutputError
from ptk.files import replacing, replacing_folder, write_bytes


def test_replaces_a_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    write_bytes(path, b"new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_keeps_the_old_file_when_writing_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_one_line(tmp_path):
    with pytest.raises(OutputError, match=r"nowhere/a\.txt: cannot be written \(no such file or directory\)"):
        write_bytes(tmp_path / "nowhere" / "a.txt", b"")


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with replacing_folder(tmp_path / "set") as temporary:
        (temporary / "a").write_text("a")
        assert not (tmp_path / "set").exists()
    assert (tmp_path / "set" / "a").read_text() == "a"
    with pytest.raises(ZeroDivisionError), replacing_folder(tmp_path / "other") as temporary:
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


WRITERS = """
import resource, signal, sys, torch
from pathlib import Path
from safetensors.torch import save_file
from ptk.errors import OutputError
from ptk.files import replacing_folder
from ptk.recipe.weights import write_weights

folder, tensors = Path(sys.argv[1]), {"a": torch.zeros(100_000)}
def weights():
    write_weights(folder / "a.safetensors", tensors, {})
def checkpoint():
    with replacing_folder(folder / "checkpoint") as draft:
        save_file(tensors, draft / "tensors.safetensors")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for write in (weights, checkpoint):
    try:
        write()
    except OutputError as error:
        print(error)
"""


def test_where_safetensors_finds_no_room_it_is_the_same_line(tmp_path):
    """A limit of a kilobyte a file, as a full disk is met: in the middle of writing, and by a library in Rust."""
    done = subprocess.run([sys.executable, "-c", WRITERS, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        f"{tmp_path / name}: cannot be written (file too large); nothing was changed, "
        "choose another place or free space"
        for name in ("a.safetensors", "checkpoint")
    ], done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    script = (
        "import resource, signal, sys; from ptk.errors import OutputError; from ptk.files import write_bytes\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    write_bytes(sys.argv[1], bytes(100_000))\n"
        "except OutputError as error:\n    print(error); raise SystemExit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stdout
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
