"""The values that travel have the shapes that their annotations say."""

import dataclasses
import sys
import typing

import jaxtyping
import numpy as np
import pytest
import torch

from ptk.data.pairs import Pairs
from ptk.data.source import open_source
from ptk.recipe.build import build_conditioners
from ptk.recipe.load import load_recipe
from ptk.types import Faces, Landmarks, Pair, Planes, Target

NAMES = {**vars(jaxtyping), "np": np, "torch": torch, "Tensor": torch.Tensor}


def check(value):
    """Hold every tensor of a dataclass, and of those inside it, to its annotation; dimensions agree across fields."""
    hints = typing.get_type_hints(type(value), globalns=vars(sys.modules[type(value).__module__]), localns=NAMES)
    with jaxtyping.jaxtyped("context"):
        for field in dataclasses.fields(value):
            found, hint = getattr(value, field.name), hints[field.name]
            if dataclasses.is_dataclass(found):
                check(found)
            elif typing.get_origin(hint) is None and not hint.__module__.startswith("typing"):
                assert isinstance(found, hint), f"{type(value).__name__}.{field.name}: {hint}, not {found!r:.80}"


def faces(batch=2, size=32):
    return Faces(
        image=torch.zeros(batch, 3, size, size),
        points=torch.zeros(batch, 68, 2),
        domain=torch.zeros(batch, dtype=torch.int64),
    )


def test_what_training_is_given_is_as_annotated(small_recipe):
    recipe = load_recipe(small_recipe)
    faces = open_source(recipe).load("train")
    pair = Pairs(faces, recipe.data, batch=2, seed=1, device=torch.device("cpu"), geometry=recipe.geometry).batch(0)
    check(pair)
    planes = build_conditioners(recipe)(pair.a, pair.b)
    assert planes.stacked.shape == (2, 3, 64, 64)
    assert list(planes) == ["landmark_map", "domain_planes"]
    check(Landmarks(points=np.zeros((68, 2), np.float32), width=8, height=8))


@pytest.mark.parametrize(
    "wrong",
    [
        Target(points=torch.zeros(2, 67, 2), domain=torch.zeros(2, dtype=torch.int64)),
        Target(points=torch.zeros(2, 68, 2), domain=torch.zeros(3, dtype=torch.int64)),
        Target(points=torch.zeros(2, 68, 2), domain=torch.zeros(2)),
        dataclasses.replace(faces(), image=torch.zeros(2, 1, 32, 32)),
        Landmarks(points=np.zeros((68, 2)), width=8, height=8),
    ],
)
def test_the_check_sees_wrong_shapes(wrong):
    with pytest.raises(AssertionError):
        check(wrong)


def test_concatenation_keeps_rows_together():
    one, two = faces(1), dataclasses.replace(faces(1), domain=torch.ones(1, dtype=torch.int64))
    both = one.concatenated(two)
    check(both)
    assert both.domain.tolist() == [0, 1]
    assert len(Pair(a=both, b=both)) == 2


def test_planes_keep_their_order():
    planes = Planes({"b": torch.ones(1, 1, 4, 4), "a": torch.zeros(1, 2, 4, 4)})
    assert planes.stacked[0, :, 0, 0].tolist() == [1, 0, 0]


def test_segments_follow_the_rows():
    domain = torch.tensor([0, 0, 1])
    first = dataclasses.replace(faces(3), domain=domain, segments=((0, 2), (1, 1)))
    both = first.concatenated(first)
    assert both.segments == ((0, 2), (1, 1), (0, 2), (1, 1))
    assert both.rows(slice(1, 5)).segments == ((0, 1), (1, 1), (0, 2))
    assert both.goal.rows(slice(0, 2)).segments == ((0, 2),)
    assert first.concatenated(faces(3)).segments is None
    assert first.to("cpu").segments == first.segments


def test_planes_without_conditioners_have_no_channels():
    assert Planes({}, faces().goal, faces()).stacked.shape == (2, 0, 32, 32)


def test_rows_of_planes_are_those_of_what_they_were_told():
    planes = Planes({"a": torch.arange(4.0).reshape(4, 1, 1, 1)}, faces(4).goal, faces(4)).rows(slice(1, 3))
    assert planes["a"].flatten().tolist() == [1, 2]
    assert len(planes.target) == len(planes.source) == 2
