"""How a recipe's flow is made of landmarks, so that it can be made again at the photo's own resolution."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FaceFlow"]


@dataclass(frozen=True)
class FaceFlow:
    """The options of `krige_grid`, and whether lips have a flow of their own (`move_lips`)."""

    reach: float = 0.2
    noise: float = 0.01
    lips: bool = False
