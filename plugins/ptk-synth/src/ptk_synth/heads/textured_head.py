"""A head with a photographic texture, its expressions, and the 68 landmarks on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

from ptk.errors import DataError
from ptk_synth.heads.glb import Glb, SkinnedMesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["EYES", "SKIN", "TEETH", "TexturedHead"]

SKIN, EYES, TEETH = "H_DDS_HighRes", ("h_L_eye", "h_R_eye"), ("h_TeethDown", "h_TeethUp")
"""Names of the meshes of a head of VALID (Do et al. 2022); lower teeth have the tongue, upper ones the palate."""

_BELOW = 0.24  # metres below the eyes, from where on a body is left out
_SAME = 1e-4  # of the texture's side: vertices closer than that are one, split at a seam
_LANDMARKS = Path(__file__).parent / "landmarks.json"
"""Where on the texture, and where from between the eyes, the landmarks of one head are.

Points 17 to 47 and the jaw's are those that MediaPipe found on a render of it at rest, those of the mouth on one with
an open mouth, made symmetric. The jaw's stay on the skin as a head turns: they are no silhouette.
"""


@dataclass(frozen=True, eq=False)
class TexturedHead:
    """The `meshes` of a head by name, its `colour` and `normals` textures (H, W, 3), and its `landmarks`' vertices.

    `eyes` (3,) is where the middle between them is, in metres; x is to the person's left, y up, z to the front.
    """

    meshes: dict[str, SkinnedMesh]
    colour: NDArray[np.uint8]
    normals: NDArray[np.uint8]
    landmarks: Ints
    eyes: Floats

    @classmethod
    def read(cls, path: Path) -> TexturedHead:
        """Read a head of VALID from a .glb; hair of its own material, such as wigs, is left out.

        Raises DataError for a file that is none, or none of such a head.
        """
        file = Glb(path)
        meshes = {name: mesh for name, mesh in file.meshes().items() if name in (SKIN, *EYES, *TEETH)}
        if len(meshes) < len((SKIN, *EYES, *TEETH)):
            missing = ", ".join(name for name in (SKIN, *EYES, *TEETH) if name not in meshes)
            raise DataError(f"{path}: has no {missing}; give heads of c-frame/valid-avatars-glb")
        eyes = np.concatenate([meshes[name].vertices for name in EYES]).mean(axis=0)
        meshes = {name: _keep_above(mesh, eyes[1] - _BELOW) for name, mesh in meshes.items()}
        material = file.document["materials"][meshes[SKIN].material]
        colour = file.picture(material["pbrMetallicRoughness"]["baseColorTexture"]["index"])
        normals = file.picture(material["normalTexture"]["index"])
        return cls(meshes, colour, normals, _find_landmarks(meshes[SKIN], eyes), eyes)

    def pose(self, expression: Mapping[str, float]) -> dict[str, Floats]:
        """Move the vertices of each mesh by morphs, by their names without `_h`: {"MouthOpen": 0.6, "RsmileOpen": 1}.

        Teeth and tongue go with the jaw. Raises ValueError for a morph that no mesh has.
        """
        known, posed = set(), {}
        for name, mesh in self.meshes.items():
            vertices = mesh.vertices.copy()
            for word, strength in expression.items():
                for morph in (f"{word}_h", f"t_{word}_h", f"{word}_tg_h"):
                    if morph in mesh.morphs:
                        vertices += strength * mesh.morphs[morph]
                        known.add(word)
            posed[name] = vertices
        if unknown := sorted(set(expression) - known):
            raise ValueError(f"no such morph: {', '.join(unknown)}")
        return posed


def _keep_above(mesh: SkinnedMesh, height: float) -> SkinnedMesh:
    triangles = mesh.triangles[mesh.vertices[mesh.triangles].mean(axis=1)[:, 1] > height]
    kept, triangles = np.unique(triangles, return_inverse=True)
    morphs = {name: morph[kept] for name, morph in mesh.morphs.items()}
    triangles = triangles.reshape(-1, 3)
    return replace(mesh, vertices=mesh.vertices[kept], uv=mesh.uv[kept], triangles=triangles, morphs=morphs)


def _find_landmarks(skin: SkinnedMesh, eyes: Floats) -> Ints:
    """The vertices (68,): all heads share the layout of their textures, though not the order of vertices."""
    said = json.loads(_LANDMARKS.read_text(encoding="utf-8"))
    gaps, near = cKDTree(skin.uv).query(np.array(said["texture"]), k=4)
    found = []
    for place, gap, vertices in zip(np.array(said["place"]), gaps, near, strict=True):
        same = vertices[gap < gap[0] + _SAME]
        found.append(same[np.linalg.norm(skin.vertices[same] - eyes - place, axis=1).argmin()])
    return np.array(found)
