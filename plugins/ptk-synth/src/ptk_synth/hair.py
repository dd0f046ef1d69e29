"""Scalp hair: strands that grow from the scalp, are combed, fall, and do not pass through the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.mesh import vertex_normals
from ptk_synth.noise import fractal, smooth_step
from ptk_synth.regions import scalp
from ptk_synth.strands import coloured, scatter

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ptk_synth.head import HeadModel
    from ptk_synth.people import Person
    from ptk_synth.scene import Strands
    from ptk_synth.traits import Hair

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["scalp_hair"]


@dataclass(frozen=True)
class _Style:
    """How a style grows. Lengths in metres of the average head, the rest in [0, 1]."""

    top: float  # length on top
    sides: float  # length at the sides and behind
    count: int
    lift: float  # how far hair stands off the scalp
    fall: float  # how soon it follows gravity
    comb: str  # "whorl", "part", "back", "out"
    locks: float  # how much hairs gather in locks
    curl: float  # radius of curls, metres


_STYLES = {
    "buzz": _Style(0.006, 0.004, 11000, 0.8, 0.0, "whorl", 0.0, 0.0),
    "short": _Style(0.036, 0.014, 9500, 0.45, 0.08, "whorl", 0.55, 0.001),
    "swept": _Style(0.075, 0.020, 9500, 0.55, 0.10, "part", 0.6, 0.001),
    "curly": _Style(0.075, 0.060, 9500, 0.7, 0.4, "out", 0.75, 0.006),
    "afro": _Style(0.060, 0.055, 13000, 1.0, 0.0, "out", 0.25, 0.004),
    "medium": _Style(0.16, 0.13, 9500, 0.3, 0.5, "part", 0.6, 0.002),
    "bob": _Style(0.24, 0.18, 10500, 0.25, 0.6, "part", 0.5, 0.001),
    "long": _Style(0.40, 0.34, 10500, 0.25, 0.6, "part", 0.6, 0.002),
    "updo": _Style(0.17, 0.15, 10500, 0.12, 0.0, "back", 0.4, 0.0),
}
_STEPS = 14
_RADIUS = 0.00023  # several times a real hair's: a head has ten times as many
_CROWN = np.array([0.0, 0.838, 0.010])
_BUN = np.array([0.0, 0.795, -0.075])


def scalp_hair(head: HeadModel, person: Person, base: Floats) -> list[Strands]:
    """The strands of the person's style on the neutral head `base`; none for a bald one."""
    hair = person.hair
    if hair.style not in _STYLES:
        return []
    style, rng = _STYLES[hair.style], np.random.default_rng([hair.seed, 3])
    frame = _Frame(head, base)
    part = head.parts["skin"]
    density = scalp(part.template, hair) * (1 - np.clip(2 * head.masks["ears"], 0, 1))
    roots = scatter(part, frame.skin, density, style.count, rng)
    if len(roots.corners) == 0:
        return []
    start, normal = roots.at(frame.skin), roots.at(frame.normals)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    curves = _grow(start, normal, style, hair, frame, rng)
    curves, locks = _gather(curves, style, hair, rng)
    if hair.style == "updo":
        curves, locks = _with_bun(curves, locks, rng)
    return coloured(frame.back(curves), _RADIUS * frame.scale, hair.colour, hair.grey, locks, rng)


class _Frame:
    """The person's head moved and scaled onto the average one, where styles are described."""

    def __init__(self, head: HeadModel, base: Floats) -> None:
        from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

        eyes, skin, shirt = (head.parts[name] for name in ("eyes", "skin", "shirt"))
        place, rest = eyes.pose(base), eyes.template
        self.scale = float(
            np.ptp(
                skin.pose(base)[:, 1][head.masks["ears"] < 0.5][skin.template[:, 1][head.masks["ears"] < 0.5] > 0.70]
            )
            / 0.1477
        )
        self.origin, self.rest = place.mean(axis=0), rest.mean(axis=0)
        self.skin = self.to(skin.pose(base))
        self.normals = vertex_normals(self.skin, skin.triangles)
        cloth = self.to(shirt.pose(base))
        outside = head.masks["inside-mouth"] < 0.2
        solid = np.concatenate([self.skin[outside], cloth])
        self.solid_normals = np.concatenate([self.normals[outside], vertex_normals(cloth, shirt.triangles)])
        self.solid, self.tree = solid, cKDTree(solid)

    def to(self, points: Floats) -> Floats:
        moved: Floats = (points - self.origin) / self.scale + self.rest
        return moved

    def back(self, points: Floats) -> Floats:
        moved: Floats = (points - self.rest) * self.scale + self.origin
        return moved

    def settled(self, points: Floats, clearance: Floats, cling: Floats) -> Floats:
        """Move points that are nearer to the skin than `clearance`, or inside, out to it.

        Points further away are drawn back to it by `cling`, in [0, 1].
        """
        _, near = self.tree.query(points)
        normal = self.solid_normals[near]
        height = ((points - self.solid[near]) * normal).sum(axis=1)
        move = np.maximum(clearance - height, 0) - cling * np.maximum(height - clearance, 0)
        out: Floats = points + normal * move[:, None]
        return out


def _comb(start: Floats, normal: Floats, style: _Style, hair: Hair) -> Floats:
    """Which way hair is combed at its root: unit vectors along the scalp."""
    wander = 0.004 * fractal(start, 0.012, hair.seed + 9, octaves=2)
    side = np.where(start[:, 0] + wander > 0.075 * hair.part, 1.0, -1.0)
    front = smooth_step(start[:, 2], 0.02, 0.12)
    if style.comb == "out":
        flow = np.tile([0.0, 0.15, -0.1], (len(start), 1))
    elif style.comb == "back":
        flow = _BUN - start
    elif style.comb == "whorl":
        flow = (start - _CROWN) + np.array([0.05 * np.sign(hair.part + 1e-9), 0.0, 0.0])
    else:
        flow = np.stack([side * 0.9, np.full(len(side), -0.1), -0.2 - 0.5 * front], axis=1)
        if hair.style == "swept":
            flow = np.stack(
                [np.full(len(side), 0.7 * np.sign(hair.part + 1e-9)), 0.3 * front, -0.4 - 0.5 * front], axis=1
            )
        below = smooth_step(start[:, 1], 0.80, 0.76)[:, None]
        hanging = np.stack([0.1 * side, np.full(len(side), -1.0), np.full(len(side), -0.55)], axis=1)
        flow = flow * (1 - below) + hanging * below
    fringe = _fringe(start, hair)[:, None]
    flow = flow * (1 - fringe) + fringe * np.stack([0.35 * side, np.zeros(len(side)), np.full(len(side), 1.0)], axis=1)
    flow = flow + 0.10 * np.stack([fractal(start, 0.03, hair.seed + axis) for axis in range(3)], axis=1)
    flow = flow - (flow * normal).sum(axis=1, keepdims=True) * normal
    unit: Floats = flow / np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-9)
    return unit


def _fringe(start: Floats, hair: Hair) -> Floats:
    """Which roots grow a fringe that falls over the forehead."""
    if hair.fringe <= 0:
        return np.zeros(len(start))
    over: Floats = smooth_step(start[:, 2], 0.095, 0.115) * smooth_step(start[:, 1], 0.785, 0.795)
    return over * smooth_step(np.abs(start[:, 0]), 0.062, 0.048)


def _grow(start: Floats, normal: Floats, style: _Style, hair: Hair, frame: _Frame, rng: Generator) -> Floats:
    """Curves (N, steps + 2, 3): a point under the skin, the root, then step by step."""
    top = smooth_step(start[:, 1], 0.765, 0.80)
    fringe = _fringe(start, hair)
    length = (style.sides + (style.top - style.sides) * top) * hair.length
    length = np.where(fringe > 0.5, np.minimum(length, 0.045 + 0.02 * hair.fringe), length) * rng.uniform(
        0.8, 1.05, len(start)
    )
    lift = style.lift * (0.6 + 0.5 * hair.volume) * np.where(style.comb == "out", 1.0, 0.5 + 0.5 * top)[:, None]
    heading = _comb(start, normal, style, hair) * (1 - 0.75 * lift) + normal * lift + rng.normal(0, 0.07, start.shape)
    if hair.style == "swept":  # a front that stands up first
        heading = heading + 0.7 * hair.volume * normal * (smooth_step(start[:, 2], 0.07, 0.13) * top)[:, None]
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    depth = min(1.0, style.top / 0.06) * (0.002 + 0.013 * (0.3 + hair.volume) * rng.uniform(0, 1, len(start)))
    points, place = [start - 0.004 * normal, start], start
    stride = length / _STEPS
    for step in range(_STEPS):
        travelled = stride * (step + 1)
        hangs = smooth_step(place[:, 1], 0.76, 0.70)
        pull = _pull(place, travelled, style, fringe)
        heading = heading + pull * np.minimum(1.0, stride / 0.012)[:, None] + rng.normal(0, 0.03, place.shape)
        heading /= np.linalg.norm(heading, axis=1, keepdims=True)
        layer = np.minimum(depth * (0.4 + 0.6 * top) + 0.006 * hangs * hair.volume, 0.35 * travelled + 0.0006)
        cling = (
            (1 - hangs)
            * (0.0 if style.comb == "out" else 0.55 * (1 - 0.6 * fringe))
            * smooth_step(travelled, 0.0, 0.03)
        )
        if hair.style == "swept":
            cling = cling * (1 - 0.85 * top)
        place = frame.settled(place + heading * stride[:, None], layer, cling)
        moved = place - points[-1]
        heading = 0.4 * heading + 0.6 * moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        points.append(place)
    curves: Floats = np.stack(points, axis=1)
    return curves


def _pull(place: Floats, travelled: Floats, style: _Style, fringe: Floats) -> Floats:
    """What turns a growing hair at `place` (N, 3): its weight, the comb, and a hand that keeps it off the face."""
    pull = np.zeros_like(place)
    pull[:, 1] -= style.fall * (0.25 + smooth_step(travelled, 0.02, 0.10)) + 0.6 * fringe * smooth_step(
        travelled, 0.01, 0.03
    )
    if style.comb == "back":
        aim = _BUN - place
        pull += 0.9 * aim / np.maximum(np.linalg.norm(aim, axis=1, keepdims=True), 1e-3)
    if style.comb == "part":
        before = smooth_step(place[:, 2], 0.055, 0.09) * smooth_step(place[:, 1], 0.80, 0.76) * (1 - fringe)
        pull[:, 2] -= 0.9 * before
        pull[:, 0] += 0.25 * before * np.sign(place[:, 0])
    return pull


def _gather(curves: Floats, style: _Style, hair: Hair, rng: Generator) -> tuple[Floats, Ints]:
    """Draw hairs together into locks, and curl them. Returns the curves and each one's lock."""
    from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

    guides = rng.choice(len(curves), size=max(20, min(len(curves), 420)), replace=False)
    _, lock = cKDTree(curves[guides, 1]).query(curves[:, 1])
    at = np.linspace(0, 1, curves.shape[1])[None, :, None]
    pull = 0.75 * style.locks * at**1.2
    gathered = curves + pull * (curves[guides[lock]] - curves)
    radius = style.curl * (0.3 + hair.curl) + (0.003 * hair.curl if style.top > 0.05 and hair.style != "updo" else 0.0)
    if radius > 0.0012:
        tangent = np.gradient(gathered, axis=1)
        tangent /= np.maximum(np.linalg.norm(tangent, axis=2, keepdims=True), 1e-9)
        first = np.cross(tangent, [0.31, 0.17, 0.93])
        first /= np.maximum(np.linalg.norm(first, axis=2, keepdims=True), 1e-9)
        second = np.cross(tangent, first)
        turns = rng.uniform(1.6, 2.6, len(guides))[lock] * (1 + 0.6 * hair.curl)
        phase = rng.uniform(0, 2 * np.pi, len(guides))[lock] + rng.normal(0, 0.35, len(curves))
        angle = phase[:, None, None] + 2 * np.pi * turns[:, None, None] * at
        gathered = gathered + radius * np.minimum(1, 3 * at) * (first * np.cos(angle) + second * np.sin(angle))
    return gathered, lock


def _with_bun(curves: Floats, locks: Ints, rng: Generator) -> tuple[Floats, Ints]:
    """Add a knot of hair behind the crown."""
    count, steps = 1500, curves.shape[1]
    axis = rng.normal(0, 1, (count, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    first = np.cross(axis, rng.normal(0, 1, (count, 3)))
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(axis, first)
    angle = np.linspace(0, 2.2, steps)[None, :, None]
    radius = 0.036 * rng.uniform(0.8, 1.0, (count, 1, 1))
    around = first[:, None] * np.cos(angle) + second[:, None] * np.sin(angle)
    knot = _BUN + [0.0, 0.012, -0.012] + radius * around
    return np.concatenate([curves, knot]), np.concatenate([locks, rng.integers(0, 420, count)])
