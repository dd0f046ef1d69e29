"""Modules are hidden from importers for a while, and torchvision can be imported beside whatever torch there is."""

import subprocess
import sys
import types

import pytest

from ptk.compat import hide_module


def test_an_import_inside_fails_as_if_it_were_missing_and_works_afterwards(tmp_path, monkeypatch):
    (tmp_path / "ptk_hidden.py").write_text("here = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    with hide_module("ptk_hidden"), pytest.raises(ImportError):
        import ptk_hidden
    assert "ptk_hidden" not in sys.modules
    import ptk_hidden

    assert ptk_hidden.here
    del sys.modules["ptk_hidden"]


def test_it_comes_back_after_an_error(monkeypatch):
    monkeypatch.delitem(sys.modules, "ptk_hidden", raising=False)
    with pytest.raises(KeyError), hide_module("ptk_hidden"):
        raise KeyError
    assert "ptk_hidden" not in sys.modules


def test_one_that_is_loaded_stays(monkeypatch):
    loaded = types.ModuleType("ptk_hidden")
    monkeypatch.setitem(sys.modules, "ptk_hidden", loaded)
    with hide_module("ptk_hidden"):
        assert sys.modules["ptk_hidden"] is loaded
    assert sys.modules["ptk_hidden"] is loaded


@pytest.mark.slow
def test_torchvision_imports_after_the_mend_and_the_mend_is_harmless_twice():
    program = (
        "from ptk.compat import mend_torchvision as mend\n"
        "mend(); mend()\n"
        "import torchvision\n"
        "mend()\n"
        "from torchvision.models.feature_extraction import create_feature_extractor\n"
        "print(torchvision.__version__)"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip()
