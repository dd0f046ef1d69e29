"""Rules for parts of every kind: they say what they are, can be stored, and are the same in another process."""

import os
import pickle
import textwrap
from typing import Literal

import pytest
import torch
from breaches import breaches
from torch import nn

from ptk.conditioners.landmark_map import LandmarkMap
from ptk.registry.parts import Part
from ptk.testing.contracts import Trial, part_checks


@pytest.mark.parametrize(
    ("kind", "make", "breach"),
    [
        ("conditioner", lambda: 3, "conditioners must be a torch.nn.Module, this is a int"),
        ("domain", nn.Identity, "domains must be a ptk.Domain, this is a Identity"),
        ("observer", nn.Identity, "observers must be a ptk.Observer, this is a Identity"),
        ("detector", nn.Identity, "detectors must have the method detect, Identity has none"),
        ("metric", lambda: 3, "metrics must have the method __call__, int has none"),
    ],
)
def test_parts_of_another_type(kind, make, breach):
    assert breaches(kind, make) == {"can be built": breach}


class Undocumented(nn.Module):
    def __init__(self, width: int = 3):
        super().__init__()


class Documented(Undocumented):
    """Says that `width` is a width."""


class Untyped(nn.Module):
    """Takes `width`."""

    def __init__(self, width=3):
        super().__init__()


class Unreadable(nn.Module):
    """Takes a `kernel`."""

    def __init__(self, kernel: "torch.Tensor | None" = None):
        super().__init__()


class Wrong(nn.Module):
    """Takes a `mode`."""

    def __init__(self, mode: Literal["fine", "coarse"] = "medium"):
        super().__init__()


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (Undocumented, "width is not named in the docstring of the class or its constructor"),
        (Documented, None),
        (Untyped, "width needs an annotation, by which recipes are checked"),
        (Unreadable, "kernel is annotated torch.Tensor | None, which no recipe can say: take int, float, "),
        (Wrong, "mode is annotated Literal['fine', 'coarse'], its default 'medium' is not"),
    ],
)
def test_options_that_recipes_cannot_set_or_people_cannot_know(make, breach):
    told = {check.rule: check.run() for check in part_checks("conditioner", Part("mine", "a part", make))}
    outcome = told["its options are annotated and documented"]
    assert (outcome.status, outcome.message[: len(breach or "")]) == (("fail", breach) if breach else ("pass", ""))
    assert told["has a docstring"].status == ("fail" if make is Undocumented else "pass")


class Learned(LandmarkMap):
    """A conditioner with weights, of which a list is no parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(()))
        self.lost = [torch.randn(())]

    def forward(self, source, target):
        return super().forward(source, target) * (self.weight + self.lost[0]).to(source.image)


def test_weights_that_a_file_does_not_hold_are_missed():
    told = breaches("conditioner", Learned)
    assert "a fresh one with the stored weights must give the same" in told["its weights survive a safetensors file"]


def test_parameters_that_share_memory_cannot_be_stored():
    class Shared(LandmarkMap):
        def __init__(self):
            super().__init__()
            self.one = self.other = nn.Parameter(torch.ones(2))
            self.other = nn.Parameter(self.one.data)

        def forward(self, source, target):
            return super().forward(source, target) * (self.one + self.other).sum().to(source.image)

    assert (
        "must go through a safetensors file"
        in breaches("conditioner", Shared)["its weights survive a safetensors file"]
    )


def sent(factory, kind="conditioner"):
    """What the rule says that sends a part to another process."""
    (check,) = [one for one in part_checks(kind, Part("mine", "a part", factory)) if "another process" in one.rule]
    return check.run()


def test_a_part_that_cannot_be_pickled_is_told_to_be_given_by_name():
    outcome = sent(type("Local", (LandmarkMap,), {}))
    assert outcome.status == "fail"
    assert outcome.message.startswith("cannot be pickled")
    assert outcome.message.endswith('give the factory as "package.module:Class"')


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module from its text."""

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        monkeypatch.syspath_prepend(tmp_path)
        return name

    return write


AWAY = """
    import os
    from ptk.conditioners.landmark_map import LandmarkMap

    class Away(LandmarkMap):
        def forward(self, source, target):
            there = os.getpid() != {pid}
            {what}
            return super().forward(source, target)
"""


@pytest.mark.parametrize(
    ("what", "breach"),
    [
        ("source = target if there else source", None),  # points count, the image does not
        ("target = source if there else target", "a part built in another process must give the same; values differ"),
        ("1 / (not there)", "in another process it fails: ZeroDivisionError: division by zero"),
        ("os._exit(3) if there else None", "the process in which it was to be built died"),
    ],
)
def test_parts_that_are_another_elsewhere(module, what, breach):
    name = module(f"away{abs(hash(what)) % 10**6}", AWAY.format(pid=os.getpid(), what=what))
    outcome = sent(f"{name}:Away")
    assert outcome.message.startswith(breach or "") and (outcome.status == "fail") == bool(breach)
    assert sent("ptk.conditioners.landmark_map:LandmarkMap").status == "pass", "the next part has a process again"


def test_a_trial_is_sent_without_what_was_built():
    trial = Trial("conditioner", Part("landmark_map", "", LandmarkMap), {"sigma": 2.0})
    assert trial.built
    again = pickle.loads(pickle.dumps(trial))
    assert again.options == {"sigma": 2.0} and "built" in vars(trial) and "built" not in vars(again)
