"""``ptk export``: how far results are from torch's, where the file is, or one line on what is wrong."""

from types import SimpleNamespace

import pytest

from ptk.editing.exported.declare import declare
from ptk.editing.loading import load_translator
from ptk.errors import OutputError
from ptk.files import hash_file
from ptk.registry.parts import Part
from ptk.scaffold.package import write_plugin
from ptk.testing.contracts import check_part
from untrained import RECIPE, write_untrained

pytest.importorskip("onnxscript", reason="ptk export is an extra")


@pytest.fixture
def weights(tmp_path):
    recipe = RECIPE.replace("[photo, sketch]", "[sketch, photo]").replace(
        "{landmark_map: {sigma: 2}}", "landmark_channels"
    )
    return write_untrained(tmp_path / "mine.safetensors", recipe)


def test_it_says_how_far_every_style_is_from_torch_and_where_the_file_is(ptk, weights):
    status, written, said = ptk("export", weights)
    assert (status, said) == (0, "")
    sketch, photo, file = written.splitlines()
    assert sketch.startswith("sketch: 0.0") and photo.startswith("photo: 0.0")
    assert "of 255 levels from torch on average" in photo
    assert file.startswith(f"{weights.with_suffix('.onnx')}: 0.")
    assert load_translator(weights.with_suffix(".onnx")).domains == ("sketch", "photo")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--format", "tflite"), "--format tflite: there are onnx, openvino, safetensors"),
        (("--out", "network.xml"), "network.xml: onnx needs a name that ends in .onnx; choose another --out"),
        (("--out", "missing/network.onnx"), "missing/network.onnx: there is no folder missing; make it first"),
    ],
)
def test_what_cannot_be_done_is_one_line(ptk, weights, monkeypatch, arguments, why):
    monkeypatch.chdir(weights.parent)
    assert ptk("export", weights, *arguments) == (1, "", f"ptk: {why}\n")
    assert [path.name for path in weights.parent.iterdir()] == [weights.name]


def test_only_weights_of_a_run_are_exported(ptk, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"no weights")
    for name in ("missing.safetensors", "photo.jpg"):
        status, written, said = ptk("export", tmp_path / name)
        assert (status, written) == (1, "")
        assert said.startswith(f"ptk: {tmp_path / name}: ")
        assert said.count("\n") == 1


def test_weights_go_into_a_plug_in_whose_check_then_holds(ptk, tmp_path, monkeypatch):
    """The way of somebody who trained a style: a new package, an export into it, its check."""
    package = write_plugin("cartoon", "weights", tmp_path).folder / "src" / "ptk_cartoon"
    plain = RECIPE.replace("[photo, sketch]", "[photo, {cartoon: {from: sketch}}]").replace(
        "  - {landmark_map: {sigma: 2}}\n", ""
    )
    weights = write_untrained(tmp_path / "mine.safetensors", plain, loud=0.5)
    status, written, said = ptk("export", weights, "--declare", package / "weights.py")
    assert (status, said) == (0, "")
    assert written.splitlines()[-1].endswith("declares weights.onnx; ptk plugins check tries them")
    module = (package / "weights.py").read_text()
    assert f'"weights.onnx": "{hash_file(package / "weights.onnx")}"' in module
    assert '{"cartoon": "cartoon"}' in module
    assert f"    size = {load_translator(weights).size}  # pixels" in module
    monkeypatch.syspath_prepend(package.parent)
    part = Part(
        "cartoon", "for a test", "ptk_cartoon.weights:CartoonWeights", styles=("cartoon",), origin="ptk-cartoon"
    )
    check_part("weights", part)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--declare", "none.py"), "none.py: cannot be read ("),
        (("--declare", "odd.py"), "odd.py: declares no file: add `files` with"),
        (
            ("--declare", "good.py", "--out", "b.onnx"),
            "--declare good.py: declares a.onnx, beside it; leave out",
        ),
        (
            ("--declare", "good.py", "--format", "safetensors"),
            "--declare: plug-ins bring ONNX; leave out --for",
        ),
    ],
)
def test_what_cannot_be_declared_is_one_line(ptk, weights, monkeypatch, arguments, why):
    monkeypatch.chdir(weights.parent)
    (weights.parent / "odd.py").write_text("files = {}\n")
    (weights.parent / "good.py").write_text(f'files = {{"a.onnx": "{"0" * 64}"}}\n')
    before = sorted(weights.parent.iterdir())
    status, written, said = ptk("export", weights, *arguments)
    assert (status, written, said.count("\n")) == (1, "", 1)
    assert said.startswith(f"ptk: {why}")
    assert sorted(weights.parent.iterdir()) == before


def test_a_network_beside_it_must_be_declared_too(tmp_path):
    module = tmp_path / "weights.py"
    module.write_text(f'files = {{"a.onnx": "{"0" * 64}"}}\nsize = 64\n')
    for name in ("a.onnx", "a.styles.onnx"):
        (tmp_path / name).write_bytes(b"1")
    before = module.read_text()
    network = SimpleNamespace(size=32, domains=("photo", "sketch"))
    with pytest.raises(
        OutputError, match=r'does not declare a\.styles\.onnx; add to its `files`: "a\.styles\.onnx": "6b86'
    ):
        declare(module, [tmp_path / "a.styles.onnx", tmp_path / "a.onnx"], network)
    assert module.read_text() == before
    declare(module, [tmp_path / "a.onnx"], network)
    assert f'"a.onnx": "{hash_file(tmp_path / "a.onnx")}"' in module.read_text()
