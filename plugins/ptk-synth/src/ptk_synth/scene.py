"""One picture, path traced by mitsuba on the CPU: meshes and hair in, radiance with albedo and normals out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk_synth.mesh import vertex_normals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.camera import Camera
    from ptk_synth.traits import Light

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Strands", "Surface", "Traced", "trace"]

# Roughness and specular reflectance of mitsuba's "principled" BSDF (Burley, 2012), by kind of surface
_FINISH = {
    "skin": {"roughness": 0.48, "specular": 0.38},
    "eyes": {"roughness": 0.06, "specular": 0.6},
    "teeth": {"roughness": 0.22, "specular": 0.45},
    "tongue": {"roughness": 0.35, "specular": 0.4},
    "shirt": {"roughness": 0.9, "specular": 0.15},
}
_DEPTH = 3  # light that bounced more often changes little, and only in the mouth and in fair hair
_SEEN_SAMPLES = 4  # enough for the mean albedo and normal of a pixel
_SKY = (64, 128)


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh: `vertices` (N, 3) in metres, `triangles` (T, 3), linear albedo `colours` (N, 3), its `kind`."""

    kind: str
    vertices: Floats
    triangles: Ints
    colours: Floats


@dataclass(frozen=True, eq=False)
class Strands:
    """Hairs of one colour: control points (S, P, 3) of uniform cubic B-splines, radii (S, P), linear RGB `colour`."""

    points: Floats
    radii: Floats
    colour: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Traced:
    """What came out: linear `radiance` (H, W, 3), `alpha` (H, W), and mean `albedo` and `normals` (H, W, 3)."""

    radiance: Floats
    alpha: Floats
    albedo: Floats
    normals: Floats


def trace(
    surfaces: Sequence[Surface],
    hair: Sequence[Strands],
    light: Light,
    camera: Camera,
    samples: int,
    shine: float = 0.5,
) -> Traced:
    """Render with `samples` paths a pixel. `shine` in [0, 1] is how glossy the skin is.

    The variant is mitsuba's scalar one: it needs no LLVM on the machine, and is the same on any number of threads.
    """
    mi: Any = import_module("mitsuba")  # its stubs describe the variants that trace on a GPU
    mi.set_variant("scalar_rgb")
    mi.set_log_level(mi.LogLevel.Error)
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": _DEPTH, "hide_emitters": True},
        "sensor": _sensor(mi, camera),
        "light": {"type": "envmap", "bitmap": mi.Bitmap(sky(light).astype(np.float32))},
    }
    for number, surface in enumerate(surfaces):
        scene[f"surface{number}"] = _mesh(mi, surface, shine)
    with tempfile.TemporaryDirectory(prefix="ptk-synth-") as folder:
        for number, strands in enumerate(hair):
            file = Path(folder) / f"{number}.txt"
            _write_strands(file, strands)
            scene[f"hair{number}"] = {
                "type": "bsplinecurve",
                "filename": str(file),
                "bsdf": _hair_finish(strands.colour),
            }
        loaded = mi.load_dict(scene, parallel=False)
    image = np.array(mi.render(loaded, spp=samples, seed=0), dtype=np.float64)
    # A pass of its own: the same integrator beside the path tracer more than doubles the cost of every path
    seen = mi.load_dict({"type": "aov", "aovs": "albedo:albedo,normals:sh_normal"})
    about = np.array(mi.render(loaded, integrator=seen, spp=_SEEN_SAMPLES, seed=1), dtype=np.float64)[..., -6:]
    return Traced(image[..., :3], np.clip(image[..., 3], 0, 1), about[..., :3], about[..., 3:])


def _sensor(mi: Any, camera: Camera) -> dict[str, Any]:
    view = mi.ScalarTransform4f().look_at(list(camera.origin), list(camera.target), list(camera.axes[1]))
    return {
        "type": "perspective",
        "fov": camera.field_of_view,
        "near_clip": 0.1,
        "to_world": view,
        # A box keeps every sample in its own pixel, so that no order of summation can change the picture
        "film": {
            "type": "hdrfilm",
            "width": camera.size,
            "height": camera.size,
            "rfilter": {"type": "box"},
            "pixel_format": "rgba",
        },
        "sampler": {"type": "multijitter"},
    }


def _mesh(mi: Any, surface: Surface, shine: float) -> Any:
    finish = dict(_FINISH[surface.kind])
    if surface.kind == "skin":
        finish["roughness"] -= 0.12 * (shine - 0.5)
        finish["specular"] += 0.2 * (shine - 0.5)
    properties = mi.Properties()
    colour = {"type": "mesh_attribute", "name": "vertex_color"}
    properties["bsdf"] = mi.load_dict(
        {"type": "twosided", "side": {"type": "principled", "base_color": colour, **finish}}
    )
    mesh = mi.Mesh(surface.kind, len(surface.vertices), len(surface.triangles), properties, has_vertex_normals=True)
    mesh.add_attribute("vertex_color", 3, surface.colours.astype(np.float32).ravel())
    parameters = mi.traverse(mesh)
    parameters["vertex_positions"] = surface.vertices.astype(np.float32).ravel()
    parameters["vertex_normals"] = vertex_normals(surface.vertices, surface.triangles).astype(np.float32).ravel()
    parameters["faces"] = surface.triangles.astype(np.uint32).ravel()
    parameters.update()
    return mesh


def _hair_finish(colour: tuple[float, float, float]) -> Mapping[str, Any]:
    return {
        "type": "twosided",
        "side": {
            "type": "principled",
            "base_color": {"type": "rgb", "value": list(colour)},
            "roughness": 0.5,
            "specular": 0.2,
        },
    }


def _write_strands(file: Path, strands: Strands) -> None:
    """mitsuba's format: a line `x y z radius` a control point, an empty line between strands."""
    table = np.concatenate([strands.points, strands.radii[..., None]], axis=2)
    strand = "%.6f %.6f %.6f %.6f\n" * table.shape[1] + "\n"
    file.write_text((strand * len(table)) % tuple(table.ravel().tolist()))


def sky(light: Light) -> Floats:
    """Radiance (64, 128, 3) from every direction, in mitsuba's latitude-longitude layout."""
    rows, columns = _SKY
    theta = np.pi * (np.arange(rows) + 0.5) / rows
    phi = 2 * np.pi * (np.arange(columns) + 0.5) / columns
    sine, up = np.sin(theta)[:, None], np.cos(theta)[:, None] * np.ones(columns)
    direction = np.stack([sine * np.sin(phi), up, -sine * np.cos(phi)], axis=2)

    def softbox(azimuth: float, height: float, radius: float, irradiance: float) -> Floats:
        across, over = np.radians([azimuth, height])
        middle = np.array([np.cos(over) * np.sin(across), np.sin(over), np.cos(over) * np.cos(across)])
        angle = np.degrees(np.arccos(np.clip(direction @ middle, -1, 1)))
        disc = 1 / (1 + np.exp((angle - radius) / 1.5))
        solid = (disc * sine).sum() * (np.pi / rows) * (2 * np.pi / columns)
        box: Floats = disc * irradiance / solid
        return box

    key = softbox(light.azimuth, light.height, light.soft, 2.6)
    rim = softbox(light.rim_azimuth, 25.0, 14.0, 1.8 * light.rim)
    around = 0.62 * light.fill * (0.75 + 0.35 * up)
    radiance: Floats = (key + rim)[..., None] * np.array(light.key) + around[..., None] * np.array(light.ambient)
    return radiance
