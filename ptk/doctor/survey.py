"""Asks plug-ins what they offer in a process of its own: one that ends Python ends that process, and is named.

Run as a program, it reads from its first argument whom to leave out, as JSON [[name, value], ...], and writes a line
of JSON whenever it begins with a plug-in, and in the end all that were found.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import EntryPoint
from typing import Any

from ptk.registry.discovery import Plugin, entry_points, installed_as, plain_name
from ptk.registry.parts import Part
from ptk.registry.registry import Registry, is_wanted

__all__ = ["survey_plugins"]

_PATIENCE = 300.0
"""Seconds; a plug-in that hangs is left alone after five by itself, but one that holds Python's lock is not."""


def survey_plugins() -> list[Plugin]:
    """List ptk and all plug-ins, also those that end Python when they are imported, without importing any here."""
    ended: dict[tuple[str, str], Plugin] = {}
    while True:
        lines, ending = _ask(list(ended))
        if lines and "plugins" in lines[-1]:
            others = []
            for fields in lines[-1]["plugins"]:  # as `main` writes them
                parts = [(kind, _read_part(part)) for kind, part in fields["parts"]]
                others.append(Plugin(**{**fields, "parts": tuple(parts)}))
            names = {word for each in ended.values() for word in (each.name, plain_name(each.distribution))}
            # Left out, these look as if PTK_PLUGINS named what is not installed.
            return [*(each for each in others if each.module or plain_name(each.name) not in names), *ended.values()]
        begun = [tuple(line["begun"]) for line in lines if "begun" in line]
        if not begun:  # it is none of them: what ails this process shows in this one
            return Registry(entry_points).plugins
        point = next(each for each in entry_points() if (each.name, each.value) == begun[-1])
        name, version = installed_as(point)
        ended[begun[-1]] = Plugin(point.name, name, version, point.value, error=ending)


def _ask(left_out: list[tuple[str, str]]) -> tuple[list[dict[str, Any]], str]:
    """What the process said, line by line, and how it ended. It searches where this one does."""
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-m", __spec__.name, json.dumps(left_out)]
    environment = {**os.environ, "PYTHONPATH": paths}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        return _read(error.stdout or b""), f"was not imported within {_PATIENCE:g} s, and could not be left alone"
    how = signal.Signals(-done.returncode).name if done.returncode < 0 else f"status {done.returncode}"
    return _read(done.stdout), f"ends Python when it is imported ({how}), and so every command that asks it"


def _read_part(fields: dict[str, Any]) -> Part:
    """A part as `main` writes it: JSON has no tuples."""
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Part(**told)


def _read(written: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.decode(errors="replace").splitlines() if line.startswith("{")]


def main() -> None:
    """Ask the plug-ins; what they write to stdout themselves does not come between."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    left_out = {tuple(each) for each in json.loads(sys.argv[1])}

    def tell(what: dict[str, Any]) -> None:
        channel.write(json.dumps(what) + "\n")
        channel.flush()

    def points() -> Iterator[EntryPoint]:
        for point in entry_points():
            if (point.name, point.value) not in left_out:
                if is_wanted(point):
                    tell({"begun": (point.name, point.value)})
                yield point

    plugins = []
    for plugin in Registry(points).plugins:
        parts = [(kind, {**vars(part), "factory": str(part.factory)}) for kind, part in plugin.parts]
        plugins.append({**asdict(plugin), "parts": parts})
    tell({"plugins": plugins})
    channel.close()
    os._exit(0)  # a plug-in's threads, which may hang, are not waited for


if __name__ == "__main__":
    main()
