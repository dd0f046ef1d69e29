"""Folders that ptk writes to, the space that is left there, and the environment variables that change what it does."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from ptk.cost.available_memory import format_bytes
from ptk.doctor.findings import Finding

__all__ = ["cache", "free_space", "here", "variables"]

_LITTLE = 10 << 30
"""Bytes: a run of the full recipe keeps two checkpoints of 2.8 GiB, beside the one that it writes, and the weights."""
_NOTHING = 100 << 20

_VARIABLES = {
    "PTK_PLUGINS": "no plug-in but these is used",
    "PTK_DEBUG": "errors come with their tracebacks",
    "XDG_CACHE_HOME": "the cache is kept there",
    "HF_HOME": "pretrained weights are kept there",
    "HF_HUB_OFFLINE": "pretrained weights are not downloaded",
    "CUDA_VISIBLE_DEVICES": "no other card is seen",
    "OMP_NUM_THREADS": "so many threads compute",
}


def cache() -> Iterator[Finding]:
    """The folder of renderings: what it takes, and whether it can be written."""
    folder = user_cache_path("ptk")
    why = _cannot_write(folder)
    if why:
        mend = "mend that, or point XDG_CACHE_HOME elsewhere"
        text = f"{folder} cannot be written ({why}): styles are rendered anew for every run"
        yield Finding("cache", text, "broken", mend, values={"path": str(folder)})
        return
    sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
    values = {"path": str(folder), "bytes": sum(sizes), "files": len(sizes)}
    said = f"holds {format_bytes(sum(sizes))}, may be deleted" if sizes else "empty"
    yield Finding("cache", f"{folder}, writable, {said}", values=values)


def here() -> Iterator[Finding]:
    """The current folder, where runs and results go unless another is named."""
    folder = Path.cwd()
    why = _cannot_write(folder)
    if why:
        yield Finding("here", f"{folder} cannot be written ({why})", "remark", "work in another folder, or give `out`")
    else:
        yield Finding("here", f"{folder}, writable", values={"path": str(folder)})


def free_space() -> Iterator[Finding]:
    """What is left on the disks of the cache and of the current folder."""
    disks: dict[int, tuple[str, Path]] = {}
    for name, folder in (("disk", _there(Path.cwd())), ("disk of the cache", _there(user_cache_path("ptk")))):
        disks.setdefault(folder.stat().st_dev, (name, folder))
    for name, folder in disks.values():
        usage = shutil.disk_usage(folder)
        said = f"{format_bytes(usage.free)} of {format_bytes(usage.total)} free"
        values = {"path": str(folder), "free": usage.free, "total": usage.total}
        if usage.free < _NOTHING:
            yield Finding(name, f"{said}: full", "broken", f"free space below {folder}", values=values)
        elif usage.free < _LITTLE:
            mend = "free some before training: a run of portraitgan takes 9 GiB"
            yield Finding(name, said, "remark", mend, values=values)
        else:
            yield Finding(name, said, values=values)


def variables() -> Iterator[Finding]:
    """Those that are set."""
    found = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    for name, value in found.items():
        yield Finding(name, f"{value or '(empty)'}: {_VARIABLES[name]}", values={"value": value})
    if not found:
        yield Finding("variables", f"none of {', '.join(_VARIABLES)} is set")


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that exists. What cannot even be looked at is not there."""
    return next(one for one in (folder, *folder.parents) if os.path.lexists(one))


def _cannot_write(folder: Path) -> str:
    """Why no file can be written below `folder`, which need not be there yet; "" when one can."""
    nearest = _there(folder)
    if not os.path.isdir(nearest):  # noqa: PTH112 pathlib's raises where it may not look
        return f"{nearest} is no folder"
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"\0" * 4096)
            file.flush()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
