"""Nothing that a plug-in calls on import ends Python quietly, and whatever else calls os._exit still does."""

import contextlib
import faulthandler
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import ptk
from installed import hooks_of, install
from ptk.errors import PluginError
from ptk.registry import failures
from ptk.registry.failures import EndsPython, keep_alive
from ptk.registry.parts import Part

EXIT, ABORT = failures._REAL["_exit"], failures._REAL["abort"]


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Plug-ins of other tests, which hang, are still kept from ending Python."""
    monkeypatch.setattr(failures, "_kept", {})
    for name, real in failures._REAL.items():
        monkeypatch.setattr(os, name, real)


@pytest.mark.parametrize(("call", "how"), [(lambda: os._exit(3), "status 3"), (lambda: os.abort(), "SIGABRT")])  # noqa: PLW0108
def test_the_end_becomes_an_error_and_the_functions_come_back(call, how):
    with pytest.raises(EndsPython, match=f"ends Python when it is imported \\({how}\\)"), keep_alive():
        call()
    assert (os._exit, os.abort) == (EXIT, ABORT)


def test_what_catches_everything_is_named_all_the_same():
    with pytest.raises(EndsPython), keep_alive():
        with contextlib.suppress(BaseException):
            os._exit(0)
        raise ValueError("what comes of it")


def test_an_error_of_its_own_stays_what_it_is_and_one_inside_another_is_the_outer_ones():
    with pytest.raises(KeyError, match="luck"), keep_alive():
        raise KeyError("luck")
    with pytest.raises(EndsPython), keep_alive(), keep_alive():
        os._exit(1)
    assert os._exit is EXIT


def test_a_fork_and_whoever_kept_the_function_end_as_ever():
    with keep_alive():
        kept = os._exit
        child = os.fork()
        if not child:
            kept(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    child = os.fork()
    if not child:
        kept(8)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 8


def test_two_threads_at_once_are_told_apart():
    inside, done, told = threading.Event(), threading.Event(), []

    def hang():
        try:
            with keep_alive():
                inside.set()
                done.wait(60)
                os._exit(5)
        except EndsPython as error:
            told.append(str(error))

    thread = threading.Thread(target=hang)
    thread.start()
    inside.wait(60)
    with keep_alive():
        pass
    assert os._exit is not EXIT, "the one that hangs is still kept from ending Python"
    done.set()
    thread.join(60)
    assert "status 5" in told[0]
    assert os._exit is EXIT


def test_a_part_whose_module_ends_python_is_named(tmp_path, monkeypatch):
    (tmp_path / "ptk_final.py").write_text("import os\nos._exit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    part = Part("oil", "made for a test", "ptk_final:Oil", origin="ptk-final 1.0")
    said = r"^oil \(ptk-final 1\.0\): ptk_final:Oil cannot be loaded: ends Python when it is imported \(status 3\)"
    with pytest.raises(PluginError, match=said):
        part.load()


def test_a_crash_in_compiled_code_says_where(tmp_path):
    package = install(tmp_path, "crash", "import ctypes\nctypes.string_at(0)\n" + hooks_of("crash"))
    search = os.pathsep.join([str(tmp_path), str(Path(ptk.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": search, "PTK_PLUGINS": "crash"}
    code = "from ptk.registry.registry import load_registry; load_registry().plugins"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode < 0
    assert f'File "{package / "__init__.py"}", line 2 in <module>' in done.stderr


def test_whether_crashes_are_reported_is_left_as_it_was():
    before = faulthandler.is_enabled()
    with keep_alive():
        assert faulthandler.is_enabled()
    assert faulthandler.is_enabled() == before
