"""Run as a program: prints, as JSON, what heavy packages the plug-ins in PTK_PLUGINS import to say what they offer.

``{"torch": "ptk_beard/__init__.py:3"}``; the place is the line whose import brought it in first. Given names of
modules, it imports these and asks no plug-in.
"""

from __future__ import annotations

import inspect
import json
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

HEAVY = frozenset(
    "PIL cv2 diffusers dlib jax kornia lightning matplotlib mediapipe numpy onnxruntime pandas scipy skimage sklearn "
    "tensorflow timm torch torchvision transformers".split()
)
"""Packages that take a tenth of a second or more to import: once for each command of ptk, if plug-ins need them."""


class Watch:
    """An import finder that finds nothing, and remembers who asked for a heavy package first."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """None, always: another finder has it."""
        if name in HEAVY:
            stack = [frame for frame, _ in traceback.walk_stack(inspect.currentframe())]
            asking = [frame for frame in stack[1:] if "importlib" not in frame.f_code.co_filename]
            packages = {str(frame.f_globals.get("__name__")).partition(".")[0] for frame in asking}
            if asking and not packages & HEAVY:  # torch brings numpy: say torch
                self.seen.setdefault(name, f"{asking[0].f_code.co_filename}:{asking[0].f_lineno}")
        return None


def main() -> None:
    """Ask the plug-ins, or import the modules that are given, and print what they brought in."""
    watch = Watch()
    sys.meta_path.insert(0, watch)
    for module in sys.argv[1:]:
        import_module(module)
    if not sys.argv[1:]:
        from ptk.registry.registry import load_registry

        _ = load_registry().plugins
    print(json.dumps({name: place for name, place in watch.seen.items() if name in sys.modules}))


if __name__ == "__main__":
    main()
