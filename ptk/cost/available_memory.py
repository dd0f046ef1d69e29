"""Measure free memory, and read and format sizes in bytes."""

from __future__ import annotations

import os
import re
from contextlib import suppress
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
    limits: list[int] = []
    with suppress(OSError):
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
        limits += [int(found[1]) * 1024] if found else []
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):  # no such group, or its limit is the word "max"
        limits.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    with suppress(ImportError, OSError, ValueError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        if limit != resource.RLIM_INFINITY:
            limits.append(limit - taken)
    return max(0, min(limits)) if limits else None
