"""A process that dies stops the run: its rank and the reason are said, and the last checkpoint stands."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from ptk.training.checkpoint import checkpoints

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc"),
]


def begun(recipe, out):
    """A long run of two processes that has a checkpoint; its processes, the first one first."""
    words = ["train", recipe, "--out", out, "--device", "cpu", "--devices", "2", "--steps", "100000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ptk", *map(str, words), "--set", "training.checkpoint=2"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    deadline = time.monotonic() + 200
    while not checkpoints(out):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "it never came to a checkpoint"
        time.sleep(0.05)
    (other,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
    return process, other


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def stands(out):
    folder = checkpoints(out)[-1]
    assert json.loads((folder / "state.json").read_text())["step"] == int(folder.name)
    assert "random.torch" in load_file(folder / "tensors.safetensors")
    return folder


def test_one_that_is_killed_is_named(small_recipe, tmp_path):
    process, other = begun(small_recipe, tmp_path / "run")
    os.kill(other, signal.SIGKILL)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 1
    last = stands(tmp_path / "run")
    assert f"\nptk: rank 1 was killed (SIGKILL); all processes have stopped; the last checkpoint is {last}\n" in said
    assert "Traceback" not in said


def test_nobody_is_left_when_the_first_is_killed(small_recipe, tmp_path):
    process, other = begun(small_recipe, tmp_path / "run")
    process.kill()
    _, said = process.communicate(timeout=240)  # the other one holds the same stderr: until it ends
    deadline = time.monotonic() + 200
    while alive(other):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)
    assert f"ptk: rank 0 is gone; all processes have stopped; the last checkpoint is {stands(tmp_path / 'run')}" in said


# Fabric's own observer, which kills all without a word, looks without a pause: the watch must have taken its place.
FAILS = """
import sys, time, torch
from lightning_fabric.strategies.launchers.subprocess_script import _ChildProcessObserver
from ptk.errors import TrainingError
from ptk.training.launch import launch
from ptk.training.watch import watched

_ChildProcessObserver.__init__.__defaults__ = (0.01,)
processes = launch(torch.device("cpu"), 2)
try:
    with watched(processes, lambda: "nothing is left"):
        if processes.rank == int(sys.argv[1]):
            raise TrainingError("no luck")
        processes.wait()
        time.sleep(60)
except TrainingError as error:
    print(f"said: {error}", file=sys.stderr)
    raise SystemExit(3)
"""


@pytest.mark.parametrize(
    ("rank", "status", "lines"),
    [
        (0, 3, ["said: no luck"]),
        (
            1,
            1,
            [
                "said: rank 1: no luck",
                "ptk: rank 1 ended with status 3, its own words are above; all processes have stopped; nothing is left",
            ],
        ),
    ],
)
def test_one_that_fails_says_why_and_the_others_stop(tmp_path, rank, status, lines):
    script = tmp_path / "fails.py"
    script.write_text(FAILS)
    words = [sys.executable, str(script), str(rank)]
    environment = {**os.environ, "TORCH_CPP_LOG_LEVEL": "FATAL"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240, env=environment)
    assert done.returncode == status
    assert [line for line in done.stderr.splitlines() if line.startswith(("said", "ptk"))] == lines
