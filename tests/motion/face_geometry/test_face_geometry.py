"""The record of tuned numbers: frozen, whole after JSON, and checked when it comes from a stranger."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ptk.motion import face_geometry
from ptk.motion.face_geometry import CURRENT, VERSION_1
from ptk.motion.face_geometry.record import NewerGeometry, read_geometry
from tuned import tuned


@pytest.fixture(autouse=True)
def version_1(monkeypatch):
    """What is current is version 1 here, whatever version ptk has."""
    monkeypatch.setattr(face_geometry, "CURRENT", VERSION_1)


def stored(geometry):
    return json.loads(json.dumps(geometry.document()))


def test_version_1_never_changes():
    """Weights without a record have it. To tune a number change CURRENT, and raise its version.

    A number that is new in a later version has a value in VERSION_1, which is written here, too.
    """
    said = stored(VERSION_1)
    assert said.pop("version") == 1
    assert said == json.loads(Path(__file__).with_name("version_1.json").read_text())


def test_what_new_weights_hold_tells_itself_from_version_1():
    assert CURRENT == VERSION_1 or CURRENT.version > 1


@pytest.mark.parametrize("geometry", [VERSION_1, tuned(VERSION_1)])
def test_a_record_comes_back_from_json_as_it_was(geometry):
    assert read_geometry(stored(geometry)) == geometry


def test_no_record_is_version_1(monkeypatch):
    monkeypatch.setattr(face_geometry, "CURRENT", tuned(VERSION_1, version=2))
    assert read_geometry(None) is VERSION_1


def test_what_an_older_record_lacks_is_version_1s(monkeypatch):
    said = stored(tuned(VERSION_1))
    del said["drawing"], said["lips"]["fade"]
    with pytest.raises(ValueError, match=r"geometry.lips has no fade"):
        read_geometry(said)
    monkeypatch.setattr(face_geometry, "CURRENT", tuned(VERSION_1, version=2))
    expected = tuned(VERSION_1)
    lips = replace(expected.lips, fade=VERSION_1.lips.fade)
    assert read_geometry(said) == replace(expected, lips=lips, drawing=VERSION_1.drawing)


def test_a_later_version_is_told_from_a_damaged_one():
    with pytest.raises(NewerGeometry, match="geometry is of version 7, this ptk knows 1"):
        read_geometry(stored(replace(VERSION_1, version=7)))


@pytest.mark.parametrize("said", [3, "x", [], {}, {"version": None}, {"version": True}, {"version": 0}])
def test_what_is_no_record_is_named(said):
    with pytest.raises(ValueError, match=r"geometry (is no object|has no version)"):
        read_geometry(said)


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        ("lips.fade", -1, "geometry.lips.fade is -1, not a number above 0 like 0.12"),
        ("lips.fade", 0, "geometry.lips.fade is 0, not a number"),
        ("lips.fade", float("nan"), "geometry.lips.fade is nan"),
        ("lips.fade", float("inf"), "geometry.lips.fade is inf"),
        ("lips.fade", 10**400, "geometry.lips.fade is a number of"),
        ("lips.fade", True, "geometry.lips.fade is True"),
        ("lips.fade", "0.1", "geometry.lips.fade is '0.1'"),
        ("lips.closed", [0.1], r"geometry.lips.closed is \[0.1\], not 2 numbers"),
        ("lips.closed", [0.2, 0.1], r"geometry.lips.closed is \[0.2, 0.1\], not a range above 0"),
        ("lips.closed", [0.1, 0.1], "not a range"),
        ("paint.cavity", [0, 0, 2], "not a colour"),
        ("mouth_frame.rows", 81, "geometry.mouth_frame.rows is 81, not a count like 80"),
        ("mouth_frame.columns", 10**9, "not a count"),
        ("flow.grid", 64.0, "geometry.flow.grid is 64.0, not a count like 64"),
        ("lips.speed", 1, "geometry.lips has an unknown number 'speed'"),
        ("nose", {}, "geometry has an unknown part 'nose'"),
        ("lips", None, "geometry.lips is no object"),
        ("lips", [], "geometry.lips is no object"),
    ],
)
def test_a_damaged_number_is_named(place, value, why):
    said = copy.deepcopy(stored(VERSION_1))
    *above, last = place.split(".")
    part = said[above[0]] if above else said
    part[last] = value
    with pytest.raises(ValueError, match=why):
        read_geometry(said)
