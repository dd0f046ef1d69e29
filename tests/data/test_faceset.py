"""What the landmarks say and what the pixels show is in one place, whatever the margin and the size on disk."""

import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ptk.data.faceset import assemble
from ptk.data.source import open_source
from ptk.dataset.images import decode
from ptk.dataset.manifest import Entry, write_manifest
from ptk.domains.photo import Photo
from ptk.domains.sketch import Sketch
from ptk.errors import DataError
from ptk.recipe.load import load_recipe

CROP = np.array([[0.3, 0.4], [0.75, 0.35], [0.5, 0.8], [0.12, 0.9]])
"""Where dots are drawn, in [0, 1] of the crop."""


def dotted(crop, margin, scale=8):
    """A picture of a crop of `crop` pixels with its margin, dots drawn where CROP says, and its landmarks in pixels."""
    pad = round(margin * crop)
    side = crop + 2 * pad
    fine = Image.new("RGB", (side * scale, side * scale), "black")
    draw = ImageDraw.Draw(fine)
    centres = pad + CROP * crop
    radius = 0.03 * crop * scale
    for number, (x, y) in enumerate(centres * scale):
        colour = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)][number]
        draw.ellipse((x - radius - 0.5, y - radius - 0.5, x + radius - 0.5, y + radius - 0.5), fill=colour)
    points = np.zeros((68, 2)) + centres[0]
    points[:4] = centres
    return fine.reduce(scale), tuple((float(x), float(y)) for x, y in points)


def encoded(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def entry(points, photo="ada_neutral", domain="photo"):
    return Entry(f"{photo}.png", "ada", domain, photo, "train", points)


FORMS = ("PNG", "JPEG", "WEBP")


def _written(form):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(file, form)
    return file.getvalue()


FILES = {form: _written(form) for form in FORMS}


def centre_of_mass(plane):
    """(x, y) in [0, 1] of a plane (H, W)."""
    height, width = plane.shape
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    return np.array([(plane.sum(0) * x).sum(), (plane.sum(1) * y).sum()]) / plane.sum()


@pytest.mark.parametrize("margin", [0, 0.125, 0.3])
@pytest.mark.parametrize(
    ("crop", "size"),
    [(96, 96), (256, 96), (100, 64), (96, 160), (99, 50)],  # as stored, smaller, and of other shares after rounding
)
def test_a_dot_is_where_its_landmark_says(small_recipe, margin, crop, size):
    image, points = dotted(crop, margin)
    recipe = load_recipe(small_recipe, [f"data.size={size}", "domains=[photo]"])
    decoded = decode(encoded(image), entry(points), size, margin)
    faces = assemble("here", [decoded], recipe, {"photo": Photo()}, lambda *_: None)
    assert faces.images.shape[-1] == size + 2 * round(margin * size)
    one = faces.faces(torch.tensor([0]))
    assert one.image.shape == (1, 3, size, size)
    np.testing.assert_allclose(one.points[0, :4], CROP, atol=1e-6)
    colours = one.image[0].add(1).numpy()
    for number, plane in enumerate([colours[0] - colours[1], colours[1] - colours[2], colours[2] - colours[0]]):
        found = centre_of_mass(plane.clip(0, None))
        # Drawn eight times finer than the picture: an eighth of a pixel on disk, and as much for the filter.
        np.testing.assert_allclose(found, one.points[0, number], atol=0.25 / min(crop, size))


def test_without_another_size_the_crop_is_bit_for_bit_the_middle_of_the_file(small_recipe):
    pixels = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)  # 64 + 2 x 8
    decoded = decode(encoded(Image.fromarray(pixels)), entry(((40.0, 40.0),) * 68), 64, 0.125)
    assert np.array_equal(decoded.pixels, pixels)
    np.testing.assert_allclose(decoded.points, 0.5)
    recipe = load_recipe(small_recipe, ["domains=[photo]"])
    faces = assemble("here", [decoded], recipe, {"photo": Photo()}, lambda *_: None)
    inside = torch.from_numpy(pixels[8:72, 8:72]).permute(2, 0, 1).float().div(127.5).sub(1)
    assert torch.equal(faces.faces(torch.tensor([0])).image[0], inside)


def test_a_prepared_folder_is_read_with_its_margin(small_recipe, tmp_path):
    image, points = dotted(64, 0.125)
    image.save(tmp_path / "ada_neutral.png")
    write_manifest(tmp_path, [entry(points)])
    recipe = load_recipe(small_recipe, [f"data.source={tmp_path}"])
    (tmp_path / "dataset.json").write_text(json.dumps({"margin": 0.125}))
    with_margin = open_source(recipe).load("train")
    assert (with_margin.pad, with_margin.size, len(with_margin)) == (8, 64, 2)
    assert with_margin.images.shape == (2, 3, 80, 80)  # the rendering has the margin, too
    (tmp_path / "dataset.json").unlink()
    assert open_source(recipe).load("train").pad == 0


def test_what_is_read_from_elsewhere_is_put_together_alike(small_recipe, tmp_path):
    """Bytes and a folder: the same face set, so that pictures may come from anywhere."""
    image, points = dotted(80, 0.125)
    image.save(tmp_path / "ada_neutral.png")
    write_manifest(tmp_path, [entry(points)])
    (tmp_path / "dataset.json").write_text(json.dumps({"margin": 0.125}))
    recipe = load_recipe(small_recipe, [f"data.source={tmp_path}"])
    domains = {"photo": Photo(), "sketch": Sketch()}
    folder = open_source(recipe).load("train")
    file = io.BytesIO((tmp_path / "ada_neutral.png").read_bytes())
    streamed = assemble("a stream", [decode(file, entry(points), 64, 0.125)], recipe, domains, lambda *_: None)
    assert torch.equal(folder.images, streamed.images)
    torch.testing.assert_close(folder.points, streamed.points, atol=1e-4, rtol=0)  # a manifest rounds to .01 px


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 3000),
    damage=st.binary(min_size=1, max_size=40),
    cut=st.booleans(),
    form=st.sampled_from(FORMS),
)
def test_damaged_bytes_are_named_and_never_worse(start, damage, cut, form):
    content = FILES[form]
    start %= len(content)
    content = content[:start] + (b"" if cut else damage + content[start + len(damage) :])
    try:
        decoded = decode(io.BytesIO(content), entry(((8.0, 8.0),) * 68), 48, 0.125)
    except DataError as error:
        assert str(error).startswith("ada_neutral.png: damaged (")
        assert str(error).endswith("); prepare the data again")
        assert "\n" not in str(error)
    else:
        assert decoded.pixels.shape == (60, 60, 3)
