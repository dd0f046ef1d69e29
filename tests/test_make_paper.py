"""``make paper``: which trainings there are, what a failing one does to the others, and the page of numbers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from ptk.errors import PtkError
from ptk.files import write_bytes
from ptk.recipe.load import load_recipe, shipped_recipes

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
import make_paper
import paper_page
from weights_stages import Place, Stage

DOCS = Path(sys.path.pop(0))


@pytest.fixture
def place(tmp_path):
    return Place(Path(), None, tmp_path, 0.001, 64)


def test_every_recipe_of_the_paper_is_trained_with_every_seed():
    stages = make_paper.plan("people", 3, None, 128)
    trained = {stage.recipe for stage in stages.values() if stage.recipe}
    assert trained == {f"paper-{path.stem}" for path in shipped_recipes() if path.parent.name == "paper"}
    assert len(stages) == 1 + 3 * len(trained)
    assert stages["whole"].settings == {}
    assert stages["whole-3"].settings == {"training.seed": 3}
    assert {make_paper._row_of(name) for name in stages if name != "people"} == {
        *make_paper.ABLATIONS,
        *make_paper.SYSTEMS,
    }


@pytest.mark.parametrize("full", [False, True])
def test_settings_fit_their_recipes(full, tmp_path):
    for stage in make_paper.plan("people", 2, tmp_path / "vgg: 16.safetensors", 64, full=full).values():
        if stage.recipe:
            recipe = load_recipe(stage.recipe, [f"{key}={value}" for key, value in stage.settings.items()])
            assert recipe.training.seed == (2 if stage.name.endswith("-2") else 1)
            assert full == (stage.steps == 200000)


def test_ablations_leave_out_what_they_say_and_nothing_else():
    whole, *others = (load_recipe(f"paper-{name}") for name in make_paper.ABLATIONS)
    for recipe, levels, texture in zip(others, (1, 2, 1), (True, False, False), strict=True):
        assert recipe.discriminator.options["levels"] == levels
        assert ("texture" in str(recipe.losses["generator"])) == texture
        for part in ("data", "domains", "conditioners", "training"):
            assert getattr(recipe, part) == getattr(whole, part)


def failing(status):
    def make(*_):
        sys.exit(status)

    return make


def written(_, folder):
    folder.mkdir()
    write_bytes(folder / "text", b"done")


def test_a_training_that_fails_leaves_the_others_and_one_that_is_stopped_ends(place):
    stages = {
        "a": Stage("a", (), "a", failing(1), "paper-whole", 2),
        "b": Stage("b", (), "b", written, "paper-whole", 2),
    }
    assert make_paper.make_all(stages, place) == ["a"]
    assert (place.out / "b" / "done.json").exists()
    for stage in (Stage("a", (), "a", failing(143), "paper-whole", 2), Stage("a", (), "a", failing(1))):
        with pytest.raises(SystemExit):
            make_paper.make_all({"a": stage}, place)


def test_the_time_is_that_of_what_is_left(place):
    stages = {name: stage for name, stage in make_paper.plan("people", 1, None, 64).items() if name == "without-both"}
    said = make_paper.forecast(stages, place)
    assert "1 of 1 stages" in said
    assert "minutes on this c" in said


def difference(mean, low, high):
    return {"mean": mean, "low": low, "high": high}


@pytest.fixture
def numbers():
    differences = {
        "cyclegan": {"mse": difference(0.1, 0.05, 0.2), "ssim": difference(-0.1, -0.2, 0.1)},
        "b": {"mse": difference(-0.1, -0.2, -0.05), "ssim": difference(None, None, None)},
        "unchanged": {"mse": difference(1, 1, 1)},
    }
    means = {name: {} for name in ("whole", "cyclegan", "b", "unchanged", "true")}
    table = {"kind": "styles", "title": "In a style", "reference": "whole", "means": means, "differences": differences}
    return {"weights": [{"name": "whole", "trainings": 1}], "tables": [table]}


def test_the_order_is_told_with_its_intervals(numbers):
    assert paper_page.find_order(numbers) == [
        "in a style: cyclegan is, beside whole, mse worse (+0.1000, +0.0500 to +0.2000); "
        "ssim not to be told apart (-0.1000, -0.2000 to +0.1000)",
        "in a style: b is, beside whole, mse better (-0.1000, -0.2000 to -0.0500)",
    ]


def test_the_page_gets_tables_and_pictures_and_keeps_the_rest(numbers, tmp_path):
    comparison = tmp_path / "comparison"
    (comparison / "images").mkdir(parents=True)
    for number in range(2):
        Image.new("RGB", (6 * 32, 32)).save(comparison / "images" / f"styles-0{number}.jpg")
    (comparison / "comparison.json").write_text(json.dumps(numbers))
    (comparison / "comparison.md").write_text("| a table |\n")
    page = tmp_path / "docs" / "paper.md"
    page.parent.mkdir()
    files = paper_page.write_page(make_paper.PAGE, page, comparison)
    text, before = page.read_text(), make_paper.PAGE.read_text()
    assert "| a table |" in text
    assert "Not measured yet" not in text
    assert "Trained once each" in text
    assert text.split(paper_page.MEASURED[0])[0] == before.split(paper_page.MEASURED[0])[0]
    assert "![In a style](img/paper-styles.jpg)" in text
    with Image.open(files[1]) as picture:
        assert picture.size == (6 * 32, 22 + 2 * 32)
    assert paper_page.write_page(page, page, comparison)[0].read_text() == text  # again, in its place
    with pytest.raises(PtkError, match="put them around"):
        paper_page.fill("no marks", "")


@pytest.mark.slow
def test_it_goes_from_an_empty_folder_to_a_page(tmp_path):
    words = [sys.executable, str(DOCS / "make_paper.py"), "--share", "0.001", "--size", "32", "--pairs", "1"]
    words += ["--metric", "mse", "--out", str(tmp_path / "paper")]
    for trainings in (6, 1):
        # A worker whose tests start other processes keeps folders of scripts out of the way of these, as ptk does.
        alone = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=alone)
        assert done.returncode == 0, done.stdout + done.stderr
        page = (tmp_path / "paper" / "paper.md").read_text()
        assert "| whole | paper-whole |" in page
        assert (tmp_path / "paper" / "img" / "paper-both.jpg").exists()
        assert done.stdout.count("$ ptk train") == trainings
        shutil.rmtree(tmp_path / "paper" / "stargan")  # it alone is made again
