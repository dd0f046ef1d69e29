"""The 68 landmarks of iBUG 300-W on the head's mesh (Sagonas et al., 2013).

51 of them are vertices of the smooth mesh. The 17 of the jaw are where annotators see the outline of the face, so each
one is a path of vertices from the ear or jaw towards the cheek, of which the camera picks the outermost: on a turned
head the far side's outline is a silhouette that wanders over the cheek (landmark marching: Zhu et al., CVPR 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.mesh import vertex_normals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.camera import Camera
    from ptk_synth.head import HeadModel, Part

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["INNER", "contour_paths", "inner_vertices", "landmarks"]

# Vertices of base.obj for points 17 to 67, read off close-ups of the average head; a pair stands for the fine vertex
# next to the middle between the two.
INNER: tuple[int | tuple[int, int], ...] = (
    *(254, (207, 255), 206, (177, 205), (181, 208)),  # brow of the person's right, outer to inner
    *((6957, 6983), (6953, 6980), 6981, (6982, 7024), 7023),  # brow of the left, inner to outer
    *(132, 131, 201, 5054),  # bridge of the nose, to the tip
    *(320, 313, 317, 7076, 7082),  # under the nose
    *(27, 0, 6763, 6767, 1070, 1068),  # right eye, from the outer corner over the upper lid
    *(13363, 13359, 6784, 6811, 7760, 7762),  # left eye, from the inner corner over the upper lid
    *(428, 5354, 450, 455, 7210, 11956, 7188),  # lips' outer edge, over the upper lip
    *(7166, 7241, 492, 486, 406),  # and back along the lower
    *(444, 472, 474, 7228, 7204),  # lips' inner edge, over the upper lip
    *(7242, 493, 487),  # and back along the lower
)

# The jaw's paths on the average head: a ray turns around a point inside it, in the plane of the view axis and a
# direction `tilt` degrees below the person's left, from `start` degrees (0 is sideways, 90 straight ahead) to `END`.
# Where the path starts is where the face ends for an annotator: before the ear, or under the edge of the jaw.
_CENTRE = (0.0, 0.690, 0.070)
_TILTS = (-27.0, -15.0, -3.0, 11.0, 26.0, 43.0, 58.0, 74.0, 90.0)
_STARTS = (4.0, 3.0, 0.0, -4.0, -6.0, 11.0, 24.0, 36.0, 41.0)
_END = 75.0
_STEP = 1.5
_FAR = 0.12  # metres from the centre: shoulders lie on some of the rays too


def inner_vertices(skin: Part) -> Ints:
    """The fine vertices (51,) of the skin that are points 17 to 67."""
    found = []
    for choice in INNER:
        a, b = choice if isinstance(choice, tuple) else (choice, choice)
        middle = skin.template[np.searchsorted(skin.vertices, [a, b])].mean(axis=0)
        found.append(((skin.template - middle) ** 2).sum(axis=1).argmin())
    return np.array(found)


def contour_paths(head: HeadModel) -> list[Ints]:
    """17 paths of fine skin vertices, points 0 (the person's right ear) to 16, each from its start to the cheek."""
    skin = head.parts["skin"]
    normals = vertex_normals(skin.template, skin.triangles)
    from_centre = skin.template - np.array(_CENTRE)
    distance = np.linalg.norm(from_centre, axis=1)
    rays = from_centre / distance[:, None]
    # The skin has insides too (mouth, nostrils, behind the lids); only its outside can be an outline.
    outside = (
        (distance < _FAR)
        & ((normals * rays).sum(axis=1) > 0.2)
        & (head.masks["ears"] < 0.2)
        & (head.masks["inside-mouth"] < 0.2)
    )
    paths = []
    for tilt, start in zip(_TILTS, _STARTS, strict=True):
        turns = np.radians(np.arange(start, _END, _STEP))
        down, side = np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
        wanted = np.stack([side * np.cos(turns), -down * np.cos(turns), np.sin(turns)], axis=1)
        paths.append(_nearest(wanted, rays, outside))
    mirrored = [_nearest(rays[path] * np.array([-1.0, 1.0, 1.0]), rays, outside) for path in paths]
    return mirrored + paths[-2::-1]


def _nearest(wanted: Floats, rays: Floats, allowed: NDArray[np.bool_]) -> Ints:
    """Vertices whose rays are nearest to the `wanted` ones, in their order, without repeats."""
    candidates = np.flatnonzero(allowed)
    found = candidates[(wanted @ rays[candidates].T).argmax(axis=1)]
    _, first = np.unique(found, return_index=True)
    path: Ints = found[np.sort(first)]
    return path


def landmarks(head: HeadModel, base: Floats, camera: Camera, paths: list[Ints] | None = None) -> Floats:
    """The 68 points (68, 2) in pixels of `camera`'s picture, for base mesh positions `base` (19158, 3).

    `paths` are those of `contour_paths`, when the caller has them already.
    """
    skin = head.parts["skin"]
    fine = skin.pose(base)
    paths = contour_paths(head) if paths is None else paths
    inner = camera.project(fine[inner_vertices(skin)])
    # How the head's own left and up lie in the picture: the way out of the face, for each of the jaw's points.
    left, up = (np.array([1.0, 0.0, 0.0]) @ camera.axes[:2].T, np.array([0.0, 1.0, 0.0]) @ camera.axes[:2].T)
    jaw = []
    for index, path in enumerate(paths):
        tilt = np.radians(_TILTS[min(index, 16 - index)])
        side = 1.0 if index > 8 else -1.0
        outwards = side * np.cos(tilt) * left - np.sin(tilt) * up
        places = camera.project(fine[path])
        jaw.append(places[(places @ (outwards * np.array([1.0, -1.0]))).argmax()])
    points: Floats = np.concatenate([np.stack(jaw), inner])
    return points
