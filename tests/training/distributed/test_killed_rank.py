"""A process that dies ends the run within ten seconds: its rank and the reason are said, and the run resumes."""

import json
import os
import re
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

SOON = 10.0
PTK = [sys.executable, "-m", "ptk"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def training(recipe, out, *more):
    words = ["train", recipe, "--out", out, "--device", "cpu", "--set", "training.checkpoint=2", *more]
    return [str(word) for word in words]


def begun(command, out):
    """A long run of two processes that has a checkpoint; what started them, and the two by rank."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    deadline = time.monotonic() + 200
    while not checkpoints(out):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "it never came to a checkpoint"
        time.sleep(0.05)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    ranks = {int(variables(pid)["RANK"]): int(pid) for pid in children}
    assert ranks.keys() == {0, 1}
    return process, ranks


def variables(pid):
    words = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ended(process, numbers):
    """What was said, once `process` and all those `numbers` are gone, which must be soon."""
    began = time.monotonic()
    out, said = process.communicate(timeout=240)  # to the end of what holds its stderr: all of them
    while any(alive(number) for number in numbers):
        assert time.monotonic() - began < SOON, "one lives on"
        time.sleep(0.05)
    assert time.monotonic() - began < SOON
    return out, said


def stands(out):
    folder = checkpoints(out)[-1]
    assert json.loads((folder / "state.json").read_text())["step"] == int(folder.name)
    assert "random.torch" in load_file(folder / "tensors.safetensors")
    return folder


def ptk_lines(said):
    return [line for line in said.splitlines() if line.startswith("ptk:")]


@pytest.mark.parametrize("rank", [0, 1])
def test_one_that_is_killed_is_named_and_the_run_resumes(small_recipe, tmp_path, rank):
    out = tmp_path / "run"
    process, ranks = begun([*PTK, *training(small_recipe, out, "--devices", "2", "--steps", "100000")], out)
    os.kill(ranks[rank], signal.SIGKILL)
    _, said = ended(process, ranks.values())
    assert process.returncode == 1
    last = stands(out)
    assert ptk_lines(said) == [
        f"ptk: rank {rank} was killed (SIGKILL); all processes have stopped; the last checkpoint is {last}"
    ]
    assert "Traceback" not in said
    assert not re.search(r"torch\.distributed|FAILED|exitcode", said)
    further = int(last.name) + 2
    more = training(small_recipe, out, "--devices", "2", "--steps", str(further), "--resume")
    done = subprocess.run([*PTK, *more, "--set", "training.steps=100000"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(stands(out).name) == further


def test_nobody_is_left_when_the_one_that_started_them_is_killed(small_recipe, tmp_path):
    out = tmp_path / "run"
    process, ranks = begun([*PTK, *training(small_recipe, out, "--devices", "2", "--steps", "100000")], out)
    process.kill()
    _, said = ended(process, ranks.values())
    assert ptk_lines(said) == [
        f"ptk: the process that started it is gone; all processes have stopped; the last checkpoint is {stands(out)}"
    ]


SEES_LATE = """
import sys, torch
from pathlib import Path
from ptk.training.distributed import guard
from ptk.training.distributed.join import join

processes = join(torch.device("cpu"))
guard._GLANCE = 600 if processes.rank == int(sys.argv[1]) else 0.05
with guard.guard(processes, lambda: "nothing is left"):
    processes.barrier()
    Path(sys.argv[2]).touch()
    while True:
        processes.barrier()
"""


@pytest.mark.parametrize("late", [0, 1])
def test_who_started_them_is_missed_aloud_whichever_sees_it_first(tmp_path, late):
    """One of them looks late, and learns it from the connection that the other one has closed."""
    runs, script, begun = tmp_path / "runs.py", tmp_path / "script.py", tmp_path / "begun"
    runs.write_text(RUNS)
    script.write_text(SEES_LATE)
    words = [sys.executable, str(runs), str(script), str(late), str(begun)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 200
    while not begun.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "it never began"
        time.sleep(0.05)
    process.kill()
    _, said = ended(process, [])
    assert ptk_lines(said) == ["ptk: the process that started it is gone; all processes have stopped; nothing is left"]


@pytest.mark.parametrize("rank", [0, 1])
def test_torchrun_by_hand_is_left_by_all(small_recipe, tmp_path, rank):
    out = tmp_path / "run"
    process, ranks = begun([*TORCHRUN, "-m", "ptk", *training(small_recipe, out, "--steps", "100000")], out)
    os.kill(ranks[rank], signal.SIGKILL)
    _, said = ended(process, ranks.values())
    assert process.returncode == 1
    if f"rank {1 - rank}: lost another process" in said or f"ptk: rank {rank} is gone" in said:
        assert f"the last checkpoint is {stands(out)}" in said
    else:  # torchrun was first to end the other: then its own table names who was killed
        assert "Signal 9 (SIGKILL)" in said


@pytest.mark.parametrize(("number", "whom"), [(signal.SIGINT, "all"), (signal.SIGTERM, "all"), (signal.SIGTERM, 1)])
def test_a_signal_writes_a_checkpoint_and_ends_all(small_recipe, tmp_path, number, whom):
    out = tmp_path / "run"
    words = training(small_recipe, out, "--devices", "2", "--steps", "100000", "--set", "training.checkpoint=100000")
    command = [*PTK, *words, "--set", "training.grid=1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 200
    while not list((out / "grids").glob("*.png")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "it never trained"
        time.sleep(0.05)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    ranks = {int(variables(pid)["RANK"]): int(pid) for pid in children}
    os.kill(process.pid if whom == "all" else ranks[whom], number)
    written, said = process.communicate(timeout=240)
    assert process.returncode == 128 + signal.SIGTERM if whom == 1 else 128 + number
    assert ptk_lines(said) == []
    assert f"stopped after step {int(stands(out).name)} of 100000; go on with --resume" in said
    assert written.startswith(f"weights: {out / 'weights.safetensors'}\n")
    assert not any(alive(pid) for pid in ranks.values())


RUNS = """
import sys
from ptk.errors import TrainingError
from ptk.training.distributed.join import Launch
from ptk.training.distributed.launch import run_workers

try:
    run_workers(Launch(2, 1), sys.argv[1:], lambda: "nothing is left")
except TrainingError as error:
    print(f"said: {error}", file=sys.stderr)
    raise SystemExit(1)
"""

FAILS = """
import os, signal, sys, time, torch
from ptk.errors import TrainingError
from ptk.training.distributed.guard import guard
from ptk.training.distributed.join import join

processes = join(torch.device("cpu"))
how = sys.argv[2]
signal.signal(signal.SIGTERM, lambda *_: None)  # as in training; and a call that hangs, in NCCL, sees no signal at all
with guard(processes, lambda: "unseen"):
    if how == "takes its time":
        if processes.rank == int(sys.argv[1]):
            time.sleep(5)
    elif processes.rank == int(sys.argv[1]):
        if how == "raises":
            raise TrainingError("no luck: see `out`")
        if how == "breaks":
            raise ValueError("odd")
        os._exit(7)
    while how != "takes its time":
        time.sleep(60)
"""


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("raises", ": no luck: see `out`"),
        ("breaks", ": ValueError('odd')"),
        ("exits", " ended with status 7, its own words are above"),
    ],
)
def test_one_that_fails_is_named_and_the_others_stop(tmp_path, rank, how, what):
    runs, fails = tmp_path / "runs.py", tmp_path / "fails.py"
    runs.write_text(RUNS)
    fails.write_text(FAILS)
    words = [sys.executable, str(runs), str(fails), str(rank), how]
    environment = {**os.environ, "TORCH_CPP_LOG_LEVEL": "FATAL"}
    began = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240, env=environment)
    assert time.monotonic() - began < 40  # imports included; by itself the other one would sleep for ever
    assert done.returncode == 1
    expected = f"said: rank {rank}{what}; all processes have stopped; nothing is left"
    assert [line for line in done.stderr.splitlines() if line] == [expected]


@pytest.mark.parametrize("rank", [0, 1])
def test_one_that_ends_later_than_the_other_is_no_loss(tmp_path, rank):
    runs, script = tmp_path / "runs.py", tmp_path / "script.py"
    runs.write_text(RUNS)
    script.write_text(FAILS)
    words = [sys.executable, str(runs), str(script), str(rank), "takes its time"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_of_a_part_is_one_line_of_ptk(small_recipe, tmp_path):
    """Both ranks fail alike: one of them is named, with what ptk says of it in one process."""
    out = tmp_path / "run"
    words = training(small_recipe, out, "--devices", "2", "--data", tmp_path / "nowhere")
    done = subprocess.run([*PTK, *words], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(
        rf"ptk: rank [01]: {tmp_path}/nowhere: no data set here \(no manifest.jsonl\); make one with ptk prepare; "
        "all processes have stopped; there is no checkpoint yet",
        line,
    )
