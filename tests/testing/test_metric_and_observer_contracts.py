"""Metrics and observers that break a rule are told which."""

import pytest
import torch
from breaches import breaches

from ptk.events import Observer


def metric(function, lower=True):
    class Metric:
        lower_is_better = lower

        def __call__(self, source, target, result):
            return function(source, target, result)

    return Metric


def mae(result, target):
    return (result.float() - target.image).abs().mean((1, 2, 3))


SHAPE = "gives (B,) float32 for any batch and size"
BEST = "is best for the true image"
ROWS = "measures each face of a batch by itself"


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (
            metric(lambda source, target, result: mae(result, target), lower=False),
            BEST,
            "higher is better, but the true",
        ),
        (metric(lambda source, target, result: -mae(result, target)), BEST, "lower is better, but the true image has"),
        (metric(lambda source, target, result: mae(result, target) / mae(result, target)), BEST, "must be a number"),
        (
            metric(lambda source, target, result: mae(result, target) / (mae(result, target) < 0.3)),
            "is finite for noise",
            "values of noise must be finite, they are [inf",
        ),
        (
            metric(lambda source, target, result: mae(result, target) * result.float().std()),
            ROWS,
            "other rows of the batch",
        ),
        (
            metric(lambda source, target, result: mae(result, target) / (result.dtype != torch.bfloat16)),
            "takes bfloat16 results",
            "values of a bfloat16 result must be finite",
        ),
        (
            metric(lambda source, target, result: mae(result, target) + 0 * source.image.mul_(0.5).mean()),
            "leaves the images as they are",
            "a metric must leave the images as they are",
        ),
        (
            metric(lambda source, target, result: mae(result, target) + torch.rand(1) * 0.01),
            "the same input gives the same result",
            "values differ by up to",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_metrics_that_break_a_rule(make, rule, breach):
    assert breach in breaches("metric", make)[rule]


@pytest.mark.parametrize(
    ("function", "breach"),
    [
        (lambda source, target, result: mae(result, target).mean(), "must be (1,) float32, they are () torch.float32"),
        (lambda source, target, result: mae(result, target).double(), "they are (1,) torch.float64"),
        (lambda source, target, result: mae(result, target).tolist(), "must return a tensor, it returned a list"),
    ],
)
def test_metrics_that_give_something_else(function, breach):
    assert breach in breaches("metric", metric(function))[SHAPE]


def test_a_metric_must_say_which_way_is_better():
    told = breaches("metric", metric(lambda source, target, result: mae(result, target), lower=None))
    assert told["says whether lower is better"] == "lower_is_better must be True or False, it is None"


def test_a_metric_of_who_is_shown_may_look_at_the_source():
    def likeness(source, target, result):
        return 1 - (result.float() - source.image).abs().mean((1, 2, 3))

    assert not breaches("metric", metric(likeness, lower=False))


def set_metric(describe=lambda images: images.mean((2, 3)), compare=None, lower=True):
    class SetMetric:
        lower_is_better = lower
        compares_sets = True

        def describe(self, images):
            return describe(images)

        def compare(self, made, true):
            return (compare or means_apart)(made, true)

    return SetMetric


def means_apart(made, true):
    return float(
        (made.mean(0) - true.mean(0)).abs().sum() + (made.var(0, correction=0) - true.var(0, correction=0)).abs().sum()
    )


DESCRIBED = "describes images of any size by (B, K) float32"
APART = "gives a float, or nan, for sets of one and two"
BEST_SET = "is best for the set of true images"


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (set_metric(lambda images: images), DESCRIBED, "descriptions must be (1, K) float32, they are (1, 3, 64, 64)"),
        (set_metric(lambda images: images[..., 0, 0].double()), DESCRIBED, "they are (1, 3) torch.float64"),
        (set_metric(lambda images: images[:, 0, 0]), DESCRIBED, "must be the same for images of any size, it is"),
        (set_metric(lambda images: images.mean((2, 3)).log()), DESCRIBED, "descriptions must be finite"),
        (
            set_metric(lambda images: images.mean((2, 3)) - images.mean()),
            "describes each image of a batch by itself",
            "must not depend on other images of the batch",
        ),
        (set_metric(compare=lambda made, true: made.sum() - true.sum()), APART, "compare must return a float, it ret"),
        (set_metric(compare=lambda made, true: 1 / (len(made) - 1)), APART, "raised ZeroDivisionError"),
        (set_metric(lower=False), BEST_SET, "higher is better, but the true images have 0"),
        (set_metric(compare=lambda made, true: -means_apart(made, true)), BEST_SET, "lower is better, but the true"),
        (
            set_metric(compare=lambda made, true: float((made[0] - true[0]).abs().sum())),
            "does not depend on the order of images",
            "the order of images must not matter",
        ),
        (
            set_metric(lambda images: images.mul_(0.5).mean((2, 3))),
            "leaves what it is given as it is",
            "must leave the images as they are",
        ),
        (
            set_metric(compare=lambda made, true: means_apart(made.clamp_(min=0), true)),
            "leaves what it is given as it is",
            "compare must leave the descriptions as they are",
        ),
        (
            set_metric(lambda images: images.mean((2, 3)) + torch.rand(1) * 0.01),
            "the same input gives the same result",
            "values differ by up to",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_metrics_of_sets_that_break_a_rule(make, rule, breach):
    assert breach in breaches("metric", make)[rule]


def test_a_metric_of_sets_that_keeps_the_rules_and_one_without_its_methods():
    assert not breaches("metric", set_metric())

    class Half:
        compares_sets = lower_is_better = True

        def __call__(self, source, target, result):
            return mae(result, target)

    told = breaches("metric", Half)
    assert told["can be built"] == "metrics that compare sets must have the method describe, Half has none"


WHOLE = "can be told of a whole run"
RESUMED = "can be told of a run that was stopped and goes on"
FAILED = "can be told of a run that fails before its first step"
EDIT = "can be told of an edit, without any run"
HEARS = "hears of something"


class Careless(Observer):
    """Writes its lines into a file that only a run opens, and wants a new one for each run."""

    def run_started(self, event):
        self.file = (event.folder / "lines").open("x")
        self.losses = None

    def tick(self, event):
        self.losses = event.losses

    def run_ended(self, event):
        self.file.write(str(dict(self.losses)))
        self.file.close()

    def edit_made(self, event):
        self.file.write("edited")


def test_an_observer_hears_everything_and_each_failure_is_told():
    told = breaches("observer", Careless)
    assert list(told) == [RESUMED, FAILED, EDIT]
    assert told[RESUMED].startswith("raised FileExistsError")
    assert told[FAILED] == "raised TypeError: 'NoneType' object is not iterable"
    assert told[EDIT] == "raised AttributeError: 'Careless' object has no attribute 'file'"


def test_an_observer_that_cannot_be_told_of_metrics():
    class Curt(Observer):
        def measured(self, event):
            self.value = event.values["lpips"]

    told = breaches("observer", Curt)
    assert told[WHOLE] == "raised KeyError: 'lpips'"
    assert EDIT not in told and FAILED not in told


def test_the_events_name_files_that_are_there():
    from PIL import Image
    from safetensors import safe_open

    class Reading(Observer):
        def grid_drawn(self, event):
            with Image.open(event.path) as image:
                assert image.size == (96, 64)

        def checkpoint_written(self, event):
            assert any(event.path.iterdir())
            with safe_open(event.weights, framework="pt") as file:
                assert list(file.keys())

    assert not breaches("observer", Reading)


def test_an_observer_must_not_touch():
    class Sweeping(Observer):
        def run_ended(self, event):
            for path in self.folder.rglob("*.png"):
                path.unlink()

        def run_started(self, event):
            self.folder = event.folder

    told = breaches("observer", Sweeping)
    assert list(told) == ["leaves the run's files as they are"]
    assert "grids/000002.png was changed or removed" in told["leaves the run's files as they are"]


def test_an_observer_that_hears_nothing():
    told = breaches("observer", type("Deaf", (Observer,), {}))[HEARS]
    assert told.startswith("it must override what it wants to hear: run_started, tick, measured, ")


def test_a_method_that_is_spelled_otherwise_is_told_nothing():
    misspelt = type("Misspelt", (Observer,), {"grid_drew": lambda self, event: None, "tick": lambda self, event: None})
    assert breaches("observer", misspelt) == {HEARS: "grid_drew is told nothing: did you mean grid_drawn?"}
