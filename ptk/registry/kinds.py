"""The kinds of parts: one record each, from which everything that treats kinds alike reads how they differ.

A new kind touches four places: this folder (a record here, its hook in `hookspecs.py`, ptk's own parts in
`builtins.py`); the folder of those parts; the kit for authors, which finds the rules in `ptk/testing/contracts` and the
template in `ptk/scaffold/templates` by the kind's name; and the room that calls the parts. The test of this file names
what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """How parts of one kind differ from others; `name` is what messages and `ptk plugins` call it.

    `plural` names its hook, its folder in ptk, and the module of its rules. `base`, as "module:Class", is what its
    parts are instances of; without one they only need `method`, which does the work of the kind ("" where several do).
    `given` holds the parameters of a constructor that ptk fills in, with what they are: no recipe sets them. Those in
    `preset` ptk fills in unless the part's own options in the recipe do.

    `is_network`: its weights are trained, so they are seeded and stored. `may_draw`: its answers may depend on torch's
    random state. `gives_list`: `method` returns a list, and ptk calls it from many rooms, so failures are named there.
    `sees_faces`: it may look at landmarks, and then says `needs_landmarks`.
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
_SIDE = {"side": '"generator" or "critic", the section of the recipe in which the loss stands'}
_SIDES_PARAMETERS = {"params": "the parameters of one side, a list", "lr": "the learning rate of that side"}
_BETAS = {"betas": "`training.betas`, where the recipe has them"}
_MODULE = "torch.nn:Module"

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("detector", "detectors", "detect", gives_list=True),
        Kind("conditioner", "conditioners", "forward", _MODULE, _DOMAINS | _GEOMETRY, sees_faces=True),
        Kind("domain", "domains", "stylise", "ptk:Domain"),
        Kind(
            "generator",
            "generators",
            "forward",
            _MODULE,
            _PLANES | _GEOMETRY,
            is_network=True,
            may_draw=True,
            sees_faces=True,
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
        ),
        Kind("loss", "losses", "forward", _MODULE, _SIDE | _DOMAINS, may_draw=True, sees_faces=True),
        Kind("optimiser", "optimisers", "step", "torch.optim:Optimizer", _SIDES_PARAMETERS, _BETAS),
        Kind("source", "sources", "find", gives_list=True),
        Kind("metric", "metrics", "__call__", sees_faces=True),
        Kind("observer", "observers", base="ptk:Observer"),
        Kind("command", "commands"),
    )
}
"""By name, in the order in which they are listed."""
