"""A metric of whole sets comes as a plug-in: the one of docs/eval.md, installed and printed by `ptk eval`."""

import json
import math
import re
import sys
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from installed import hooks_of, install
from ptk.cli.main import app
from ptk.errors import PtkError, RecipeError
from ptk.evaluation.sets import ImageSets
from ptk.metrics.kernel_distance import KernelDistance
from ptk.recipe.load import parse_recipe
from ptk.registry.registry import load_registry
from ptk.testing.contracts import check_part
from untrained import RECIPE, write_untrained

PAGE = Path(__file__).parents[2] / "docs" / "eval.md"
[FRECHET] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def frechet(tmp_path, monkeypatch):
    """The plug-in of the page, installed for this test."""
    install(tmp_path / "packages", "frechet", hooks_of("frechet", "metric", "parts:ColourFrechet"), parts=FRECHET)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setenv("PTK_PLUGINS", "frechet")
    load_registry.cache_clear()
    yield load_registry().part("metric", "frechet")
    load_registry.cache_clear()
    for name in ("ptk_frechet", "ptk_frechet.parts"):
        sys.modules.pop(name, None)


def test_the_metric_of_the_page_holds_every_rule(frechet):
    check_part("metric", frechet)


def test_eval_computes_and_prints_it(frechet, tmp_path):
    weights = write_untrained(tmp_path / "weights.safetensors", loud=0.5)
    chosen = ("--metric", "frechet", "--metric", "mse", "--out", tmp_path / "page")
    words = ("eval", weights, "--data", "sample", "--pairs", 1, *chosen)
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert re.search(r"^ *frechet ↓( +[\d.]+){3} +– *$", done.output, re.MULTILINE), done.output
    said = json.loads((tmp_path / "page" / "evaluation.json").read_text())
    for domain in ("photo", "sketch"):  # in styles, too: it looks at the face box
        values = said["domains"][domain]["metrics"]["frechet"]
        # The loud network's colours are noise; what anybody can do without weights has the photos' own.
        assert 0 < values["unchanged"] < values["result"]
        assert list(values) == ["result", "unchanged", "warp"]
    assert set(said["cases"][0]["values"]) == {"mse"}
    assert "frechet" in (tmp_path / "page" / "index.html").read_text()


@pytest.mark.usefixtures("frechet")
def test_so_does_eval_of_weights_that_hear_no_landmarks(tmp_path):
    deaf = RECIPE.replace("{landmark_map: {sigma: 2}}, ", "")
    weights = write_untrained(tmp_path / "weights.safetensors", deaf, loud=0.5)
    words = ("eval", weights, "--data", "sample", "--pairs", 1, "--metric", "frechet", "--out", tmp_path / "page")
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert re.search(r"^ *frechet ↓( +[\d.]+){2} +– *$", done.output, re.MULTILINE), done.output
    said = json.loads((tmp_path / "page" / "evaluation.json").read_text())
    assert said["domains"]["sketch"]["frechet"]["result"] > 0


def test_a_recipe_has_no_place_for_it(frechet):
    told = r"metrics\.frechet: compares sets of images, and a sample grid is none; leave it out, and evaluate"
    with pytest.raises(RecipeError, match=told):
        parse_recipe(RECIPE + "metrics: [mse, frechet]\n", "mine.yaml")


class Ranges:
    """The width of each channel's range, and how far means of two sets are apart."""

    compares_sets = True

    def __init__(self, seen):
        self.seen = seen

    def describe(self, images):
        self.seen.append(tuple(images.shape))
        return images.amax((2, 3)) - images.amin((2, 3))

    def compare(self, made, true):
        return float((made.mean(0) - true.mean(0)).abs().sum())


def test_every_candidate_is_compared_with_the_true_images_of_its_domain():
    torch.manual_seed(0)
    sets = ImageSets({"ranges": Ranges([])})
    for _ in range(3):
        true = torch.rand(1, 3, 8, 8)
        for name, image in {"result": 2 * true, "unchanged": true, "warp": 3 * true, "true": true}.items():
            sets.see("photo", name, image, image, plain=True)
            sets.see("sketch", name, image, image, plain=False)
    values = sets.compare()["ranges"]
    assert list(values) == ["photo"]  # the whole image is a question to photos
    assert values["photo"]["unchanged"] == 0
    assert values["photo"]["warp"] == pytest.approx(2 * values["photo"]["result"], rel=1e-5)
    assert "true" not in values["photo"]


def test_one_of_the_face_box_sees_it_alone_in_every_domain():
    seen = []
    metric = Ranges(seen)
    metric.of_face_box = True
    sets = ImageSets({"ranges": metric})
    for name in ("true", "result"):
        sets.see("sketch", name, torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 48, 50), plain=False)
    assert seen == [(1, 3, 48, 50)] * 2
    assert list(sets.compare()["ranges"]) == ["sketch"]


@pytest.mark.parametrize("method", ["describe", "compare"])
def test_one_that_fails_is_named(method):
    def fail(*_):
        raise KeyError("no weights")

    metric = Ranges([])
    setattr(metric, method, fail)
    sets = ImageSets({"ranges": metric})
    image = torch.zeros(1, 3, 8, 8)
    with pytest.raises(PtkError, match=r"metric ranges: KeyError: 'no weights'; leave it out with `metric`"):
        for name in ("true", "result"):
            sets.see("photo", name, image, image, plain=True)
        sets.compare()


def test_descriptions_of_another_shape_are_told():
    metric = Ranges([])
    metric.describe = lambda images: images.mean((1, 2, 3))
    with pytest.raises(PtkError, match=r"describe must give \(1, K\) of one image, it gave \(1,\)"):
        ImageSets({"ranges": metric}).see("photo", "true", *[torch.zeros(1, 3, 8, 8)] * 2, plain=True)


def test_where_there_are_no_true_images_nothing_is_compared():
    sets = ImageSets({"ranges": Ranges([])})
    sets.see("photo", "result", *[torch.zeros(1, 3, 8, 8)] * 2, plain=True)
    assert sets.compare() == {}


def test_a_kernel_distance_of_few_images_says_nothing():
    pytest.importorskip("stlpips_pytorch")
    metric = KernelDistance()
    torch.manual_seed(0)
    described = metric.describe(torch.rand(8, 3, 64, 64) * 2 - 1)
    assert math.isnan(metric.compare(described[:3], described[3:]))
    white = metric.describe(torch.ones(4, 3, 64, 64))
    assert abs(metric.compare(described[:4], described[4:])) < metric.compare(described[:4], white)
