"""Weights of a frozen network in a safetensors file, by timm's names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ptk.errors import WeightsError
from ptk.plain import quote_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

__all__ = ["check_weights", "read_weights"]


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a safetensors file. Raises WeightsError."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except OSError as error:
        reason = (error.strerror or "no such file").lower()
        raise WeightsError(
            f"{path}: cannot be read ({reason}); `weights` is auto, pretrained, random or a safetensors file"
        ) from error
    except SafetensorError as error:
        raise WeightsError(
            f"{path}: not a safetensors file, or damaged ({quote_error(error)}); copy it anew"
        ) from error


def check_weights(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], path: Path, name: str) -> None:
    """Raise WeightsError where `state`, of the file `path`, is not what the network `name` wants."""
    missing = [key for key in wanted if key not in state]
    if missing:
        raise WeightsError(
            f"{path}: no weights for {name}: {missing[0]} is missing, with {len(missing) - 1} more of {len(wanted)}; "
            f"names must be those of timm's {name}"
        )
    for key, value in wanted.items():
        if state[key].shape != value.shape:
            found, expected = tuple(state[key].shape), tuple(value.shape)
            raise WeightsError(f"{path}: no weights for {name}: {key} is {found} and should be {expected}")
        if not torch.isfinite(state[key]).all():
            raise WeightsError(f"{path}: no weights for {name}: {key} is not finite; the file is damaged, copy it anew")
