"""478 landmarks in place of 68, from the photo to an edit; and the two mixed."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ptk.data.source import open_source
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.errors import DataError, RecipeError
from ptk.faces.landmarks import read_landmarks
from ptk.faces.topologies import MEDIAPIPE478
from ptk.recipe.load import load_recipe
from ptk.recipe.weights import read_metadata

pytest.importorskip("mediapipe", reason="needs mediapipe: see the extra mediapipe")

RECIPE = """
recipe: dense
data: {source: SOURCE, size: 32, topology: mediapipe478, pairs: mixed, augment: {rotate: 5}}
domains: [photo]
conditioners: [landmark_map, landmark_channels, face_contours, motion_field, domain_planes]
generator: {portraitgan: {width: 4, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 1, layers: 1, width: 4}}
losses:
  critic: {lsgan: 1}
  generator: {lsgan: 1, identity: {weight: 5, lean: 4}}
training: {steps: 2, batch: 2, checkpoint: 2, grid: 2}
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people of the bundled sample, neutral and happy."""
    folder = tmp_path_factory.mktemp("photos")
    for entry in read_manifest(SAMPLE):
        if entry.identity in ("p01", "p04", "p11") and entry.expression in ("neutral", "happiness"):
            photo = folder / entry.identity / f"{entry.expression}.jpg"
            photo.parent.mkdir(exist_ok=True)
            shutil.copy(SAMPLE / entry.image, photo)
    return folder


@pytest.fixture(scope="module")
def dense_set(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """These, prepared with all points of the mesh."""
    from ptk.prepare.prepare import prepare

    folder = tmp_path_factory.mktemp("dense") / "set"
    prepare([photos], folder, size=32, detector="mediapipe478", workers=1)
    return folder


@pytest.fixture(scope="module")
def recipe(dense_set: Path) -> Path:
    path = dense_set.with_name("dense.yaml")
    path.write_text(RECIPE.replace("SOURCE", str(dense_set)))
    return path


@pytest.fixture(scope="module")
def weights(recipe: Path) -> Path:
    """Weights after two steps."""
    import torch

    from ptk.training.loop import train
    from ptk.training.run import start_run

    folder = recipe.with_name("run")
    list(train(start_run(load_recipe(recipe), folder, torch.device("cpu"), torch.float32)))
    return folder / "weights.safetensors"


def test_a_data_set_carries_all_points_and_serves_recipes_of_68(dense_set, recipe):
    entries = read_manifest(dense_set)
    assert {len(entry.landmarks or ()) for entry in entries} == {478}
    dense = open_source(load_recipe(recipe)).load("train")
    sparse = open_source(load_recipe(recipe, ["data.topology=ibug68", "conditioners=[landmark_map]"])).load("train")
    assert dense.dense is not None
    assert dense.dense.shape[1:] == (478, 2)
    assert sparse.dense is None
    np.testing.assert_array_equal(dense.points, sparse.points)
    np.testing.assert_allclose(MEDIAPIPE478.to_anatomy(dense.dense.numpy()), dense.points, atol=1e-5)


def test_pairs_mirror_turn_and_bend_all_points_alike(recipe):
    import torch

    pairs = open_source(load_recipe(recipe)).training_pairs(torch.device("cpu"))
    for step in range(6):
        pair = pairs.batch(step)
        for faces in (pair.a, pair.b):
            anatomy = MEDIAPIPE478.to_anatomy(faces.dense.numpy())
            assert np.abs(anatomy - faces.points.numpy()).max() < 0.002  # of the crop: what `carry_points` leaves


def test_weights_draw_the_dense_points_and_say_so(weights):
    metadata = read_metadata(weights)
    assert metadata["recipe"]["data"]["topology"] == "mediapipe478"
    assert metadata["channels"]["landmark_channels"] == 478
    assert metadata["data"]["detector"] == "mediapipe478"


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), dtype=int)


def test_an_edit_goes_where_the_dense_points_go(ptk, photos, weights, tmp_path):
    photo, dense, smile = photos / "p04" / "neutral.jpg", tmp_path / "dense.json", tmp_path / "smile.json"
    assert ptk("landmarks", photo, "--detector", "mediapipe478", "-o", dense)[0] == 0
    content = json.loads(dense.read_text())
    assert (content["topology"], len(content["points"])) == ("mediapipe478", 478)
    assert ptk("landmarks", photo, "--detector", "mediapipe478", "--expression", "smile=1", "-o", smile)[0] == 0
    content["points"][MEDIAPIPE478.groups["left_iris"][0]][0] += 8  # of the iris, which none of the 68 is
    (tmp_path / "iris.json").write_text(json.dumps(content))
    made = {}
    for name, *options in (
        ("words", "--expression", "smile=1"),
        ("smile", "--landmarks", smile),
        ("iris", "--landmarks", tmp_path / "iris.json"),
        ("still", "--landmarks", dense),
    ):
        out = tmp_path / f"{name}.png"
        status, _, said = ptk("edit", photo, "--weights", weights, "--device", "cpu", *options, "-o", out)
        assert status == 0, said
        made[name] = pixels(out)
    assert np.abs(made["words"] - made["smile"]).max() <= 2  # the JSON is rounded
    assert np.abs(made["iris"] - pixels(photo)).max() > 2
    np.testing.assert_array_equal(made["still"], pixels(photo))


def test_words_take_dense_points_to_where_the_68_go(ptk, photos, tmp_path):
    photo = photos / "p04" / "neutral.jpg"
    for detector in ("mediapipe68", "mediapipe478"):
        ptk("landmarks", photo, "--detector", detector, "--expression", "laugh=1", "-o", tmp_path / f"{detector}.json")
    sparse, dense = (read_landmarks(tmp_path / f"mediapipe{count}.json") for count in (68, 478))
    assert np.linalg.norm(sparse.points - dense.points, axis=1).max() < 0.3  # pixels; the eyes are 83 apart


def test_weights_of_68_take_a_dense_file(ptk, photos, tmp_path):
    from untrained import write_untrained

    sparse = write_untrained(tmp_path / "untrained.safetensors")
    photo, smile = photos / "p04" / "neutral.jpg", tmp_path / "smile.json"
    ptk("landmarks", photo, "--detector", "mediapipe478", "--expression", "smile=1", "-o", smile)
    status, _, said = ptk("edit", photo, "--weights", sparse, "--landmarks", smile, "-o", tmp_path / "out.png")
    assert status == 0, said


def test_dense_weights_say_what_to_do_with_68(refused, ptk, photos, weights, tmp_path):
    photo, sparse = photos / "p04" / "neutral.jpg", tmp_path / "sparse.json"
    ptk("landmarks", photo, "-o", sparse)
    learned = "these weights learned the 478 of mediapipe478"
    assert refused(photo, "--weights", weights, "--landmarks", sparse, "-o", tmp_path / "out.png") == (
        f"{photo}: --landmarks are the 68 points of ibug68, {learned}; write them with --detector mediapipe478"
    )
    with_68 = ("--weights", weights, "--expression", "smile", "--detector", "mediapipe68", "-o", tmp_path / "out.png")
    assert refused(photo, *with_68) == (
        f"{photo}: --detector mediapipe68 finds the 68 points of ibug68, {learned}; take --detector mediapipe478"
    )


def test_data_of_68_say_what_a_dense_recipe_needs(small_data, recipe):
    small = load_recipe(recipe, [f"data.source={small_data}"])
    with pytest.raises(RecipeError, match=r"data\.topology: .* has the 68 landmarks of ibug68, not mediapipe478;"):
        open_source(small).check()
    with pytest.raises(DataError, match=r"has no 478 landmarks of mediapipe478; prepare the data again"):
        open_source(small).load("train")


def test_a_topology_that_is_not_there_is_a_mistake_in_a_line(recipe):
    with pytest.raises(RecipeError, match=r"data\.topology.*must be ibug68 or mediapipe478"):
        load_recipe(recipe, ["data.topology=wflw98"])


def test_a_check_by_another_detector_keeps_dense_landmarks(dense_set, tmp_path):
    from ptk.curate.check import check
    from ptk.dataset.manifest import write_manifest

    spoilt = Path(shutil.copytree(dense_set, tmp_path / "set"))
    first, *others = read_manifest(spoilt)
    assert first.landmarks is not None
    moved = tuple((x + 4, y) for x, y in first.landmarks)  # an eighth of the crop
    write_manifest(spoilt, [replace(first, landmarks=moved), *others])
    (problem,) = check(spoilt, detector="mediapipe68").problems
    assert not problem.fixable
    assert problem.mend == "`fix` needs one of all 478 points; name it with `detector`"


def test_shards_carry_all_points(dense_set, recipe, tmp_path):
    import torch

    from ptk.dataset.shards import write_shards

    write_shards(dense_set, str(tmp_path / "shards"))
    source = open_source(load_recipe(recipe, [f"data.source={tmp_path / 'shards'}"]))
    source.check()
    batch = source.training_pairs(torch.device("cpu")).batch(0)
    assert batch.a.dense.shape == (2, 478, 2)


def test_weights_are_evaluated_on_all_points(dense_set, weights, small_data):
    from ptk.editing.translator import Translator
    from ptk.evaluation.candidates import candidates
    from ptk.evaluation.people import read_people

    translator = Translator.load(weights, "cpu")
    people = read_people(dense_set, "all", translator.size, translator.domains)
    source, target = people.pairs[0]
    assert candidates(translator, source, target, "photo")["result"].shape == (1, 3, 32, 32)
    sparse, _ = read_people(small_data, "all", translator.size, translator.domains).pairs[0]
    with pytest.raises(DataError, match=r"has no landmarks of mediapipe478, .*; prepare the data with"):
        candidates(translator, sparse, target, "photo")
