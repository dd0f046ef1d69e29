"""The tree of a recipe -> a `Recipe`, with every mistake noted where it stands."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from ptk.errors import MissingExtra, PtkError
from ptk.plain import show
from ptk.recipe.agreement import check_agreement
from ptk.recipe.document import Document, explain_mistake
from ptk.recipe.schema import IMAGES, DataSettings, DomainUse, LossUse, NetworkUse, PartUse, Recipe, TrainingSettings
from ptk.registry.parts import Part, options
from ptk.registry.registry import Registry, nearest

__all__ = ["RecipeReader"]

_KEYS = ("recipe", "data", "domains", "conditioners", "generator", "discriminator", "losses", "training")
_OPTIONAL = ("plugins", "metrics")
_MAY_BE_MISSING = ("data", "conditioners", "training")
_PARTS = ("optimiser",)  # keys of settings that name parts
_EDITING = ("recipe", "domains", "generator")
_Settings = TypeVar("_Settings", bound=BaseModel)


class RecipeReader:
    """Reads the tree and notes mistakes on the way; what it returns counts only if there are none."""

    def __init__(self, document: Document, registry: Registry) -> None:
        self.document = document
        self.registry = registry
        self.sections = document.entries(document.root, "recipe")
        self.places = {name: document.place(key) for name, (key, _) in self.sections.items()}

    def recipe(self) -> Recipe:
        """Read all of it."""
        self._unknown_keys(self.sections, (*_KEYS, *_OPTIONAL), "")
        plugins = self._plugins()
        self._missing_keys(key for key in _KEYS if key not in _MAY_BE_MISSING)
        data = self._settings("data", DataSettings)
        domains = self._domains(data)
        conditioners = self._conditioners()
        generator = self._single("generator", conditioners)
        recipe = Recipe(
            name=self._name(),
            data=data,
            domains=domains,
            conditioners=conditioners,
            generator=generator,
            discriminator=self._single("discriminator", conditioners),
            losses=self._losses(),
            training=self._training(),
            metrics=tuple(self._use("metric", item, "metrics") for item in self._items("metrics")),
            plugins=plugins,
            document=self.document.value(self.document.root),
            places=self.places,
        )
        check_agreement(recipe, self.document, self._factory)
        return recipe

    def editing_recipe(self) -> Recipe:
        """See `parse_editing_recipe`."""
        self._unknown_keys(self.sections, (*_KEYS, *_OPTIONAL), "")
        self._missing_keys(_EDITING)
        data, conditioners = self._settings("data", DataSettings), self._conditioners()
        return Recipe(
            name=self._name(),
            data=data,
            domains=self._domains(data),
            conditioners=conditioners,
            generator=self._single("generator", conditioners),
            document=self.document.value(self.document.root),
            places=self.places,
        )

    def _training(self) -> TrainingSettings:
        """The settings; their optimiser is a part, and is read as one."""
        settings = self._settings("training", TrainingSettings)
        entries = self.document.entries(self.sections["training"][1], "training") if "training" in self.sections else {}
        if "optimiser" in entries and (item := self._named(entries["optimiser"][1], "training.optimiser")):
            return settings.model_copy(update={"optimiser": self._use("optimiser", item, "training.optimiser")})
        return settings

    def _missing_keys(self, needed: Iterable[str]) -> None:
        for key in needed:
            if key not in self.sections:
                self.document.mistake(self.document.root, key, "is missing")

    def _name(self) -> str:
        if "recipe" not in self.sections:
            return ""
        node = self.sections["recipe"][1]
        name = self.document.value(node)
        if not isinstance(name, str) or not name:
            self.document.mistake(node, "recipe", "must be the recipe's name")
        return str(name)

    def _plugins(self) -> tuple[str, ...]:
        """The distributions that the recipe says it needs; one that is not there is a mistake that names the mend."""
        named = self._items("plugins")
        for name, key, _ in named:
            lacking = self.registry.lacking(name)
            if lacking:
                self.document.mistake(key, "plugins", lacking)
        return tuple(name for name, _, _ in named)

    def _settings(self, section: str, model: type[_Settings]) -> _Settings:
        if section not in self.sections:
            return model()
        entries = self.document.entries(self.sections[section][1], section)
        self._unknown_keys(entries, model.model_fields, section)
        self.places |= {f"{section}.{name}": self.document.place(key) for name, (key, _) in entries.items()}
        known = {key: value for key, (_, value) in entries.items() if key in model.model_fields and key not in _PARTS}
        try:
            return model(**{key: self.document.value(node) for key, node in known.items()})
        except ValidationError as error:
            for detail in error.errors():
                key = str(detail["loc"][0])
                self.document.mistake(known[key], f"{section}.{key}", explain_mistake(detail))
            return model.model_construct()

    def _items(self, section: str) -> list[tuple[str, yaml.Node, yaml.Node | None]]:
        """(name, node of the name, node of the options) of a list of parts."""
        if section not in self.sections:
            return []
        node = self.sections[section][1]
        if section in _MAY_BE_MISSING and self.document.value(node) in ([], None):
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.document.mistake(node, section, "must be a list with at least one name")
            return []
        found = [self._named(item, section) for item in node.value]
        named = [item for item in found if item is not None]
        seen: set[str] = set()
        for name, key, _ in named:
            if name in seen:
                self.document.mistake(key, f"{section}.{name}", "stands here twice")
            seen.add(name)
            self.places[f"{section}.{name}"] = self.document.place(key)
        return named

    def _named(self, node: yaml.Node, section: str) -> tuple[str, yaml.Node, yaml.Node | None] | None:
        """Read ``name`` or ``{name: options}``."""
        if isinstance(node, yaml.ScalarNode) and node.value:
            return str(node.value), node, None
        if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
            key, value = node.value[0]
            empty = isinstance(value, yaml.ScalarNode) and value.value in ("", "null", "~")
            return str(key.value), key, None if empty else value
        self.document.mistake(node, section, "must be a name, or a name with its options: {name: {option: value}}")
        return None

    def _domains(self, data: DataSettings) -> tuple[DomainUse, ...]:
        """The domains. Where they are the data's own images or expressions, plain words do."""
        found = []
        for name, key, node in self._items("domains"):
            path = f"domains.{name}"
            entries = self.document.entries(node, path) if node is not None else {}
            part = name if data.domains == "parts" else IMAGES
            if "from" in entries:
                given = entries.pop("from")[1]
                part = str(self.document.value(given))
                if data.domains == "expressions" and part != IMAGES:
                    what = "with data.domains: expressions nothing is rendered; leave out from, or set it to parts"
                    self.document.mistake(given, path, what)
            found.append(DomainUse(name, self._options("domain", part, key, entries, path), part))
        return tuple(found)

    def _conditioners(self) -> tuple[PartUse, ...]:
        return tuple(self._use("conditioner", item, "conditioners") for item in self._items("conditioners"))

    def _single(self, kind: str, conditioners: Sequence[PartUse]) -> NetworkUse:
        """Read ``name``, ``{name: options}`` or ``{name: options, each: domain}``."""
        if kind not in self.sections:
            return NetworkUse("")
        node, each = self._without_each(self.sections[kind][1], kind)
        item = self._named(node, kind)
        if item is None:
            return NetworkUse("")
        use = self._use(kind, item, kind)
        told = {conditioner.name for conditioner in conditioners}
        for needed in getattr(self._factory(kind, use.name), "needs", ()):
            if needed not in told:
                self.document.mistake(item[1], f"{kind}.{use.name}", f"needs the conditioner {needed}; add it")
        return NetworkUse(use.name, use.options, each)

    def _without_each(self, node: yaml.Node, kind: str) -> tuple[yaml.Node, str]:
        """The part of a generator or discriminator, and what there is one each of."""
        if not isinstance(node, yaml.MappingNode):
            return node, ""
        kept, each = [], ""
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == "each":
                each = str(self.document.value(value))
                if each != "domain":
                    self.document.mistake(value, f"{kind}.each", f"must be domain, it is {show(each)}")
                elif len(self._items("domains")) < 2:
                    self.document.mistake(value, f"{kind}.each", "needs two domains at least; list them in domains")
            else:
                kept.append((key, value))
        return yaml.MappingNode(node.tag, kept, node.start_mark, node.end_mark), each

    def _use(self, kind: str, item: tuple[str, yaml.Node, yaml.Node | None], section: str) -> PartUse:
        name, key, node = item
        path = f"{section}.{name}"
        self.places[path] = self.document.place(key)
        entries = self.document.entries(node, path) if node is not None else {}
        return PartUse(name, self._options(kind, name, key, entries, path))

    def _losses(self) -> dict[Any, tuple[LossUse, ...]]:
        if "losses" not in self.sections:
            return {}
        sides = self.document.entries(self.sections["losses"][1], "losses")
        self._unknown_keys(sides, ("critic", "generator"), "losses")
        for side in ("critic", "generator"):
            if side not in sides:
                self.document.mistake(self.sections["losses"][0], f"losses.{side}", "is missing")
        return {side: self._side(side, sides[side][1]) for side in ("critic", "generator") if side in sides}

    def _side(self, side: str, node: yaml.Node) -> tuple[LossUse, ...]:
        found = []
        for name, (key, value) in self.document.entries(node, f"losses.{side}").items():
            path = f"losses.{side}.{name}"
            self.places[path] = self.document.place(key)
            entries = {} if isinstance(value, yaml.ScalarNode) else self.document.entries(value, path)
            weight = entries.pop("weight", (key, value))[1]
            chosen = self._options("loss", name, key, entries, path)
            part = self._part("loss", name)
            if part and side not in part.sides:
                self.document.mistake(key, path, f"trains the {' or '.join(part.sides)}, not the {side}")
            found.append(LossUse(name, chosen, self._weight(weight, path)))
        return tuple(found)

    def _weight(self, node: yaml.Node, path: str) -> float:
        if isinstance(node, yaml.MappingNode):
            return 1.0
        try:
            weight = TypeAdapter(float).validate_python(self.document.value(node))
        except ValidationError:
            weight = -1.0
        if not 0 <= weight < float("inf"):
            self.document.mistake(node, path, "its weight must be a number of at least 0")
        return weight

    def _part(self, kind: str, name: str) -> Part | None:
        try:
            return self.registry.part(kind, name)
        except PtkError:
            return None

    def _factory(self, kind: str, name: str) -> Any:
        try:
            return self.registry.part(kind, name).load()
        except PtkError:
            return None

    def _options(
        self, kind: str, name: str, key: yaml.Node, entries: Mapping[str, tuple[yaml.Node, yaml.Node]], path: str
    ) -> dict[str, Any]:
        """The options of a part, cast by the annotations of its constructor."""
        try:
            parameters = options(self.registry.part(kind, name).load(), kind)
        except MissingExtra as error:
            self.document.mistake(key, path, str(error))
            return {}
        except PtkError as error:
            self.document.mistake(key, path, str(error).replace(f"no such {kind}: {name}", f"no such {kind}"))
            return {}
        self._unknown_keys(entries, parameters, path, what="option")
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

    def _unknown_keys(self, entries: Mapping[str, Any], known: Iterable[str], path: str, what: str = "key") -> None:
        for key, (node, _) in entries.items():
            if key not in known:
                self.document.mistake(node, f"{path}.{key}".lstrip("."), f"no such {what}{nearest(key, known)}")
