"""Weights, and networks that were exported."""

import json
import struct

import numpy as np

from tests.fuzz.mutate import as_json, damage_bytes, damage_tree
from tests.fuzz.readers.common import damage_json_text


def read_weights(folder):
    """Weights of a run: their header, their metadata, and cut files."""
    from ptk.editing.translator import Translator
    from tests.untrained import write_untrained

    content = write_untrained(folder / "w.safetensors").read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header, body = json.loads(content[8 : 8 + size]), content[8 + size :]
    said = json.loads(header["__metadata__"]["ptk"])

    def read(rng, place):
        path = place / "w.safetensors"
        way = rng.random()
        if way < 0.6:
            changed = {**header, "__metadata__": {"format": "pt", "ptk": damage_json_text(said, rng)}}
            written = json.dumps(changed).encode()
        elif way < 0.8:
            written = as_json(damage_tree(header, rng)).encode("utf-8", "surrogatepass")
        else:
            path.write_bytes(damage_bytes(content, rng))
            Translator.load(path, "cpu")
            return
        path.write_bytes(struct.pack("<Q", len(written)) + written + body)
        Translator.load(path, "cpu")

    return read


def read_networks(_):
    """Exported networks: what they say of themselves, other networks, and cut files; and an edit with each."""
    import onnx
    from onnx import TensorProto, helper

    from ptk.editing.exported.runtime import ExportedTranslator

    points = np.random.default_rng(1).uniform(0.3, 0.7, (68, 2))
    cut = np.full((32, 32, 3), 90, np.uint8)
    said = {
        "schema": "ptk.exported/3",
        "size": 32,
        "domains": ["photo", "sketch"],
        "face_flow": {"reach": 0.2, "noise": 0.01, "lips": True},
        "data": {"detector": "mediapipe68"},
        "planes": {"motion_field": {"reach": 0.2, "noise": 0.01}, "landmark_map": {"sigma": 3.0, "of": "both"}},
        "styles": "n.styles.onnx",
        "mouth": {"file": "n.mouth.onnx", "margin": 8},
    }

    def network(rng):
        shape = [1, 3, 32, 32] if rng.random() < 0.8 else rng.choice(([1, 3, 16, 16], [1], [2, 3, 32, 32]))
        inputs = [("image", shape), ("motion_field", [1, 2, 32, 32])]
        if rng.random() < 0.2:
            inputs[1] = rng.choice((("nobody", [1]), ("domain", [1, 2]), ("lips", [1, 4, 32, 32])))
        outputs = ["result", "flow", "visibility"] if rng.random() < 0.8 else rng.choice((["x"], ["result", "flow"]))
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sides) for name, sides in inputs]
        made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        sources = {"flow": inputs[1][0]}
        nodes = [helper.make_node("Identity", [sources.get(name, "image")], [name]) for name in outputs]
        if "visibility" in outputs and rng.random() < 0.9:
            nodes[-1] = helper.make_node("ReduceMean", ["image"], ["visibility"], axes=[1], keepdims=1)
        graph = helper.make_graph(nodes, "g", given, made)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        helper.set_model_props(model, {"ptk": damage_json_text(said, rng) if rng.random() < 0.8 else json.dumps(said)})
        return model

    def read(rng, place):
        from ptk.errors import PtkError

        content = network(rng).SerializeToString()
        styles = onnx.ModelProto.FromString(content)
        for beside in ("n.styles.onnx", "n.mouth.onnx"):
            (place / beside).write_bytes(styles.SerializeToString() if rng.random() < 0.8 else b"")
        path = place / "n.onnx"
        path.write_bytes(damage_bytes(content, rng) if rng.random() < 0.25 else content)
        translator = ExportedTranslator.load(path)
        for style in translator.domains[:2]:
            side = translator.size
            picture = cut if side == 32 else np.full((side, side, 3), 90, np.uint8)
            try:
                translator.render(picture, points, points + 0.01, style)
            except PtkError:
                continue

    return read
