"""A recipe's YAML as a tree that knows where everything stands, and a list of what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from ptk.errors import RecipeError
from ptk.plain import quote_error, show
from ptk.recipe.yaml_nodes import BadYaml, compose, plain_value

__all__ = ["Document", "explain_mistake"]

_SHOULD = "Input should be "

_LONGEST = 1000  # characters of a mistake: names in it may be of any length


class Document:
    """A parsed YAML file. `mistake` notes what is wrong where; `finish` raises them all at once."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.mistakes: list[tuple[int, str]] = []
        self._set: dict[int, str] = {}
        try:
            root = compose(text)
        except BadYaml as error:
            raise RecipeError([f"{name}{f':{error.line}' if error.line else ''}: {error}"]) from None
        if not isinstance(root, yaml.MappingNode):
            raise RecipeError([f"{name}:1: a recipe is a mapping that starts with `recipe: NAME`"])
        self.root = root

    def mistake(self, node: yaml.Node, path: str, what: str) -> None:
        """Note that `what` is wrong with `path`, which stands at `node`."""
        text = f"{self.place(node)}: {path}: {what}"
        self.mistakes.append((node.start_mark.line, text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."))

    def place(self, node: yaml.Node) -> str:
        """Where `node` stands: file and line, or the setting that it comes from."""
        return self._set.get(id(node), f"{self.name}:{node.start_mark.line + 1}")

    def finish(self) -> None:
        """Raise RecipeError with every mistake, by line, when there are any."""
        if self.mistakes:
            raise RecipeError(list(dict.fromkeys(text for _, text in sorted(self.mistakes, key=lambda pair: pair[0]))))

    def entries(self, node: yaml.Node, path: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Key -> (key node, value node) of a mapping; notes what is no mapping, and keys that stand twice."""
        if not isinstance(node, yaml.MappingNode):
            self.mistake(node, path, "must be a mapping of names to values")
            return {}
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if key.value in found:
                self.mistake(key, f"{path}.{key.value}".lstrip("."), "stands here twice")
            found[str(key.value)] = (key, value)
        return found

    def value(self, node: yaml.Node) -> Any:
        """The plain data of a node."""
        return plain_value(node)

    def override(self, setting: str) -> None:
        """Apply one ``KEY=VALUE``, where KEY is a dotted path and VALUE is YAML. Raises RecipeError."""
        path, equals, text = setting.partition("=")
        keys = path.strip().split(".")
        if not equals or not all(keys):
            raise RecipeError([f"`set` {setting:.80}: must be KEY=VALUE, such as training.batch=4"])
        try:
            value = compose(text)
        except BadYaml as error:
            raise RecipeError(
                [f"`set` {setting:.80}: {show(text)} is not a YAML value ({quote_error(error)})"]
            ) from None
        if value is None:
            raise RecipeError([f"`set` {setting:.80}: {show(text)} is not a YAML value"])
        key = self._place(self.root, keys, value, setting)
        for node in (key, *_below(value)):
            self._set[id(node)] = f"`set` {setting:.80}"

    def was_set(self, node: yaml.Node) -> bool:
        """Whether `node` comes from an `override`, not from the file."""
        return id(node) in self._set

    def _place(self, node: yaml.Node, keys: Sequence[str], value: yaml.Node, setting: str) -> yaml.Node:
        """Put `value` at `keys` below `node`, making mappings on the way; returns the node of the last key."""
        head, rest = keys[0], keys[1:]
        if isinstance(node, yaml.SequenceNode):
            node = _named_item(node, head, setting)
        if not isinstance(node, yaml.MappingNode):
            raise RecipeError([f"`set` {setting:.80}: {head:.80} stands below something that has no parts"])
        entries: list[tuple[yaml.Node, yaml.Node]] = node.value
        for index, (key, child) in enumerate(entries):
            if key.value != head:
                continue
            if not rest:
                entries[index] = (key, value)
                return key
            if isinstance(child, yaml.ScalarNode):
                child = _mapping(child)  # noqa: PLW2901 the scalar gives way to a mapping in the tree too
                entries[index] = (key, child)
            return self._place(child, rest, value, setting)
        key = yaml.ScalarNode("tag:yaml.org,2002:str", head, node.start_mark, node.end_mark)
        child = _mapping(node) if rest else value
        entries.append((key, child))
        return self._place(child, rest, value, setting) if rest else key


def _below(node: yaml.Node) -> Iterator[yaml.Node]:
    """`node` and all nodes in it."""
    yield node
    for child in node.value if isinstance(node, yaml.CollectionNode) else ():
        for each in child if isinstance(child, tuple) else (child,):
            yield from _below(each)


def _mapping(place: yaml.Node) -> yaml.MappingNode:
    """An empty mapping; a scalar that names a part (`generator: portraitgan`) becomes its only key."""
    node = yaml.MappingNode("tag:yaml.org,2002:map", [], place.start_mark, place.end_mark)
    if isinstance(place, yaml.ScalarNode) and place.tag == "tag:yaml.org,2002:str":
        node.value.append((place, yaml.MappingNode(node.tag, [], place.start_mark, place.end_mark)))
    return node


def _named_item(node: yaml.SequenceNode, name: str, setting: str) -> yaml.MappingNode:
    """The item of a list of parts that has this name, as a mapping."""
    for index, item in enumerate(node.value):
        if isinstance(item, yaml.ScalarNode) and item.value == name:
            mapping = _mapping(item)
            node.value[index] = mapping
            return mapping
        if isinstance(item, yaml.MappingNode) and any(key.value == name for key, _ in item.value):
            return item
    raise RecipeError([f"`set` {setting:.80}: no {name:.80} in this list"])


def explain_mistake(first: Any, *others: Any) -> str:
    """The first of pydantic's mistakes in words, and what else its value might have been."""
    message = str(first["msg"]).removeprefix("Value error, ")
    instead = [str(one["msg"]) for one in others if one["input"] is first["input"]]
    wanted = "".join(f", or {one.removeprefix(_SHOULD)}" for one in instead if one.startswith(_SHOULD))
    return f"{message[0].lower()}{message[1:]}{wanted}, it is {show(first['input'])}"
