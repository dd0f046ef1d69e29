"""Traces a textured head, or a square of its picture, with mitsuba."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk_synth.heads.textured_head import EYES, SKIN, TEETH
from ptk_synth.mesh import vertex_normals
from ptk_synth.scene import Traced, sky

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.camera import Camera
    from ptk_synth.heads.textured_head import TexturedHead
    from ptk_synth.traits import Light

    Floats = NDArray[np.float64]

__all__ = ["HeadScene"]

_FINISH = {  # roughness and specular reflectance of the principled BSDF
    SKIN: (0.48, 0.4),
    **dict.fromkeys(EYES, (0.08, 0.5)),
    **dict.fromkeys(TEETH, (0.2, 0.5)),
}
_DEPTH = 3
_SEEN_SAMPLES = 2
_ROUNDED = 5  # decimals of a metre: vertices as near as that were split at a seam of the texture


class HeadScene:
    """A head before a camera, in a light; textures are loaded once.

    `teeth` is how much lighter they are than in the texture, and how much of their colour is left, which is yellow.
    """

    def __init__(
        self, head: TexturedHead, light: Light, camera: Camera, teeth: tuple[float, float] = (1.25, 0.7)
    ) -> None:
        self._mi: Any = import_module("mitsuba")
        self._mi.set_variant("scalar_rgb")
        self._mi.set_log_level(self._mi.LogLevel.Error)
        self.head, self.camera = head, camera
        self._sky = self._mi.Bitmap(sky(light).astype(np.float32))
        self._seen = self._mi.load_dict({"type": "aov", "aovs": "albedo:albedo,normals:sh_normal"})
        grey = head.colour.mean(axis=2, keepdims=True)
        enamel = (grey + teeth[1] * (head.colour - grey)) * teeth[0]
        colours = dict.fromkeys(TEETH, np.clip(enamel, 0, 255).astype(np.uint8))
        self._finish = {name: self._material(name, colours.get(name, head.colour)) for name in head.meshes}
        self._welds = {name: _weld(mesh.vertices) for name, mesh in head.meshes.items()}

    def trace(
        self, expression: Mapping[str, float], samples: int, seed: int, window: tuple[int, int, int] | None = None
    ) -> Traced:
        """Render with `samples` paths a pixel; of the picture only a `window` (left, top, side), if one is given."""
        scene = self._load(self.head.pose(expression), window)
        image = np.array(self._mi.render(scene, spp=samples, seed=seed), dtype=np.float64)
        about = self._mi.render(scene, integrator=self._seen, spp=_SEEN_SAMPLES, seed=1)
        about = np.array(about, dtype=np.float64)[..., -6:]
        return Traced(image[..., :3], np.clip(image[..., 3], 0, 1), about[..., :3], about[..., 3:])

    def find_parts(self, expression: Mapping[str, float]) -> tuple[NDArray[np.str_], Floats]:
        """Name the mesh that each pixel shows, "" where there is none, and how far to the front that is, in metres."""
        posed = self.head.pose(expression)
        seen = self._mi.load_dict({"type": "aov", "aovs": "shape:shape_index,place:position"})
        about = np.array(self._mi.render(self._load(posed, None), integrator=seen, spp=1, seed=0), dtype=np.float64)
        shapes = np.rint(about[..., -4]).astype(int)  # counted from 1
        names = np.array(["", *posed])
        return names[np.clip(shapes, 0, len(posed))], about[..., -1]

    def project(self, expression: Mapping[str, float]) -> Floats:
        """Where the 68 landmarks are in the picture, in its pixels."""
        return self.camera.project(self.head.pose(expression)[SKIN][self.head.landmarks])

    def _load(self, posed: Mapping[str, Floats], window: tuple[int, int, int] | None) -> Any:
        camera, size = self.camera, self.camera.size
        film: dict[str, Any] = {"type": "hdrfilm", "width": size, "height": size, "pixel_format": "rgba"}
        film["rfilter"] = {"type": "box"}
        if window is not None:
            left, top, side = window
            film |= {"crop_offset_x": left, "crop_offset_y": top, "crop_width": side, "crop_height": side}
        view = self._mi.ScalarTransform4f().look_at(list(camera.origin), list(camera.target), list(camera.axes[1]))
        scene = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": _DEPTH, "hide_emitters": True},
            "light": {"type": "envmap", "bitmap": self._sky},
            "sensor": {
                "type": "perspective",
                "fov": camera.field_of_view,
                "near_clip": 0.1,
                "to_world": view,
                "film": film,
                "sampler": {"type": "multijitter"},
            },
        }
        meshes = {name: self._mesh(name, vertices) for name, vertices in posed.items()}
        return self._mi.load_dict(scene | meshes, parallel=False)

    def _mesh(self, name: str, vertices: Floats) -> Any:
        mesh, weld = self.head.meshes[name], self._welds[name]
        properties = self._mi.Properties()
        properties["bsdf"] = self._finish[name]
        counts = len(vertices), len(mesh.triangles)
        made = self._mi.Mesh(name, *counts, properties, has_vertex_normals=True, has_vertex_texcoords=True)
        parameters = self._mi.traverse(made)
        normals = vertex_normals(vertices, weld[mesh.triangles])[weld]
        parameters["vertex_positions"] = vertices.astype(np.float32).ravel()
        parameters["vertex_normals"] = normals.astype(np.float32).ravel()
        parameters["vertex_texcoords"] = mesh.uv.astype(np.float32).ravel()
        parameters["faces"] = mesh.triangles.astype(np.uint32).ravel()
        parameters.update()
        return made

    def _material(self, name: str, colour: NDArray[np.uint8]) -> Any:
        roughness, specular = _FINISH[name]
        finish: dict[str, Any] = {
            "type": "principled",
            "base_color": {"type": "bitmap", "bitmap": self._bitmap(colour), "raw": False},
            "roughness": roughness,
            "specular": specular,
        }
        if name not in EYES:
            normals = {"type": "bitmap", "bitmap": self._bitmap(self.head.normals), "raw": True}
            finish = {"type": "normalmap", "normalmap": normals, "bsdf": finish}
        return self._mi.load_dict({"type": "twosided", "side": finish})

    def _bitmap(self, pixels: NDArray[np.uint8]) -> Any:
        return self._mi.Bitmap(np.array(pixels, order="C"))


def _weld(vertices: Floats) -> NDArray[np.int64]:
    """The first vertex at the place of each: normals are to go on over seams of the texture."""
    _, first, places = np.unique(np.round(vertices, _ROUNDED), axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[places.ravel()])
