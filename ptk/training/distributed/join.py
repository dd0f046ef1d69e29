"""Join the processes that torchrun or srun has started for a run, or say that they are still to be started."""

from __future__ import annotations

import atexit
import os
import re
from dataclasses import dataclass
from datetime import timedelta

import torch

from ptk.errors import TrainingError
from ptk.threads import count_threads
from ptk.training.distributed.processes import Processes, ProcessGroup

__all__ = ["Launch", "join", "plan_launch", "read_slurm"]

_PATIENCE = timedelta(minutes=30)
"""How long a process waits for the others: at the start they may render a whole data set."""


@dataclass(frozen=True)
class Launch:
    """Processes to start: `devices` on each of `nodes` machines."""

    devices: int
    nodes: int


def plan_launch(device: torch.device, devices: int | None = None, nodes: int | None = None) -> Launch | None:
    """Plan the processes that this one has to start: `devices` on each of `nodes`, all on the CPU or all on CUDA.

    None where torchrun or srun has started this one, or a single process is wanted: `join` then. Raises TrainingError
    where the numbers are not those of torchrun or srun, or so many devices are not here.
    """
    if "TORCHELASTIC_RUN_ID" in os.environ:
        started = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["GROUP_WORLD_SIZE"])
        if (devices or started[0], nodes or started[1]) != started:
            raise TrainingError(
                f"`devices`, `nodes`: torchrun has started {started[0]} processes on {started[1]} nodes; leave them out"
            )
        _check_devices(device, started[0])
        return None
    devices, nodes = devices or 1, nodes or 1
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS", "1"))
    if tasks > 1:
        if devices * nodes != tasks:
            raise TrainingError(f"srun has started {tasks} processes; say how they stand with `devices` and `nodes`")
        _check_devices(device, devices)
        return None
    _check_devices(device, devices)
    missing = [name for name in ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK") if name not in os.environ]
    if nodes > 1 and missing:
        raise TrainingError(
            f"`nodes` {nodes}: set {', '.join(missing)} on every node, the address and port of the first one and the "
            "node's number from 0; or start with torchrun or srun"
        )
    return Launch(devices, nodes) if devices * nodes > 1 else None


def join(device: torch.device) -> Processes:
    """Join the process group that torchrun or srun describes in the environment; without either, the run is alone.

    Raises TrainingError when the others cannot be reached.
    """
    if "TORCHELASTIC_RUN_ID" in os.environ:
        local_rank, local_count = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
    elif int(os.environ.get("SLURM_STEP_NUM_TASKS", "1")) > 1:
        local_rank = read_slurm()
        nodes = os.environ.get("SLURM_STEP_NUM_NODES", os.environ.get("SLURM_NNODES", "1"))
        local_count = max(1, int(os.environ["WORLD_SIZE"]) // int(nodes))
    else:
        return Processes(device)
    if int(os.environ["WORLD_SIZE"]) == 1:
        return Processes(device)
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, count_threads() // local_count))
    import torch.distributed as dist

    if device.type == "cuda":
        device = torch.device("cuda", local_rank)
        torch.cuda.set_device(device)
    try:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_PATIENCE)
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise TrainingError(f"rank {os.environ['RANK']}: cannot reach the other processes: {reason}") from error
    if device.type == "cuda":
        atexit.register(dist.destroy_process_group)  # NCCL warns of groups that are left
    return ProcessGroup(device)


def _check_devices(device: torch.device, devices: int) -> None:
    if device.type == "cuda" and torch.cuda.device_count() < devices:
        raise TrainingError(f"`devices` {devices}: torch sees {torch.cuda.device_count()} CUDA devices here")


def read_slurm() -> int:
    """Write srun's variables as torch.distributed reads them; returns the local rank."""
    hosts = os.environ.get("SLURM_STEP_NODELIST", os.environ.get("SLURM_NODELIST", "127.0.0.1"))
    first = re.split("[ ,]", re.sub(r"\[([^],-]*)[^]]*\]", r"\1", hosts))[0]  # gpu[07-09,12],login -> gpu07
    job = os.environ.get("SLURM_JOB_ID", "0")
    os.environ.setdefault("MASTER_ADDR", first)
    os.environ.setdefault("MASTER_PORT", str(15000 + int(job[-4:])))
    os.environ["RANK"] = os.environ["SLURM_PROCID"]
    os.environ["WORLD_SIZE"] = os.environ["SLURM_STEP_NUM_TASKS"]
    return int(os.environ["SLURM_LOCALID"])
