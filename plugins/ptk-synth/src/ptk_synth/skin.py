"""Colours by vertex: skin with its blotches and freckles, eyes, teeth, clothes. All linear RGB albedo."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.landmarks68 import inner_vertices
from ptk_synth.noise import fractal, smooth_step
from ptk_synth.regions import LID_RINGS, around, beard, beard_shadow, scalp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.head import HeadModel, Part
    from ptk_synth.people import Person

    Floats = NDArray[np.float64]

__all__ = ["paint", "shaded_furrows", "upper_teeth"]

# How more blood, and more pigment, change what skin reflects of red, green and blue.
_BLOOD = np.array([0.05, -0.30, -0.24])
_PIGMENT = np.array([-0.55, -0.80, -0.95])
_FIRST_OF_UPPER_TEETH = 15060  # vertex of base.obj; the lower ones come before it
# Distance from the middle of the gaps between the upper, and the lower, front teeth
_GAPS = (np.array([0.0, 0.0085, 0.0152, 0.0220]), np.array([0.0, 0.0055, 0.0115, 0.0180]))
_IRIS_RADIUS = 0.0056
_PUPIL_RADIUS = 0.0021


def paint(head: HeadModel, person: Person) -> dict[str, Floats]:
    """Albedo (N, 3) in [0, 1] of the vertices of each of the head's parts."""
    return {
        "skin": _skin(head, person),
        "eyes": _eyes(head.parts["eyes"], person),
        "teeth": _teeth(head.parts["teeth"]),
        "tongue": np.tile([0.36, 0.115, 0.105], (len(head.parts["tongue"].template), 1)),
        "shirt": _shirt(head.parts["shirt"], person),
    }


def _skin(head: HeadModel, person: Person) -> Floats:
    skin, hair = person.skin, person.hair
    points, lips = head.parts["skin"].template, smooth_step(head.masks["lips"], 0.3, 0.7)
    blood = _blood(points, head, person)
    pigment = _pigment(points, head, person)
    shades = np.exp(blood[:, None] * _BLOOD + pigment[:, None] * _PIGMENT)
    colour = np.array(skin.tone) * shades
    colour = _mix(
        colour, np.array(skin.lips) * np.exp(0.12 * fractal(points, 0.002, skin.seed + 5))[:, None], 0.85 * lips
    )

    shadow = beard_shadow(points, head.masks["lips"])
    grown = {"none": 0.3, "stubble": 1.0, "full": 1.0}.get(hair.beard, 0.4)
    spots = np.clip(0.75 + 0.25 * fractal(points, 0.0015, skin.seed + 6), 0, 1)
    shaved = 0.55 * skin.stubble * grown * shadow * spots
    colour = _mix(colour, colour * [0.38, 0.40, 0.46], shaved)
    grown_beard = beard(points, head.masks["lips"], hair.beard) * (0.3 if hair.beard == "stubble" else 0.6)
    colour = _mix(colour, np.minimum(hair.brow_colour, 0.4 * np.array(skin.tone)), grown_beard * spots)

    root = {"bald": 0.12, "buzz": 0.62}.get(hair.style, 0.85)
    grown_hair = np.array(hair.colour) * (1 - hair.grey) + 0.25 * hair.grey
    colour = _mix(colour, grown_hair, root * scalp(points, hair) * (1 - head.masks["ears"]))
    colour = _mix(colour, np.array([0.16, 0.028, 0.022]), smooth_step(head.masks["inside-mouth"], 0.4, 0.8))
    colour = _lash_line(head.parts["skin"], colour, person)
    return np.clip(colour, 0.004, 0.9)


def _blood(points: Floats, head: HeadModel, person: Person) -> Floats:
    """How red the skin is, by vertex: cheeks, nose, chin, ears, and uneven everywhere."""
    skin = person.skin
    rouge = 0.5 * skin.make_up
    blood = (skin.ruddy * 0.9 + rouge) * around(points, (0.044, 0.700, 0.120), (0.016, 0.014, 0.03))
    blood += skin.ruddy * 0.9 * around(points, (0.0, 0.692, 0.166), (0.013, 0.011, 0.014))
    blood += skin.ruddy * 0.5 * around(points, (0.0, 0.625, 0.145), (0.018, 0.012, 0.02))
    blood += skin.ruddy * 0.3 * around(points, (0.02, 0.775, 0.14), (0.03, 0.015, 0.03))
    blood += 0.7 * skin.ruddy * head.masks["ears"]
    blood += 0.5 * around(points, (0.031, 0.7275, 0.135), (0.016, 0.009, 0.02)) * (1 - skin.make_up)
    blood += 0.16 * skin.blotches * fractal(points, 0.016, skin.seed, octaves=3)
    return blood


def _pigment(points: Floats, head: HeadModel, person: Person) -> Floats:
    """How dark the skin is, by vertex: freckles, moles, lids, rings under the eyes, shadow of make-up."""
    skin = person.skin
    pigment = 0.045 * skin.blotches * fractal(points, 0.03, skin.seed + 1) + 0.05 * fractal(
        points, 0.004, skin.seed + 2
    )
    centre = around(points, (0.022, 0.705, 0.14), (0.03, 0.022, 0.03))
    pigment += skin.freckles * 0.7 * centre * smooth_step(fractal(points, 0.0028, skin.seed + 3, octaves=1), 0.7, 1.4)
    pigment += skin.tired * 0.35 * around(points, (0.028, 0.7165, 0.137), (0.011, 0.0045, 0.02))
    pigment += 0.10 * head.masks["eyelids"]
    if person.weathered:
        pigment += person.weathered * _age_spots(points, skin.seed)
    rng = np.random.default_rng(skin.seed)
    face = np.flatnonzero((points[:, 2] > 0.09) & (points[:, 1] > 0.62) & (points[:, 1] < 0.79))
    for _ in range(int(rng.integers(0, 5))):
        mole, radius = points[face[rng.integers(len(face))]], rng.uniform(0.0008, 0.0017)
        pigment += rng.uniform(0.8, 1.5) * np.exp(-0.5 * (np.linalg.norm(points - mole, axis=1) / radius) ** 2)
    if skin.make_up:
        pigment += 0.45 * skin.make_up * around(points, (0.031, 0.7385, 0.138), (0.014, 0.0045, 0.02))
    return pigment


def _age_spots(points: Floats, seed: int) -> Floats:
    """Lentigines: brown patches of some millimetres on the forehead, the temples and the outer cheeks."""
    spread = around(points, (0.055, 0.715, 0.09), (0.03, 0.035, 0.05))
    spread = np.maximum(spread, around(points, (0.03, 0.785, 0.11), (0.045, 0.02, 0.06)))
    patches = smooth_step(fractal(points, 0.009, seed + 8, octaves=2), 0.75, 1.35)
    spots: Floats = 0.6 * spread * patches
    return spots


def shaded_furrows(colour: Floats, relief: Floats, weathered: float) -> Floats:
    """The skin's `colour` (N, 3), darker in the furrows of `relief` (N,), metres: little light comes out of them."""
    depth = np.clip(-relief / 0.0006, 0, 1.2)[:, None]
    shaded: Floats = colour * np.exp(-weathered * depth * [0.40, 0.55, 0.62])
    return shaded


def _lash_line(part: Part, colour: Floats, person: Person) -> Floats:
    """Darken the rim of the lids where the lashes stand, and the skin under the brows."""
    points, dark = part.template, np.array(person.hair.brow_colour) * 0.5
    rim = np.zeros(len(points))
    for ring in LID_RINGS:
        places = points[np.searchsorted(part.vertices, list(ring))]
        middle = places.mean(axis=0)
        near = np.flatnonzero(np.linalg.norm(points - middle, axis=1) < 0.03)
        away = np.linalg.norm(points[near, None] - places[None], axis=2)
        upper = np.where(places[away.argmin(axis=1), 1] > middle[1] - 0.001, 1.0, 0.45)
        rim[near] = np.maximum(rim[near], upper * np.exp(-0.5 * (away.min(axis=1) / 0.0007) ** 2))
    strength = 0.75 + 0.2 * person.skin.make_up
    return _mix(_mix(colour, dark, strength * rim), np.array(person.hair.brow_colour), _brow(part, person))


def _brow(part: Part, person: Person) -> Floats:
    """The shade of the brow hairs' roots on the skin."""
    shade = np.zeros(len(part.template))
    points = part.template[inner_vertices(part)]
    for line in (points[0:5], points[5:10]):
        for a, b in pairwise(line):
            along = np.clip((part.template - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            away = np.linalg.norm(part.template - a - along[:, None] * (b - a), axis=1)
            shade = np.maximum(shade, np.exp(-0.5 * (away / (0.0026 * person.hair.brow)) ** 2))
    return 0.5 * min(1.0, person.hair.brow) * shade


def _eyes(part: Part, person: Person) -> Floats:
    points = part.template
    colour = np.tile([0.74, 0.70, 0.66], (len(points), 1))
    for side in (points[:, 0] > 0, points[:, 0] < 0):
        eye = points[side]
        centre = (eye.max(axis=0) + eye.min(axis=0)) / 2
        across = eye[:, :2] - centre[:2]
        radius, angle = np.linalg.norm(across, axis=1), np.arctan2(across[:, 1], across[:, 0])
        radius = np.where(eye[:, 2] > centre[2], radius, 1.0)
        streaks = fractal(
            np.stack([np.cos(angle) * 6, np.sin(angle) * 6, radius * 200], axis=1), 0.6, person.skin.seed + 7
        )
        iris = np.array(person.iris) * np.exp(0.35 * streaks)[:, None]
        iris = iris * (1.25 - 0.85 * smooth_step(radius, 0.62 * _IRIS_RADIUS, _IRIS_RADIUS))[:, None]
        white = np.array([0.74, 0.70, 0.66]) * np.exp(smooth_step(radius, 0.007, 0.012)[:, None] * [-0.15, -0.5, -0.5])
        painted = _mix(white, iris, smooth_step(radius, _IRIS_RADIUS + 0.0004, _IRIS_RADIUS - 0.0004))
        colour[side] = _mix(
            painted, np.full(3, 0.003), smooth_step(radius, _PUPIL_RADIUS + 0.0003, _PUPIL_RADIUS - 0.0003)
        )
    return colour


def upper_teeth(part: Part) -> NDArray[np.bool_]:
    """Which fine vertices of the teeth are the upper ones'."""
    share: Floats = part.matrix @ (part.vertices >= _FIRST_OF_UPPER_TEETH).astype(np.float64)
    return share > 0.5


def _teeth(part: Part) -> Floats:
    points = part.template
    upper = upper_teeth(part)
    gum = np.where(upper, smooth_step(points[:, 1], 0.671, 0.674), smooth_step(points[:, 1], 0.652, 0.649))
    enamel = np.tile([0.78, 0.72, 0.60], (len(points), 1))
    between = np.abs(np.abs(points[:, :1]) - np.where(upper[:, None], _GAPS[0], _GAPS[1])).min(axis=1)
    enamel = enamel * (1 - 0.45 * np.exp(-0.5 * (between / 0.0005) ** 2))[:, None]
    return _mix(enamel, np.array([0.42, 0.14, 0.12]), gum)


def _shirt(part: Part, person: Person) -> Floats:
    outfit, points = person.outfit, part.template
    weave = 0.06 * fractal(points, 0.004, outfit.seed, octaves=2) + 0.05 * fractal(points, 0.05, outfit.seed + 1)
    if outfit.pattern > 0.6:
        weave = weave + 0.12 * np.sin(2 * np.pi * points[:, 1] / 0.012)
    cloth: Floats = np.clip(np.array(outfit.colour) * np.exp(weave)[:, None], 0.01, 0.85)
    return cloth


def _mix(below: Floats, above: Floats, weight: Floats) -> Floats:
    """`above` over `below`, with opacity `weight` (N,)."""
    mixed: Floats = below + (np.asarray(above) - below) * np.asarray(weight)[:, None]
    return mixed
