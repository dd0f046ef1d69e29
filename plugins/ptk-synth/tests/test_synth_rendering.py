"""Rendering: the same bytes twice, the landmarks where the picture has them, runs that can be gone on with."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ptk.errors import DataError
from ptk_synth.camera import Camera
from ptk_synth.make import Settings, jpeg, make_set
from ptk_synth.people import draw_person
from ptk_synth.scene import Surface, trace

pytestmark = pytest.mark.slow

CAMERA = Camera(target=(0.0, 0.72, 0.10), yaw=8, pitch=0, roll=0, width=0.28, size=48)


@pytest.fixture(scope="module")
def sitting(head):
    """The average head with somebody's skin and hair, at 48 px and 2 samples."""
    from ptk_synth.facial_hair import FacialHair
    from ptk_synth.hair import scalp_hair
    from ptk_synth.portrait import Sitting
    from ptk_synth.skin import paint

    person = draw_person(2, seed=7)
    colours, parts = paint(head, person), head.parts
    surfaces = [Surface(kind, parts[kind].template, parts[kind].triangles, colours[kind]) for kind in colours]
    strands = (*scalp_hair(head, person, head.template), *FacialHair(head, person).posed(head.template))
    return Sitting(person, "neutral", surfaces, strands, CAMERA, np.zeros((68, 2)), samples=2)


def test_the_same_sitting_gives_the_same_bytes(sitting):
    from ptk_synth.portrait import take

    first, second = take(sitting), take(sitting)
    assert first.shape == (48, 48, 3)
    assert first.dtype == np.uint8
    assert jpeg(first) == jpeg(second)
    assert first.std() > 10  # there is a picture in it


def test_the_renderer_s_camera_is_the_one_of_the_landmarks(sitting):
    marks = np.array([[0.03, 0.75, 0.10], [-0.06, 0.68, 0.12], [0.05, 0.64, 0.02]])
    corners = np.array([[0, 1, 0], [-0.8, -0.6, 0], [0.8, -0.6, 0]]) * 0.012
    for mark in marks:
        triangle = Surface("shirt", mark + corners, np.array([[0, 1, 2]]), np.full((3, 3), 0.5))
        alpha = trace([triangle], [], sitting.person.light, replace(CAMERA, size=96), samples=16).alpha
        y, x = np.mgrid[0:96, 0:96] + 0.5
        seen = np.array([(x * alpha).sum(), (y * alpha).sum()]) / alpha.sum()
        expected = replace(CAMERA, size=96).project(triangle.vertices).mean(axis=0)
        assert np.abs(seen - expected).max() < 0.25


def test_a_set_is_gone_on_with_and_never_mixed(tmp_path):
    pytest.importorskip("mitsuba", reason="needs mitsuba: see ptk-synth")
    paths = pytest.importorskip("anny.paths", reason="needs anny: see ptk-synth")
    if not list(Path(paths.get_anny_cache_path()).rglob("build_model_data_*")):
        pytest.skip("anny has not cached its model on this machine yet, which takes it a minute")
    settings, out = Settings(size=32, samples=1), tmp_path / "set"
    assert make_set(out, 1, settings, workers=1) == 8
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    before = {file.name: file.read_bytes() for file in (out / "images").iterdir()}
    assert len(lines) == len(before) == 8

    manifest = (out / "manifest.jsonl").read_bytes()
    (out / lines[3]["image"]).unlink()
    assert make_set(out, 1, settings, workers=1) == 1
    assert {file.name: file.read_bytes() for file in (out / "images").iterdir()} == before
    assert (out / "manifest.jsonl").read_bytes() == manifest
    assert make_set(out, 1, settings, workers=1) == 0
    with pytest.raises(DataError, match="choose another folder"):
        make_set(out, 1, replace(settings, samples=2))
