"""What weights must hold, and what is said of each that do not."""

import hashlib
import math
import struct
import sys
from typing import ClassVar

import pytest

from installed import install_weights
from ptk.registry.parts import Part
from ptk.scaffold.outline import TEMPLATES
from ptk.testing.contracts import part_checks
from ptk.types import Weights

NETWORK = (TEMPLATES / "weights" / "src" / "PACKAGE" / "weights.onnx").read_bytes()
CARD = "# Brown faces\n\nLicence: CC0-1.0.\n"
WHOLE = "its files are whole, of the declared sha256, and small enough to hand on"
DECLARED = "its file says the size and the styles that are declared"
CARDED = "has a model card that names the licence"


@pytest.fixture
def broken(tmp_path):
    """What is said, by rule, of weights whose network has other bytes, or that declare something else."""

    def find(styles=("brown",), network=NETWORK, card=CARD, **declared):
        (tmp_path / "brown.onnx").write_bytes(network)
        (tmp_path / "CARD.md").write_text(card)

        class Brown(Weights):
            files: ClassVar = {"brown.onnx": hashlib.sha256(network).hexdigest()}
            size, licence, card = 256, "CC0-1.0", "CARD.md"
            domains: ClassVar = {"brown": "sepia"}

            @classmethod
            def find_file(cls, name):
                return tmp_path / name

        for name, value in declared.items():
            setattr(Brown, name, value)
        part = Part("mine", "made for a test", Brown, styles=styles, origin="ptk-mine 1.0")
        apart = ("has a docstring", "survives being sent to another process")
        outcomes = [check.run() for check in part_checks("weights", part) if check.rule not in apart]
        return {one.rule: one.message for one in outcomes if one.status == "fail"}

    return find


def test_weights_that_hold_every_rule(broken):
    assert broken() == {}


@pytest.mark.parametrize("licence", ["", "  ", None, "MIT\nor so"])
def test_a_licence_must_be_a_line(broken, licence):
    assert "licence must be an SPDX expression" in broken(licence=licence)["declares a licence"]


def test_the_card_is_there_and_names_the_licence(broken):
    assert broken(card="Brown, CC0-1.0")[CARDED].endswith("CARD.md must have a heading, # ...")
    told = broken(licence="(CC-BY-4.0 AND CC0-1.0)")[CARDED]
    assert told.endswith("must name the licence that is declared; CC-BY-4.0 is missing")


def test_files_must_be_those_that_were_declared(broken, tmp_path):
    told = broken(files={"brown.onnx": "0" * 64})
    assert f"{tmp_path / 'brown.onnx'}: is not the file that was declared" in told[WHOLE]
    assert "is not the file that was declared" in told["loads in ONNX Runtime, without torch"]
    assert DECLARED not in told  # it is told once
    assert "declares no `files`" in broken(files={})[WHOLE]
    assert "is missing" in broken(files={"other.onnx": "0" * 64})[WHOLE]


def test_the_file_says_what_was_declared(broken):
    assert broken(size=128)[DECLARED].endswith("takes faces of 256 pixels, declared are 128; declare what it takes")
    assert broken(domains={})[DECLARED].endswith("say in `domains` what it calls brown")
    assert "does not make grey" in broken(domains={"brown": "sepia", "grey": "sepia"})[DECLARED]
    assert broken(domains={"brown": "photo"})[DECLARED] == "a style must be another domain than photo"
    phono = NETWORK.replace(b'"photo"', b'"phono"')
    assert broken(network=phono)[DECLARED].startswith("it must know photo, of which styles are made")


def test_no_two_styles_are_one(broken):
    told = broken(styles=("brown", "sepia"))["each style is a picture of its own"]
    assert told == "styles must differ; brown and sepia are the same picture"


def test_a_network_that_makes_no_numbers_is_told(broken):
    spoilt = NETWORK.replace(struct.pack("<f", 0.393), struct.pack("<f", math.nan))
    assert spoilt != NETWORK
    told = broken(network=spoilt)
    assert told["gives finite images"] == "brown: images must be finite, some values are not"
    assert "gives no image, but values that are no numbers" in told["each style changes the head"]


def test_a_network_that_changes_nothing_is_told(broken):
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(NETWORK)
    kernel = next(one for one in model.graph.initializer if one.name == "kernel")
    bias = next(one for one in model.graph.initializer if one.name == "bias")
    numpy = pytest.importorskip("numpy")
    same = numpy.eye(3, dtype=numpy.float32)[:, :, None, None]
    kernel.CopyFrom(onnx.numpy_helper.from_array(same, "kernel"))
    bias.CopyFrom(onnx.numpy_helper.from_array(numpy.zeros(3, numpy.float32), "bias"))
    told = broken(network=model.SerializeToString())
    assert told == {"each style changes the head": "brown: heads must change by 0.5 of 255 levels, they change by 0.00"}


@pytest.mark.parametrize(("above", "held"), [("import json", True), ("import onnxruntime", False)])
def test_a_declaration_that_loads_what_runs_networks(tmp_path, monkeypatch, above, held):
    module = install_weights(tmp_path, "old", "brown") / "weights.py"
    module.write_text(f"{above}\n{module.read_text()}")
    monkeypatch.syspath_prepend(tmp_path)
    checks = part_checks("weights", Part("old", "made for a test", "ptk_old.weights:Brown", styles=("brown",)))
    told = {one.rule: one.run() for one in checks}["loads nothing heavy to be declared"]
    assert (told.status == "pass") == held
    assert held or told.message.startswith(f"onnxruntime is imported by {module}:1: the class only says where")
    for name in ("ptk_old", "ptk_old.weights"):
        sys.modules.pop(name, None)
