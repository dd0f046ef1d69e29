"""What losses declare of themselves, read with the defaults of `ptk.types.LossDeclaration`."""

from __future__ import annotations

from typing import cast

from ptk.types import LossDeclaration

__all__ = ["declared"]


class _Defaults(LossDeclaration):
    """A loss that declares nothing."""


class _Declared:
    """A loss, or the class of one, seen through its declarations."""

    def __init__(self, loss: object) -> None:
        self._loss = loss

    def __getattr__(self, name: str) -> object:
        return getattr(self._loss, name, getattr(_Defaults(), name))


def declared(loss: object) -> LossDeclaration:
    """What `loss`, a module or its class, declares; the default for what it does not mention."""
    return cast("LossDeclaration", _Declared(loss))
