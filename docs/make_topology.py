"""Writes ptk/faces/topologies/mediapipe478.json: what MediaPipe's own tables say of its 478 points.

    python docs/make_topology.py

It needs the extra mediapipe. Contours and groups are the connections that the package lists, chained to lines. The
mirror is that of the canonical face mesh, which lies in the model that comes with ptk; the mesh has no irises, whose
rings run the same way around in the picture. `tests/faces/test_topologies.py` holds the file to this.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ptk.detectors.mediapipe68 import MODEL
from ptk.faces import topologies

OUT = Path(topologies.__file__).with_name("mediapipe478.json")
MESH_FILE = "geometry_pipeline_metadata_landmarks.binarypb"
POINTS, IRIS = 478, 5  # a point in the middle of each iris, then four around it
GROUPS = {
    "face_oval": "FACE_OVAL",
    "right_brow": "RIGHT_EYEBROW",
    "left_brow": "LEFT_EYEBROW",
    "right_eye": "RIGHT_EYE",
    "left_eye": "LEFT_EYE",
    "lips": "LIPS",
    "right_iris": "RIGHT_IRIS",
    "left_iris": "LEFT_IRIS",
}


def describe_topology() -> dict[str, Any]:
    """Collect the mirror, the contours and the groups, as the file has them."""
    from mediapipe.tasks.python.vision import FaceLandmarksConnections as Tables

    edges = {
        name: [(edge.start, edge.end) for edge in getattr(Tables, f"FACE_LANDMARKS_{table}")]
        for name, table in GROUPS.items()
    }
    return {
        "mirror": find_mirror(canonical_mesh(), edges["right_iris"][0][0] - 1, edges["left_iris"][0][0] - 1),
        "contours": [run for name in edges for run in chain(edges[name])],
        "groups": {name: sorted({point for edge in each for point in edge}) for name, each in edges.items()},
    }


def find_mirror(mesh: np.ndarray, right_iris: int, left_iris: int) -> list[int]:
    """For each point the one on the other side of the mesh (468, 3), and of irises that begin at these points."""
    apart = np.linalg.norm(mesh[:, None] * (-1, 1, 1) - mesh, axis=-1)
    if apart.min(axis=1).max() > 0:
        raise SystemExit(f"{MODEL}: its canonical mesh is not the same on both sides")
    right, left = (np.arange(IRIS) + start for start in (right_iris, left_iris))
    across = [0, 3, 2, 1, 4]  # what is left in the ring is right in its mirror image; top and bottom stay
    mirror = np.concatenate([apart.argmin(axis=1), np.zeros(POINTS - len(mesh), dtype=int)])
    mirror[right], mirror[left] = left[across], right[across]
    return [int(point) for point in mirror]


def chain(edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Join edges that follow each other to lines."""
    runs: list[list[int]] = []
    for start, end in edges:
        if runs and runs[-1][-1] == start:
            runs[-1].append(end)
        else:
            runs.append([start, end])
    return runs


def canonical_mesh() -> np.ndarray:
    """Read the vertices (468, 3) of the canonical face from MediaPipe's model; x is to its left, y up."""
    with zipfile.ZipFile(MODEL) as bundle:
        content = bundle.read(MESH_FILE)
    mesh = next(value for number, value in read_fields(content) if number == 1)
    numbers = [struct.unpack("<f", value)[0] for number, value in read_fields(mesh) if number == 3]
    return np.array(numbers).reshape(-1, 5)[:, :3]  # x, y, z, u, v


def read_fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message: numbers, texts and messages, or the bytes of floats."""
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place, value, shift = place + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while place < len(message):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
            continue
        length = 4 if tag & 7 == 5 else varint()
        yield tag >> 3, message[place : place + length]
        place += length


def main() -> None:
    """Write the file, a list a line."""
    described = describe_topology()
    contours = ",\n".join(f"    {json.dumps(run)}" for run in described["contours"])
    groups = ",\n".join(f"    {json.dumps(name)}: {json.dumps(group)}" for name, group in described["groups"].items())
    mirror = json.dumps(described["mirror"])
    text = f'{{\n  "mirror": {mirror},\n  "contours": [\n{contours}\n  ],\n  "groups": {{\n{groups}\n  }}\n}}\n'
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
