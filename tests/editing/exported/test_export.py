"""Exported weights: the same results without torch, and files that are not what they should be."""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.editing import loading
from ptk.editing.exported import export as exporting
from ptk.editing.exported import tracing
from ptk.editing.exported.export import export, trial_faces
from ptk.editing.exported.runtime import ExportedTranslator
from ptk.editing.exported.tracing import paints_mouths, trace
from ptk.editing.loading import load_translator, shipped
from ptk.editing.translator import Translator
from ptk.errors import OutputError, PtkError, WeightsError
from ptk.generators.portraitgan import PortraitGAN
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.flow_options import FaceFlow
from ptk.recipe.weights import read_metadata, read_tensors
from untrained import RECIPE, write_untrained

onnx = pytest.importorskip("onnx", reason="ptk export is an extra")
pytest.importorskip("onnxscript", reason="ptk export is an extra")

SMALL = RECIPE.replace("{landmark_map: {sigma: 2}}", "motion_field").replace(
    "portraitgan: {width", "warp_and_paint: {mouth: MOUTH, styler: 8, width"
)
MOUTHS = [pytest.param(0, id="whole faces"), pytest.param(8, marks=pytest.mark.slow, id="mouths")]


@pytest.fixture(scope="module", params=MOUTHS)
def weights(request, tmp_path_factory):
    """A network with loud noise for its last layers, so that every part of it shows in the result."""
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    recipe = SMALL.replace("MOUTH", str(request.param))
    return write_untrained(path, recipe, loud=0.05, domains=["photo", "sketch"], licence="CC0-1.0")


@pytest.fixture(scope="module", autouse=True)
def traced_once():
    """Tracing a network takes a dozen seconds, and all tests here export the same few."""
    with pytest.MonkeyPatch.context() as patch:
        trace, known = exporting.trace, {}

        def once(weights, translator):
            if weights not in known:
                known[weights] = trace(weights, translator)
            return copy.deepcopy(known[weights])

        patch.setattr(exporting, "trace", once)
        yield


@pytest.fixture(scope="module")
def exported(weights, traced_once, tmp_path_factory):
    return export(weights, tmp_path_factory.mktemp("exported") / "small.onnx")


def test_the_result_is_torchs_in_every_style(weights, exported):
    mine, torchs = ExportedTranslator.load(exported.files[-1]), Translator.load(weights, "cpu")
    cut, start, goal = trial_faces(64)[0]
    results = {}
    for style in ("photo", "sketch"):
        results[style] = mine.render(cut, start, goal, style).image
        gap = np.abs(results[style] - torchs.render(cut, start, goal, style).image)
        assert gap.mean() < 0.2  # of 255 levels: numbers are stored with eleven bits
        assert exported.differences[style][0] < 0.2
    assert np.abs(results["photo"] - results["sketch"]).mean() > 1
    assert np.abs(results["photo"] - mine.render(cut, start, start, "photo").image).mean() > 1
    with pytest.raises(WeightsError, match="these weights know photo, sketch"):
        mine.render(cut, start, goal, "oil")


def test_weights_in_half_the_room_are_the_same_weights(weights, tmp_path):
    done = export(weights, tmp_path / "half.safetensors", "safetensors")
    assert done.bytes < 0.6 * weights.stat().st_size
    assert all(mean < 0.2 for mean, _ in done.differences.values())
    assert read_metadata(done.files[0]) == read_metadata(weights)
    tensors, halves = read_tensors(weights), read_tensors(done.files[0])
    assert all(halves[name].dtype == one.dtype for name, one in tensors.items())
    whole = export(weights, tmp_path / "whole.safetensors", "safetensors", half=False)
    assert all(torch.equal(one, tensors[name]) for name, one in read_tensors(whole.files[0]).items())
    with pytest.raises(OutputError, match="are the weights themselves"):
        export(weights, weights, "safetensors")


def test_an_exported_file_says_what_its_weights_said(weights, exported):
    mine, torchs = ExportedTranslator.load(exported.files[-1]), Translator.load(weights, "cpu")
    assert (mine.size, mine.domains, mine.detector) == (torchs.size, torchs.domains, torchs.detector)
    assert mine.metadata["licence"] == "CC0-1.0"
    assert mine.metadata["recipe"] == torchs.metadata["recipe"]


def test_numbers_in_half_precision_take_half_the_room(weights, exported, tmp_path):
    from onnx import numpy_helper

    def learned(file):
        stored = onnx.load(file).graph.initializer
        return sum(numpy_helper.to_array(one).nbytes for one in stored if one.name.startswith("generator."))

    full = export(weights, tmp_path / "full.onnx", half=False)
    assert learned(exported.files[-1]) < 0.55 * learned(full.files[-1])
    assert max(mean for mean, _ in full.differences.values()) < 0.01


def test_openvino_gives_the_same_from_files_of_its_own(weights, tmp_path):
    pytest.importorskip("openvino", reason="OpenVINO is an extra")
    done = export(weights, tmp_path / "small.xml", "openvino")
    mouths = [".mouth"] if paints_mouths(Translator.load(weights, "cpu").generator) else []
    names = {f"small{part}.{end}" for part in ("", ".styles", *mouths) for end in ("bin", "xml")}
    assert {file.name for file in done.files} == names
    mine = load_translator(done.files[-1])
    assert mine.domains == ("photo", "sketch")
    cut, start, goal = trial_faces(64)[1]
    gap = (
        mine.render(cut, start, goal, "sketch").image
        - Translator.load(weights, "cpu").render(cut, start, goal, "sketch").image
    )
    assert np.abs(gap).mean() < 0.2

    (tmp_path / "small.bin").unlink()
    with pytest.raises(WeightsError, match=r"small\.xml: not a whole \.xml file"):
        load_translator(done.files[-1])


def test_nothing_is_told_of_the_machine_that_exported(exported):
    """torch notes the source lines that each node comes from."""
    assert str(Path(exporting.__file__).parent).encode() not in exported.files[-1].read_bytes()


def test_what_comes_out_otherwise_is_not_written(weights, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_BOUND", 1e-9)
    for half, mend in ((True, "try `half=False`"), (False, "edit with the weights themselves")):
        with pytest.raises(WeightsError, match=f"photo differs by .* levels from torch; {mend}"):
            export(weights, tmp_path / "small.onnx", half=half)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("compute", "why"),
    [
        (
            lambda planes: planes + torch.linalg.solve(planes[0, 0], planes[0, 0]),
            "ONNX has no operator for aten._linalg_solve_ex",
        ),
        (lambda planes: planes * float(planes.sum()), "it computes with values taken out of tensors"),
    ],
)
def test_a_part_that_cannot_be_exported_is_named(tmp_path, monkeypatch, capsys, compute, why):
    weights = write_untrained(tmp_path / "plain.safetensors")
    draw = DomainPlanes.forward
    monkeypatch.setattr(DomainPlanes, "forward", lambda *given: compute(draw(*given)))
    with pytest.raises(WeightsError) as refused:
        trace(weights, Translator.load(weights, "cpu"))
    assert str(refused.value).startswith(f"{weights}: conditioner domain_planes cannot be exported: {why}; ")
    assert "\n" not in str(refused.value)
    assert capsys.readouterr() == ("", "")


def test_styles_made_of_photos_are_a_network_of_their_own(exported, tmp_path, monkeypatch):
    mine = load_translator(exported.files[-1])
    beside = {file.name for file in exported.files[:-1]}
    mouths = {"small.mouth.onnx"} if mine.face_flow.lips else set()
    assert beside == {"small.styles.onnx"} | mouths
    assert exported.files[-1].name == "small.onnx"
    cut, start, goal = trial_faces(64)[0]
    calls, run = [], mine._run
    monkeypatch.setattr(mine, "_run", lambda given: calls.append(1) or run(given))
    photo, sketch = (mine.render(cut, start, goal, style) for style in ("photo", "sketch"))
    assert np.abs(photo.image - sketch.image).mean() > 1
    assert sketch.flow is None
    assert len(calls) == 1  # the photo is remembered
    for name in {"small.onnx", *beside} - {"small.styles.onnx"}:
        shutil.copy(exported.files[-1].with_name(name), tmp_path)
    again = load_translator(tmp_path / "small.onnx")
    again.render(cut, start, goal, "photo")
    with pytest.raises(
        WeightsError, match=r"small\.styles\.onnx: no such file, which small\.onnx needs for its styles"
    ):
        again.render(cut, start, goal, "sketch")


def test_exported_networks_tell_where_pixels_come_from(weights, exported):
    mine, torchs = ExportedTranslator.load(exported.files[-1]), Translator.load(weights, "cpu")
    lips = paints_mouths(torchs.generator)
    assert mine.face_flow == torchs.face_flow == FaceFlow(lips=lips, geometry=VERSION_1)
    cut, start, goal = trial_faces(64)[1]
    one, other = (translator.render(cut, start, goal, "photo") for translator in (mine, torchs))
    np.testing.assert_allclose(one.flow, other.flow, atol=1e-3)
    np.testing.assert_allclose(one.visibility, other.visibility, atol=5e-3)


@pytest.mark.slow
def test_files_of_before_draw_everything_inside_and_still_edit(monkeypatch, tmp_path):
    """The first form of exported files: four inputs, all planes drawn inside, one output."""
    monkeypatch.setattr(tracing, "_drawn_outside", lambda conditioners: {})
    monkeypatch.setattr(tracing, "MovesPixels", type("Nothing", (), {}))
    plain = write_untrained(tmp_path / "plain.safetensors", loud=0.05)
    translator = Translator.load(plain, "cpu")
    model = trace(plain, translator).photo
    said = {"schema": "ptk.exported/1", "size": 64, "domains": ["photo", "sketch"]}
    onnx.helper.set_model_props(model, {"ptk": json.dumps(said)})
    onnx.save(model, tmp_path / "old.onnx")
    cut, start, goal = trial_faces(64)[1]
    old = load_translator(tmp_path / "old.onnx").render(cut, start, goal, "sketch")
    assert old.flow is None
    np.testing.assert_allclose(old.image, translator.render(cut, start, goal, "sketch").image, atol=0.5)


def test_networks_that_read_no_landmarks_of_the_source_run_in_openvino(tmp_path):
    pytest.importorskip("openvino", reason="OpenVINO is an extra")
    plain = write_untrained(tmp_path / "plain.safetensors", loud=0.05)
    done = export(plain, tmp_path / "plain.xml", "openvino")
    assert max(mean for mean, _ in done.differences.values()) < 0.5


def test_a_name_that_does_not_fit_the_format(weights, tmp_path):
    with pytest.raises(OutputError, match="onnx needs a name that ends in"):
        export(weights, tmp_path / "small.bin")


def test_a_folder_that_is_not_there(weights, tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        export(weights, tmp_path / "missing" / "small.onnx")


def test_files_that_are_not_exported_weights(exported, tmp_path):
    whole = exported.files[-1].read_bytes()
    for name, content, reason in (
        ("cut.onnx", whole[: len(whole) // 2], "not a whole .onnx file"),
        ("text.onnx", b"weights\n", "not a whole .onnx file"),
        ("empty.onnx", b"", "not a whole .onnx file"),
        ("none.onnx", None, "no such file"),
    ):
        file = tmp_path / name
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(WeightsError, match=reason) as refused:
            load_translator(file)
        assert str(refused.value).startswith(str(file))
        assert "\n" not in str(refused.value)


def test_a_network_of_somebody_else(exported, tmp_path):
    model = onnx.load(exported.files[-1])
    onnx.helper.set_model_props(model, {"ptk": json.dumps({"schema": "other"})})
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(WeightsError, match="a network, but not one of ptk"):
        load_translator(tmp_path / "other.onnx")


def test_an_exported_network_is_not_for_a_gpu(exported):
    with pytest.raises(PtkError, match="run on the CPU"):
        load_translator(exported.files[-1], "cuda")
    with pytest.raises(PtkError, match="there are auto, cpu and cuda"):
        load_translator(exported.files[-1], "tpu")


def test_an_edit_imports_nothing_heavy(exported, tmp_path):
    """A whole ptk edit with an exported network: neither torch nor what imports it."""
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    photo = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()).save(photo)
    code = (
        "import sys; from ptk.cli.main import app; "
        f"app(['edit', {str(photo)!r}, '--weights', {str(exported.files[-1])!r}, '--style', 'sketch'], "
        "standalone_mode=False); "
        "print([name for name in ('torch', 'timm', 'kornia', 'torchmetrics', 'scipy', 'tensorboard') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "astronaut.ptk.png").exists()


def test_ptk_looks_for_a_gpu_without_torch(monkeypatch, tmp_path):
    monkeypatch.setattr(loading, "SHIPPED", tmp_path)
    exported, torchs = tmp_path / "portraits.onnx", tmp_path / "portraits.safetensors"
    for file in (exported, torchs):
        file.touch()
    assert shipped("auto") == (torchs if torch.cuda.is_available() else exported)
    assert (shipped("cpu"), shipped("cuda")) == (exported, torchs)
    monkeypatch.setattr(loading, "_gpu", lambda: True)
    assert shipped("auto") == torchs


def test_what_openvino_cannot_run_is_named_with_its_part(tmp_path, monkeypatch):
    """A generator that goes through its image's spectrum, which torch and ONNX Runtime can."""
    pytest.importorskip("openvino", reason="OpenVINO is an extra")
    forward = PortraitGAN.forward

    def through_the_spectrum(self, image, *others):
        return forward(self, torch.fft.irfft2(torch.fft.rfft2(image), s=image.shape[-2:]), *others)

    monkeypatch.setattr(PortraitGAN, "forward", through_the_spectrum)
    weights = write_untrained(tmp_path / "spectrum.safetensors")
    with pytest.raises(WeightsError) as caught:
        export(weights, tmp_path / "spectrum.xml", "openvino")
    assert str(caught.value).startswith("generator portraitgan or conditioners landmark_map, domain_planes: OpenVINO ")
    assert str(caught.value).endswith("export as onnx, or build that part of other operations")
    assert not list(tmp_path.glob("*.xml"))
