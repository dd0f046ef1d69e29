"""Writes the weights that `ptk plugins new --kind weights` begins with: a network of one layer, made by hand.

Run it after the format of exported networks changed: ``python docs/make_template_weights.py``; it needs the extra
export. It prints the sha256 that the template declares.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ptk.editing.exported.metadata import SCHEMA
from ptk.scaffold.outline import TEMPLATES

FILE = TEMPLATES / "weights" / "src" / "PACKAGE" / "weights.onnx"
SIZE = 256
SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))
"""What an old photograph makes of red, green and blue, in [0, 1]."""


def make() -> onnx.ModelProto:
    """The network: a convolution of 1 x 1 pixel, in images in [-1, 1], and what it says of itself."""
    kernel = np.array(SEPIA, dtype=np.float32)
    bias = kernel.sum(axis=1) - 1  # what is black in [0, 1] is -1 here
    shape = [1, 3, SIZE, SIZE]
    nodes = [
        helper.make_node("Conv", ["image", "kernel", "bias"], ["tinted"]),
        helper.make_node("Clip", ["tinted", "least", "most"], ["result"]),
    ]
    values = {"kernel": kernel[:, :, None, None], "bias": bias, "least": np.float32(-1), "most": np.float32(1)}
    image, result = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("image", "result"))
    stored = [numpy_helper.from_array(np.asarray(value, dtype=np.float32), name) for name, value in values.items()]
    graph = helper.make_graph(nodes, "sepia", [image], [result], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    said = {
        "schema": SCHEMA,
        "size": SIZE,
        "domains": ["photo", "sepia"],
        "hears_landmarks": False,
        "data": {"source": "none", "licence": "CC0-1.0"},
        "licence": "CC0-1.0",
    }
    helper.set_model_props(model, {"ptk": json.dumps(said)})
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(make(), Path(FILE))
    print(FILE, FILE.stat().st_size, hashlib.sha256(FILE.read_bytes()).hexdigest())
