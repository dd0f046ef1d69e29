"""Networks that were exported for OpenVINO: an .xml, and a .bin beside it."""

import copy
import json
from xml.etree import ElementTree

import numpy as np

from tests.fuzz.mutate import damage_bytes
from tests.fuzz.readers.common import damage_json_text

SAID = {
    "schema": "ptk.exported/3",
    "size": 32,
    "domains": ["photo", "sketch"],
    "face_flow": {"reach": 0.2, "noise": 0.01, "lips": False},
    "data": {"detector": "mediapipe68"},
    "planes": {"motion_field": {"reach": 0.2, "noise": 0.01}},
}
VALUES = ("", "0", "-1", "1", "99999999999999999999", "4294967295", "1,3,32,32", "nan", "f64", "Parameter", "../x", "é")


def _write_network(path):
    """A network with weights, which moves nothing: result, flow and visibility of an image and a motion field."""
    from ptk.compat import import_openvino

    openvino = import_openvino("fuzzing")
    from openvino import opset13 as ops

    image = ops.parameter([1, 3, 32, 32], np.float32, name="image")
    field = ops.parameter([1, 2, 32, 32], np.float32, name="motion_field")
    weights = ops.constant(np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1))
    made = ops.convolution(image, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    nodes = {
        "result": ops.tanh(made),
        "flow": ops.relu(field),
        "visibility": ops.reduce_mean(image, ops.constant(np.array([1])), keep_dims=True),
    }
    image.output(0).get_tensor().set_names({"image"})
    field.output(0).get_tensor().set_names({"motion_field"})
    for name, node in nodes.items():
        node.output(0).get_tensor().set_names({name})
    model = openvino.Model([ops.result(node) for node in nodes.values()], [image, field], "net")
    model.set_rt_info("@SAID@", "ptk")
    openvino.save_model(model, path, compress_to_fp16=False)


def read_openvino(folder):
    """What networks say of themselves, their layers and weights; and an edit with each."""
    from ptk.editing.exported.runtime import ExportedTranslator
    from ptk.errors import PtkError

    _write_network(folder / "n.xml")
    text, weights = (folder / "n.xml").read_text(), (folder / "n.bin").read_bytes()
    points = np.random.default_rng(1).uniform(0.3, 0.7, (68, 2))

    def read(rng, place):
        path = place / "n.xml"
        way = rng.random()
        said = damage_json_text(SAID, rng) if way < 0.4 else json.dumps(SAID)
        tree = ElementTree.fromstring(text)
        for one in tree.iter():
            for key, value in one.attrib.items():
                if value == "@SAID@":
                    one.set(key, said.encode("utf-8", "replace").decode().replace("\0", ""))
        if 0.4 <= way < 0.8:
            _damage_elements(tree, rng)
        content = ElementTree.tostring(tree)
        path.write_bytes(damage_bytes(content, rng) if way >= 0.8 else content)
        path.with_suffix(".bin").write_bytes(damage_bytes(weights, rng) if rng.random() < 0.2 else weights)
        translator = ExportedTranslator.load(path)
        for style in translator.domains[:2]:
            picture = np.full((translator.size, translator.size, 3), 90, np.uint8)
            try:
                translator.render(picture, points, points + 0.01, style)
            except PtkError:
                continue

    return read


def _damage_elements(tree, rng):
    """Change attributes and texts, drop, double or swap elements: one to three times."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        parents = [one for one in tree.iter() if len(one)]
        parent = rng.choice(parents)
        one = rng.choice(list(parent))
        way = rng.randrange(5)
        if way == 0:
            parent.remove(one)
        elif way == 1:
            parent.insert(rng.randrange(len(parent)), copy.deepcopy(one))
        elif way == 2 and one.text:
            one.text = rng.choice(VALUES)
        elif way == 3:
            other = rng.choice(parents)
            other.append(copy.deepcopy(one))
        elif one.attrib:
            one.set(rng.choice(list(one.attrib)), rng.choice(VALUES))
