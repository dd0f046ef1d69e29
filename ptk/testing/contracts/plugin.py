"""What a plug-in must hold as a whole: it can be used, is cheap to find, and says under which licence it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse
from urllib.request import url2pathname

import ptk
from ptk.errors import PluginError
from ptk.testing.assertions import expect
from ptk.testing.rule import Check, NotHere

if TYPE_CHECKING:
    from ptk.registry.discovery import Plugin

__all__ = ["heavy_imports", "plugin_checks"]

_PATIENCE = 60.0


def plugin_checks(plugin: Plugin) -> list[Check]:
    """The rules for a plug-in as a whole."""

    def usable() -> None:
        if plugin.error:
            ours = str(Path(ptk.__file__).parent)
            frames = re.findall(r'File "([^<].*?)", line (\d+)', plugin.traceback)
            theirs = [f"{file}:{line}" for file, line in frames if not file.startswith(ours)]
            raise PluginError(f"{plugin.error} ({theirs[-1]})" if theirs else plugin.error)
        expect(bool(plugin.parts), "it offers nothing: its hooks return empty lists")

    def light() -> None:
        if plugin.error:
            raise NotHere("it cannot be used")
        loaded = heavy_imports("to say what it offers", PTK_PLUGINS=plugin.name)
        expect(not loaded, f'{loaded}: import it inside functions, and give factories as "package.module:Class"')

    def licensed() -> None:
        try:
            metadata = distribution(plugin.distribution).metadata
        except PackageNotFoundError as error:
            raise NotHere(f"no distribution {plugin.distribution} is installed") from error
        said = [one for key in ("License-Expression", "License") for one in metadata.get_all(key) or []]
        said += [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
        good = any(one.strip().upper() not in ("", "UNKNOWN") for one in said)
        expect(good, 'its metadata must name a licence: license = "Apache-2.0" (any SPDX expression) under [project]')

    subject = f"plug-in {plugin.origin}"
    return [
        Check(subject, "can be used", usable, lambda _: _hooks(plugin)),
        Check(subject, "says what it offers without loading torch", light, lambda _: _hooks(plugin)),
        Check(subject, "declares a licence", licensed, lambda _: _metadata(plugin)),
    ]


def heavy_imports(what: str, *modules: str, **environment: str) -> str:
    """Say what heavy packages a new process imports for the `modules`, or to ask the plug-ins, and from where; or "".

    Raises PluginError, which begins with `what` was tried, when that fails or takes more than a minute.
    """
    # With the paths of this process: what is importable here only because a test says so is importable there.
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, **environment, "PYTHONPATH": paths}
    command = [sys.executable, "-P", "-m", "ptk.testing.import_probe", *modules]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise PluginError(f"{what} took more than {_PATIENCE:g} s") from error
    if done.returncode:
        raise PluginError(f"{what} failed: {''.join(done.stderr.strip().splitlines()[-1:])}")
    loaded = json.loads(done.stdout.splitlines()[-1])
    return "; ".join(f"{name} is imported by {place}" for name, place in loaded.items())


def _hooks(plugin: Plugin) -> str:
    """The file in which its hooks stand."""
    try:
        spec = find_spec(plugin.module.partition(":")[0]) if plugin.module else None
    except Exception:  # a package that raises on import, where the hooks stand below it
        spec = None
    return (spec and spec.origin) or _metadata(plugin)


def _metadata(plugin: Plugin) -> str:
    """The pyproject.toml of a plug-in that is installed from a folder that can be edited, or its metadata."""
    try:
        found = distribution(plugin.distribution)
    except PackageNotFoundError:
        return ""
    with suppress(ValueError, AttributeError):
        told = json.loads(found.read_text("direct_url.json") or "{}")
        address = urlparse(told.get("url", "") if told.get("dir_info", {}).get("editable") else "")
        project = Path(url2pathname(address.path)) / "pyproject.toml"
        if address.scheme == "file" and project.is_file():
            lines = project.read_text(encoding="utf-8").splitlines()
            line = next((number for number, text in enumerate(lines, 1) if text.strip() == "[project]"), 1)
            return f"{project}:{line}"
    own = [file for file in found.files or [] if file.name in ("METADATA", "PKG-INFO")]
    return str(own[0].locate()) if own else ""
