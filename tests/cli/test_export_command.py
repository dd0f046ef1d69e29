"""``ptk export``: how far results are from torch's, where the file is, or one line on what is wrong."""

import pytest

from ptk.editing.loading import load_translator
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
