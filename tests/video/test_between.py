"""Between two photos of one person: ends are the photos, middles have the landmarks between, by both ways."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import rotate

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.editing.opening import open_editor
from ptk.errors import FaceError
from ptk.faces.images import read_photo
from ptk.video.between import WAYS, align_photo, morph_photos


@pytest.fixture(scope="module")
def two():
    """An editor, and two photos of one person of the bundled sample: at rest and happy."""
    entries = {entry.expression: entry for entry in read_manifest(SAMPLE) if entry.identity == "p00"}
    rest, happy = (read_photo(SAMPLE / entries[name].image) for name in ("neutral", "happiness"))
    return open_editor(moving=["expression"], force=True), rest, happy


@pytest.mark.parametrize("way", WAYS)
def test_the_ends_are_the_photos_and_the_mouth_widens_steadily(two, way):
    editor, rest, happy = two
    first = editor.open(rest)
    second = align_photo(editor, happy, first)
    made = list(morph_photos(first, second, way, 5, once=True, eased=False))
    assert np.array_equal(made[0], rest.pixels)
    assert np.array_equal(made[-1], second.photo.pixels)
    found = [editor.open(replace(rest, pixels=frame)).faces[0].points for frame in made]
    widths = [np.linalg.norm(points[54] - points[48]) for points in found]
    assert (np.diff(widths) > 0).all()
    middle = (first.faces[0].points + second.faces[0].points) / 2
    eyes = np.linalg.norm(middle[45] - middle[36])
    assert np.linalg.norm(found[2] - middle, axis=1).mean() < 0.03 * eyes


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("frames", [6, pytest.param(7, marks=pytest.mark.slow)])
def test_there_and_back_is_as_long_as_asked(two, way, frames):
    editor, rest, happy = two
    first = editor.open(rest)
    made = list(morph_photos(first, align_photo(editor, happy, first), way, frames))
    assert len(made) == frames
    assert np.array_equal(made[0], rest.pixels)
    assert not np.array_equal(made[-1], rest.pixels)


def test_a_photo_that_is_larger_aside_and_aslant_is_laid_over_the_first(two):
    editor, rest, _ = two
    turned = rotate(np.pad(rest.pixels, ((30, 10), (0, 50), (0, 0)), mode="edge"), 8, reshape=False, mode="nearest")
    first = editor.open(rest)
    laid = align_photo(editor, replace(rest, pixels=turned), first)
    assert laid.photo.pixels.shape == rest.pixels.shape
    apart = np.linalg.norm(laid.faces[0].points - first.faces[0].points, axis=1).mean()
    assert apart < 0.02 * np.linalg.norm(first.faces[0].points[45] - first.faces[0].points[36])


def test_heads_turned_differently_are_refused(two):
    editor, rest, _ = two
    first = editor.open(rest)
    squeezed = np.ascontiguousarray(rest.pixels[:, ::2])
    with pytest.raises(FaceError, match="the head is turned otherwise than in"):
        align_photo(editor, replace(rest, pixels=squeezed), first)
