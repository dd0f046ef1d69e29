"""Python, torch, and what they compute with."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ptk
from ptk.device import resolve_device, resolve_precision
from ptk.doctor.findings import Finding, one_line
from ptk.doctor.packages import install, repair
from ptk.doctor.trying import tried

__all__ = ["cores", "device", "memory", "python", "this_ptk", "threads", "torch_runs"]

_LEAST_MEMORY = 2 << 30
"""Bytes: torch and a small training take about one GiB."""


def python() -> Iterator[Finding]:
    """Which Python, on what."""
    said = f"{platform.python_version()} ({sys.executable}), {platform.system()} {platform.machine()}"
    yield Finding("Python", said, values={"version": platform.python_version()})


def this_ptk() -> Iterator[Finding]:
    """Which ptk, and whether it is installed as it runs."""
    where = Path(ptk.__file__).parent
    said, values = f"{ptk.__version__} ({where})", {"version": ptk.__version__, "path": str(where)}
    try:
        installed = version("ptk")
    except PackageNotFoundError:
        mend = f"pip install -e {where.parent}"
        yield Finding("ptk", f"{said} is not installed: what it needs is not known", "remark", mend, values=values)
        return
    if installed != ptk.__version__:
        text = f"{said} runs, its metadata are of {installed}"
        yield Finding("ptk", text, "remark", f"pip install -e {where.parent}", values=values)
    else:
        yield Finding("ptk", said, values=values)


def torch_runs() -> Iterator[Finding]:
    """torch, tried in a process of its own: on a processor that it is not built for, say, it ends Python."""
    said = tried({"product": ["torch"]}).errors.get("torch")
    if said:
        yield Finding("torch", f"does not run: {said}", "broken", repair(said, install("torch")), core=True)
        return
    import torch

    built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
    yield Finding("torch", f"{torch.__version__}, {built}", values={"version": torch.__version__})


def device() -> Iterator[Finding]:
    """What `--device auto` takes, its driver, its memory, and the number format of `precision: auto`."""
    import torch

    chosen = resolve_device("auto")
    precision = str(resolve_precision("auto", chosen)).removeprefix("torch.")
    if chosen.type == "cpu":
        yield Finding("device", f"the processor, in {precision}", values={"device": "cpu", "precision": precision})
        yield from _unused_card()
        return
    name = torch.cuda.get_device_name()
    try:
        product = torch.ones(64, 64, device=chosen) @ torch.ones(64, 64, device=chosen)
        wrong = "" if bool((product == 64).all()) else "multiplies wrongly"
        free, total = torch.cuda.mem_get_info()
    except RuntimeError as error:  # the card is too old or too new for this torch, or others have all of its memory
        wrong = f"does not compute: {one_line(error)}"
    if wrong:
        mend = "take `device=cpu`; nvidia-smi says who uses the card, and what its driver can"
        yield Finding("device", f"{name} {wrong}", "broken", mend)
        return
    native = torch.cuda.is_bf16_supported(including_emulation=False)
    count = torch.cuda.device_count()
    yield Finding(
        "device",
        f"{name}{f', one of {count}' if count > 1 else ''}, driver {_driver() or 'unknown'}, "
        f"{free / 2**30:.1f} of {total / 2**30:.1f} GiB free, bfloat16 {'native' if native else 'not native'}: "
        f"precision auto is {precision}",
        values={"device": name, "driver": _driver(), "free": free, "memory": total, "precision": precision},
    )


def _driver() -> str:
    """The version of NVIDIA's kernel module; "" without one."""
    try:
        said = Path("/proc/driver/nvidia/version").read_text()
    except OSError:
        return ""
    found = re.search(r"(\d+\.\d+(\.\d+)?)", said)
    return found[1] if found else ""


def _unused_card() -> Iterator[Finding]:
    """Why a card whose driver is there is of no use."""
    import torch

    if not _driver():
        return
    if not torch.version.cuda:
        mend = f"pip uninstall torch torchvision, then {install('torch')} and {install('torchvision')}"
        why = "this torch is built without CUDA"
    elif os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        why, mend = "CUDA_VISIBLE_DEVICES hides it", "unset CUDA_VISIBLE_DEVICES"
    else:
        why, mend = f"torch (CUDA {torch.version.cuda}) does not see it", "upgrade the driver; nvidia-smi says more"
    yield Finding("card", f"an NVIDIA driver {_driver()} is here, but {why}", "remark", mend)


def threads() -> Iterator[Finding]:
    """Cores of this process, and how many threads torch computes with."""
    import torch

    here, used, asked = cores(), torch.get_num_threads(), os.environ.get("OMP_NUM_THREADS")
    said = f"{here} cores for this process, torch computes with {used} threads"
    values = {"cores": here, "threads": used}
    if asked is not None and not re.fullmatch(r"[1-9]\d*(,\d+)*", asked):
        yield Finding("cores", f"OMP_NUM_THREADS={asked} is no number: {said}", "remark", "unset it", values=values)
    elif used > here:
        mend = f"export OMP_NUM_THREADS={here}: more threads than cores wait for each other"
        yield Finding("cores", said, "remark", mend, values=values)
    elif asked is not None and used < here:
        mend = "unset it where ptk has the machine to itself"
        yield Finding("cores", f"{said} (OMP_NUM_THREADS={asked})", "remark", mend, values=values)
    else:
        yield Finding("cores", said, values=values)


def cores() -> int:
    """Cores that this process may use: what its affinity and its control group's quota leave, at least 1."""
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(free, int(quota) // int(period)))
    except (OSError, ValueError):  # no such group, or its quota is the word "max"
        return free


def memory() -> Iterator[Finding]:
    """What this process can still take."""
    from ptk.cost.available_memory import format_bytes, measure_free_memory

    left = measure_free_memory("cpu")
    if left is None:
        return
    if left < _LEAST_MEMORY:
        mend = "close other programs before training"
        yield Finding("memory", f"{format_bytes(left)} are free", "remark", mend, values={"free": left})
    else:
        yield Finding("memory", f"{format_bytes(left)} are free", values={"free": left})
