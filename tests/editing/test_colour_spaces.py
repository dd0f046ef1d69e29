"""Edits of photos in wide and linear colour spaces are those of the same photo in sRGB."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from profiles import DISPLAY_P3, LINEAR, PROPHOTO, SRGB, SRGB_CURVE, gamma, rgb_profile
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.editing.edit import edit_face
from ptk.editing.loading import load_translator, shipped
from ptk.faces.colour import from_srgb, to_srgb
from ptk.faces.expressions import vocabulary
from ptk.faces.images import Photo

SPACES = {
    "Display P3": rgb_profile(DISPLAY_P3, SRGB_CURVE),
    "ProPhoto": rgb_profile(PROPHOTO, gamma(1.8)),
    "linear sRGB": rgb_profile(SRGB, LINEAR),
}


@pytest.fixture(scope="module")
def photo():
    with Image.open(next((SAMPLE / "images").rglob("p02_neutral.jpg"))) as image:
        pixels = np.array(image.convert("RGB").resize((512, 512), Image.Resampling.BICUBIC))
    return Photo(pixels=pixels, alpha=None, icc=None, exif=None, sha256="", path=Path("p02.png"), format="PNG")


@pytest.fixture(scope="module")
def points():
    entry = next(entry for entry in read_manifest(SAMPLE) if entry.photo == "p02_neutral")
    return np.array(entry.landmarks, dtype=np.float32) * 2


@pytest.mark.parametrize("space", SPACES)
def test_teeth_have_the_same_colour_in_every_space(photo, points, space):
    translator, icc = load_translator(shipped("cpu"), "cpu"), SPACES[space]
    goal = vocabulary().moved(points, {"laugh": 1.0})
    levels = np.rint(from_srgb(photo.pixels.astype(np.float32), icc).clip(0, 255)).astype(np.uint8)
    wide = replace(photo, pixels=levels, icc=icc)
    plain = edit_face(photo, points, goal, translator).astype(float)
    edited = to_srgb(edit_face(wide, points, goal, translator).astype(np.float32), icc)
    low, high = goal[48:].min(axis=0).astype(int), goal[48:].max(axis=0).astype(int)
    mouth = slice(low[1], high[1]), slice(low[0], high[0])
    gap = np.abs(edited - plain)[mouth]
    bright = plain[mouth].mean(axis=2) > 60  # below, eight bits of a linear space are steps of five levels and more
    assert gap[bright].mean() < 1.5
    taken_for_srgb = to_srgb(edit_face(replace(wide, icc=None), points, goal, translator).astype(np.float32), icc)
    assert gap[bright].mean() < 0.8 * np.abs(taken_for_srgb - plain)[mouth][bright].mean()
