"""ptk translates portraits: a photo, where its 68 landmarks should be, and a style.

The public names, resolved when they are first used: importing ptk loads no torch.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptk.editing.translator import Translator
    from ptk.errors import DataError, PtkError
    from ptk.events import Observer
    from ptk.registry.hookspecs import hookimpl
    from ptk.registry.parts import Part
    from ptk.rendering import Rendering
    from ptk.types import (
        Domain,
        Faces,
        Landmarks,
        MediaFile,
        Networks,
        Pair,
        Planes,
        Skipped,
        Target,
        Tick,
        Translation,
        Verdict,
        Weights,
    )

__version__ = "0.1.0"

# ONNX Runtime reports to its makers a few seconds after it is loaded, and keeps a device id, unless told before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HOMES = {
    "DataError": "ptk.errors",
    "Domain": "ptk.types",
    "Faces": "ptk.types",
    "Landmarks": "ptk.types",
    "MediaFile": "ptk.types",
    "Networks": "ptk.types",
    "Observer": "ptk.events",
    "Pair": "ptk.types",
    "Part": "ptk.registry.parts",
    "Planes": "ptk.types",
    "PtkError": "ptk.errors",
    "Rendering": "ptk.rendering",
    "Skipped": "ptk.types",
    "Target": "ptk.types",
    "Tick": "ptk.types",
    "Translation": "ptk.types",
    "Translator": "ptk.editing.translator",
    "Verdict": "ptk.types",
    "Weights": "ptk.types",
    "hookimpl": "ptk.registry.hookspecs",
}

__all__ = [
    "DataError",
    "Domain",
    "Faces",
    "Landmarks",
    "MediaFile",
    "Networks",
    "Observer",
    "Pair",
    "Part",
    "Planes",
    "PtkError",
    "Rendering",
    "Skipped",
    "Target",
    "Tick",
    "Translation",
    "Translator",
    "Verdict",
    "Weights",
    "__version__",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ptk' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
