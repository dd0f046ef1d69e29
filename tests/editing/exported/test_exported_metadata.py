"""What an exported network says of itself is checked when it is loaded, not when an edit stumbles over it."""

import json
from pathlib import Path

import pytest

from ptk.editing.exported.metadata import read_metadata
from ptk.errors import WeightsError
from ptk.motion.face_geometry import CURRENT

NETWORK = Path("n.onnx")
SAID = {
    "schema": "ptk.exported/3",
    "size": 32,
    "domains": ["photo", "sketch"],
    "face_flow": {"reach": 0.2, "noise": 0.01, "lips": True},
    "data": {"detector": "mediapipe68"},
    "planes": {"motion_field": {"reach": 0.2, "noise": 0.01}, "landmark_map": {"sigma": 3.0, "of": "both"}},
    "styles": "n.styles.onnx",
    "mouth": {"file": "n.mouth.onnx", "margin": 8},
}


def test_what_is_whole_comes_back():
    assert read_metadata(NETWORK, json.dumps(SAID)) == SAID
    first = {"schema": "ptk.exported/1", "size": 64, "domains": ["photo"]}
    assert read_metadata(NETWORK, json.dumps(first)) == first
    now = SAID | {"plain": "sketch", "geometry": json.loads(json.dumps(CURRENT.document()))}
    assert read_metadata(NETWORK, json.dumps(now)) == now


def test_a_format_of_a_later_ptk_is_no_damage():
    with pytest.raises(
        WeightsError, match=r"^n.onnx: a later ptk exported it \(ptk.exported/12, this ptk reads .*/3\); update ptk$"
    ):
        read_metadata(Path("n.onnx"), json.dumps({"schema": "ptk.exported/12"}))


def test_a_record_of_a_later_ptk_is_no_damage():
    with pytest.raises(
        WeightsError, match=r"^n.onnx: a later ptk exported it \(geometry is of version 9, .*; update ptk$"
    ):
        read_metadata(NETWORK, json.dumps(SAID | {"geometry": {"version": 9}}))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"size": "32"}, "size is '32', not pixels up to 2048"),
        ({"size": 1e9}, "size is"),
        ({"size": True}, "size is True"),
        ({"size": -1}, "size is -1"),
        ({"domains": []}, "domains is no list of names"),
        ({"domains": "photo"}, "domains is no list of names"),
        ({"domains": ["photo", 3]}, "domains is no list of names"),
        ({"domains": ["photo", "photo"]}, "two domains have one name"),
        ({"data": []}, "data is no object"),
        ({"styles": "/etc/passwd"}, "styles is '/etc/passwd', not the name of a .onnx file beside it"),
        ({"styles": "../n.onnx"}, "styles is '../n.onnx'"),
        ({"styles": "a/b.onnx"}, "styles is"),
        ({"styles": "n.onnx"}, "styles is"),
        ({"styles": ".."}, "styles is"),
        ({"styles": ""}, "styles is"),
        ({"styles": 3}, "styles is 3"),
        ({"mouth": []}, "mouth is no object"),
        ({"mouth": {"file": "../m.onnx", "margin": 8}}, "mouth has '../m.onnx' as file"),
        ({"mouth": {"file": "m.onnx", "margin": 1e9}}, "mouth has 1000000000.0 as margin"),
        ({"mouth": {"file": "m.onnx"}}, "mouth lacks its file or its margin"),
        ({"mouth": {"file": "m.onnx", "margin": 8}, "face_flow": None}, "mouth has a file, which needs a face_flow"),
        ({"planes": []}, "planes is no object"),
        ({"planes": {"os": {}}}, "there are no planes 'os', only motion_field, landmark_map"),
        ({"planes": {"motion_field": {"reach": 0.2}}}, "planes.motion_field has no noise"),
        ({"planes": {"motion_field": {"reach": 0.2, "noise": 0.01, "x": 1}}}, "planes.motion_field has no option 'x'"),
        ({"planes": {"motion_field": {"reach": 0, "noise": 0.01}}}, "planes.motion_field has 0 as reach"),
        ({"planes": {"motion_field": {"reach": float("nan"), "noise": 0.01}}}, "planes.motion_field has nan as reach"),
        ({"planes": {"motion_field": 3}}, "planes.motion_field is no object"),
        ({"planes": {"landmark_map": {"sigma": 1, "of": ["both"]}}}, "planes.landmark_map has"),
        ({"planes": {}}, "face_flow has lips, which need the planes motion_field"),
        ({"face_flow": {"lips": 1}}, "face_flow has 1 as lips"),
        ({"face_flow": {"speed": 1}}, "face_flow has no option 'speed'"),
        ({"face_flow": "x"}, "face_flow is no object"),
        ({"plain": "oil"}, "plain is 'oil', none of the domains"),
        ({"plain": {}}, "plain is {}, none of the domains"),
        ({"geometry": 3}, "geometry is no object"),
        ({"geometry": CURRENT.document() | {"flow": {"grid": 64}}}, "geometry.flow has no reach"),
    ],
)
def test_what_no_edit_bears_is_named(changed, why):
    with pytest.raises(WeightsError) as caught:
        read_metadata(NETWORK, json.dumps(SAID | changed))
    assert str(caught.value).startswith(f"n.onnx: its metadata is damaged ({why}")
    assert str(caught.value).endswith("; export it again")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"schema": "ptk.exported/3"}', "[" * 9999, '{"schema": [1]}'])
def test_another_network_is_no_network_of_ptk(text):
    with pytest.raises(WeightsError, match=r"^n.onnx: a network, but not one of ptk"):
        read_metadata(NETWORK, text)
