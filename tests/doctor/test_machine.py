"""Python, ptk, torch and what they compute with, as they are on this machine and as settings spoil them."""

import os
import platform
import resource
import sys
from pathlib import Path

import pytest
import torch
from laid_out import lay_out

import ptk
from ptk.doctor import machine


def only(findings):
    [found] = findings
    return found


@pytest.fixture
def threads():
    """Sets the number of torch's threads; afterwards they are as many as before."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_python_is_told_with_its_place():
    found = only(machine.python())
    assert found.text.startswith(f"{platform.python_version()} (")
    assert found.state == "good"


def test_ptk_as_it_is_installed():
    found = only(machine.this_ptk())
    assert (found.state, found.values["version"]) == ("good", ptk.__version__)


def test_a_ptk_whose_metadata_are_of_another_version(site):
    lay_out(site, "ptk", "9.9")
    found = only(machine.this_ptk())
    assert found.state == "remark"
    assert found.text.endswith("runs, its metadata are of 9.9")
    assert found.mend.startswith("pip install -e ")


def test_a_ptk_that_is_not_installed(nothing_installed):
    found = only(machine.this_ptk())
    assert (found.state, found.core) == ("remark", False)
    assert found.text.endswith("is not installed: what it needs is not known")


def test_torch_that_runs():
    found = only(machine.torch_runs())
    assert found.state == "good"
    assert found.text.startswith(f"{torch.__version__}, built ")


def test_torch_that_ends_python(site):
    """As where the processor lacks an instruction. This process has its own torch, and goes on."""
    (site / "torch.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    found = only(machine.torch_runs())
    assert (found.text, found.state, found.core) == ("does not run: ends Python (SIGILL)", "broken", True)
    assert found.mend.startswith("pip install --force-reinstall torch==")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_without_a_gpu_the_processor_is_the_device():
    found = next(machine.device())
    assert (found.text, found.state) == ("the processor, in float32", "good")
    assert found.values == {"device": "cpu", "precision": "float32"}


@pytest.mark.gpu
def test_a_gpu_is_told_with_its_driver_memory_and_precision():
    found = only(machine.device())
    assert found.state == "good"
    assert found.text.startswith(torch.cuda.get_device_name())
    assert 0 < found.values["free"] <= found.values["memory"]
    assert found.values["precision"] in ("bfloat16", "float32")


@pytest.mark.parametrize("nonsense", ["many", "0", "-1", "", "2.5"])
def test_a_number_of_threads_that_is_none(monkeypatch, nonsense):
    monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
    found = only(machine.threads())
    assert (found.state, found.mend) == ("remark", "unset it")
    assert found.text.startswith(f"OMP_NUM_THREADS={nonsense} is no number: ")


@pytest.mark.parametrize("meant", ["1", "1,1"])  # a number a level of nesting, as OpenMP reads it
def test_fewer_threads_than_cores_are_a_matter_of_taste(monkeypatch, threads, meant):
    monkeypatch.setenv("OMP_NUM_THREADS", meant)
    threads(1)
    found = only(machine.threads())
    if machine.cores() > 1:
        assert (found.state, found.mend) == ("remark", "unset it where ptk has the machine to itself")
    else:
        assert found.state == "good"


def test_more_threads_than_cores_wait_for_each_other(monkeypatch, threads):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    here = machine.cores()
    threads(here)
    assert only(machine.threads()).state == "good"
    threads(here + 1)
    found = only(machine.threads())
    assert found.state == "remark"
    assert found.mend.startswith(f"export OMP_NUM_THREADS={here}: ")
    assert found.values == {"cores": here, "threads": here + 1}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux to bind a process to a core")
def test_cores_are_those_that_this_process_may_use():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert machine.cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which tells how much a process takes")
def test_memory_that_is_scarce():
    """A limit on what this process may take (ulimit -v) is what is left, however much the machine has."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (taken + (1 << 30), before[1]))
        found = only(machine.memory())
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert (found.state, found.mend) == ("remark", "close other programs before training")
    assert found.values["free"] <= 1 << 30
