"""Hairs as curves: scattering their roots over skin, and turning grown curves into coloured strands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.scene import Strands

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ptk_synth.head import Part

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Roots", "coloured", "nearest_roots", "scatter"]


@dataclass(frozen=True, eq=False)
class Roots:
    """Places on a mesh: triangles by number, and barycentric weights (N, 3) in them."""

    corners: Ints
    weights: Floats

    def at(self, values: Floats) -> Floats:
        """Interpolate vertex `values` (V,) or (V, C) at the roots."""
        chosen = values[self.corners]
        weights = self.weights if values.ndim == 1 else self.weights[..., None]
        placed: Floats = (chosen * weights).sum(axis=1)
        return placed

    def carry(self, directions: Floats, rest: Floats, posed: Floats) -> Floats:
        """Turn `directions` (N, 3) given on the mesh `rest` along with the skin, to the mesh `posed`."""
        frames = [_frames(vertices[self.corners]) for vertices in (rest, posed)]
        local = np.linalg.solve(frames[0], directions[..., None])
        turned = (frames[1] @ local)[..., 0]
        unit: Floats = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
        return unit


def _frames(triangles: Floats) -> Floats:
    """Two edges and the unit normal of triangles (N, 3, 3), as columns."""
    a, b = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    normal = np.cross(a, b)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    scale = np.sqrt(np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-12))
    return np.stack([a, b, normal * scale[:, None]], axis=2)


def scatter(part: Part, vertices: Floats, density: Floats, count: int, rng: Generator) -> Roots:
    """Draw `count` roots on a part's mesh, evenly by area where the vertex `density` is 1, none where it is 0."""
    triangles = part.triangles
    corners = vertices[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    weight = area * density[triangles].mean(axis=1)
    if weight.sum() <= 0:
        return Roots(np.zeros((0, 3), dtype=np.int64), np.zeros((0, 3)))
    # Evenly spaced draws along the running sum: less clumpy than independent ones
    at = (np.arange(count) + rng.uniform(0, 1, count)) / count
    chosen = np.minimum(np.searchsorted(np.cumsum(weight) / weight.sum(), at), len(triangles) - 1)
    u, v = rng.uniform(0, 1, (2, count))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    return Roots(triangles[chosen], np.stack([1 - u - v, u, v], axis=1))


def nearest_roots(part: Part, points: Floats) -> Roots:
    """The places on a part's template mesh that are next to `points` (N, 3)."""
    from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

    middles = part.template[part.triangles].mean(axis=1)
    triangles = part.triangles[cKDTree(middles).query(points)[1]]
    a, b, c = (part.template[triangles[:, i]] for i in range(3))
    frames = np.stack([b - a, c - a], axis=2)
    local = np.linalg.pinv(frames) @ (points - a)[..., None]
    uv = np.clip(local[..., 0], -0.2, 1.2)
    return Roots(triangles, np.concatenate([1 - uv.sum(axis=1, keepdims=True), uv], axis=1))


def coloured(
    points: Floats,
    radius: float,
    colour: tuple[float, float, float],
    grey: float,
    locks: Ints,
    rng: Generator,
) -> list[Strands]:
    """Strands of curves (S, P, 3), tapering, in a darker, the middle and a lighter shade by lock, and grey ones."""
    if len(points) == 0:
        return []
    taper = np.interp(np.linspace(0, 1, points.shape[1]), [0, 0.6, 1], [1.0, 0.9, 0.25])
    white = np.array([0.46, 0.43, 0.39])
    base = np.array(colour) * (1 - 0.55 * grey) + 0.35 * grey * white
    shades = [base * 0.72, base, np.minimum(base * 1.3 + 0.003, 0.75), base + (0.35 + 0.65 * grey) * (white - base)]
    by_lock = rng.uniform(0, 1, int(locks.max()) + 1)[locks] * 0.6 + rng.uniform(0, 1, len(points)) * 0.4
    shade = np.digitize(by_lock, [0.36, 0.64])
    shade[rng.uniform(0, 1, len(points)) < 0.6 * grey] = 3
    strands = []
    for number, tint in enumerate(shades):
        mine = points[shade == number]
        if len(mine):
            radii = np.broadcast_to(radius * taper, mine.shape[:2])
            strands.append(Strands(mine, radii, (float(tint[0]), float(tint[1]), float(tint[2]))))
    return strands
