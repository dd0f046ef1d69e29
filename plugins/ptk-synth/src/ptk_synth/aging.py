"""The same person at another age: what years do to the face, the skin and the hair, and what they leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.people import anny_age
from ptk_synth.traits import brow_colour

if TYPE_CHECKING:
    from ptk_synth.people import Person
    from ptk_synth.traits import Hair, Skin

__all__ = ["AGES", "aged", "sagging"]

AGES = (16.0, 85.0)
"""The youngest and the oldest that `aged` makes anybody."""

# What weight and thinning skin do to the shape, in anny's local changes, when `Person.weathered` is 1. Ears and noses
# grow, lips thin, cheeks hollow beside the mouth and hang at the jaw.
_SAGGING: Mapping[str, float] = MappingProxyType(
    {
        "head-age-incr": 0.45,
        "neck-double-incr": 0.3,
        "mouth-laugh-lines-out": 0.4,
        "mouth-upperlip-height-incr": -0.4,
        "mouth-lowerlip-height-incr": -0.3,
        "mouth-angles-up": -0.15,
        "nose-scale-vert-incr": 0.1,
        "nose-point-up": -0.25,
        "nose-volume-incr": 0.1,
        "eyebrows-trans-up": -0.25,
    }
)
_SAGGING_PAIRED: Mapping[str, float] = MappingProxyType(
    {
        "cheek-volume-incr": -0.3,
        "cheek-trans-up": -0.4,
        "eye-bag-incr": 0.5,
        "eye-bag-out": 0.4,
        "eye-corner2-up": -0.25,
        "eye-height2-incr": -0.25,
        "ear-scale-incr": 0.35,
        "ear-lobe-incr": 0.4,
    }
)


def aged(person: Person, years: float) -> Person:
    """The same person at `years`: who they are, their build, clothes, light and pose stay.

    Hair turns grey and recedes, brows thin, skin gets furrows and spots and hangs; up to 20 nobody has a beard. When
    somebody's hair does so is their own, but nobody dyes. At the person's own years this adds to `draw_person` what
    that leaves out: natural grey, slackness and spots. Age people as they were drawn: what they lost at 20, a beard,
    does not come back at 72.

    Raises ValueError when `years` is not within `AGES`.
    """
    if not AGES[0] <= years <= AGES[1]:
        raise ValueError(f"people can be made {AGES[0]:g} to {AGES[1]:g} years old, not {years:g}")
    return replace(
        person,
        years=float(years),
        phenotype={**person.phenotype, "age": anny_age(years)},
        skin=_skin(person, years),
        hair=_hair(person, years),
        weathered=float(np.clip((years - 38) / 34, 0, 1)),
    )


def sagging(person: Person) -> Mapping[str, float]:
    """The person's features as years have left them: as drawn, unless `aged` made them."""
    if not person.weathered:
        return person.features
    moved = {**_SAGGING, **{f"{side}-{name}": by for name, by in _SAGGING_PAIRED.items() for side in ("l", "r")}}
    return {
        **person.features,
        **{
            name: float(np.clip(person.features.get(name, 0.0) + person.weathered * by, -1, 1))
            for name, by in moved.items()
        },
    }


def _skin(person: Person, years: float) -> Skin:
    skin, man = person.skin, person.sex < 0.5
    older = _old(years) - _old(person.years)
    grown = skin.stubble or float(np.random.default_rng([skin.seed, 1]).uniform(0.15, 0.8))
    return replace(
        skin,
        blotches=float(np.clip(skin.blotches + 0.4 * older, 0, 1)),
        tired=float(np.clip(skin.tired + 0.5 * older, 0, 1)),
        stubble=grown if man and years >= 17 else 0.0,
    )


def _hair(person: Person, years: float) -> Hair:
    hair, man = person.hair, person.sex < 0.5
    rng = np.random.default_rng([hair.seed, 4])
    early, wide = float(rng.normal(0, 0.1)), float(rng.uniform(0.3, 1.4))
    grey = float(np.clip((years - 42) / 30 + early, 0, 0.95)) if years > 38 else 0.0
    receding = float(np.clip((years - 28) / 50 * wide, 0, 0.9)) if man else 0.0
    return replace(
        hair,
        grey=grey,
        receding=receding,
        brow=hair.brow * (1 - 0.25 * _old(years)) / (1 - 0.25 * _old(person.years)),
        brow_colour=brow_colour(hair.colour, grey),
        beard=hair.beard if years > 20 else "none",
    )


def _old(years: float) -> float:
    return float(np.clip((years - 35) / 40, 0, 1))
