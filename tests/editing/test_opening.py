"""An editor is opened by its parameters' names alone: what does not go together is refused in these."""

from types import SimpleNamespace
from typing import ClassVar

import pytest
from stand_ins import Finds, Network, photo

from ptk.editing.editor import Editor
from ptk.editing.opening import DETECTOR, choose_detector, choose_style, open_editor
from ptk.errors import PtkError, WeightsError
from ptk.faces.words.expression import Expression
from ptk.faces.words.expression_file import save_expression
from ptk.faces.words.source import ExpressionSource


class Trained(Network):
    """A network of somebody's own, which learned sketches, and of watercolors only the name."""

    domains = ("photo", "sketch", "watercolor")
    metadata: ClassVar = {"untrained": ["watercolor"]}
    multiple = 0


@pytest.mark.parametrize(
    ("name", "chosen"), [("dlib68", "dlib68"), ("mesh", DETECTOR), ("unknown", DETECTOR), ("jaffe", DETECTOR)]
)
def test_the_detector_is_that_of_the_weights_where_it_is_here(name, chosen):
    assert choose_detector(SimpleNamespace(detector=name)) == chosen


def test_weights_that_somebody_named_lead_with_what_they_learned():
    assert choose_style("photo", Trained(), own=False) is None
    assert choose_style("sketch", Trained(), own=False) is None
    assert choose_style("sketch", Trained(), own=True).domain.title
    assert choose_style("sketch", Trained(), own=True, learned=True) is None


def test_a_style_that_was_never_trained_is_rendered_and_that_is_told():
    lines = []
    assert choose_style("watercolor", Trained(), own=False, warn=lines.append).domain.title
    (line,) = lines
    assert line == "`style` watercolor: these weights were never trained in it; the domain watercolor renders it"
    with pytest.raises(WeightsError, match="`style` watercolor: these weights were never trained in it"):
        choose_style("watercolor", Trained(), own=False, learned=True)


def test_learned_styles_cover_heads():
    with pytest.raises(PtkError, match="`area=photo`: these weights learned sketch of heads only; leave out `weights`"):
        choose_style("sketch", Trained(), own=False, area="photo")


@pytest.mark.parametrize(("options", "name"), [({"learned": True}, "learned"), ({"area": "head"}, "area")])
def test_what_belongs_to_a_style_needs_one(options, name):
    with pytest.raises(PtkError, match=f"`{name}`: belongs to a style; name one with `style`"):
        open_editor(**options)


def test_another_detector_reads_no_expressions(tmp_path):
    other = ExpressionSource.open(str(photo(tmp_path / "other.png")))
    with pytest.raises(PtkError, match=r"`expression_from` .*other\.png: .* not finds; add `detector=mediapipe68`"):
        Editor(Network(), Finds(), "finds").take_over(other)


def test_an_expression_is_taken_over_and_told(tmp_path):
    other = ExpressionSource.open(str(photo(tmp_path / "other.png")))
    taking, seen = Editor(Network(), Finds(), DETECTOR).take_over(other)
    assert seen == "no expression, as far as landmarks tell"
    assert taking.like is not None


def test_a_saved_expression_is_taken_over_in_its_parts_or_in_those_that_are_named(tmp_path):
    file = tmp_path / "hers.json"
    save_expression(file, Expression({"surprise": 0.7}, {"mouth": 1.0}))
    for parts, taken in (("", {"mouth": 1.0}), (":eyes=0.5", {"eyes": 0.5})):
        taking, seen = Editor(Network(), Finds(), DETECTOR).take_over(ExpressionSource.open(f"{file}{parts}"))
        assert seen == "surprise=0.70"
        assert taking.like == Expression({"surprise": 0.7}, taken)
