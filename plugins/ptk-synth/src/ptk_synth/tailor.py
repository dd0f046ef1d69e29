"""Fits a shirt to a body: MakeHuman's helper body, laid close to the skin and cut out at the neck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.mesh import vertex_normals
from ptk_synth.noise import smooth_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.head import HeadModel
    from ptk_synth.traits import Outfit

    Floats = NDArray[np.float64]

__all__ = ["Tailor"]

_OVER, _UNDER = 0.0035, -0.008  # metres off the skin where there is cloth, and where the cut hides it


class Tailor:
    """Knows which skin lies under which piece of cloth, so that shirts can be fitted to any posed head."""

    def __init__(self, head: HeadModel) -> None:
        from scipy import sparse  # type: ignore[import-untyped, unused-ignore]
        from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

        self.skin, self.cloth = head.parts["skin"], head.parts["shirt"]
        outside = np.flatnonzero(head.masks["inside-mouth"] < 0.2)
        self.below = outside[cKDTree(self.skin.template[outside]).query(self.cloth.template)[1]]
        count, corners = len(self.cloth.template), self.cloth.triangles
        rows, columns = corners.reshape(-1), np.roll(corners, 1, axis=1).reshape(-1)
        near = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count))
        near = near + near.T + sparse.identity(count)
        self.smooth = sparse.diags(1 / np.asarray(near.sum(axis=1))[:, 0]) @ near

    def cut(self, cloth: Floats, skin: Floats, outfit: Outfit, room: float = 0.0) -> Floats:
        """Cloth vertices (N, 3) close over the `skin`, and under it where the neckline leaves skin free.

        `room` in metres is left between them beside that, for skin that hangs in folds.
        """
        x, y, z = self.cloth.template.T
        line = np.full(len(y), 0.603) if outfit.neck == "turtle" else 0.594 - 0.34 * (z - 0.02)
        if outfit.neck == "vee":
            line = line - 0.05 * np.clip(1 - np.abs(x) / 0.05, 0, 1) * smooth_step(z, 0.03, 0.08)
        under, normals = skin[self.below], vertex_normals(skin, self.skin.triangles)[self.below]
        for _ in range(4):  # the skin's folds are finer than cloth is
            under, normals = self.smooth @ under, self.smooth @ normals
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        height = ((cloth - under) * normals).sum(axis=1)
        rim = np.exp(-0.5 * ((line - y - 0.006) / 0.004) ** 2) * 0.002
        loose = np.clip(height, _OVER, 0.012)  # cloth may hang off the chest, not off the neck
        near_neck = smooth_step(line - y, 0.05, 0.01)
        wanted = loose + near_neck * (_OVER + rim - loose) + room
        wanted = wanted + smooth_step(y - line, -0.002, 0.010) * (_UNDER - wanted)
        fitted: Floats = cloth + normals * (wanted - height)[:, None]
        return fitted
