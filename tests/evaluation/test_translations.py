"""Weights that hear no landmarks: every image goes to the other domains, and is held against the truth where it is."""

import json
import math

import numpy as np
import pytest
import torch

from ptk.data.faceset import find_truths
from ptk.editing.exported.export import export
from ptk.editing.learned import learned_goals
from ptk.editing.loading import load_translator
from ptk.editing.translator import Translator
from ptk.errors import DataError, RecipeError
from ptk.evaluation.translations import choose_metrics, read_images, translate_all
from ptk.evaluation.translations_book import TranslationBook, report, translation_table
from ptk.registry.registry import load_registry
from untrained import write_untrained

STARS = """
recipe: stars
data: {source: sample, size: 32, domains: expressions, pairs: unpaired}
domains: [neutral, happiness]
conditioners: [domain_planes]
generator: {portraitgan: {width: 4, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 4}}
losses: {critic: {lsgan: 1}, generator: {lsgan: 1, cycle: 1}}
training: {steps: 1, batch: 1}
"""
ALIGNED = (
    STARS.replace("domains: expressions, pairs: unpaired", "pairs: photo, one_way: true")
    .replace("[neutral, happiness]", "[photo, sketch]")
    .replace("conditioners: [domain_planes]\n", "")
)
BACK = (
    ALIGNED.replace("one_way: true", "one_way: back")
    .replace(
        "generator: {portraitgan: {width: 4, down: 2, blocks: 1}}", "generator: {residual_unet: {width: 8, down: 2}}"
    )
    .replace("domains: [photo", "conditioners: [{domain_planes: {of: source}}]\ndomains: [photo")
)


@pytest.fixture(scope="module")
def stars(tmp_path_factory):
    return Translator.load(write_untrained(tmp_path_factory.mktemp("weights") / "stars.safetensors", STARS, loud=0.5))


@pytest.fixture(scope="module")
def images(stars, small_data):
    return read_images(stars, str(small_data), "train")


@pytest.fixture(scope="module")
def made(stars, images):
    return translate_all(stars, images, choose_metrics(load_registry(), ("mse", "ssim", "identity_distance"), images))


def test_the_true_image_of_another_expression_is_the_same_persons(images):
    faces = images.faces
    assert len(images.goals) == 6  # three people, each from either expression to the other
    for row, domain, true in images.goals:
        assert faces.identity[row] == faces.identity[true]
        assert int(faces.domain[true]) == domain != int(faces.domain[row])


def test_a_photo_in_another_style_is_the_truth_before_another_photo():
    class Set:
        photo, identity = torch.tensor([0, 1, 0, 1]), torch.zeros(4, dtype=torch.int64)
        domain = torch.tensor([0, 0, 1, 1])

    assert find_truths(Set, 1, 3) == [(1, 3), (2, None)]


def test_every_metric_is_perfect_of_the_true_image(made):
    assert sorted(made.domains) == ["happiness", "neutral"]
    for domain in made.domains:
        means = made.means(domain)
        assert means["mse"]["true"] == 0
        assert means["ssim"]["true"] == pytest.approx(1)
        assert means["mse"]["result"] > means["mse"]["unchanged"] > 0  # noise is further off than no change


def test_the_report_is_json_and_the_page_is_whole(made, images, tmp_path):
    said = json.loads(json.dumps(report(made, images, {"name": "stars", "size": 32}), allow_nan=False))
    assert said["data"]["translations"] == len(said["cases"]) == 6
    assert {case["source"] for case in said["cases"]} == {"neutral", "happiness"}
    assert translation_table(made, "neutral").row_count >= 2
    book = TranslationBook(tmp_path / "page")
    case = made.cases[0]
    book.see(case, {name: torch.zeros(1, 3, 32, 32) for name in ("result", "unchanged", "true")})
    book.write(made, images, {"name": "stars", "size": 32})
    page = (tmp_path / "page" / "index.html").read_text()
    assert f"{case.photo} from {case.source}" in page
    assert (tmp_path / "page" / "images" / "1-00.jpg").exists()


def test_pairs_are_limited_by_person(stars, small_data):
    assert len(read_images(stars, str(small_data), "train", most=1).goals) == 3


def test_aligned_pairs_lead_one_way_only(small_data, tmp_path):
    translator = Translator.load(write_untrained(tmp_path / "aligned.safetensors", ALIGNED))
    assert learned_goals(translator.metadata, translator.domains) == ("sketch",)
    images = read_images(translator, str(small_data), "test")
    assert {domain for _, domain, _ in images.goals} == {1}
    faces = images.faces
    assert all(faces.photo[row] == faces.photo[true] for row, _, true in images.goals)


@pytest.mark.slow
def test_pairs_that_lead_back_go_to_the_first_domain_and_tell_where_from(small_data, tmp_path):
    weights = write_untrained(tmp_path / "back.safetensors", BACK)
    translator = Translator.load(weights)
    assert learned_goals(translator.metadata, translator.domains) == ("photo",)
    images = read_images(translator, str(small_data), "test")
    assert images.goals
    assert {domain for _, domain, _ in images.goals} == {0}
    assert all(int(images.faces.domain[row]) == 1 for row, _, _ in images.goals)
    picture = np.random.default_rng(0).integers(0, 256, (48, 32, 3), dtype=np.uint8)
    of_photo, of_sketch = (translator.translate(picture, name) for name in ("photo", "sketch"))
    assert np.abs(of_photo - of_sketch).mean() > 0.1
    export(weights, tmp_path / "back.onnx")
    exported = load_translator(tmp_path / "back.onnx")
    assert np.abs(exported.translate(picture, "sketch") - of_sketch).max() < 1


@pytest.mark.parametrize(("split", "error"), [("all", DataError), ("test", RecipeError)])
def test_what_cannot_be_evaluated_is_a_line(stars, small_data, split, error, tmp_path):
    source = str(small_data)
    if error is RecipeError:
        from dataclasses import replace

        from ptk.dataset.manifest import read_manifest, write_manifest

        write_manifest(tmp_path, [replace(each, expression="smile") for each in read_manifest(small_data)])
        source = str(tmp_path)
    with pytest.raises(error) as refused:
        read_images(stars, source, split)
    assert "Traceback" not in str(refused.value)
    if error is RecipeError:
        assert f"domains.neutral: {source} has no such expression; there are smile" in str(refused.value)


def test_weights_without_a_photo_domain_give_every_expression(stars):
    cut = np.full((32, 32, 3), 128, np.uint8)
    nowhere = np.full((68, 2), np.nan)
    first, second = (stars.render(cut, nowhere, nowhere, style).image for style in ("neutral", "happiness"))
    assert not stars.hears_landmarks
    assert stars.multiple == 0  # trained on faces
    assert math.isfinite(first.sum())
    assert np.abs(first - second).max() > 0  # it is told where to go
