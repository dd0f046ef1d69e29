"""Measure free memory, and read and format sizes in bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import torch
from pydantic import ByteSize, Field, TypeAdapter, ValidationError

from ptk.errors import PtkError

__all__ = ["SPARE", "format_bytes", "measure_free_memory", "parse_bytes"]

SPARE = 0.15
"""The share of a memory that is left free: libraries' workspaces, the process itself and gaps cannot be estimated."""


def parse_bytes(text: str) -> int:
    """Parse "24GB" (decimal), "24GiB" or "24G" (binary) to bytes. Raises PtkError."""
    whole = re.sub(r"(?<=[kmgt])$", "iB", text.strip(), flags=re.IGNORECASE)  # pydantic takes 24G for decimal
    try:
        return int(TypeAdapter(Annotated[ByteSize, Field(gt=0)]).validate_python(whole))
    except (ValidationError, OverflowError) as error:
        raise PtkError(f"`fit_in` {text:.40}: must be a size, such as 24GB or 800MiB") from error


def format_bytes(count: int) -> str:
    """Format bytes in KiB, MiB or GiB."""
    if count < 2**20:
        return f"{count / 2**10:.0f} KiB"
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def measure_free_memory(device: str) -> int | None:
    """Measure the bytes that this process can still take on `device`, "cpu" or "cuda"; None where that is unknown.

    On CUDA what torch keeps for itself without using it counts too. On the CPU the least of what the machine has
    available, what its control group allows and what the process's own limit of addresses leaves; on Linux only.
    """
    if device == "cuda":
        if not torch.cuda.is_available():
            return None
        return torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
    limits = [_read_machine(), _read_control_group(), _read_address_limit()]
    known = [limit for limit in limits if limit is not None]
    return max(0, min(known)) if known else None


def _read_machine() -> int | None:
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def _read_control_group() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        return int((folder / "memory.max").read_text()) - int((folder / "memory.current").read_text())
    except (OSError, ValueError):  # no such group, or its limit is the word "max"
        return None


def _read_address_limit() -> int | None:
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError, ValueError):
        return None
    return None if limit == resource.RLIM_INFINITY else limit - taken
