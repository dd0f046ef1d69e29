"""Reads binary glTF 2.0: meshes with morphs, moved to where their skin puts them, and their textures."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ptk.errors import DataError, PluginError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Glb", "SkinnedMesh"]

_MAGIC, _HEADER, _CHUNK = b"glTF", 12, 8
_TYPES: dict[int, Any] = {
    5120: np.int8,
    5121: np.uint8,
    5122: np.int16,
    5123: np.uint16,
    5125: np.uint32,
    5126: np.float32,
}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_MESHOPT, _WEBP = "EXT_meshopt_compression", "EXT_texture_webp"


@dataclass(frozen=True, eq=False)
class SkinnedMesh:
    """A triangle mesh at rest: `vertices` (N, 3) in metres, `uv` (N, 2), `triangles` (T, 3).

    `morphs` (N, 3) are what each of them adds to the vertices, and `material` is the index of its material.
    """

    vertices: Floats
    uv: Floats
    triangles: Ints
    morphs: dict[str, Floats]
    material: int


class Glb:
    """A binary glTF file; EXT_meshopt_compression, KHR_mesh_quantization and EXT_texture_webp are understood.

    Each mesh is taken to follow one joint, that with most of its weight: enough of heads. Raises DataError for a file
    that is no glTF 2.0, and PluginError for a compressed one without the package meshoptimizer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        data = path.read_bytes()
        try:
            if data[:4] != _MAGIC or struct.unpack_from("<I", data, 4)[0] != 2:
                raise ValueError("no glTF 2.0")
            length = struct.unpack_from("<I", data, _HEADER)[0]
            start = _HEADER + _CHUNK
            self.document: dict[str, Any] = json.loads(data[start : start + length])
        except (ValueError, struct.error) as error:
            raise DataError(f"{path}: is no binary glTF file ({error}); give a .glb") from error
        self._bytes = data[start + length + _CHUNK :]
        self._views: dict[int, NDArray[np.uint8]] = {}

    def picture(self, texture: int) -> NDArray[np.uint8]:
        """Read a texture (H, W, 3)."""
        entry = self.document["textures"][texture]
        source = entry.get("extensions", {}).get(_WEBP, entry)["source"]
        stored = self._view(self.document["images"][source]["bufferView"])
        return np.array(Image.open(io.BytesIO(stored.tobytes())).convert("RGB"))

    def meshes(self) -> dict[str, SkinnedMesh]:
        """Read the meshes with skins, by name."""
        found = {}
        for node in self.document["nodes"]:
            if "mesh" in node and "skin" in node:
                mesh = self.document["meshes"][node["mesh"]]
                found[mesh["name"]] = self._mesh(mesh, self.document["skins"][node["skin"]])
        return found

    def _mesh(self, mesh: dict[str, Any], skin: dict[str, Any]) -> SkinnedMesh:
        primitive = mesh["primitives"][0]
        attributes = primitive["attributes"]
        joints, weights = self._values(attributes["JOINTS_0"]), self._values(attributes["WEIGHTS_0"])
        joint = int(np.bincount(joints.astype(int).ravel(), weights=weights.ravel()).argmax())
        bind = self._values(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)[joint]
        matrix = self._world[skin["joints"][joint]] @ bind  # it undoes the quantisation of positions, too
        turn, shift = matrix[:3, :3].T, matrix[:3, 3]
        names = mesh.get("extras", {}).get("targetNames", [])
        morphs = {
            name.rsplit(".", 1)[-1]: self._values(target["POSITION"])[:, :3] @ turn
            for name, target in zip(names, primitive.get("targets", []), strict=True)
        }
        return SkinnedMesh(
            vertices=self._values(attributes["POSITION"])[:, :3] @ turn + shift,
            uv=self._values(attributes["TEXCOORD_0"])[:, :2],
            triangles=self._values(primitive["indices"]).astype(np.int64).reshape(-1, 3),
            morphs=morphs,
            material=primitive.get("material", 0),
        )

    @cached_property
    def _world(self) -> list[Floats]:
        """Each node's matrix (4, 4), from its own space to the scene's."""
        nodes = self.document["nodes"]
        parents = {child: number for number, node in enumerate(nodes) for child in node.get("children", [])}
        local = [_local_matrix(node) for node in nodes]
        found = []
        for number in range(len(nodes)):
            matrix, above = local[number], parents.get(number)
            while above is not None:
                matrix, above = local[above] @ matrix, parents.get(above)
            found.append(matrix)
        return found

    def _values(self, accessor: int) -> Floats:
        """Read an accessor (count, width), integers of normalised ones as shares of the largest."""
        said = self.document["accessors"][accessor]
        kind, width = np.dtype(_TYPES[said["componentType"]]), _WIDTHS[said["type"]]
        view = self.document["bufferViews"][said["bufferView"]]
        stride = view.get("byteStride") or kind.itemsize * width
        stored = self._view(said["bufferView"])[said.get("byteOffset", 0) :]
        rows = np.lib.stride_tricks.as_strided(stored, (said["count"], kind.itemsize * width), (stride, 1))
        values = np.ascontiguousarray(rows).view(kind).astype(np.float64)
        if said.get("normalized"):
            values = np.maximum(values / np.iinfo(_TYPES[said["componentType"]]).max, -1)
        return np.asarray(values, dtype=np.float64)

    def _view(self, number: int) -> NDArray[np.uint8]:
        if number not in self._views:
            view = self.document["bufferViews"][number]
            packed = view.get("extensions", {}).get(_MESHOPT)
            said = packed or view
            start = said.get("byteOffset", 0)
            data = self._bytes[start : start + said["byteLength"]]
            self._views[number] = _unpack(packed, data, self.path) if packed else np.frombuffer(data, np.uint8)
        return self._views[number]


def _unpack(said: dict[str, Any], data: bytes, path: Path) -> NDArray[np.uint8]:
    try:
        meshopt: Any = import_module("meshoptimizer")
    except ImportError as error:
        raise PluginError(f"{path}: is compressed by {_MESHOPT}; to read it: pip install meshoptimizer") from error
    count, stride = said["count"], said["byteStride"]
    if said["mode"] == "ATTRIBUTES" and said.get("filter", "NONE") == "NONE":
        row = np.dtype((np.void, stride))
        return np.asarray(meshopt.decode_vertex_buffer(count, stride, data, dtype=row)).view(np.uint8)
    if said["mode"] == "TRIANGLES":
        # Always decoded as four bytes each: of two it leaves the rest of its array as it was
        indices = np.asarray(meshopt.decode_index_buffer(count, 4, data), dtype=np.uint32)
        return indices.astype(f"u{stride}").view(np.uint8)
    raise DataError(
        f"{path}: is compressed by {said['mode']}, {said.get('filter')}, which is not read; decode it first"
    )


def _local_matrix(node: dict[str, Any]) -> Floats:
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(turn) * np.array(node.get("scale", (1, 1, 1)))
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix
