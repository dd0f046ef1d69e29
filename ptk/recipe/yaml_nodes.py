"""A recipe's text -> YAML nodes, within bounds: recipes come from strangers, alone and inside weights.

YAML can say more than a recipe needs, and each of these ends a naive reader: aliases of aliases that unfold without
end, brackets a thousand deep, tags, dates, keys that are lists, whole numbers of thousands of digits.
"""

from __future__ import annotations

from typing import Any

import yaml

from ptk.plain import is_text, show

__all__ = ["BadYaml", "compose", "plain_value"]

_MAX_TEXT = 1 << 16
_MAX_DEPTH = 32
_MAX_UNFOLDED = 1 << 17
_MAX_WHOLE = 1 << 64
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")}
_EXPLICIT = "leave the tag out, or put the text in quotes"


class BadYaml(Exception):
    """Text is no YAML, or more than a recipe may say; `line` counts from 1, None where that is not known."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


def compose(text: str) -> yaml.Node | None:
    """Compose the tree of one YAML document; None for an empty one. Raises BadYaml."""
    if len(text) > _MAX_TEXT:
        raise BadYaml(f"is longer than {_MAX_TEXT >> 10} KiB, which no recipe is")
    loader = None
    try:
        loader = _Loader(text)
        node: yaml.Node | None = loader.get_single_node()
    except _Refusal as error:
        raise BadYaml(str(error.problem), error.line) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadYaml(f"not YAML: {_one_line(error.problem or error.context)}", line) from None
    except yaml.YAMLError as error:
        raise BadYaml(f"not YAML: {_one_line(error)}") from None
    except (ValueError, OverflowError, RecursionError, IndexError, AttributeError, TypeError) as error:
        # PyYAML's scanner lets these through, for an escape beyond Unicode, for one
        raise BadYaml(f"not YAML: {_one_line(error)}") from None
    finally:
        if loader is not None:
            loader.dispose()
    return node


def plain_value(node: yaml.Node) -> Any:
    """Construct the plain data of a composed node."""
    return _Loader.constructor().construct_document(node)


class _Refusal(yaml.MarkedYAMLError):
    """YAML, but not in a recipe."""

    def __init__(self, what: str, mark: Any) -> None:
        super().__init__(problem=what, problem_mark=mark)
        self.line: int = mark.line + 1


class _Loader(yaml.SafeLoader):
    """Composes nodes of plain kinds alone; dates are text, and an alias counts as all that it stands for."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._sizes: dict[int, int] = {}

    @staticmethod
    def constructor() -> yaml.constructor.SafeConstructor:
        return yaml.constructor.SafeConstructor()

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Refusal(f"more than {_MAX_DEPTH} levels of brackets or indents", event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.AliasEvent):
            if id(node) not in self._sizes:
                raise _Refusal("an alias inside what it stands for", event.start_mark)
        elif node is not None:
            self._check(node)
        return node

    def _check(self, node: yaml.Node) -> None:
        if node.tag not in _TAGS:
            raise _Refusal(f"{show(node.tag)}: no such kind of value in a recipe; {_EXPLICIT}", node.start_mark)
        size = 1
        if isinstance(node, yaml.ScalarNode):
            size += len(node.value)
            self._check_scalar(node)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise _Refusal("a name must be text, not a list or a mapping", key.start_mark)
                size += self._sizes[id(key)] + self._sizes[id(value)]
        else:
            size += sum(self._sizes[id(child)] for child in node.value)
        if size > _MAX_UNFOLDED:
            raise _Refusal("its aliases unfold to more than a recipe may hold", node.start_mark)
        self._sizes[id(node)] = size

    def _check_scalar(self, node: yaml.ScalarNode) -> None:
        if not is_text(node.value) or "\0" in node.value:
            raise _Refusal("text that is no Unicode, or has zeros in it", node.start_mark)
        try:
            value = self.constructor().construct_document(node)
        except (ValueError, KeyError, OverflowError, yaml.YAMLError):
            value = _MAX_WHOLE
        if isinstance(value, int) and abs(value) >= _MAX_WHOLE:
            kind = node.tag.rpartition(":")[2]
            raise _Refusal(f"{show(node.value)} cannot be read as {kind}; put text in quotes", node.start_mark)


# Dates, merges and `=` are no values of their own: `<<` is a key like others, and 2026-01-31 is text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag in _TAGS]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _one_line(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:157]}..."
