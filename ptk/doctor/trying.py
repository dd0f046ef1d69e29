"""Trying things out in a process of their own: what ends Python there does not end it here.

Run as a program it reads what to try from its first argument, ``{"import": ["dlib"], "detector": ["dlib68"]}``.
It says on stdout, a line each, what it begins and what came of it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Tried", "tried"]

_PATIENCE = 120.0
"""Seconds: on a slow disk the first import of a large package takes one of these minutes."""


@dataclass(frozen=True)
class Tried:
    """What worked, and of what did not, what is wrong, in a line."""

    good: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


def tried(what: Mapping[str, list[str]]) -> Tried:
    """Import modules ("import") and use parts (by kind: "detector", "domain"); never raises for what they do."""
    command = [sys.executable, "-m", __spec__.name, json.dumps(dict(what))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        written, ended = done.stdout, _ending(done.returncode, done.stderr)
    except subprocess.TimeoutExpired as error:
        written = (error.stdout or b"").decode(errors="replace")
        ended = f"did not end within {_PATIENCE:g} s"
    good, errors, begun = [], {}, ""
    for line in written.splitlines():
        try:
            name, said = json.loads(line)
        except ValueError:  # printed by a library
            continue
        if said is None:
            begun = name
        elif said:
            errors[name], begun = said, ""
        else:
            good.append(name)
            begun = ""
    if begun:
        errors[begun] = ended
    elif ended and not good and not errors:
        errors[" ".join(name for names in what.values() for name in names)] = ended
    return Tried(tuple(good), errors)


def _ending(status: int, said: str) -> str:
    """How a process ended that did not say it itself."""
    if status < 0:
        return f"ends Python ({signal.Signals(-status).name})"
    lines = said.strip().splitlines()
    return f"ends Python (status {status}{': ' + lines[-1][:200] if lines else ''})"


def _try_all(what: Mapping[str, list[str]]) -> None:
    out = os.fdopen(os.dup(1), "w")  # libraries write to stdout what nobody asked for
    os.dup2(2, 1)

    def tell(name: str, said: str | None) -> None:
        out.write(json.dumps([name, said]) + "\n")
        out.flush()

    for kind, names in what.items():
        for name in names:
            tell(name, None)
            try:
                with redirect_stdout(sys.stderr):
                    _USES.get(kind, _load)(kind, name)
            except BaseException as error:
                said = " ".join(str(error).split())[:300]
                tell(name, said if type(error).__module__.startswith("ptk.") else f"{type(error).__name__}: {said}")
            else:
                tell(name, "")


def _import(kind: str, name: str) -> None:  # noqa: ARG001
    if name in ("torchvision", "timm", "torchmetrics", "kornia"):
        from ptk.torchvision_import import mend_torchvision

        mend_torchvision()
    importlib.import_module(name)


def _load(kind: str, name: str) -> Any:
    from ptk.registry.registry import load_registry

    return load_registry().part(kind, name).load()


def _detect(kind: str, name: str) -> None:
    """Find the face in an image of the bundled set."""
    from ptk.data.manifest import SAMPLE, read_manifest
    from ptk.errors import PluginError
    from ptk.faces.images import read_photo

    photo = SAMPLE / next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral").image
    if not _load(kind, name)().detect(read_photo(photo).pixels):
        raise PluginError(f"finds no face in {photo}")


def _stylise(kind: str, name: str) -> None:
    """Paint a small grey image, in a domain that asks for nothing."""
    import inspect

    import torch

    from ptk.registry.parts import options
    from ptk.types import Faces

    factory = _load(kind, name)
    if any(each.default is inspect.Parameter.empty for each in options(factory, kind).values()):
        return
    image = torch.zeros(1, 3, 64, 64)
    factory().stylise(Faces(image=image, points=torch.full((1, 68, 2), 0.5), domain=torch.zeros(1, dtype=torch.int64)))


_USES: dict[str, Callable[[str, str], Any]] = {"import": _import, "detector": _detect, "domain": _stylise}


if __name__ == "__main__":
    _try_all(json.loads(sys.argv[1]))
