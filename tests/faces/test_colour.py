"""Colour spaces: to sRGB as the profile's formulas say, and back to the same levels."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    LINEAR,
    PROPHOTO,
    SRGB,
    SRGB_CURVE,
    gamma,
    grey_profile,
    parametric,
    rgb_profile,
    table,
    table_profile,
)
from ptk.faces.colour import convert_image, from_srgb, is_srgb, to_srgb

LCMS_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LEVELS = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)


def srgb_decode(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def srgb_encode(y: np.ndarray) -> np.ndarray:
    size = np.abs(y)
    return np.sign(y) * np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)


SPACES: dict[str, tuple[bytes, tuple[tuple[float, ...], ...], Callable[[np.ndarray], np.ndarray]]] = {
    "Display P3": (rgb_profile(DISPLAY_P3, SRGB_CURVE), DISPLAY_P3, srgb_decode),
    "Adobe RGB": (rgb_profile(ADOBE_RGB, gamma(563 / 256)), ADOBE_RGB, lambda x: x ** (563 / 256)),
    "ProPhoto": (
        rgb_profile(PROPHOTO, parametric(3, 1.8, 1, 0, 1 / 16, 1 / 32)),
        PROPHOTO,
        lambda x: np.where(x < 1 / 32, x / 16, x**1.8),
    ),
    "linear sRGB": (rgb_profile(SRGB, LINEAR), SRGB, lambda x: x),
    "table of a gamma": (
        rgb_profile(DISPLAY_P3, table(np.linspace(0, 1, 1024) ** 2.2)),
        DISPLAY_P3,
        lambda x: np.interp(x, np.linspace(0, 1, 1024), np.linspace(0, 1, 1024) ** 2.2),
    ),
}
each_space = pytest.mark.parametrize("name", SPACES)


@each_space
def test_pixels_come_to_srgb_as_the_formulas_say(name: str) -> None:
    icc, primaries, decode = SPACES[name]
    matrix = np.linalg.inv(np.array(SRGB).T) @ np.array(primaries).T
    expected = srgb_encode(decode(LEVELS / 255) @ matrix.T) * 255
    # the primaries have five digits here and 16 bits in the profile, which sRGB makes steep in the dark
    assert np.abs(to_srgb(LEVELS, icc) - expected).max() < 0.2


@each_space
def test_pixels_come_back_to_the_same_levels(name: str) -> None:
    """Those that sRGB does not hold, too."""
    icc = SPACES[name][0]
    there = to_srgb(LEVELS, icc)
    back = from_srgb(there, icc)
    # a table of 16 bits has steps in the dark, where several levels are one
    dark = (LEVELS < 8) & (name == "table of a gamma")
    assert np.abs(back - LEVELS)[~dark].max() < 0.2
    assert np.abs(back - LEVELS).max() < 1
    assert there.dtype == back.dtype == np.float32


@each_space
def test_little_cms_agrees_where_srgb_holds_the_colour(name: str) -> None:
    icc = SPACES[name][0]
    ours = to_srgb(LEVELS, icc)
    theirs = np.asarray(convert_image(Image.fromarray(LEVELS), icc)).astype(float)
    held = ((ours >= 0) & (ours <= 255)).all(axis=-1)
    assert held.sum() > 1000
    assert np.abs(ours - theirs)[held].max() < 1.5  # it rounds to 8 bits, and on its way to 14


@each_space
def test_parts_of_a_level_count(name: str) -> None:
    icc = SPACES[name][0]
    ramp = np.repeat(np.linspace(100, 101, 11, dtype=np.float32)[None, :, None], 3, axis=-1)
    assert (np.diff(to_srgb(ramp, icc), axis=1) > 0).all()
    assert (np.diff(from_srgb(ramp, icc), axis=1) > 0).all()


def test_grey_stays_grey_and_white_white() -> None:
    for icc, _, _ in SPACES.values():
        for pixel in to_srgb(np.array([[[255, 255, 255], [0, 0, 0], [90, 90, 90]]], np.uint8), icc)[0]:
            assert np.ptp(pixel) < 0.2
        assert np.abs(to_srgb(np.full((1, 1, 3), 255, np.uint8), icc) - 255).max() < 0.1


def test_results_stay_in_the_space() -> None:
    """A network's white may be brighter than white; the photo has no level for it."""
    beyond = np.array([[[300.0, 280.0, 260.0], [-20.0, 0.0, 10.0]]], np.float32)
    for icc, _, _ in SPACES.values():
        result = from_srgb(beyond, icc)
        assert result.min() >= 0
        assert result.max() <= 255


@pytest.mark.parametrize(
    "icc",
    [
        None,
        LCMS_SRGB,
        rgb_profile(SRGB, SRGB_CURVE),
        rgb_profile(SRGB, table(srgb_decode(np.linspace(0, 1, 1024)))),  # as HP and cameras write it
        rgb_profile(tuple(tuple(part + 0.0001 for part in colour) for colour in SRGB), SRGB_CURVE),
    ],
    ids=["none", "LittleCMS", "formula", "table", "rounded"],
)
def test_srgb_is_left_as_it_is(icc: bytes | None) -> None:
    assert is_srgb(icc)
    assert to_srgb(LEVELS, icc) is LEVELS
    assert from_srgb(LEVELS, icc) is LEVELS


def test_a_gamma_is_not_srgb() -> None:
    """Of the same primaries, and 8 levels off in the dark."""
    assert not is_srgb(rgb_profile(SRGB, gamma(2.2)))


@pytest.mark.parametrize("icc", [b"", b"no profile", grey_profile(), LCMS_SRGB[:200]], ids=len)
def test_what_is_no_profile_of_rgb_is_left_out(icc: bytes) -> None:
    assert to_srgb(LEVELS, icc) is LEVELS
    assert from_srgb(LEVELS, icc) is LEVELS


def test_a_profile_of_tables_goes_through_little_cms() -> None:
    icc, alike = table_profile(SRGB, 1.8), rgb_profile(SRGB, gamma(1.8))
    assert not ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile.is_matrix_shaper
    colours = (LEVELS // 2 + 64).astype(np.uint8)  # in the dark a level of one is many of the other
    there = to_srgb(colours, icc)
    assert np.abs(there - to_srgb(colours, alike)).max() < 2  # 8 bits, twice rounded
    assert np.abs(from_srgb(there, icc) - colours).max() <= 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_profiles_never_stop_an_edit(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from([rgb_profile(DISPLAY_P3, SRGB_CURVE), table_profile(ADOBE_RGB, 2.2)]))
    content = bytearray(base[: data.draw(st.integers(0, len(base)))] if data.draw(st.booleans()) else base)
    for _ in range(data.draw(st.integers(0, 6)) if content else 0):
        # most of what decides is in the header and the list of tags
        content[data.draw(st.integers(0, min(len(content), 700) - 1))] = data.draw(st.integers(0, 255))
    small = LEVELS[:4, :4]
    for convert in (to_srgb, from_srgb):
        result = convert(small, bytes(content))
        assert result.shape == small.shape
        assert np.isfinite(result).all()
    assert from_srgb(small, bytes(content)).max() <= 255
    convert_image(Image.fromarray(small), bytes(content))
