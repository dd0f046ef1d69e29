"""Starting several processes: by ourselves, by torchrun, by srun; and going on with one."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ptk.errors import TrainingError
from ptk.training.checkpoint import checkpoints
from ptk.training.distributed.join import Launch, join, plan_launch, read_slurm

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
TORCHRUN = Path(sys.executable).with_name("torchrun")


def environment(**more):
    return {**os.environ, "OMP_NUM_THREADS": "1", **more}


def started(words, **more):
    return subprocess.Popen(
        [*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more)
    )


def finished(process):
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out, err


def training(recipe, out, *more):
    return ["train", recipe, "--out", out, "--device", "cpu", "--steps", "4", *more]


@pytest.fixture(scope="module")
def by_ourselves(small_recipe, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    said = finished(started([sys.executable, "-m", "ptk", *training(small_recipe, out, "--devices", "2")]))
    return out, *said


def test_one_process_speaks_and_writes(by_ourselves):
    folder, out, err = by_ourselves
    assert "small on cpu, float32, 2 processes: 3 people" in err
    assert err.count("expect about") == 1
    assert "rank" not in err.lower()
    assert out == f"weights: {folder / 'weights.safetensors'}\nsamples: {folder / 'grids' / '000004.png'}\n"
    assert [one.name for one in checkpoints(folder)] == ["000004"]
    assert not [path for path in folder.rglob("*") if path.suffix == ".part"]


@pytest.mark.skipif(not TORCHRUN.exists(), reason="no torchrun beside this Python")
def test_torchrun_starts_the_same_run(by_ourselves, small_recipe, tmp_path):
    out = tmp_path / "run"
    finished(started([TORCHRUN, "--standalone", "--nproc-per-node", "2", "-m", "ptk", *training(small_recipe, out)]))
    same(out, by_ourselves[0])


def test_srun_starts_the_same_run(by_ourselves, small_recipe, tmp_path):
    """With what srun tells each process; there is no SLURM here."""
    told = {
        **{"SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2", "SLURM_NNODES": "1", "SLURM_STEP_NUM_TASKS": "2"},
        **{"SLURM_JOB_ID": str(os.getpid()), "SLURM_JOB_NAME": "train", "SLURM_NODELIST": "127.0.0.1"},
        **{"SLURM_NODEID": "0", "MASTER_PORT": str(free_port())},
    }
    words = [sys.executable, "-m", "ptk", *training(small_recipe, tmp_path / "run", "--devices", "2")]
    tasks = [started(words, **told, SLURM_PROCID=str(rank), SLURM_LOCALID=str(rank)) for rank in range(2)]
    for task in tasks:
        finished(task)
    same(tmp_path / "run", by_ourselves[0])


def free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def same(one, other):
    first, second = (load_file(checkpoints(folder)[-1] / "tensors.safetensors") for folder in (one, other))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_two_machines_train_the_same_run(by_ourselves, small_recipe, tmp_path):
    """Both are this one; the second knows of the first what people set: its address and port."""
    told = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    words = [sys.executable, "-m", "ptk", *training(small_recipe, tmp_path / "run", "--nodes", "2")]
    for machine in [started(words, **told, NODE_RANK=str(number)) for number in range(2)]:
        finished(machine)
    same(tmp_path / "run", by_ourselves[0])


def test_a_run_of_two_goes_on_as_one(by_ourselves, small_recipe):
    """That it ends like any other run is held in test_processes, in float64."""
    words = [sys.executable, "-m", "ptk", *training(small_recipe, by_ourselves[0], "--steps", "6", "--resume")]
    finished(started(words))
    assert [one.name for one in checkpoints(by_ourselves[0])] == ["000004", "000006"]


@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_two_gpus_train_one_run(small_recipe, tmp_path):
    words = ["train", small_recipe, "--out", tmp_path / "run", "--device", "cuda", "--devices", "2"]
    _, err = finished(started([sys.executable, "-m", "ptk", *words]))
    assert "small on cuda:0, bfloat16, 2 processes: 3 people" in err
    assert [one.name for one in checkpoints(tmp_path / "run")] == ["000004", "000008"]


def refusal(monkeypatch, devices=None, nodes=None, **told):
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TrainingError) as caught:
        plan_launch(CPU, devices, nodes)
    return str(caught.value)


def test_several_machines_must_know_each_other(monkeypatch):
    assert refusal(monkeypatch, 2, 2, MASTER_ADDR="10.0.0.1").startswith("`nodes` 2: set MASTER_PORT, NODE_RANK on ")


def test_what_torchrun_started_cannot_be_told_otherwise(monkeypatch):
    told = {"TORCHELASTIC_RUN_ID": "none", "LOCAL_WORLD_SIZE": "2", "GROUP_WORLD_SIZE": "1"}
    assert "torchrun has started 2 processes on 1 nodes; leave them out" in refusal(monkeypatch, 4, **told)


def test_tasks_of_srun_do_not_all_train_by_themselves(monkeypatch):
    said = refusal(monkeypatch, SLURM_STEP_NUM_TASKS="8")
    assert said == "srun has started 8 processes; say how they stand with `devices` and `nodes`"


def test_cards_that_are_not_there_are_not_asked_for():
    with pytest.raises(TrainingError, match=r"`devices` 99: torch sees \d+ CUDA devices here"):
        plan_launch(torch.device("cuda"), 99)


def test_one_process_starts_nothing():
    assert plan_launch(CPU) is None
    processes = join(CPU)
    assert (processes.rank, processes.count, processes.first) == (0, 1, True)
    assert "torch.distributed.run" not in sys.modules
    assert "torch.distributed.launcher.api" not in sys.modules


def test_without_torchrun_or_srun_ptk_starts_them(monkeypatch):
    assert plan_launch(CPU, 2) == Launch(devices=2, nodes=1)
    for name, value in (("MASTER_ADDR", "10.0.0.1"), ("MASTER_PORT", "29500"), ("NODE_RANK", "1")):
        monkeypatch.setenv(name, value)
    assert plan_launch(CPU, 2, 3) == Launch(devices=2, nodes=3)


@pytest.mark.parametrize(
    ("hosts", "first"), [("gpu[07-09,12],login", "gpu07"), ("a[3]", "a3"), ("one,two", "one"), ("one two", "one")]
)
def test_the_first_machine_of_srun_is_where_all_meet(monkeypatch, hosts, first):
    told = {"SLURM_STEP_NODELIST": hosts, "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3", "SLURM_LOCALID": "1"}
    for name, value in {**told, "SLURM_JOB_ID": "1234567"}.items():
        monkeypatch.setenv(name, value)
    for name in ("MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE"):
        monkeypatch.setenv(name, "")  # restored afterwards
        monkeypatch.delenv(name)
    assert read_slurm() == 1
    names = ("MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE")
    assert [os.environ[name] for name in names] == [first, "19567", "3", "4"]
