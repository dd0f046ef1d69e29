"""Heads read from glTF: positions undone by the skin, morphs by name, expressions that are drawn."""

import io
import json
import struct

import numpy as np
import pytest
from PIL import Image

from ptk.errors import DataError
from ptk_synth.heads.glb import Glb
from ptk_synth.heads.make import draw_expressions, find_heads
from ptk_synth.heads.textured_head import TexturedHead

VERTICES = np.array([[0, 0, 0], [32767, 0, 0], [0, 16384, 0]], np.int16)
MORPH = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 3277]], np.int16)
SCALE = 0.2  # metres that the largest integer stands for


def pack(folder, compress=None):
    """A triangle of quantised positions that hangs on a joint 1.5 m up, with a morph and a red texture."""
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), (255, 0, 0)).save(picture, "PNG")
    bind = np.diag([SCALE, SCALE, SCALE, 1]).astype(np.float32)
    arrays = [
        (np.pad(VERTICES, ((0, 0), (0, 1))), 5122, "VEC3", True),
        (np.pad(MORPH, ((0, 0), (0, 1))), 5122, "VEC3", True),
        (np.float32([[0, 0], [1, 0], [0, 1]]), 5126, "VEC2", False),
        (np.zeros((3, 4), np.uint8), 5121, "VEC4", False),
        (np.float32([[1, 0, 0, 0]] * 3), 5126, "VEC4", False),
        (np.array([[0], [1], [2]], np.uint16), 5123, "SCALAR", False),
        (bind.T.reshape(1, 16), 5126, "MAT4", False),
    ]
    views, accessors, data = [], [], b""
    for number, (values, kind, shape, normalised) in enumerate(arrays):
        stored, view = values.tobytes(), {"byteStride": values.dtype.itemsize * values.shape[1]}
        if compress and number < 2:
            stored = compress(values)
            said = {"byteOffset": len(data), "byteLength": len(stored), "mode": "ATTRIBUTES", "count": 3, **view}
            view["extensions"] = {"EXT_meshopt_compression": said}
        views.append({"byteOffset": len(data), "byteLength": len(stored), **view})
        said = {"bufferView": number, "componentType": kind, "type": shape, "count": len(values)}
        accessors.append({**said, "normalized": normalised})
        data += stored
    views.append({"byteOffset": len(data), "byteLength": len(picture.getvalue())})
    data += picture.getvalue()
    attributes = {"POSITION": 0, "TEXCOORD_0": 2, "JOINTS_0": 3, "WEIGHTS_0": 4}
    primitive = {"attributes": attributes, "indices": 5, "targets": [{"POSITION": 1}], "material": 0}
    document = {
        "asset": {"version": "2.0"},
        "nodes": [{"mesh": 0, "skin": 0}, {"children": [2], "translation": [0, 1, 0]}, {"translation": [0, 0.5, 0]}],
        "meshes": [{"name": "face", "primitives": [primitive], "extras": {"targetNames": ["all.Open_h"]}}],
        "skins": [{"joints": [2], "inverseBindMatrices": 6}],
        "textures": [{"source": 0}],
        "images": [{"bufferView": 7}],
        "accessors": accessors,
        "bufferViews": views,
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    file = folder / "one_Casual.glb"
    file.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return file


def check(file):
    mesh = Glb(file).meshes()["face"]
    where = [[0, 1.5, 0], [SCALE, 1.5, 0], [0, 1.5 + SCALE / 2, 0]]
    np.testing.assert_allclose(mesh.vertices, where, atol=1e-4)
    np.testing.assert_allclose(mesh.morphs["Open_h"][2], [0, 0, SCALE / 10], atol=1e-4)
    np.testing.assert_array_equal(mesh.triangles, [[0, 1, 2]])


def test_a_mesh_is_where_its_joint_puts_it_and_as_large_as_its_skin_says(tmp_path):
    file = pack(tmp_path)
    check(file)
    assert (Glb(file).picture(0) == (255, 0, 0)).all()


def test_compressed_meshes_are_the_same(tmp_path):
    meshopt = pytest.importorskip("meshoptimizer")
    check(pack(tmp_path, lambda values: bytes(meshopt.encode_vertex_buffer(values, len(values), values.nbytes // 3))))


def test_a_file_that_is_none_and_a_head_of_others_are_refused(tmp_path):
    other = tmp_path / "none.glb"
    other.write_bytes(b"no")
    with pytest.raises(DataError, match=r"none\.glb: is no binary glTF file"):
        Glb(other)
    with pytest.raises(DataError, match=r"has no H_DDS_HighRes, h_L_eye.*valid-avatars-glb"):
        TexturedHead.read(pack(tmp_path))


def test_a_folder_without_heads_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no heads"):
        find_heads(tmp_path)
    assert find_heads(pack(tmp_path).parent) == [tmp_path / "one_Casual.glb"]


def test_expressions_go_from_shut_to_wide_open_and_are_the_same_for_one_seed():
    first, again = (draw_expressions(np.random.default_rng(4)) for _ in range(2))
    assert first == again
    assert first["neutral"] == {}
    assert first["surprise"]["MouthOpen"] >= 0.5
    assert {"RsmileOpen", "LsmileOpen"} <= first["grin"].keys()
    assert "OutMiddle" in first["tongue"]
