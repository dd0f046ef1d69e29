"""Starting the processes of a run, by Lightning Fabric, or joining those that torchrun or SLURM has started.

Whoever dies ends the run: the others would wait for it for ever.
"""

from __future__ import annotations

import logging
import os

import torch

from ptk.errors import TrainingError
from ptk.safe_path import leave_out_current_folder
from ptk.training.processes import Processes, Together
from ptk.training.watch import STARTED_BY

__all__ = ["launch"]


def launch(device: torch.device, devices: int | None = None, nodes: int | None = None) -> Processes:
    """The processes of this run: `devices` on each of `nodes`, all on the CPU or all on CUDA.

    Without numbers it is what torchrun has started, or this one by itself. Fabric starts the others of this machine
    with the same command line, so what should happen once comes before this. Raises TrainingError when that many cannot
    be had.
    """
    devices, nodes = _wanted(devices, nodes)
    if devices * nodes == 1:
        return Processes(device)
    _check(device, devices, nodes)
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    if STARTED_BY not in os.environ and "LOCAL_RANK" not in os.environ:
        os.environ[STARTED_BY] = str(os.getpid())
    leave_out_current_folder()
    strategy = DDPStrategy(forward_sync_buffers=False, gradient_as_bucket_view=True)
    try:
        fabric = Fabric(accelerator=device.type, devices=devices, num_nodes=nodes, strategy=strategy)
        fabric.launch()
    except (RuntimeError, ValueError, OSError) as error:
        said = " ".join(str(error).split())
        raise TrainingError(f"--devices {devices} --nodes {nodes}: cannot start: {said}") from error
    return Together(fabric)


def _wanted(devices: int | None, nodes: int | None) -> tuple[int, int]:
    if "TORCHELASTIC_RUN_ID" in os.environ:
        started = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["GROUP_WORLD_SIZE"])
        if (devices or started[0], nodes or started[1]) != started:
            raise TrainingError(
                f"--devices, --nodes: torchrun has started {started[0]} processes on {started[1]} nodes; leave them out"
            )
        return started
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS", "1"))
    if tasks > 1 and (devices or 1) * (nodes or 1) != tasks:
        raise TrainingError(f"srun has started {tasks} processes; say how they stand: --devices N --nodes M")
    return devices or 1, nodes or 1


def _check(device: torch.device, devices: int, nodes: int) -> None:
    if device.type == "cuda" and torch.cuda.device_count() < devices:
        raise TrainingError(f"--devices {devices}: torch sees {torch.cuda.device_count()} CUDA devices here")
    managed = "TORCHELASTIC_RUN_ID" in os.environ or "SLURM_NTASKS" in os.environ
    missing = [name for name in ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK") if name not in os.environ]
    if nodes > 1 and not managed and missing:
        raise TrainingError(
            f"--nodes {nodes}: set {', '.join(missing)} on every node, the address and port of the first one and the "
            "node's number from 0; or start with torchrun or srun"
        )
