"""Observers look at what happens, and cannot touch it."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from ptk import Observer, Part, hookimpl
from ptk.errors import PluginError
from ptk.events import EditMade, Measured, RunEnded
from ptk.recipe import observing, one_part
from ptk.recipe.observing import Observers, build_observers
from ptk.registry.registry import Registry
from ptk.types import Tick

TICK = Tick(step=3, losses={"generator.lsgan": 0.5}, images_per_second=8.0)


class Notes(Observer):
    """Writes down what it is told."""

    def __init__(self, project: str, every: int = 1) -> None:
        self.project, self.every = project, every
        self.heard: list[object] = []

    def tick(self, event: Tick) -> None:
        self.heard.append(event)

    def edit_made(self, event: EditMade) -> None:
        self.heard.append(event)


class Meddler(Observer):
    """Touches everything within its reach."""

    def tick(self, event: Tick) -> None:
        event.losses.clear()
        random.seed(0)
        np.random.seed(0)
        torch.manual_seed(0)
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)


class Broken(Observer):
    def tick(self, event: Tick) -> None:
        raise RuntimeError("no\nnetwork")


@pytest.fixture
def outsiders(monkeypatch):
    """Two observers offered by a plug-in."""

    class Plugin:
        __name__ = "outsider"

        @hookimpl
        def ptk_observers(self):
            return [Part("notes", "writes down", Notes), Part("tuple", "is none", tuple)]

    registry = Registry()
    assert not registry.register("notes", "ptk-notes 1.0", Plugin()).error
    monkeypatch.setattr(one_part, "load_registry", lambda: registry)
    monkeypatch.setattr(observing, "build_part", lambda *said: build(*said, registry))


build = observing.build_part


def test_each_hears_what_it_listens_to():
    notes = Notes("x")
    observers = Observers({"notes": notes}, pytest.fail)
    edit = EditMade(photo=Path("a.jpg"), out=Path("b.jpg"), style="sketch", weights=Path("w.safetensors"))
    for event in (TICK, Measured(step=3, values={"mse": 0.1}), edit, RunEnded(step=3, how="finished")):
        observers.tell(event)
    assert notes.heard == [TICK, edit]


def test_one_that_raises_is_told_nothing_more_and_the_others_are():
    said, notes = [], Notes("x")
    observers = Observers({"broken": Broken(), "notes": notes}, said.append)
    observers.tell(TICK)
    observers.tell(TICK)
    assert said == ["observer broken: RuntimeError: no network; it is told nothing more"]
    assert len(notes.heard) == 2


def test_what_one_touches_is_as_it_was():
    random.seed(7)
    np.random.seed(7)
    torch.manual_seed(7)
    expected = random.random(), np.random.rand(), torch.rand(())
    random.seed(7)
    np.random.seed(7)
    torch.manual_seed(7)
    Observers({"meddler": Meddler()}, pytest.fail).tell(TICK)
    assert TICK.losses == {"generator.lsgan": 0.5}
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32
    assert (random.random(), np.random.rand(), torch.rand(())) == expected


def test_words_name_observers_and_their_options(outsiders):
    observers = build_observers(["notes:project=portraits,every=5"], pytest.fail)
    (notes,) = observers._named.values()
    assert (notes.project, notes.every) == ("portraits", 5)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nots", "no such observer: nots; did you mean notes"),
        ("notes", "`observe` notes: needs project: `observe` notes:project=..."),
        ("notes:projct=x", "no such option: projct; did you mean project"),
        ("notes:project", "project has no value; say project=..."),
        ("notes:project=x,every=often", "every: input should be a valid integer.*it is 'often'"),
        ("tuple", "must be a ptk.Observer, it is a tuple"),
    ],
)
def test_words_that_mean_nothing(outsiders, word, message):
    with pytest.raises(PluginError, match=message):
        build_observers([word], pytest.fail)
