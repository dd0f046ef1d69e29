"""What a resumed run says of what is not as it was, and how far it trains."""

import math
import re

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ptk.errors import RecipeError, TrainingError
from ptk.recipe.load import load_recipe
from ptk.recipe.schema import TrainingSettings
from ptk.schedules.linear import Linear
from ptk.training.checkpoint import checkpoints
from ptk.training.loop import train
from ptk.training.run import start_run
from ptk.training.same_run import check_same, differences, other_plan
from ptk.training.step import learning_rate

CPU = torch.device("cpu")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text("abcd", min_size=1, max_size=2), VALUES, max_size=4)


@given(DOCUMENTS, DOCUMENTS)
def test_differences_are_none_exactly_where_documents_are_equal(one, other):
    assert differences(one, one) == []
    assert (differences(one, other) == []) == (one == other)


def test_differences_name_each_value():
    before = {"training": {"lr": 4e-4, "batch": 2}, "domains": ["photo", "sketch"], "seed": 1}
    now = {"training": {"lr": 1e-5, "ema": 0.9, "batch": 2}, "domains": ["photo"], "seed": 1}
    assert differences(before, now) == [
        "training.lr was 0.0004, is 1e-05",
        "training.ema was not set, is 0.9",
        "domains was [photo, sketch], is [photo]",
    ]


def go(recipe, out, *overrides, **given):
    run = start_run(load_recipe(recipe, ["training.grid=100", *overrides]), out, CPU, torch.float32, **given)
    for _ in train(run):
        pass
    return run


def tensors(out):
    return (checkpoints(out)[-1] / "tensors.safetensors").read_bytes()


@pytest.mark.slow
def test_a_run_that_ended_early_and_goes_on_is_the_unbroken_one(small_recipe, tmp_path):
    """Steps 5 to 8 of 8 are in the falling half of the schedule."""
    go(small_recipe, tmp_path / "cut", until=5)
    cut = go(small_recipe, tmp_path / "cut", until=7, resume=True)
    go(small_recipe, tmp_path / "whole", until=7)
    assert tensors(tmp_path / "cut") == tensors(tmp_path / "whole")
    assert not [line for line in cut.warnings if "plan" in line]
    assert cut.until == 7
    go(small_recipe, tmp_path / "cut", resume=True)
    assert [folder.name for folder in checkpoints(tmp_path / "cut")] == ["000007", "000008"]


def test_another_plan_is_said_with_what_differs(small_recipe, tmp_path):
    go(small_recipe, tmp_path / "run", "training.steps=4")
    longer = go(small_recipe, tmp_path / "run", "training.steps=6", resume=True)
    (line,) = [line for line in longer.warnings if "plan" in line]
    assert line == (
        "the first 4 steps were part of a plan of 4, whose learning rate has come to 0.0002; in the plan of 6 it is "
        "0.0004 here, so this run is not the one that is trained at once"
    )


@settings(deadline=None)  # the first recipe to be read loads its parts
@given(before=st.integers(1, 60), now=st.integers(1, 60), step=st.integers(1, 60))
def test_a_plan_is_another_only_where_a_step_had_another_rate(small, before, now, step):
    assume(step <= min(before, now))
    recipe = load_recipe(small, [f"training.steps={now}"])
    rates = [
        [learning_rate(Linear(), TrainingSettings(lr=4e-4, steps=steps), done) for done in range(step)]
        for steps in (before, now)
    ]
    said = other_plan(step, {"recipe": {"training": {"steps": before}}}, recipe)
    assert bool(said) == (rates[0] != rates[1])


@pytest.fixture(scope="module")
def small(small_recipe):
    return small_recipe


@pytest.fixture(scope="module")
def finished(small_recipe, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    go(small_recipe, out, until=3)
    return out


def test_a_run_cannot_go_back(small_recipe, finished):
    written = (finished / "run.json").read_bytes(), (finished / "weights.safetensors").read_bytes()
    with pytest.raises(TrainingError, match="has trained 3 steps already, and cannot go back to 2; name a later step"):
        go(small_recipe, finished, until=2, resume=True)
    assert ((finished / "run.json").read_bytes(), (finished / "weights.safetensors").read_bytes()) == written


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("training.lr=1e-5", "another recipe: training.lr was 0.0004, is 1e-05;"),
        ("training.seed=2", "another recipe: training.seed was 1, is 2;"),
        ("data.mirror=false", "another recipe: data.mirror was not set, is false;"),
        ("losses.generator.cycle=3", "another recipe: losses.generator.cycle was 2, is 3;"),
    ],
)
def test_what_differs_is_named(small_recipe, finished, setting, said):
    with pytest.raises(TrainingError) as caught:
        go(small_recipe, finished, setting, resume=True)
    assert said in str(caught.value)


@pytest.mark.parametrize("setting", ["training.lr=4e-4", "training.lr=0.0004", "training.steps=9", "training.seed=1"])
def test_the_same_value_written_otherwise_is_the_same(small_recipe, finished, tmp_path, setting):
    run = start_run(load_recipe(small_recipe, [setting]), finished, CPU, torch.float32, resume=True)
    assert run.learner.step == 3


@pytest.mark.parametrize(
    "said",
    [
        "{adversarial: 1}",
        "{adversarial: {mode: lsgan}}",
        "{adversarial: {weight: 1, mode: lsgan}}",
        "{adversarial: {weight: 1.0, pool: 0}}",
    ],
)
def test_the_older_name_of_the_adversarial_loss_is_the_same(small_recipe, finished, said):
    recipe = load_recipe(small_recipe, [f"losses.critic={said}"])
    assert start_run(recipe, finished, CPU, torch.float32, resume=True).learner.step == 3


@pytest.mark.parametrize("option", ["mode: vanilla", "pool: 5", "weight: 2"])
def test_another_adversarial_loss_is_another(small_recipe, finished, option):
    said = {"weight": 1} | {option.partition(":")[0]: option.partition(" ")[2]}
    words = ", ".join(f"{name}: {value}" for name, value in said.items())
    with pytest.raises(TrainingError, match=r"losses\.critic\.\w+ was"):
        go(small_recipe, finished, f"losses.critic={{adversarial: {{{words}}}}}", resume=True)


NUMBERS = ["lr", "ema", "steps", "batch", "accumulate", "seed", "checkpoint", "grid"]
ABSURD = st.sampled_from([".inf", "-.inf", ".nan", "-1", "1" + "0" * 30]) | st.integers(2**64, 10**40).map(str)


@settings(deadline=None)
@given(name=st.sampled_from(NUMBERS), value=ABSURD)
def test_absurd_numbers_are_refused_with_their_line(small, name, value):
    assume(name != "lr" or not value.isdigit())  # any finite rate is taken; what comes of it is said when it comes
    path = small.with_name("absurd.yaml")
    text = re.sub(rf"(training: .*)\b{name}: [^,}}]+[,}}]", r"\1", small.read_text())
    path.write_text(text.replace("training: {", f"training: {{{name}: {value}, ").rstrip().rstrip("}") + "}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    line = len(text.splitlines())
    # Integers of more than 64 bits are refused before anybody asks whose they are.
    whose = f"'{value}' cannot be read as int" if value.isdigit() else f"training.{name}: "
    assert str(caught.value).startswith(f"{path}:{line}: {whose}")


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False), st.integers(0, 2**64 - 1), st.integers(1, 10**9))
def test_any_other_is_taken(rate, seed, steps):
    taken = TrainingSettings(lr=rate, seed=seed, steps=steps)
    assert math.isfinite(learning_rate(Linear(), taken, steps // 2))


def test_conditional_true_is_the_older_spelling_of_planes(tmp_path):
    def record(conditional):
        return {"recipe": {"discriminator": {"patch_stack": {"conditional": conditional}}}, "data": {}, "losses": {}}

    check_same(tmp_path, record(True), record("planes"))
    with pytest.raises(TrainingError, match="conditional was planes, is image"):
        check_same(tmp_path, record(True), record("image"))
