"""Brows, lashes and beards: short hairs that stand on moving skin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.landmarks68 import inner_vertices
from ptk_synth.mesh import vertex_normals
from ptk_synth.regions import LID_RINGS, beard
from ptk_synth.strands import Roots, coloured, nearest_roots, scatter

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ptk_synth.head import HeadModel
    from ptk_synth.people import Person
    from ptk_synth.scene import Strands

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["FacialHair"]

_BROW_HAIRS = 420
_BEARDS = {
    "none": (0, 0.0),
    "stubble": (4500, 0.0022),
    "moustache": (2200, 0.008),
    "goatee": (3600, 0.009),
    "full": (7000, 0.010),
}


class FacialHair:
    """A person's brows and beard, rooted once; `posed` puts them, and the lashes, on any of the person's faces."""

    def __init__(self, head: HeadModel, person: Person) -> None:
        self.head, self.person = head, person
        rng = np.random.default_rng([person.hair.seed, 1])
        line = inner_vertices(head.parts["skin"])
        self.brows = [self._brow(side, rng) for side in (line[4::-1], line[5:10])]
        count, self.beard_length = _BEARDS[person.hair.beard]
        skin = head.parts["skin"]
        density = beard(skin.template, head.masks["lips"], person.hair.beard)
        self.beard = scatter(skin, skin.template, density, count, rng) if count else None

    def posed(self, base: Floats) -> list[Strands]:
        """The strands on the face with base mesh positions `base`."""
        hair, skin = self.person.hair, self.head.parts["skin"]
        rng = np.random.default_rng([hair.seed, 2])
        vertices = skin.pose(base)
        normals = vertex_normals(vertices, skin.triangles)
        strands = []
        for roots, directions, lengths in self.brows:
            curves = self._grow(roots, directions, lengths, vertices, normals, lift=0.22)
            strands += coloured(curves, 0.00014, hair.brow_colour, 0.15 * hair.grey, np.arange(len(curves)), rng)
        if self.beard is not None:
            directions = np.array([0.0, -1.0, 0.15]) + rng.normal(0, 0.25, (len(self.beard.corners), 3))
            lengths = self.beard_length * rng.uniform(0.5, 1.2, len(directions))
            curves = self._grow(self.beard, directions, lengths, vertices, normals, lift=0.6)
            grey = 0.8 * hair.grey
            strands += coloured(curves, 0.00011, hair.brow_colour, grey, np.arange(len(curves)), rng)
        lashes = np.concatenate([self._lashes(vertices, ring, rng) for ring in LID_RINGS])
        dark = tuple(0.4 * channel for channel in hair.brow_colour)
        strands += coloured(lashes, 0.00011, (dark[0], dark[1], dark[2]), 0.0, np.zeros(len(lashes), dtype=int), rng)
        return strands

    def _brow(self, side: Ints, rng: Generator) -> tuple[Roots, Floats, Floats]:
        """Roots, directions and lengths of one brow's hairs, from its inner to its outer end, on the template."""
        skin, thick = self.head.parts["skin"], self.person.hair.brow
        line = skin.template[side]
        count = int(_BROW_HAIRS * min(1.3, thick))
        along = rng.uniform(0, 1, count) ** 0.9
        spots = np.stack([np.interp(along * 4, range(5), line[:, axis]) for axis in range(3)], axis=1)
        tangent = np.gradient(line, axis=0)
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        forward = np.stack([np.interp(along * 4, range(5), tangent[:, axis]) for axis in range(3)], axis=1)
        up = np.cross(forward, [0.0, 0.0, 1.0])
        up *= np.sign(up[:, 1:2])
        half = 0.0040 * thick * np.interp(along, [0, 0.15, 0.6, 1], [0.75, 1.0, 0.8, 0.25])
        across = np.clip(rng.normal(0, 0.55, count), -1, 1)
        spots = spots + up * (across * half)[:, None] - up * 0.001
        rise = np.interp(along, [0, 0.2, 0.6, 1], [1.1, 0.6, 0.15, -0.1]) - 0.35 * across
        directions = forward * np.interp(along, [0, 0.2, 1], [0.35, 0.9, 1.0])[:, None] + up * rise[:, None]
        directions += rng.normal(0, 0.12, directions.shape)
        lengths = rng.uniform(0.0045, 0.0075, count) * np.interp(along, [0, 0.5, 1], [0.9, 1.0, 0.7])
        return nearest_roots(skin, spots), directions, lengths

    def _grow(
        self, roots: Roots, directions: Floats, lengths: Floats, vertices: Floats, normals: Floats, lift: float
    ) -> Floats:
        """Curves (N, 5, 3) from `roots`, leaving the skin by `lift` and bending back to it."""
        skin = self.head.parts["skin"]
        start, normal = roots.at(vertices), roots.at(normals)
        flow = roots.carry(directions, skin.template, vertices)
        flow -= (flow * normal).sum(axis=1, keepdims=True) * normal
        flow /= np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-9)
        steps = np.linspace(-0.25, 1.0, 5)
        height = lift * (steps - 0.45 * np.maximum(steps, 0) ** 2)
        curves: Floats = start[:, None] + lengths[:, None, None] * (
            flow[:, None] * steps[None, :, None] + normal[:, None] * height[None, :, None]
        )
        return curves

    def _lashes(self, vertices: Floats, ring: range, rng: Generator) -> Floats:
        """Lashes (N, 5, 3) around one eye: long ones that curl up above, short ones below."""
        skin = self.head.parts["skin"]
        numbers = np.searchsorted(skin.vertices, list(ring))
        rest = skin.template[numbers] - skin.template[numbers].mean(axis=0)
        numbers = numbers[np.argsort(np.arctan2(rest[:, 1], rest[:, 0]))]
        rim = vertices[numbers]
        middle = rim.mean(axis=0)
        at = rng.uniform(0, len(rim), 190)
        low = np.floor(at).astype(int) % len(rim)
        roots = rim[low] + (at % 1)[:, None] * (rim[(low + 1) % len(rim)] - rim[low])
        out = (roots - middle) * [1.0, 1.6, 0.0]
        width = np.abs(rim[:, 0] - middle[0]).max()
        upper = roots[:, 1] > middle[1]
        keep = (np.abs(roots[:, 0] - middle[0]) < 0.93 * width) & (upper | (rng.uniform(0, 1, len(at)) < 0.45))
        roots, out, upper = roots[keep], out[keep], upper[keep]
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
        outer = 1 + 0.35 * np.abs(roots[:, :1] - middle[0]) / width
        length = np.where(upper, 0.0062, 0.0030)[:, None] * rng.uniform(0.7, 1.1, (len(roots), 1)) * outer
        steps = np.linspace(-0.25, 1.0, 5)[None, :, None]
        forward = np.array([0.0, 0.0, 1.0]) + 0.25 * rng.normal(0, 1, (len(roots), 3)) * [1.0, 0.3, 0.0]
        curl = np.where(upper, 0.75, 0.5)[:, None, None] * np.sign(steps) * steps**2
        curves: Floats = roots[:, None] + length[:, None] * (forward[:, None] * steps * 0.8 + out[:, None] * curl)
        return curves
