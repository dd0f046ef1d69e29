"""Where heads are shaped and pictures rendered: anny in this process, mitsuba in others, one thread each."""

from __future__ import annotations

import importlib.util
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from ptk.errors import MissingExtra
from ptk.safe_path import leave_out_current_folder

if TYPE_CHECKING:
    from ptk_synth.portrait import Studio

__all__ = ["open_studio", "renderers", "require_renderer"]


def require_renderer(what: str) -> None:
    """Raise MissingExtra, naming `what` needs them, unless anny and mitsuba are installed."""
    if any(importlib.util.find_spec(module) is None for module in ("anny", "mitsuba")):
        raise MissingExtra("synth", what=what)


def open_studio() -> Studio:
    """A studio with the average head; seconds, a minute where anny has not cached its model yet."""
    from ptk_synth.head import load_head
    from ptk_synth.portrait import Studio

    return Studio(load_head())


def renderers(workers: int) -> ProcessPoolExecutor:
    """A pool of `workers` processes that render, and end with this one."""
    leave_out_current_folder()
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start)


def _start() -> None:
    # It would keep compiled kernels in ~/.drjit.
    os.environ.setdefault("DRJIT_CACHE_DIR", str(user_cache_path("ptk") / "drjit"))
    import drjit

    drjit.set_thread_count(1)  # the processes are the parallelism
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when the process that feeds it is gone: a pool's workers would wait for it for ever."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
