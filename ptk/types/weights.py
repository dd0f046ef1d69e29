"""Trained weights of styles: files that a plug-in brings beside the class that declares them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

__all__ = ["Weights"]


class Weights:
    """Trained weights that make photos in other styles, in files beside the module of the class. Subclass it.

    `files` are what `ptk export` wrote, by name, each with its sha256 in hexadecimal: the network first, then those
    that it needs beside it. `size` is the side in pixels of the faces that the network sees, `licence` an SPDX
    expression, `card` the name of the model card. `domains` say what the network calls a style of the part, where that
    is not its own name: style -> domain of the file.

    Nothing is read for any of this: the class must not load torch, ONNX Runtime or the files themselves.
    """

    files: ClassVar[Mapping[str, str]] = {}
    size: ClassVar[int] = 0
    licence: ClassVar[str] = ""
    card: ClassVar[str] = ""
    domains: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def find_domain(cls, style: str) -> str:
        """Find what the network calls a style."""
        return cls.domains.get(style, style)

    @classmethod
    def find_file(cls, name: str) -> Path:
        """Find where a file of that name is, or would be: beside the module of the class."""
        module = getattr(sys.modules.get(cls.__module__), "__file__", None)
        return Path(module or cls.__module__).parent / name
