"""What people look like beside the shape of their face: skin, hair, clothes, background and light, drawn by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "Backdrop",
    "Hair",
    "Light",
    "Outfit",
    "Skin",
    "brow_colour",
    "draw_backdrop",
    "draw_hair",
    "draw_light",
    "draw_skin",
]

Colour = tuple[float, float, float]  # linear RGB

_MEN_STYLES = ("bald", "buzz", "short", "swept", "curly", "medium")
_WOMEN_STYLES = ("bob", "long", "medium", "curly", "updo", "short")
_BEARDS = ("none", "stubble", "moustache", "goatee", "full")


@dataclass(frozen=True)
class Skin:
    """Skin: `tone` is its albedo, the rest are strengths in [0, 1]; `seed` scatters blotches, freckles and moles."""

    tone: Colour
    lips: Colour
    ruddy: float
    blotches: float
    freckles: float
    stubble: float
    tired: float
    make_up: float
    shine: float
    seed: int


@dataclass(frozen=True)
class Hair:
    """Hair: a `style` by name, its `colour`, how much is `grey`, how far the hairline recedes, and brows and beard.

    `fringe` is how far hair falls over the forehead, 0 for none. `part` is where the parting lies (-1 the person's
    right temple, 1 the left), `length` scales the style's own, `curl` and `volume` are in [0, 1], `brow` scales the
    brows' density and width, 1 being the average.
    """

    style: str
    colour: Colour
    grey: float
    receding: float
    fringe: float
    part: float
    length: float
    curl: float
    volume: float
    brow: float
    brow_colour: Colour
    beard: str
    seed: int


@dataclass(frozen=True)
class Outfit:
    """A plain top: its `colour`, the `neck` ("turtle", "crew" or "vee") and the strength of a knitted pattern."""

    colour: Colour
    neck: str
    pattern: float
    seed: int

    @staticmethod
    def draw(rng: Generator) -> Outfit:
        """Draw a top."""
        return Outfit(
            colour=_hsv(rng.uniform(0, 1), rng.uniform(0.05, 0.75), rng.uniform(0.06, 0.8)),
            neck=str(rng.choice(["turtle", "crew", "crew", "vee"])),
            pattern=float(rng.uniform(0, 1)),
            seed=int(rng.integers(2**31)),
        )


@dataclass(frozen=True)
class Backdrop:
    """What is behind: `kind` is "studio" (a soft spot on a wall), "gradient" or "blurred" (lights out of focus)."""

    kind: str
    colours: tuple[Colour, Colour, Colour]
    seed: int


@dataclass(frozen=True)
class Light:
    """Where light comes from: azimuths (positive is the person's left) and heights in degrees, and colours.

    `key` is the main softbox, of angular radius `soft`; `fill` is the strength of the light around, relative to it;
    `rim` that of a lamp behind.
    """

    azimuth: float
    height: float
    soft: float
    key: Colour
    ambient: Colour
    fill: float
    rim: float
    rim_azimuth: float


def draw_skin(rng: Generator, shares: Mapping[str, float], female: bool, years: float) -> Skin:
    """Draw the skin of somebody whose ancestry is mixed by `shares` (african, asian, caucasian; they sum to 1)."""
    tones = {
        "african": [(0.30, 0.150, 0.085), (0.115, 0.052, 0.030)],
        "asian": [(0.62, 0.40, 0.265), (0.38, 0.205, 0.120)],
        "caucasian": [(0.67, 0.44, 0.335), (0.50, 0.285, 0.185)],
    }
    at = float(rng.beta(1.3, 1.5))  # one position between each ancestry's light and dark tone
    mixed = sum(shares[name] * ((1 - at) * np.log(pale) + at * np.log(deep)) for name, (pale, deep) in tones.items())
    tone = np.exp(mixed)
    fair = float(np.clip((tone[0] - 0.2) / 0.4, 0, 1))
    lips = tone * np.array([0.80, 0.50, 0.52]) * rng.uniform(0.85, 1.1)
    make_up = float(rng.uniform(0.3, 1.0)) if female and rng.random() < 0.5 else 0.0
    if make_up:
        lips = (1 - 0.6 * make_up) * lips + 0.6 * make_up * np.array(_hsv(rng.uniform(0.94, 1.0), 0.8, 0.5))
    old = float(np.clip((years - 35) / 40, 0, 1))
    return Skin(
        tone=_colour(tone),
        lips=_colour(lips),
        ruddy=float(rng.uniform(0.3, 1.0)),
        blotches=float(0.3 + 0.4 * old + 0.3 * rng.random()),
        freckles=float(fair * shares["caucasian"] * max(0.0, rng.uniform(-1.0, 1.0))),
        stubble=0.0 if female or years < 17 else float(rng.uniform(0.15, 0.8)),
        tired=float(np.clip(0.3 + 0.5 * old + rng.normal(0, 0.15), 0, 1)),
        make_up=make_up,
        shine=float(rng.uniform(0.2, 0.8)),
        seed=int(rng.integers(2**31)),
    )


def draw_hair(rng: Generator, shares: Mapping[str, float], female: bool, years: float) -> Hair:
    """Draw the hair of somebody whose ancestry is mixed by `shares` (african, asian, caucasian; they sum to 1)."""
    natural = {
        "black": (0.012, 0.010, 0.009),
        "dark": (0.030, 0.018, 0.012),
        "brown": (0.085, 0.045, 0.024),
        "light": (0.20, 0.115, 0.055),
        "blond": (0.42, 0.28, 0.13),
        "red": (0.26, 0.075, 0.025),
    }
    fair = shares["caucasian"] ** 1.3
    odds = np.array(
        [0.55 * (1 - fair), 0.45 * (1 - fair) + 0.1 * fair, 0.3 * fair, 0.25 * fair, 0.22 * fair, 0.13 * fair]
    )
    colour = np.array(natural[list(natural)[int(rng.choice(6, p=odds / odds.sum()))]]) * rng.uniform(0.8, 1.25)
    grey = float(np.clip((years - 42) / 30 + rng.normal(0, 0.15), 0, 0.95)) if years > 38 else 0.0
    if female and rng.random() < 0.6:
        grey *= 0.25  # dyed
    african = rng.random() < 1.2 * shares["african"] - 0.15
    styles = _WOMEN_STYLES if female else _MEN_STYLES
    weights = (
        np.array([1.4, 1.7, 1.6, 0.7, 0.6, 0.3]) if female else np.array([0.5 + years / 80, 1.2, 2.0, 1.5, 0.7, 0.5])
    )
    style = str(rng.choice(styles, p=weights / weights.sum()))
    if african and style in ("short", "swept", "medium", "bob", "curly"):
        style = "afro" if female or rng.random() < 0.4 else "buzz"
    beard = "none"
    if not female and years > 20:
        beard = str(rng.choice(_BEARDS, p=[0.24, 0.22, 0.14, 0.18, 0.22]))
    return Hair(
        style=style,
        colour=_colour(colour),
        grey=grey,
        receding=0.0 if female else float(np.clip((years - 28) / 50 * rng.uniform(0.2, 1.6), 0, 0.9)),
        fringe=float(rng.uniform(0.2, 1.0))
        if style in ("short", "medium", "bob", "long") and rng.random() < 0.4
        else 0.0,
        part=float(rng.choice([-0.45, -0.3, 0.0, 0.3, 0.45]) + rng.normal(0, 0.04)),
        length=float(rng.uniform(0.75, 1.25)),
        curl=1.0 if african else float(rng.beta(1.2, 3.0)),
        volume=float(rng.uniform(0.2, 1.0)),
        brow=float(rng.uniform(0.65, 0.95) if female else rng.uniform(0.8, 1.2)),
        brow_colour=brow_colour(_colour(colour), grey),
        beard=beard,
        seed=int(rng.integers(2**31)),
    )


def brow_colour(hair: Colour, grey: float) -> Colour:
    """The colour of the brows of somebody with `hair` of that colour, `grey` in [0, 1]."""
    return _colour(np.array(hair) * 0.75 * (1 - 0.3 * grey) + 0.3 * grey * np.array([0.22, 0.16, 0.12]))


def draw_backdrop(rng: Generator) -> Backdrop:
    """Draw a background."""
    hue = rng.uniform(0, 1)
    dark = rng.random() < 0.25
    value = rng.uniform(0.12, 0.22) if dark else rng.uniform(0.3, 0.9)
    saturation = rng.uniform(0.03, 0.5)
    return Backdrop(
        kind=str(rng.choice(["studio", "gradient", "blurred"])),
        colours=(
            _hsv(hue, saturation, value),
            _hsv(
                (hue + rng.uniform(-0.08, 0.08)) % 1, saturation * rng.uniform(0.5, 1.3), value * rng.uniform(0.3, 0.8)
            ),
            _hsv((hue + rng.uniform(0.3, 0.6)) % 1, saturation, min(0.95, value * 1.4)),
        ),
        seed=int(rng.integers(2**31)),
    )


def draw_light(rng: Generator) -> Light:
    """Draw the light: a softbox in front, to one side and above, light all around, and for some a lamp behind."""
    warmth = rng.normal(0, 0.5)
    side = float(rng.choice([-1, 1]))
    return Light(
        azimuth=side * float(rng.uniform(12, 58)),
        height=float(rng.uniform(15, 48)),
        soft=float(rng.uniform(12, 24)),
        key=_white(warmth),
        ambient=_white(-0.6 * warmth + rng.normal(0, 0.3)),
        fill=float(rng.uniform(0.25, 0.7)),
        rim=float(max(0.0, rng.uniform(-0.7, 1.0))),
        rim_azimuth=-side * float(rng.uniform(115, 150)),
    )


def _white(warmth: float) -> Colour:
    """White light, redder for positive `warmth`, bluer for negative."""
    return _colour(np.exp(np.array([0.22, 0.0, -0.3]) * np.clip(warmth, -1.2, 1.2)))


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    """Linear RGB of a display colour given by hue, saturation and value in [0, 1]."""
    import colorsys

    shown = np.array(colorsys.hsv_to_rgb(hue % 1, min(1.0, saturation), value))
    return _colour(shown**2.2)


def _colour(values: np.ndarray) -> Colour:
    return float(values[0]), float(values[1]), float(values[2])
