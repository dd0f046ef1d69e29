"""Parts as recipes write them -> uses with checked options; every mistake is noted where it stands."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from pydantic import TypeAdapter, ValidationError

from ptk.errors import MissingExtra, PtkError
from ptk.plain import nearest
from ptk.recipe.document import Document, explain_mistake
from ptk.recipe.one_part import PartUse
from ptk.registry.parts import Part, options
from ptk.registry.registry import Registry

__all__ = ["Entries", "Item", "PartReader"]

Entries: TypeAlias = Mapping[str, tuple[yaml.Node, yaml.Node]]
"""Key -> (key node, value node)."""

Item: TypeAlias = tuple[str, yaml.Node, yaml.Node | None]
"""A part's name, the node of the name, and the node of its options, None without any."""


class PartReader:
    """Reads parts and their options; notes in `places` where each stands."""

    def __init__(self, document: Document, registry: Registry) -> None:
        self.document = document
        self.registry = registry
        self.places: dict[str, str] = {}

    def read_name(self, node: yaml.Node, path: str) -> Item | None:
        """Read ``name`` or ``{name: options}``."""
        if isinstance(node, yaml.ScalarNode) and node.value:
            return str(node.value), node, None
        if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
            key, value = node.value[0]
            empty = isinstance(value, yaml.ScalarNode) and value.value in ("", "null", "~")
            return str(key.value), key, None if empty else value
        self.document.mistake(node, path, "must be a name, or a name with its options: {name: {option: value}}")
        return None

    def read_names(self, node: yaml.Node, path: str) -> list[Item]:
        """Read a list of ``name`` and ``{name: options}``, each name once."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.document.mistake(node, path, "must be a list with at least one name")
            return []
        named = [item for each in node.value if (item := self.read_name(each, path)) is not None]
        seen: set[str] = set()
        for name, key, _ in named:
            if name in seen:
                self.document.mistake(key, f"{path}.{name}", "stands here twice")
            seen.add(name)
            self.places[f"{path}.{name}"] = self.document.place(key)
        return named

    def read_use(self, kind: str, item: Item, path: str) -> PartUse:
        """Read the options of the part `item`, which stands at `path`."""
        name, key, node = item
        path = f"{path}.{name}"
        self.places[path] = self.document.place(key)
        entries = self.document.entries(node, path) if node is not None else {}
        return PartUse(name, self.read_options(kind, name, key, entries, path))

    def read_options(self, kind: str, name: str, key: yaml.Node, entries: Entries, path: str) -> dict[str, Any]:
        """Read the options of a part, cast by the annotations of its constructor."""
        try:
            parameters = options(self.registry.part(kind, name).load(), kind)
        except MissingExtra as error:
            self.document.mistake(key, path, str(error))
            return {}
        except PtkError as error:
            self.document.mistake(key, path, str(error).replace(f"no such {kind}: {name}", f"no such {kind}"))
            return {}
        self.refuse_unknown(entries, parameters, path, what="option")
        self.places |= {f"{path}.{option}": self.document.place(node) for option, (node, _) in entries.items()}
        for option, parameter in parameters.items():
            if parameter.default is inspect.Parameter.empty and option not in entries:
                self.document.mistake(key, path, f"needs the option {option}")
        return {
            option: self._cast(value, parameters[option].annotation, f"{path}.{option}")
            for option, (_, value) in entries.items()
            if option in parameters
        }

    def _cast(self, node: yaml.Node, annotation: Any, path: str) -> Any:
        value = self.document.value(node)
        if annotation is inspect.Parameter.empty:
            return value
        try:
            value = TypeAdapter(annotation).validate_python(value)
        except ValidationError as error:
            self.document.mistake(node, path, explain_mistake(*error.errors()))
        if isinstance(value, Path) and not value.is_absolute() and not self.document.was_set(node):
            return Path(self.document.name).parent / value  # files stand beside the recipe that names them
        return value

    def refuse_unknown(self, entries: Entries, known: Iterable[str], path: str, what: str = "key") -> None:
        """Note keys that are not `known`."""
        for key, (node, _) in entries.items():
            if key not in known:
                self.document.mistake(node, f"{path}.{key}".lstrip("."), f"no such {what}{nearest(key, known)}")

    def find_part(self, kind: str, name: str) -> Part | None:
        """Find a part; None where there is none."""
        try:
            return self.registry.part(kind, name)
        except PtkError:
            return None

    def load_factory(self, kind: str, name: str) -> Any:
        """Load the factory of a part; None where that cannot be."""
        try:
            return self.registry.part(kind, name).load()
        except PtkError:
            return None
