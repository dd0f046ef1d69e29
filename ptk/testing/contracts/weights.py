"""What weights of a plug-in must hold: whole files that are what was declared, and styles of heads, without torch."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.dataset.example import portraits
from ptk.editing.weights_styles import WeightsStyle, check_declared, check_files, load_network
from ptk.errors import PluginError, WeightsError
from ptk.faces.crop import Crop
from ptk.faces.mask import head_mask
from ptk.testing.assertions import expect
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.contracts.plugin import heavy_imports
from ptk.testing.rule import NotHere, Rule
from ptk.types import PHOTO

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, UInt8

    from ptk.editing.rendered import Translates
    from ptk.testing.trial import Trial

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["RULES", "answer"]

_LARGEST = 100e6
"""Bytes of all files together: what the package index takes for one upload."""

_CHANGED = 0.5
"""Levels of 255 by which a style changes a head at least, on average: less nobody sees."""


def _light(trial: Trial) -> None:
    if not isinstance(trial.part.factory, str):
        raise NotHere("its plug-in imports it to say what it offers")
    loaded = heavy_imports("to import it", trial.part.factory.partition(":")[0])
    expect(not loaded, f"{loaded}: the class only says where files are; ptk reads them")


def _licensed(trial: Trial) -> None:
    licence = trial.built.licence
    good = isinstance(licence, str) and bool(licence.strip()) and licence.isprintable()
    expect(good, f'licence must be an SPDX expression, such as "CC-BY-4.0", it is {licence!r:.80}')


def _explained(trial: Trial) -> None:
    card, licence = trial.built.card, str(trial.built.licence)
    named = isinstance(card, str) and bool(card)
    expect(named, f"card must be the name of a model card beside the module, it is {card!r:.80}")
    file = trial.built.find_file(card)
    expect(file.is_file(), f"{file} must be there: does [tool.setuptools.package-data] name it?")
    text = file.read_text(encoding="utf-8", errors="replace")
    expect(re.search(r"^# +\S", text, re.MULTILINE) is not None, f"{file} must have a heading, # ...")
    names = [word for word in re.split(r"[\s()]+", licence) if word not in ("", "AND", "OR", "WITH")]
    missing = [name for name in names if name not in text]
    expect(not missing, f"{file} must name the licence that is declared; {', '.join(missing)} is missing")


def _whole(trial: Trial) -> None:
    try:
        check_files(trial.built)
    except WeightsError as error:
        raise PluginError(str(error)) from error
    names = list(trial.built.files)
    expect(all(name.endswith(".onnx") for name in names), f"files must end in .onnx, they are {', '.join(names)}")
    size = sum(trial.built.find_file(name).stat().st_size for name in names)
    expect(size <= _LARGEST, f"files must have {_LARGEST / 1e6:.0f} MB at most, they have {size / 1e6:.0f}")


def _loads(trial: Trial) -> None:
    try:
        trial.known["network"] = load_network(trial.built)
    except WeightsError as error:
        raise PluginError(str(error)) from error


def _declared(trial: Trial) -> None:
    network, styles = _network(trial), trial.part.styles
    strange = [style for style in trial.built.domains if style not in styles]
    expect(not strange, f"domains must be of styles that the part makes; it does not make {', '.join(strange)}")
    try:
        check_declared(trial.built, styles, network)
    except WeightsError as error:
        raise PluginError(str(error)) from error
    expect(PHOTO in network.domains, f"it must know {PHOTO}, of which styles are made; it knows {network.domains}")
    expect(PHOTO not in map(trial.built.find_domain, styles), f"a style must be another domain than {PHOTO}")


def _finite(trial: Trial) -> None:
    network = _network(trial)
    for pixels, points in portraits():
        crop = Crop.around(points)
        cut, unit = crop.cut(pixels, network.size), crop.to_unit(points)
        for style in trial.part.styles:
            domain = trial.built.find_domain(style)
            made = network.translate(cut, domain) if network.multiple else network.render(cut, unit, unit, domain).image
            expect(bool(np.isfinite(made).all()), f"{style}: images must be finite, some values are not")


def _seen(trial: Trial) -> None:
    for style in trial.part.styles:
        for (photo, points), painted in _paint(trial, style):
            inside = _find_head(photo, points)
            gap = float(np.abs(painted[inside].astype(float) - photo[inside]).mean())
            expect(gap >= _CHANGED, f"{style}: heads must change by {_CHANGED} of 255 levels, they change by {gap:.2f}")


def _apart(trial: Trial) -> None:
    for one, other in combinations(trial.part.styles, 2):
        pairs = zip(_paint(trial, one), _paint(trial, other), strict=True)
        same = all(np.array_equal(mine, theirs) for (_, mine), (_, theirs) in pairs)
        expect(not same, f"styles must differ; {one} and {other} are the same picture")


def _background(trial: Trial) -> None:
    if _network(trial).multiple:
        raise NotHere("it learned whole pictures, all of which it may change")
    for style in trial.part.styles:
        for (photo, points), painted in _paint(trial, style):
            outside = ~_find_head(photo, points)
            same = np.array_equal(photo[outside], painted[outside])
            expect(same, f"{style}: what lies outside of the head must stay as it is")


def _network(trial: Trial) -> Translates:
    """The network, loaded once."""
    if "network" not in trial.known:
        _ = trial.built
        raise NotHere("it cannot be loaded")
    network: Translates = trial.known["network"]
    return network


def _paint(trial: Trial, style: str) -> list[tuple[tuple[Pixels, Float[np.ndarray, "68 2"]], Pixels]]:
    """People of the sample with their landmarks, each with what the style makes of them; all are painted once."""
    if style not in trial.known:
        network, styles = _network(trial), trial.part.styles
        painters = [WeightsStyle(each, network, trial.built.find_domain(each)) for each in styles]
        trial.known |= {each: [] for each in styles}
        for photo, points in portraits():  # one after the other: networks remember the last photo
            for painter in painters:
                trial.known[painter.name].append(((photo, points), painter.paint(photo, [points])))
    known: list[Any] = trial.known[style]
    return known


def _find_head(photo: Pixels, points: Float[np.ndarray, "68 2"]) -> Bool[np.ndarray, "height width"]:
    """Where a style may paint: the head, and a feather around it."""
    crop = Crop.around(points)
    unit = crop.to_unit(points)
    mask = head_mask(unit, unit, grow=0.06, feather=0.16)
    height, width = photo.shape[:2]
    return np.asarray(crop.spread(mask[..., None], (0, 0, width, height), "zeros")[..., 0] > 0)


RULES = (
    *DESCRIBED,
    Rule("loads nothing heavy to be declared", _light, at=""),
    Rule("declares a licence", _licensed, at=""),
    Rule("has a model card that names the licence", _explained, at=""),
    Rule("its files are whole, of the declared sha256, and small enough to hand on", _whole, at=""),
    Rule("loads in ONNX Runtime, without torch", _loads, at=""),
    Rule("its file says the size and the styles that are declared", _declared, at=""),
    Rule("gives finite images", _finite, at=""),
    Rule("each style changes the head", _seen, at=""),
    Rule("each style is a picture of its own", _apart, at=""),
    Rule("leaves what lies outside of the head as it is", _background, at=""),
    *REPEATED,
    *SENT,
)


def answer(trial: Trial, part: Any) -> Any:
    """What each style makes of a person of the sample."""
    network = load_network(part)
    (photo, points), *_ = portraits(1)
    return [WeightsStyle(style, network, part.find_domain(style)).paint(photo, [points]) for style in trial.part.styles]
