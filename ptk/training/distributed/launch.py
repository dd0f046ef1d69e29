"""Start the processes of a run by torchrun's launcher, and say in one line which one failed and why."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ptk.errors import TrainingError
from ptk.safe_path import leave_out_current_folder
from ptk.training.distributed.guard import LOST, RUN_ID
from ptk.training.distributed.join import Launch

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ProcessFailure
    from torch.distributed.launcher.api import LaunchConfig

__all__ = ["run_workers"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 7 * 86400
"""Seconds that processes have to write their checkpoint when a signal stops the run: as many as they need."""


def run_workers(launch: Launch, command: Sequence[str], left: Callable[[], str]) -> None:
    """Run this Python with the arguments `command` in every process of `launch`; returns when all have ended well.

    They find their ranks in the environment (see `ptk.training.distributed.join`). Ctrl-C and SIGTERM are passed on.
    When one fails, the others are ended: raises TrainingError with its rank, its error and what is `left` of the run.
    Raises SystemExit with 128 and the signal's number when a signal has stopped the run.
    """
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import elastic_launch

    leave_out_current_folder()
    with tempfile.TemporaryDirectory(prefix="ptk-") as folder, _contain_torchrun():
        try:
            elastic_launch(_configure(launch, folder), sys.executable)(*(word.replace("$", "$$") for word in command))
        except SignalException as stopped:
            raise SystemExit(128 + stopped.sigval) from None
        except ChildFailedError as failed:
            # The likeliest cause first: processes that torchrun or a lost connection ended come last.
            ended = {LOST: 2, -signal.SIGTERM: 1}
            rank, failure = min(
                failed.failures.items(), key=lambda item: (ended.get(item[1].exitcode, 0), item[1].timestamp, item[0])
            )
            if failure.exitcode in {128 + number for number in _SIGNALS}:
                raise SystemExit(failure.exitcode) from None  # a signal to one process has stopped the run
            text = _describe(failure)
        except (RuntimeError, ValueError, OSError) as error:
            reason = " ".join(str(error).split())
            raise TrainingError(
                f"`devices` {launch.devices}, `nodes` {launch.nodes}: cannot start: {reason}"
            ) from error
        else:
            return
    raise TrainingError(f"rank {rank}{text}; all processes have stopped; {left()}")


def _configure(launch: Launch, folder: str) -> LaunchConfig:
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
    from torch.distributed.launcher.api import LaunchConfig

    if launch.nodes == 1:  # a free port of this machine, as torchrun --standalone
        meet = {"rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0", "local_addr": "127.0.0.1"}
        configs = {}
    else:
        endpoint = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        meet = {"rdzv_backend": "static", "rdzv_endpoint": endpoint}
        configs = {"rank": int(os.environ["NODE_RANK"])}
    return LaunchConfig(
        min_nodes=launch.nodes,
        max_nodes=launch.nodes,
        nproc_per_node=launch.devices,
        run_id=RUN_ID,
        rdzv_configs=configs,
        max_restarts=0,  # a run is resumed by hand
        logs_specs=DefaultLogsSpecs(log_dir=folder),
        shutdown_timeout=_PATIENCE,
        **meet,  # type: ignore[arg-type]
    )


def _describe(failure: ProcessFailure) -> str:
    """Say how a process ended: its own error where it recorded one, else its signal or status."""
    recorded = failure.error_file_data["message"]
    if isinstance(recorded, dict):
        return f": {recorded['message'].removeprefix('TrainingError: ')}"
    if failure.exitcode < 0:
        return f" was killed ({failure.signal_name()})"
    return f" ended with status {failure.exitcode}, its own words are above"


@contextmanager
def _contain_torchrun() -> Iterator[None]:
    """Let torchrun log nothing (what it would say of failures is in the error), and undo its handlers of signals."""
    logger = logging.getLogger("torch.distributed.elastic")
    silent, propagated = logging.NullHandler(), logger.propagate
    before = {number: signal.getsignal(number) for number in (*_SIGNALS, signal.SIGHUP, signal.SIGQUIT)}
    logger.addHandler(silent)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(silent)
        logger.propagate = propagated
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
