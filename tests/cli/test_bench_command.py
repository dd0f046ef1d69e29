"""`ptk bench` measures a recipe on this machine, against another or the step written plainly."""

import json

import pytest

from ptk.dataset.manifest import SAMPLE


@pytest.mark.slow
def test_a_recipe_against_the_plain_step(ptk, small_recipe):
    status, written, said = ptk(
        "bench", small_recipe, "--against", "naive", "--seconds", 1, "--device", "cpu", "--json"
    )
    assert status == 0, said
    found = json.loads(written)
    step, plain = found["step"], found["against"]
    assert (step["name"], plain["name"]) == ("small", "naive")
    assert step["pairs"] == plain["pairs"] == 2
    assert 0 < step["flops"] < plain["flops"]  # what is judged once, instead of twice
    assert step["memory"] > 2**20
    assert 0 < found["share"]["low"] <= found["share"]["median"] <= found["share"]["high"]
    assert found["faster"]["count"] == step["seconds"]["count"] >= 3
    assert {"generator", "discriminator", "optimisers", "data", "rest", "identity"} <= set(found["sections"])
    assert min(found["sections"].values()) > 0


@pytest.mark.slow
def test_a_recipe_against_a_setting_of_its_own(ptk, small_recipe):
    arguments = ("--against", "training.batch=1", "--seconds", 1, "--device", "cpu")
    status, written, said = ptk("bench", small_recipe, *arguments)
    assert status == 0, said
    lines = {line.split("  ")[1].strip(): line for line in written.splitlines() if line.startswith("  ")}
    assert "2 pairs" in lines["step of small"]
    assert "1 pairs" in lines["step of training.batch=1"]
    assert "x as fast (quartiles" in lines["against training.batch=1"]
    assert "of the matrix product's rate" in written
    assert "where a step's time goes" in written


def test_naive_goes_with_nothing_else(ptk, small_recipe):
    status, written, said = ptk("bench", small_recipe, "--against", "naive", "--against", "training.batch=1")
    assert (status, written) == (1, "")
    assert said == "ptk: --against naive: compares with that alone; leave out the others, or it\n"


@pytest.mark.slow
def test_a_whole_edit_from_start_to_end(ptk):
    photo = next((SAMPLE / "images").rglob("*_neutral.jpg"))
    status, written, said = ptk("bench", "--edit", photo, "--seconds", 1, "--device", "cpu", "--json")
    assert status == 0, said
    found = json.loads(written)
    assert list(found) == ["ptk's own", "warm: faces", "warm: edit", "warm: sketch"]
    for taken in found.values():
        assert 0 < taken["low"] <= taken["median"] <= taken["high"]
        assert taken["count"] >= 3
    assert found["warm: edit"]["median"] < found["ptk's own"]["median"]  # which starts Python, too


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--edit", "nowhere.jpg"], "nowhere.jpg: no such file"),
        (["--edit", "nowhere.jpg", "--set", "data.size=64"], "leave out the recipe, --set and --against"),
        (["portraits", "--edit", "nowhere.jpg"], "leave out the recipe, --set and --against"),
        (["--weights", "nowhere.onnx"], "name its photo with --edit"),
    ],
    ids=str,
)
def test_an_edit_that_cannot_be_measured(ptk, arguments, words):
    status, written, said = ptk("bench", *arguments)
    assert (status, written) == (1, "")
    assert words in said
