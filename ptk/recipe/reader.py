"""The tree of a recipe -> a `Recipe`, with every mistake noted where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from ptk.plain import show
from ptk.recipe.agreement import check_agreement, check_needs
from ptk.recipe.document import Document, explain_mistake
from ptk.recipe.one_part import DomainUse, LossUse, NetworkUse, PartUse
from ptk.recipe.part_reader import Item, PartReader
from ptk.recipe.schema import IMAGES, LOSS_SIDES, DataSettings, Recipe, TrainingSettings
from ptk.registry.kinds import NAMINGS, Naming
from ptk.registry.registry import Registry

__all__ = ["RecipeReader"]

_Settings = TypeVar("_Settings", bound=BaseModel)


class RecipeReader:
    """Reads the tree and notes mistakes on the way; what it returns counts only if there are none."""

    def __init__(self, document: Document, registry: Registry) -> None:
        self.document = document
        self.registry = registry
        self.sections = document.entries(document.root, "recipe")
        self.parts = PartReader(document, registry)
        self.parts.places |= {name: document.place(key) for name, (key, _) in self.sections.items()}

    def read(self, *, editing: bool = False) -> Recipe:
        """Read all of it, or only what editing needs."""
        namings = {kind: one for kind, one in NAMINGS.items() if not one.section and (one.for_editing or not editing)}
        keys = [naming.key for naming in NAMINGS.values() if not naming.section]
        self.parts.refuse_unknown(self.sections, ["recipe", "data", *keys, "training", "plugins"], "")
        plugins = [] if editing else self._read_names("plugins")
        for plugin, place, _ in plugins:
            if lacking := self.registry.lacking(plugin):
                self.document.mistake(place, "plugins", lacking)
        for key in ("recipe", *(naming.key for naming in namings.values() if naming.needed)):
            if key not in self.sections:
                self.document.mistake(self.document.root, key, "is missing")
        name = ""
        if "recipe" in self.sections:
            node = self.sections["recipe"][1]
            name = self.document.value(node)
            if not isinstance(name, str) or not name:
                self.document.mistake(node, "recipe", "must be the recipe's name")
        data = self._read_settings("data", DataSettings)
        recipe = Recipe(
            name=str(name),
            data=data,
            by_kind={kind: self._read_uses(kind, naming, data) for kind, naming in namings.items()},
            training=TrainingSettings() if editing else self._read_training(),
            plugins=tuple(plugin for plugin, _, _ in plugins),
            document=self.document.value(self.document.root),
            places=self.parts.places,
        )
        check_needs(recipe, self.document, self.parts.load_factory)
        if not editing:
            check_agreement(recipe, self.document, self.parts.load_factory)
        return recipe

    def _read_training(self) -> TrainingSettings:
        """The settings, and the parts that stand among them."""
        settings = self._read_settings("training", TrainingSettings)
        entries = self.document.entries(self.sections["training"][1], "training") if "training" in self.sections else {}
        uses = dict(settings.parts)
        for kind, naming in NAMINGS.items():
            if naming.section == "training" and naming.word in entries:
                item = self.parts.read_name(entries[naming.word][1], naming.key)
                uses |= {kind: self.parts.read_use(kind, item, naming.key)} if item else {}
        return settings.model_copy(update={"parts": uses})

    def _read_settings(self, section: str, model: type[_Settings]) -> _Settings:
        if section not in self.sections:
            return model()
        entries = self.document.entries(self.sections[section][1], section)
        values = [name for name in model.model_fields if name != "parts"]
        parts = [naming.word for naming in NAMINGS.values() if naming.section == section]
        self.parts.refuse_unknown(entries, [*values, *parts], section)
        self.parts.places |= {f"{section}.{name}": self.document.place(key) for name, (key, _) in entries.items()}
        known = {key: value for key, (_, value) in entries.items() if key in values}
        try:
            return model(**{key: self.document.value(node) for key, node in known.items()})
        except ValidationError as error:
            for detail in error.errors():
                key = str(detail["loc"][0])
                self.document.mistake(known[key], f"{section}.{key}", explain_mistake(detail))
            return model.model_construct()

    def _read_uses(self, kind: str, naming: Naming, data: DataSettings) -> tuple[PartUse, ...]:
        """Read the parts of one kind, in the form that its record says."""
        if naming.key not in self.sections:
            return (PartUse(naming.default),) if naming.default else ()
        key, node = self.sections[naming.key]
        uses: Iterable[PartUse]
        match naming.form:
            case "weights":
                uses = self._read_losses(kind, key, node)
            case "network":
                uses = self._read_network(kind, node, naming.key)
            case "part":
                item = self.parts.read_name(node, naming.key)
                uses = (self.parts.read_use(kind, item, naming.key),) if item else ()
            case "domains":
                uses = (self._read_domain(kind, item, naming.key, data) for item in self._read_names(naming.key))
            case "list":
                empty = naming.may_be_empty and self.document.value(node) in ([], None)
                items = [] if empty else self._read_names(naming.key)
                uses = (self.parts.read_use(kind, item, naming.key) for item in items)
        return tuple(uses)

    def _read_names(self, section: str) -> list[Item]:
        return self.parts.read_names(self.sections[section][1], section) if section in self.sections else []

    def _read_domain(self, kind: str, item: Item, path: str, data: DataSettings) -> DomainUse:
        """Read a domain. Where they are the data's own images or expressions, plain words do."""
        name, key, node = item
        path = f"{path}.{name}"
        entries = self.document.entries(node, path) if node is not None else {}
        part = name if data.domains == "parts" else IMAGES
        if "from" in entries:
            given = entries.pop("from")[1]
            part = str(self.document.value(given))
            if data.domains == "expressions" and part != IMAGES:
                what = "with data.domains: expressions nothing is rendered; leave out from, or set it to parts"
                self.document.mistake(given, path, what)
        return DomainUse(name, self.parts.read_options(kind, part, key, entries, path), part)

    def _read_network(self, kind: str, node: yaml.Node, path: str) -> tuple[PartUse, ...]:
        """Read ``name``, ``{name: options}`` or ``{name: options, each: domain}``."""
        each = ""
        if isinstance(node, yaml.MappingNode):
            said = [value for key, value in node.value if key.value == "each"]
            kept = [pair for pair in node.value if pair[0].value != "each"]
            node = yaml.MappingNode(node.tag, kept, node.start_mark, node.end_mark)
            for value in said:
                each = str(self.document.value(value))
                if each != "domain":
                    self.document.mistake(value, f"{path}.each", f"must be domain, it is {show(each)}")
                elif len(self._read_names("domains")) < 2:
                    self.document.mistake(value, f"{path}.each", "needs two domains at least; list them in domains")
        item = self.parts.read_name(node, path)
        if item is None:
            return ()
        use = self.parts.read_use(kind, item, path)
        return (NetworkUse(use.name, use.options, each),)

    def _read_losses(self, kind: str, key: yaml.Node, node: yaml.Node) -> tuple[PartUse, ...]:
        """Read ``{side: {name: weight}}``, or a mapping of options with the weight among them."""
        sides = self.document.entries(node, key.value)
        self.parts.refuse_unknown(sides, LOSS_SIDES, key.value)
        for side in LOSS_SIDES:
            if side not in sides:
                self.document.mistake(key, f"{key.value}.{side}", "is missing")
        found: list[PartUse] = []
        for side in (one for one in LOSS_SIDES if one in sides):
            inside = f"{key.value}.{side}"
            for name, (place, value) in self.document.entries(sides[side][1], inside).items():
                path = f"{inside}.{name}"
                self.parts.places[path] = self.document.place(place)
                entries = {} if isinstance(value, yaml.ScalarNode) else self.document.entries(value, path)
                weight = entries.pop("weight", (place, value))[1]
                chosen = self.parts.read_options(kind, name, place, entries, path)
                part = self.parts.find_part(kind, name)
                if part and side not in part.sides:
                    self.document.mistake(place, path, f"trains the {' or '.join(part.sides)}, not the {side}")
                found.append(LossUse(name, chosen, self._read_weight(weight, path), side))
        return tuple(found)

    def _read_weight(self, node: yaml.Node, path: str) -> float:
        if isinstance(node, yaml.MappingNode):
            return 1.0
        try:
            weight = TypeAdapter(float).validate_python(self.document.value(node))
        except ValidationError:
            weight = -1.0
        if not 0 <= weight < float("inf"):
            self.document.mistake(node, path, "its weight must be a number of at least 0")
        return weight
