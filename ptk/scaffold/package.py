"""Writes the package of a plug-in: installable, registered, and passing its own tests as it is written."""

from __future__ import annotations

import keyword
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from ptk.errors import OutputError, PluginError
from ptk.files import replacing_folder
from ptk.plain import nearest
from ptk.registry.discovery import plain_name
from ptk.registry.kinds import KINDS
from ptk.registry.registry import load_registry
from ptk.scaffold.outline import TEMPLATES, read_outline

__all__ = ["NewPlugin", "write_plugin"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 24


@dataclass(frozen=True)
class NewPlugin:
    """A package that was written: where it is, the name of its distribution, and what to do with it next."""

    folder: Path
    distribution: str
    commands: tuple[str, ...]


def write_plugin(name: str, kind: str, out: Path) -> NewPlugin:
    """Write the package ptk-NAME with a part of that kind into the folder `out`, whole or not at all.

    Raises PluginError for a kind that is none and a name that cannot be taken, OutputError where the package cannot be.
    """
    if kind not in KINDS:
        raise PluginError(f"`kind` {kind}: no such kind of part{nearest(kind, KINDS)}")
    name = name.removeprefix("ptk-")
    _check_name(name, kind)
    folder = out / f"ptk-{name}"
    if folder.exists() or folder.is_symlink():
        raise OutputError(f"{folder}: is there already; choose another name, or another folder as `out`")
    part = name.replace("-", "_")
    names = {
        "name": name,
        "kind": kind,
        "hook": KINDS[kind].hook,
        "part": part,
        "cls": "run" if kind == "command" else "".join(word.capitalize() for word in [*name.split("-"), kind]),
        "package": f"ptk_{part}",
        "distribution": f"ptk-{name}",
        "folder": shlex.quote(str(folder)),
        "recipe_file": shlex.quote(str(folder / "recipe.yaml")),
    }
    outline = read_outline(kind)
    words = outline.words(names)
    with replacing_folder(folder) as temporary:
        for layer in ("common", kind, *(["recipe"] if outline.recipe else [])):
            _write_layer(TEMPLATES / layer, temporary, words)
    commands = (f"pip install -e {names['folder']}", f"ptk plugins check ptk-{name}", words["command"])
    return NewPlugin(folder, f"ptk-{name}", commands)


def _check_name(name: str, kind: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        rule = f"lower-case letters, digits and dashes, a letter first, at most {_LONGEST}: soft-glow"
        raise PluginError(f"{name!r:.60}: cannot be the name of a plug-in; {rule}")
    part = name.replace("-", "_")
    if keyword.iskeyword(part) or yaml.safe_load(part) != part:
        language = "Python" if keyword.iskeyword(part) else "YAML"
        raise PluginError(f"{name}: is a word of {language}, which recipes and code could not tell from a name")
    registry = load_registry()
    if registry.offers(kind, part):
        offering = registry.part(kind, part).origin
        raise PluginError(f"{name}: {offering} offers a {kind} {part} already; choose another name")
    for plugin in registry.plugins:
        if plain_name(plugin.distribution) == f"ptk-{name}" or plugin.name == name:
            raise PluginError(f"{name}: {plugin.origin} is installed; choose another name, or uninstall it")


def _write_layer(layer: Path, place: Path, words: dict[str, str]) -> None:
    for source in sorted(layer.rglob("*")):
        if source.is_dir() or source.name == "kind.yaml":
            continue
        path = str(source.relative_to(layer)).removesuffix(".tmpl")
        target = place / path.replace("PACKAGE", words["package"]).replace("PART", words["part"])
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix != ".tmpl":
            target.write_bytes(source.read_bytes())
            continue
        target.write_text(Template(source.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
