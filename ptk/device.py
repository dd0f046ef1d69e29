"""Which device and number format to compute with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptk.errors import PtkError

if TYPE_CHECKING:
    import torch

__all__ = ["check_device", "resolve_device", "resolve_precision"]


def check_device(name: str) -> None:
    """Raise PtkError for what is no name of a device."""
    if name not in ("auto", "cpu", "cuda"):
        raise PtkError(f"`device={name}`: there are auto, cpu and cuda")


def resolve_device(name: str) -> torch.device:
    """ "auto" is CUDA where there is one, else the CPU. Raises PtkError when the device asked for is not there."""
    import torch

    check_device(name)
    if name == "cuda" and not torch.cuda.is_available():
        raise PtkError("`device=cuda`: torch sees no CUDA device here; install its driver or use `device=auto`")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def resolve_precision(name: str, device: torch.device) -> torch.dtype:
    """ "auto" is bfloat16 on a GPU that computes it natively, else float32."""
    import torch

    native = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    if name == "bfloat16" or (name == "auto" and native):
        return torch.bfloat16
    return torch.float32
