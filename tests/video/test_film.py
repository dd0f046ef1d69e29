"""What `ptk morph` makes of a photo: a film of its size, or smaller, or a strip, that says how it was made."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.editing.opening import open_editor
from ptk.errors import PtkError
from ptk.faces.images import read_photo
from ptk.video.film import Film, is_strip


@pytest.fixture(scope="module")
def portrait():
    entry = next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral")
    return read_photo(SAMPLE / entry.image)


@pytest.fixture(scope="module")
def editor():
    return open_editor(moving=["expression"], force=True)


def test_a_folder_of_frames_is_as_large_as_the_photo_and_starts_with_it(tmp_path, editor, portrait):
    done = []
    Film(tmp_path / "frames", 3).go_through(editor, portrait, [{"smile": 1.0}], lambda *each: done.append(each))
    files = sorted((tmp_path / "frames").iterdir())
    assert len(files) == 3
    first = read_photo(files[0])
    assert np.array_equal(first.pixels, portrait.pixels)
    assert (first.edit.style, first.edit.moved) == ("photo", True)
    assert done == [(1, 3), (2, 3), (3, 3)]


def test_frames_are_made_smaller_where_it_is_asked(tmp_path, editor, portrait):
    wide = replace(portrait, pixels=np.pad(portrait.pixels, ((0, 0), (0, 64), (0, 0)), mode="edge"))
    Film(tmp_path / "small.webp", 2, side=100).go_through(editor, wide, [{"smile": 1.0}])
    with Image.open(tmp_path / "small.webp") as image:
        assert image.size == (100, round(100 * portrait.height / (portrait.width + 64)))


def test_a_strip_has_seven_faces_side_by_side(tmp_path, editor, portrait):
    out = tmp_path / "strip.png"
    assert is_strip(out)
    assert not is_strip(tmp_path / "film.webp")
    Film(out).go_through(editor, portrait, [{"laugh": 1.0}])
    pixels = read_photo(out).pixels
    assert pixels.shape == (384, 7 * 384 + 6 * 6, 3)
    cells = [pixels[:, 390 * number : 390 * number + 384].astype(int) for number in range(7)]
    away = [np.abs(cell - cells[0]).mean() for cell in cells]
    assert (np.diff(away) > 0).all()


def test_styles_are_rendered_in_every_frame_and_recorded(tmp_path, portrait):
    drawing = open_editor(style="sketch", moving=["expression"], force=True)
    Film(tmp_path / "frames", 2).go_through(drawing, portrait, [{"smile": 1.0}])
    for file in (tmp_path / "frames").iterdir():
        photo = read_photo(file)
        assert (photo.edit.style, photo.edit.made_by) == ("sketch", "rendered")
        assert np.ptp(photo.pixels, axis=2).max() < 12  # pencil is grey


def test_what_is_transparent_is_white_in_a_film(tmp_path, editor, portrait):
    alpha = np.full(portrait.pixels.shape[:2], 255, np.uint8)
    alpha[:20] = 0
    Film(tmp_path / "frames", 2).go_through(editor, replace(portrait, alpha=alpha), [{"smile": 1.0}])
    pixels = read_photo(tmp_path / "frames" / "0001.png").pixels
    assert (pixels[:20] == 255).all()
    assert np.array_equal(pixels[20:], portrait.pixels[20:])


def test_too_few_frames_leave_nothing(tmp_path, editor, portrait):
    with pytest.raises(PtkError, match="`frames` 2: there must be 3 at least"):
        Film(tmp_path / "a.gif", 2).go_through(editor, portrait, [{"smile": 1.0}, {"kiss": 1.0}])
    assert list(tmp_path.iterdir()) == []
