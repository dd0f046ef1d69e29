"""Hiding a module from those that import it where it can be had, and do without it where it cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["hide_module"]


@contextmanager
def hide_module(name: str) -> Iterator[None]:
    """Let `import name` raise ImportError inside, as if it were not installed; one that is loaded already stays."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
