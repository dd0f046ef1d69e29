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

from ptk.doctor.findings import one_line
from ptk.errors import MissingExtra, PluginError, PtkError

__all__ = ["Tried", "tried"]

_PATIENCE = 120.0
"""Seconds: on a slow disk the first import of a large package takes one of these minutes."""


@dataclass(frozen=True)
class Tried:
    """What worked, what did not, and what lacks another extra; of the last two, what is wrong, in a line."""

    good: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)


def tried(what: Mapping[str, list[str]]) -> Tried:
    """Import modules ("import"), multiply ("product"), use parts ("detector", "domain"), ask plug-ins ("plug-in").

    Never raises for what they do. After one that ends Python, or takes too long, the others are tried anew.
    """
    good: list[str] = []
    errors: dict[str, str] = {}
    lacking: dict[str, str] = {}
    left = {kind: list(names) for kind, names in what.items()}
    while any(left.values()):
        begun = next(name for names in left.values() for name in names)
        written, ended = _run(left)
        for line in written.splitlines():
            try:
                name, outcome, said = json.loads(line)
            except ValueError:  # printed while Python started
                continue
            begun = name if outcome == "begun" else ""
            if outcome == "good":
                good.append(name)
            elif outcome != "begun":
                (errors if outcome == "broken" else lacking)[name] = said
        if begun:
            errors[begun] = ended
        done = {*good, *errors, *lacking}
        left = {kind: [name for name in names if name not in done] for kind, names in left.items()}
    return Tried(tuple(good), errors, lacking)


def _run(what: Mapping[str, list[str]]) -> tuple[str, str]:
    """What the process wrote, and how it ended. It searches where this one does, not in the current folder."""
    command = [sys.executable, "-P", "-m", __spec__.name, json.dumps(what)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(os.path.isabs, sys.path))}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace"), f"did not end within {_PATIENCE:g} s"
    written = done.stdout.decode(errors="replace")
    if done.returncode < 0:
        return written, f"ends Python ({signal.Signals(-done.returncode).name})"
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return written, f"ends Python (status {done.returncode}{': ' + lines[-1][:200] if lines else ''})"


def _try_all(what: Mapping[str, list[str]]) -> None:
    out = os.fdopen(os.dup(1), "w")  # libraries write to stdout what nobody asked for
    os.dup2(2, 1)

    def tell(name: str, outcome: str, said: str = "") -> None:
        out.write(json.dumps([name, outcome, said]) + "\n")
        out.flush()

    for kind, names in what.items():
        for name in names:
            tell(name, "begun")
            try:
                with redirect_stdout(sys.stderr):
                    _USES.get(kind, _load)(kind, name)
            except MissingExtra as error:
                tell(name, "lacking", str(error))
            except PtkError as error:
                tell(name, "broken", " ".join(str(error).split()))
            except BaseException as error:
                tell(name, "broken", one_line(error))
            else:
                tell(name, "good")


def _import(kind: str, name: str) -> None:  # noqa: ARG001
    if name in ("torchvision", "timm", "torchmetrics", "kornia"):
        from ptk.compat import mend_torchvision

        mend_torchvision()
    if name == "openvino":
        from ptk.compat import import_openvino

        import_openvino(name)
    importlib.import_module(name)


def _multiply(kind: str, name: str) -> None:  # noqa: ARG001
    """A small product of torch, which must come out right. Its libraries are loaded no sooner."""
    torch = importlib.import_module(name)
    if not bool((torch.ones(64, 64) @ torch.ones(64, 64) == 64).all()):
        raise ArithmeticError("multiplies wrongly")


def _ask(kind: str, name: str) -> None:  # noqa: ARG001
    """Ask a plug-in what it offers, unless PTK_PLUGINS leaves it out; an error of its own is the registry's to tell."""
    from ptk.registry.discovery import entry_points
    from ptk.registry.registry import Registry

    Registry(lambda: [point for point in entry_points() if point.name == name]).names("domain")


def _load(kind: str, name: str) -> Any:
    from ptk.registry.registry import load_registry

    return load_registry().part(kind, name).load()


def _detect(kind: str, name: str) -> None:
    """Find the face in an image of the bundled set."""
    from ptk.dataset.manifest import SAMPLE, read_manifest
    from ptk.faces.images import read_photo

    photo = SAMPLE / next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral").image
    if not _built(kind, name).detect(read_photo(photo).pixels):
        raise PluginError(f"finds no face in {photo}")


def _stylise(kind: str, name: str) -> None:
    """Paint a small grey image, in a domain that asks for nothing."""
    import inspect

    import torch

    from ptk.registry.parts import options
    from ptk.types import Faces

    if any(each.default is inspect.Parameter.empty for each in options(_load(kind, name), kind).values()):
        return
    image = torch.zeros(1, 3, 64, 64)
    faces = Faces(image=image, points=torch.full((1, 68, 2), 0.5), domain=torch.zeros(1, dtype=torch.int64))
    _built(kind, name).stylise(faces)


def _built(kind: str, name: str) -> Any:
    """A part with its defaults. Its own extra is installed: where it says it is not, something in there is broken."""
    from ptk.registry.registry import load_registry

    part = load_registry().part(kind, name)
    try:
        return part.load()()
    except MissingExtra as error:
        if error.extra != part.extra:
            raise
        raise error.__cause__ or PluginError(str(error)) from None


_USES: dict[str, Callable[[str, str], Any]] = {
    "import": _import,
    "product": _multiply,
    "plug-in": _ask,
    "detector": _detect,
    "domain": _stylise,
}


if __name__ == "__main__":
    _try_all(json.loads(sys.argv[1]))
