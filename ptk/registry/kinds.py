"""The kinds of parts: one record each, from which everything that treats kinds alike reads how they differ.

A new kind changes four files: this one, by a record; `hookspecs.py`; `builtins.py`, which lists ptk's own parts; and
the one that calls the parts. Recipes, their check and the recipes of new packages read the record. What else it needs
is found by its name: the folder of its parts, the rules in `ptk/testing/contracts`, the template in
`ptk/scaffold/templates`. The test of this file names what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

__all__ = ["KINDS", "NAMINGS", "Kind", "Naming"]


@dataclass(frozen=True)
class Naming:
    """How recipes name parts of a kind: at `key`, "metrics", or "training.optimiser" inside of settings.

    `form` says how they are written:

    - "part": one, a name or {name: {option: value}};
    - "network": the same, or one for each domain, {name: {option: value}, each: domain};
    - "list": names and {name: {option: value}}; there may be none where it `may_be_empty`;
    - "domains": a list in which {name: {from: part}} gives a part another name;
    - "weights": {side: {name: weight}} for the sides critic and generator, or {name: {weight: 1, option: value}}.

    Settings with parts are those of `training`; there `form` is "part", with a `default`. A recipe without the key has
    the part `default`, or none; where it is `needed`, that is a mistake. Weights need parts that are `for_editing` to
    edit, not those that trained them.
    """

    key: str
    form: Literal["part", "network", "list", "domains", "weights"]
    default: str = ""
    needed: bool = False
    may_be_empty: bool = False
    for_editing: bool = False

    @property
    def section(self) -> str:
        """The settings in which the key stands, "training"; "" for a key of the recipe itself."""
        return self.key.rpartition(".")[0]

    @property
    def word(self) -> str:
        """The key inside of its section, "optimiser"."""
        return self.key.rpartition(".")[2]


@dataclass(frozen=True)
class Kind:
    """How parts of one kind differ from others; `name` is what messages and `ptk plugins` call it.

    `plural` names its hook, its folder in ptk, and the module of its rules. `base`, as "module:Class", is what its
    parts are instances of; without one they only need `method`, which does the work of the kind ("" where several do).
    `given` holds the parameters of a constructor that ptk fills in, with what they are: no recipe sets them. Those in
    `preset` ptk fills in unless the part's own options in the recipe do.

    `is_network`: its weights are trained, so they are seeded and stored. `may_draw`: its answers may depend on torch's
    random state. `gives_list`: `method` returns a list, and ptk calls it from many rooms, so failures are named there.
    `sees_faces`: it may look at landmarks, and then says `needs_landmarks`. `naming`: how recipes name its parts; None
    where they do not.
    """

    name: str
    plural: str
    method: str = ""
    base: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    preset: Mapping[str, str] = field(default_factory=dict)
    is_network: bool = False
    may_draw: bool = False
    gives_list: bool = False
    sees_faces: bool = False
    naming: Naming | None = None

    @property
    def hook(self) -> str:
        """The hook through which plug-ins offer such parts, "ptk_losses"."""
        return f"ptk_{self.plural}"

    @property
    def rules(self) -> str:
        """The module that holds its rules, "ptk.testing.contracts.losses"."""
        return f"ptk.testing.contracts.{self.plural}"

    @property
    def base_name(self) -> str:
        """The base class as people write it, "torch.nn.Module"; "" without one."""
        return self.base.replace(":", ".")

    def load_base(self) -> type | None:
        """Import the base class; None without one."""
        module, _, name = self.base.partition(":")
        loaded: type | None = getattr(import_module(module), name) if module else None
        return loaded


_DOMAINS = {"domains": "the number of domains"}
_PLANES = {"plane_channels": "the channels of `Planes.stacked`"}
_GEOMETRY = {
    "plain": "the index of the domain photo, or of the first where the recipe has none",
    "geometry": "`ptk.motion.face_geometry.FaceGeometry`, the numbers that are not learned and that weights hold",
}
_TOPOLOGY = {
    "topology": "`ptk.faces.topologies.Topology`, the landmarks that the recipe works with, `target.all_points`"
}
_SIDE = {"side": '"generator" or "critic", the section of the recipe in which the loss stands'}
_SIDES_PARAMETERS = {"params": "the parameters of one side, a list", "lr": "the learning rate of that side"}
_BETAS = {"betas": "`training.betas`, where the recipe has them"}
_MODULE = "torch.nn:Module"

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("detector", "detectors", "detect", gives_list=True),
        Kind(
            "conditioner",
            "conditioners",
            "forward",
            _MODULE,
            _DOMAINS | _GEOMETRY | _TOPOLOGY,
            sees_faces=True,
            naming=Naming("conditioners", "list", may_be_empty=True, for_editing=True),
        ),
        Kind(
            "domain",
            "domains",
            "stylise",
            "ptk:Domain",
            naming=Naming("domains", "domains", needed=True, for_editing=True),
        ),
        Kind(
            "generator",
            "generators",
            "forward",
            _MODULE,
            _PLANES | _GEOMETRY,
            is_network=True,
            may_draw=True,
            sees_faces=True,
            naming=Naming("generator", "network", needed=True, for_editing=True),
        ),
        Kind(
            "discriminator",
            "discriminators",
            "forward",
            _MODULE,
            _PLANES | _DOMAINS,
            is_network=True,
            may_draw=True,
            sees_faces=True,
            naming=Naming("discriminator", "network", needed=True),
        ),
        Kind(
            "loss",
            "losses",
            "forward",
            _MODULE,
            _SIDE | _DOMAINS,
            may_draw=True,
            sees_faces=True,
            naming=Naming("losses", "weights", needed=True),
        ),
        Kind(
            "optimiser",
            "optimisers",
            "step",
            "torch.optim:Optimizer",
            _SIDES_PARAMETERS,
            _BETAS,
            naming=Naming("training.optimiser", "part", default="adam"),
        ),
        Kind("schedule", "schedules", "factor", naming=Naming("training.schedule", "part", default="linear")),
        Kind("source", "sources", "find", gives_list=True),
        Kind("metric", "metrics", "__call__", sees_faces=True, naming=Naming("metrics", "list")),
        Kind("weights", "weights", base="ptk:Weights"),
        Kind("observer", "observers", base="ptk:Observer"),
        Kind("command", "commands"),
    )
}
"""By name, in the order in which they are listed."""

NAMINGS: Mapping[str, Naming] = {kind.name: kind.naming for kind in KINDS.values() if kind.naming is not None}
"""How recipes name parts, by the name of their kind."""
