"""A recipe that lists photo second trains, edits, exports and evaluates as one that lists it first."""

import json

import numpy as np
import pytest
import torch

from ptk.dataset.manifest import SAMPLE
from ptk.editing.add_domain import add_domain
from ptk.editing.edit import edit_pixels
from ptk.editing.exported.export import export, trial_faces
from ptk.editing.loading import load_translator
from ptk.editing.translator import Translator
from ptk.evaluation.evaluate import Metrics, evaluate
from ptk.evaluation.people import People, read_people
from ptk.evaluation.styles import Renderers, with_styles
from ptk.faces.crop import Crop
from ptk.motion import face_geometry
from ptk.motion.face_geometry import VERSION_1
from ptk.recipe.load import load_recipe
from ptk.recipe.weights import read_metadata, read_tensors, write_weights
from ptk.registry.registry import load_registry
from ptk.training.checkpoint import checkpoints
from ptk.training.loop import train
from ptk.training.run import start_run
from tuned import tuned

RECIPE = """
recipe: second
data: {source: SOURCE, size: 64, pairs: warp, one_way: true}
domains: [sketch, photo]
conditioners: [motion_field, domain_planes]
generator: {warp_and_paint: {width: 8, down: 2, blocks: 1, mouth: 8, styler: 8}}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 8}}
losses: {critic: {adversarial: 1}, generator: {adversarial: 1, identity: 5}}
training: {steps: 4, batch: 2, lr: 4.0e-4, ema: 0.9, seed: 1, checkpoint: 2, grid: 4}
"""
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def recipe(small_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "second.yaml"
    path.write_text(RECIPE.replace("SOURCE", str(small_data)))
    return path


def trained(recipe, folder, *overrides, **how):
    run = start_run(load_recipe(recipe, overrides), folder, CPU, torch.float32, **how)
    for _ in train(run):
        pass
    return run


@pytest.fixture(scope="module")
def run(recipe, tmp_path_factory):
    return trained(recipe, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def weights(run):
    return run.folder / "weights.safetensors"


@pytest.fixture(scope="module")
def of_before(weights):
    """The same weights as a ptk wrote them that took the first domain for plain, and recorded nothing."""
    path = weights.with_name("before.safetensors")
    said = {key: value for key, value in read_metadata(weights).items() if key not in ("plain", "geometry")}
    write_weights(path, read_tensors(weights), said)
    return path


def test_pairs_start_from_photos(run):
    for step in range(4):
        assert (run.pairs.batch(step).a.domain == 1).all()


def test_aligned_pairs_start_from_the_first_domain(recipe, tmp_path):
    """Their order is the direction: sketches to photos, as pix2pix has labels first."""
    aligned = load_recipe(recipe, ["data.pairs=photo"])
    pairs = start_run(aligned, tmp_path / "run", CPU, torch.float32).pairs
    assert (pairs.batch(0).a.domain == 0).all()


def test_run_and_weights_name_the_plain_domain(run, weights):
    assert json.loads((run.folder / "run.json").read_text())["plain"] == "photo"
    metadata = read_metadata(weights)
    assert metadata["plain"] == "photo"
    assert metadata["geometry"] == json.loads(json.dumps(face_geometry.CURRENT.document()))


def test_photos_are_made_first_and_styles_of_them(weights):
    translator = Translator.load(weights, "cpu")
    assert translator.domains == ("sketch", "photo")
    cut, start, goal = trial_faces(64)[0]
    photo, sketch = (translator.render(cut, start, goal, style) for style in ("photo", "sketch"))
    assert photo.flow is not None  # its own pixels move
    assert sketch.flow is None
    styled = translator._restyle(photo.image, *(points.astype(np.float32)[None] for points in (start, goal)), "sketch")
    assert np.array_equal(sketch.image, styled)
    crop = Crop.around(start * 64)
    still = edit_pixels(cut, crop, crop.to_unit(start * 64), crop.to_unit(start * 64), translator, "photo")
    assert np.array_equal(still, cut)


@pytest.mark.slow
def test_exported_it_gives_the_same(weights, tmp_path):
    pytest.importorskip("onnxscript", reason="ptk export is an extra")
    done = export(weights, tmp_path / "second.onnx", half=False)
    mine, torchs = load_translator(done.files[-1]), Translator.load(weights, "cpu")
    assert mine.plain == torchs.plain == 1
    cut, start, goal = trial_faces(64)[0]
    photos = [translator.render(cut, start, goal, "photo") for translator in (mine, torchs)]
    np.testing.assert_allclose(photos[0].image, photos[1].image, atol=0.1)
    np.testing.assert_allclose(photos[0].flow, photos[1].flow, atol=1e-4)
    assert max(mean for mean, _ in done.differences.values()) < 0.01


def test_it_is_evaluated_in_both_domains(weights):
    translator = load_translator(weights, "cpu")
    read = read_people(SAMPLE, "test", 64, ("photo", "sketch"))
    few = {identity: shots[:2] for identity, shots in list(read.shots.items())[:1]}
    people = People(read.folder, read.split, few, read.licence, read.detector)
    people = with_styles(people, Renderers.of(translator.metadata))
    found = evaluate(translator, people, Metrics.built(load_registry(), ("mse",), people.detector))
    errors = {
        domain: [float(case.values["mse"]["result"]) for case in found.cases if case.domain == domain]
        for domain in ("photo", "sketch")
    }
    assert len(errors["photo"]) == len(errors["sketch"]) == 2
    assert max(errors["photo"]) < min(errors["sketch"])  # after four steps photos are warped, sketches still photos


def test_weights_of_before_take_the_first_domain_for_plain_as_they_were_trained(of_before):
    translator = Translator.load(of_before, "cpu")
    cut, start, goal = trial_faces(64)[0]
    assert translator.plain == 0
    assert translator.render(cut, start, goal, "sketch").flow is not None
    assert translator.render(cut, start, goal, "photo").flow is None


def test_a_domain_more_leaves_the_plain_one_where_it_was(weights, of_before, tmp_path):
    for number, (old, plain) in enumerate(((weights, "photo"), (of_before, "sketch"))):
        grown = add_domain(old, "mosaic", tmp_path / f"{number}.safetensors")
        assert read_metadata(grown.weights)["plain"] == plain
        assert Translator.load(grown.weights, "cpu").plain == Translator.load(old, "cpu").plain


def test_a_run_goes_on_with_the_numbers_that_it_began_with(recipe, tmp_path, monkeypatch):
    other = tuned(VERSION_1)
    with monkeypatch.context() as patch:
        patch.setattr(face_geometry, "CURRENT", other)
        whole = trained(recipe, tmp_path / "whole")
        trained(recipe, tmp_path / "cut", until=2)
    again = trained(recipe, tmp_path / "cut", resume=True)
    assert again.recipe.geometry == again.pairs.geometry == other
    first, second = (checkpoints(folder)[-1] / "tensors.safetensors" for folder in (whole.folder, again.folder))
    assert first.read_bytes() == second.read_bytes()
    assert read_metadata(again.folder / "weights.safetensors")["geometry"] == json.loads(json.dumps(other.document()))
    from_weights = trained(recipe, tmp_path / "more", start=again.folder / "weights.safetensors", until=1)
    assert from_weights.recipe.geometry == other


def test_a_run_of_before_goes_on_with_the_first_domain_as_plain(recipe, tmp_path):
    trained(recipe, tmp_path / "run", until=2)
    state = checkpoints(tmp_path / "run")[-1] / "state.json"
    said = json.loads(state.read_text())
    for name in ("plain", "geometry"):
        del said["record"][name]
    state.write_text(json.dumps(said))
    again = trained(recipe, tmp_path / "run", resume=True)
    assert again.recipe.plain == 0
    assert (again.pairs.batch(3).a.domain == 0).all()
    assert read_metadata(again.folder / "weights.safetensors")["plain"] == "sketch"
