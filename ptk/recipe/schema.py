"""What a recipe says, checked: the values that `ptk.recipe.load` returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ptk.faces.topologies import TOPOLOGIES, Topology
from ptk.motion import face_geometry
from ptk.motion.face_geometry import FaceGeometry
from ptk.recipe.one_part import DomainUse, LossUse, NetworkUse, PartUse
from ptk.registry.kinds import NAMINGS
from ptk.types import find_plain

__all__ = [
    "IMAGES",
    "LOSS_SIDES",
    "AugmentSettings",
    "DataSettings",
    "Device",
    "Precision",
    "Rates",
    "Recipe",
    "TrainingSettings",
]

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]

IMAGES = "images"
"""The domain part of real images of the data set, in which nothing is rendered."""

LOSS_SIDES = ("critic", "generator")
"""The sides that losses train, in the order in which recipes list them."""

_Steps = Annotated[int, Field(gt=0, le=10**9)]  # a billion: at a hundred steps a second, four months
_Pairs = Annotated[int, Field(gt=0, le=2**16)]
_Fraction = Annotated[float, Field(ge=0, lt=1)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class AugmentSettings(_Settings):
    """Small random changes, the same for both halves of a pair; each is drawn uniformly between minus and plus.

    `rotate` in degrees; `scale` and `shift` as shares of the image's side; `brightness`, `contrast` and `saturation` as
    shares of what is there; `hue` as a share of the colour circle. 0 leaves it as it is.
    """

    rotate: Annotated[float, Field(ge=0, le=45)] = 0
    scale: Annotated[float, Field(ge=0, le=0.5)] = 0
    shift: Annotated[float, Field(ge=0, le=0.25)] = 0
    brightness: _Fraction = 0
    contrast: _Fraction = 0
    saturation: _Fraction = 0
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0


class DataSettings(_Settings):
    """`source` is "sample" (the bundled set), a prepared folder, or the address of its shards.

    `size` is the side of a training image in pixels. `domains` says what the recipe's domains are: `parts`, each a
    domain part, which renders what the set has not; `images`, the set's own domains by their names; or `expressions`,
    words for expressions of the set, whose photographs alone are taken (StarGAN's protocol). `pairs` says where the
    second half of a pair comes from: another image of the same `identity`, the same `photo` in another domain (aligned,
    as pix2pix needs it), a smooth `warp` of the same photo to another expression, or `mixed`: a share of `bent` warps,
    the others images of the same identity. `unpaired` draws both halves independently, each from all images: of exactly
    two domains the first from the first and the second from the second, of more from any. Then the true result is not
    known.
    `topology` is the set of landmarks that conditioners draw (`ptk.faces.topologies`).
    `mirror` shows every pair as it is or mirrored, at random, with its landmarks permuted.

    Pairs are translated both ways, from any domain to any, unless `one_way`: then only from the first to the second.
    The first then is in the plain domain (photo, or the first without it), or, in pairs of one `photo`, in the first of
    the recipe's domains; and the second in that one, too, in a share of `plain` of the pairs, in another otherwise; and
    where pairs are bent it is the first, for a true image should come out.
    Unpaired images stay as they are drawn: `one_way` then only leaves out the way back.
    """

    source: str = "sample"
    size: Annotated[int, Field(ge=32, le=2048)] = 256
    topology: str = "ibug68"
    domains: Literal["parts", "images", "expressions"] = "parts"
    pairs: Literal["identity", "photo", "warp", "mixed", "unpaired"] = "identity"
    bent: Annotated[float, Field(ge=0, le=1)] = 0.5
    mirror: bool = True
    one_way: bool = False
    plain: Annotated[float, Field(ge=0, le=1)] = 0.5
    augment: AugmentSettings = AugmentSettings()

    @field_validator("topology")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in TOPOLOGIES:
            raise ValueError(f"must be {' or '.join(TOPOLOGIES)}")
        return name


class Rates(_Settings):
    """Learning rates a side."""

    generator: Annotated[float, Field(gt=0)]
    critic: Annotated[float, Field(gt=0)]


class TrainingSettings(_Settings):
    """How to train: `parts` are those that stand in this section, by kind: the optimiser, the schedule of its rate.

    `lr` is the rate at the start, one, or {generator: ..., critic: ...}. `betas` are the optimiser's, where it has that
    option and the recipe sets no others there. The critic learns in every step, the generator in the last of every
    `critic_steps`.

    `batch` counts pairs: each is translated in both directions. `ema` is the decay a step of the averaged generator;
    early on (1 + step) / (10 + step) is taken where that is less. `checkpoint` and `grid` are in steps. `freeze` leaves
    the generator as it was started but for its last layers and what hears the last domain's plane.

    Two take less memory and give the same result, up to rounding: `accumulate` goes through the batch in that many
    equal parts, one after the other; `checkpointing` keeps nothing of what the generator computes on its way and
    computes it again when its gradients are due (Chen et al. 2016), which takes longer. `compile` has torch.compile
    make the networks faster, which takes a while at the start.
    """

    steps: _Steps = 200_000
    batch: _Pairs = 4
    accumulate: _Pairs = 1
    checkpointing: bool = False
    compile: bool = False
    lr: Annotated[float, Field(gt=0)] | Rates = 2e-4
    critic_steps: Annotated[int, Field(gt=0, le=1000)] = 1
    betas: tuple[_Fraction, _Fraction] = (0.5, 0.999)
    ema: _Fraction = 0.999
    precision: Precision = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 1
    checkpoint: _Steps = 1000
    grid: _Steps = 500
    freeze: bool = False
    parts: Mapping[str, PartUse] = Field(
        default_factory=lambda: {
            kind: PartUse(naming.default) for kind, naming in NAMINGS.items() if naming.section == "training"
        }
    )

    @field_validator("lr", mode="before")
    @classmethod
    def _both_sides(cls, rates: object) -> object:
        if isinstance(rates, Mapping) and set(rates) != {"generator", "critic"}:
            raise ValueError("must be one rate, or {generator: RATE, critic: RATE}")
        return rates

    @field_validator("accumulate")
    @classmethod
    def _equal_parts(cls, parts: int, info: ValidationInfo) -> int:
        batch = info.data.get("batch", parts)
        if batch % parts:
            raise ValueError(f"a batch of {batch} has no {parts} equal parts")
        return parts

    def rate(self, side: str) -> float:
        """The learning rate of "generator" or "critic" at the start."""
        if isinstance(self.lr, Rates):
            return self.lr.critic if side == "critic" else self.lr.generator
        return self.lr


@dataclass(frozen=True)
class Recipe:
    """Everything that runs. `plugins` are the distributions that it says it needs, beside ptk.

    `by_kind` are the parts that it names outside of settings, by kind, in its order. `document` is the recipe as plain
    data: what is stored with weights. `places` says where the file has what: "generator.portraitgan" -> "my.yaml:9".
    One that editing reads from weights has nothing of what trained them.

    `geometry`, and `base`, the index of the domain that is taken for plain whatever the names say, are those of weights
    or a run where it is theirs: see `ptk.recipe.weights.adopt_record`.
    """

    name: str
    data: DataSettings
    by_kind: Mapping[str, tuple[PartUse, ...]]
    document: Mapping[str, Any]
    training: TrainingSettings = field(default_factory=TrainingSettings)
    plugins: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict, compare=False)
    geometry: FaceGeometry = field(default_factory=lambda: face_geometry.CURRENT)
    base: int | None = None

    def uses_of(self, kind: str) -> tuple[PartUse, ...]:
        """The parts of one kind that it uses, in its order; those of settings with their defaults."""
        if kind in self.training.parts:
            return (self.training.parts[kind],)
        return self.by_kind.get(kind, ())

    def replace_uses(self, kind: str, uses: Iterable[PartUse]) -> Recipe:
        """Return the recipe with other parts of a kind that stands outside of settings."""
        return replace(self, by_kind={**self.by_kind, kind: tuple(uses)})

    @property
    def domains(self) -> tuple[DomainUse, ...]:
        """The domains, in the order of the one-hot planes."""
        return cast("tuple[DomainUse, ...]", self.uses_of("domain"))

    @property
    def conditioners(self) -> tuple[PartUse, ...]:
        """The conditioners, in the order of their planes."""
        return self.uses_of("conditioner")

    @property
    def generator(self) -> NetworkUse:
        """The generator."""
        return cast("NetworkUse", next(iter(self.uses_of("generator")), NetworkUse("")))

    @property
    def discriminator(self) -> NetworkUse:
        """The discriminator; in a recipe for editing it has no name."""
        return cast("NetworkUse", next(iter(self.uses_of("discriminator")), NetworkUse("")))

    @property
    def losses(self) -> dict[str, tuple[LossUse, ...]]:
        """The losses of both sides, "critic" and "generator"."""
        uses = cast("tuple[LossUse, ...]", self.uses_of("loss"))
        return {side: tuple(use for use in uses if use.side == side) for side in LOSS_SIDES}

    @property
    def metrics(self) -> tuple[PartUse, ...]:
        """The metrics."""
        return self.uses_of("metric")

    def place(self, path: str) -> str:
        """Where `path`, such as "data.pairs", stands, for messages: "my.yaml:3: data.pairs"."""
        words = path.split(".")
        above = (".".join(words[:count]) for count in range(len(words), 0, -1))
        return f"{next((self.places[key] for key in above if key in self.places), self.name)}: {path}"

    @property
    def topology(self) -> Topology:
        """The landmarks that conditioners draw."""
        return TOPOLOGIES[self.data.topology]

    @property
    def domain_names(self) -> tuple[str, ...]:
        """The names of the domains, in the order of the one-hot planes."""
        return tuple(domain.name for domain in self.domains)

    def uses(self) -> Iterator[tuple[str, str, PartUse]]:
        """(place, kind, use) of every part, "losses.critic.lsgan" and "loss" with it; a domain's is what renders it."""
        for kind, naming in NAMINGS.items():
            for use in self.uses_of(kind):
                inside = f"{naming.key}.{use.side}" if isinstance(use, LossUse) else naming.key
                yield f"{inside}.{use.name}", kind, use.offered

    @property
    def plain(self) -> int:
        """The index of the plain domain: photo, or the first where there are no photographs."""
        found = find_plain(self.domain_names) if self.base is None else self.base
        return 0 if found is None else found

    @property
    def start_domain(self) -> int:
        """The index of the domain that `one_way` pairs start from: the plain one, the first of aligned ones."""
        return 0 if self.data.pairs == "photo" else self.plain

    @property
    def editing_parts(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of every part that weights need to edit and to be exported."""
        return tuple((kind, name) for kind, name in self.parts if NAMINGS[kind].for_editing)

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of every part that it uses."""
        return tuple((kind, use.name) for _, kind, use in self.uses())
