"""What would fit does, by the same estimate; memory that has run out is one line that says it."""

import dataclasses
import re
import subprocess
import sys

import pytest
import torch

from ptk.cost.available_memory import measure_free_memory, parse_bytes
from ptk.cost.memory import estimate
from ptk.cost.memory_advice import suggest_changes
from ptk.errors import PtkError
from ptk.recipe.load import load_recipe

LIGHT = ("losses.generator={lsgan: 1, cycle: 2}", "conditioners=[domain_planes]", "data.size=64")
"""Few operations: each of the many steps to estimate is quick."""

FAILS = """
import resource, sys, torch
from pathlib import Path
from ptk.cost.memory_advice import explain_out_of_memory
from ptk.errors import TrainingError
from ptk.recipe.load import load_recipe
from ptk.training.loop import train
from ptk.training.run import start_run

light = ["losses.generator={lsgan: 1, cycle: 2}", "conditioners=[domain_planes]", "data.size=512"]
recipe = load_recipe(sys.argv[1], light)
run = start_run(recipe, Path(sys.argv[2]), torch.device("cpu"), torch.float32)
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 400 * 2**20,) * 2)
try:
    with explain_out_of_memory(run):
        list(train(run))
except TrainingError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def recipe(small_recipe):
    return load_recipe(small_recipe, ["training.batch=2", *LIGHT])


@pytest.mark.slow
def test_each_change_is_enough_and_the_least_harmful_comes_first(small_recipe, recipe):
    goal = int(0.8 * estimate(recipe, "cpu", torch.float32).peak)
    found = suggest_changes(recipe, "cpu", torch.float32, goal)
    keys = [next(iter(change.settings)) for change in found]
    order = ["training.accumulate", "training.checkpointing", "training.precision", "training.batch", "data.size"]
    assert keys == [key for key in order if key in keys]
    assert {"training.batch", "data.size"} <= set(keys)
    for change in found:
        # As pasted into the command line.
        settings = change.assignments
        whole = ["training.batch=2", *LIGHT, *settings]
        changed = load_recipe(small_recipe, whole)
        precision = torch.bfloat16 if changed.training.precision == "bfloat16" else torch.float32
        assert estimate(changed, "cpu", precision).peak == change.peak <= goal


@pytest.mark.slow
def test_where_no_single_change_is_enough_several_are(recipe):
    harshest = [
        dataclasses.replace(recipe, training=recipe.training.model_copy(update={"batch": 1})),
        dataclasses.replace(recipe, data=recipe.data.model_copy(update={"size": 32})),
    ]
    single = [estimate(each, "cpu", torch.float32).peak for each in harshest]
    goal = int(0.9 * min(single))
    (together,) = suggest_changes(recipe, "cpu", torch.float32, goal)
    assert len(together.settings) > 1
    assert together.peak <= goal
    assert suggest_changes(recipe, "cpu", torch.float32, 1000) == []


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits addresses as Linux does")
def test_an_allocation_that_fails_is_a_line_with_what_would_fit(small_recipe, tmp_path):
    words = [sys.executable, "-c", FAILS, str(small_recipe), str(tmp_path / "run")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    begin = r"step 1: out of memory on cpu when \d+ MiB more were asked for; there is no checkpoint yet; a step takes "
    assert re.match(begin, line), line
    mends = line.partition("what would fit: ")[2]
    assert "`set` training.batch=" in mends or "`set` data.size=" in mends, line


def test_other_errors_stay_what_they_are(small_recipe, tmp_path):
    from ptk.cost.memory_advice import explain_out_of_memory
    from ptk.training.run import start_run

    run = start_run(load_recipe(small_recipe), tmp_path / "run", torch.device("cpu"), torch.float32)
    with pytest.raises(RuntimeError, match="size of tensor"), explain_out_of_memory(run):
        torch.ones(2) + torch.ones(3)


@pytest.mark.parametrize(
    ("text", "size"), [("24GB", 24 * 10**9), ("24GiB", 24 * 2**30), ("24g", 24 * 2**30), ("1.5 MB", 1_500_000)]
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "lots", "0GB", "-1GB", "24 GBB"])
def test_what_is_no_size_is_said(text):
    with pytest.raises(PtkError, match=r"`fit_in` .*must be a size, such as 24GB"):
        parse_bytes(text)


def test_there_is_room_here():
    assert measure_free_memory("cpu") is None or measure_free_memory("cpu") > 0
