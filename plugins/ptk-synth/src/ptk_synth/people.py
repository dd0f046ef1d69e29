"""Who is in the pictures: a seeded description of each person, in plain numbers and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.traits import Backdrop, Hair, Light, Outfit, Skin, draw_backdrop, draw_hair, draw_light, draw_skin

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["Person", "View", "anny_age", "draw_person"]

# Drawn without replacement for every block of 24 people, so that a small set is as mixed as a large one.
_BLOCK = 24
_ANCESTRIES = ("caucasian",) * 7 + ("african",) * 6 + ("asian",) * 6 + ("mixed",) * 5
_YOUNGEST, _OLDEST = 15.0, 78.0

# Features of the face that anny lets one change, and how far (standard deviation of a clipped normal).
_FEATURES: Mapping[str, float] = {
    "chin-height-incr": 0.25,
    "chin-prominent-incr": 0.3,
    "chin-width-incr": 0.35,
    "chin-jaw-drop-incr": 0.2,
    "forehead-scale-vert-incr": 0.2,
    "forehead-temple-incr": 0.3,
    "head-fat-incr": 0.3,
    "head-scale-horiz-incr": 0.2,
    "head-scale-vert-incr": 0.15,
    "mouth-scale-horiz-incr": 0.25,
    "mouth-lowerlip-height-incr": 0.3,
    "mouth-upperlip-height-incr": 0.3,
    "mouth-cupidsbow-incr": 0.3,
    "mouth-trans-up": 0.2,
    "mouth-angles-up": 0.1,
    "nose-scale-horiz-incr": 0.3,
    "nose-scale-vert-incr": 0.3,
    "nose-scale-depth-incr": 0.3,
    "nose-hump-incr": 0.3,
    "nose-point-up": 0.35,
    "nose-volume-incr": 0.3,
    "nose-width2-incr": 0.3,
    "nose-curve-convex": 0.25,
    "eyebrows-angle-up": 0.25,
    "eyebrows-trans-up": 0.25,
}
_PAIRED_FEATURES: Mapping[str, float] = {
    "cheek-bones-incr": 0.4,
    "cheek-volume-incr": 0.3,
    "cheek-inner-incr": 0.3,
    "eye-scale-incr": 0.25,
    "eye-height2-incr": 0.25,
    "eye-trans-out": 0.2,
    "eye-corner1-up": 0.25,
    "eye-corner2-up": 0.25,
    "eye-bag-incr": 0.25,
    "ear-scale-incr": 0.3,
    "ear-wing-incr": 0.3,
}


@dataclass(frozen=True)
class View:
    """How the person stands before the camera: head angles in degrees, and the framing.

    `eyes` is the distance of the outer eye corners and `height` the middle of the landmarks, both as parts of the
    picture's width.
    """

    yaw: float
    pitch: float
    roll: float
    eyes: float
    height: float


@dataclass(frozen=True)
class Person:
    """Everything that a person's eight pictures share, and how strongly they show each expression.

    `weathered` in [0, 1] is how far skin is furrowed, spotted and slack beyond what `draw_person` gives for the years.
    """

    index: int
    sex: float
    years: float
    ancestry: str
    phenotype: Mapping[str, float]
    features: Mapping[str, float]
    skin: Skin
    hair: Hair
    iris: tuple[float, float, float]
    outfit: Outfit
    backdrop: Backdrop
    light: Light
    view: View
    strength: float
    left: bool
    laugh: float
    weathered: float = 0.0

    @property
    def name(self) -> str:
        """The person's name in a data set, such as p07."""
        return f"p{self.index:02d}"


def draw_person(index: int, seed: int) -> Person:
    """Describe person number `index` of the set `seed`; the same two numbers always give the same person."""
    block, place = divmod(index, _BLOCK)
    shuffled = np.random.default_rng([seed, 1, block])
    ancestry = _ANCESTRIES[shuffled.permutation(_BLOCK)[place]]
    age_rank = shuffled.permutation(_BLOCK)[place]
    female = bool(shuffled.permutation(_BLOCK)[place] % 2)
    rng = np.random.default_rng([seed, 2, index])

    sex = float(rng.uniform(0.0, 0.15) if not female else rng.uniform(0.85, 1.0))
    # More people between 20 and 50 than above
    years = _YOUNGEST + (_OLDEST - _YOUNGEST) * float(((age_rank + rng.uniform(0, 1)) / _BLOCK) ** 1.4)
    shares = _ancestry_shares(ancestry, rng)
    skin = draw_skin(rng, shares, female, years)
    return Person(
        index=index,
        sex=sex,
        years=years,
        ancestry=ancestry,
        phenotype={
            "gender": sex,
            "age": anny_age(years),
            "muscle": float(rng.uniform(0.35, 0.65)),
            "weight": float(np.clip(rng.normal(0.5, 0.16), 0.15, 0.9)),
            "height": 0.5,
            "proportions": float(rng.uniform(0.5, 0.9)),
            **shares,
        },
        features=_features(rng),
        skin=skin,
        hair=draw_hair(rng, shares, female, years),
        iris=_iris(rng, shares),
        outfit=Outfit.draw(rng),
        backdrop=draw_backdrop(rng),
        light=draw_light(rng),
        view=View(
            yaw=float(np.clip(rng.normal(0, 8), -16, 16)),
            pitch=float(np.clip(rng.normal(1, 4), -7, 9)),
            roll=float(np.clip(rng.normal(0, 3), -6, 6)),
            eyes=float(rng.uniform(0.30, 0.32)),
            height=float(rng.uniform(0.595, 0.615)),
        ),
        strength=float(rng.uniform(0.85, 1.1)),
        left=bool(rng.integers(2)),
        laugh=float(max(0.0, rng.uniform(-0.4, 1.0))),
    )


def anny_age(years: float) -> float:
    """anny's age parameter: a third for a child of ten, two thirds at 25, one at 90 (MakeHuman's anchors)."""
    return float(np.interp(years, [1, 10, 25, 90], [0.0, 1 / 3, 2 / 3, 1.0]))


def _ancestry_shares(ancestry: str, rng: Generator) -> dict[str, float]:
    names = ("african", "asian", "caucasian")
    if ancestry == "mixed":
        drawn = rng.dirichlet([1.5, 1.5, 1.5])
    else:
        drawn = rng.dirichlet([9.0 if name == ancestry else 0.6 for name in names])
    return {name: float(share) for name, share in zip(names, drawn, strict=True)}


def _features(rng: Generator) -> dict[str, float]:
    drawn = {name: float(np.clip(rng.normal(0, spread), -0.8, 0.8)) for name, spread in _FEATURES.items()}
    for name, spread in _PAIRED_FEATURES.items():
        both = rng.normal(0, spread)
        for side in ("l", "r"):  # faces are nearly, not exactly, symmetric
            drawn[f"{side}-{name}"] = float(np.clip(both + rng.normal(0, 0.05), -0.8, 0.8))
    return drawn


def _iris(rng: Generator, shares: Mapping[str, float]) -> tuple[float, float, float]:
    """Linear RGB of the iris: brown, or for many people of European ancestry hazel, green, blue or grey."""
    colours = {
        "brown": (0.11, 0.045, 0.018),
        "dark": (0.045, 0.02, 0.01),
        "hazel": (0.16, 0.10, 0.03),
        "green": (0.12, 0.16, 0.07),
        "blue": (0.10, 0.20, 0.33),
        "grey": (0.18, 0.22, 0.25),
    }
    light = 0.75 * shares["caucasian"] ** 1.5
    odds = [0.45 * (1 - light), 0.55 * (1 - light), 0.25 * light, 0.2 * light, 0.35 * light, 0.2 * light]
    name = list(colours)[int(rng.choice(len(odds), p=np.array(odds) / sum(odds)))]
    varied = np.array(colours[name]) * rng.uniform(0.8, 1.2)
    return float(varied[0]), float(varied[1]), float(varied[2])
