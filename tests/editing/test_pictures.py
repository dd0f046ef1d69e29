"""Whole pictures through a network of one size: aspect, borders, detail and colour profiles are kept."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from ptk.editing.pictures import translate_picture
from ptk.editing.translator import find_multiple
from ptk.recipe.load import load_recipe


class Pass:
    """A translator that notes what it is shown and gives it back, darker by `by` levels."""

    size, multiple, domains, hears_landmarks = 32, 8, ("a", "b"), False

    def __init__(self, by=0):
        self.by = by

    def translate(self, picture, style):
        assert style == "b"
        self.seen = picture
        return picture.astype(np.float32) - self.by


def picture(height, width):
    return np.random.default_rng(1).integers(60, 200, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("sides", "shown"),
    [
        ((64, 64), (32, 32)),
        ((60, 100), (32, 56)),
        ((300, 33), (256, 32)),
        ((20, 33), (32, 56)),
        ((3000, 40), (256, 32)),
    ],
)  # the shorter side becomes 32, the longer at most 256; both are padded to multiples of 8
def test_the_network_sees_the_whole_picture_and_a_network_that_changes_nothing_changes_nothing(sides, shown):
    translator = Pass()
    pixels = picture(*sides)
    assert np.array_equal(translate_picture(pixels, translator, "b"), pixels)
    assert translator.seen.shape[:2] == shown


def test_a_large_change_replaces_detail_and_a_small_one_keeps_it():
    pixels = picture(256, 256)
    little, much = (translate_picture(pixels, Pass(by), "b").astype(float) for by in (2, 60))
    assert np.abs(pixels - 2.0 - little).mean() < 2  # exp(-(2 / 10)^2) = 0.96 of the detail, about 35 levels, is kept
    assert little.std() > 0.9 * pixels.std()
    assert much.std() < 0.3 * pixels.std()  # enlarged from 32 px, of noise


def test_the_network_sees_srgb_and_the_result_is_in_the_photos_space():
    from ptk.faces.colour import is_srgb

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = picture(48, 48)
    assert is_srgb(None)
    assert np.abs(translate_picture(pixels, Pass(), "b", profile).astype(int) - pixels).max() <= 1


@pytest.mark.parametrize(
    ("generator", "multiple"),
    [
        ("{portraitgan: {width: 8, down: 3, blocks: 1}}", 8),
        ("{resnet: {width: 4, blocks: 1}}", 4),
        ("{unet: {width: 4, down: 5}}", 32),
        ("{stargan: {width: 4, blocks: 1}}", 4),
    ],
)
def test_the_multiple_of_a_generator_is_found_by_trying(small_recipe, generator, multiple):
    recipe = load_recipe(small_recipe, [f"generator={generator}", "conditioners=[domain_planes]"])
    assert find_multiple(recipe) == multiple
    assert torch.get_default_device().type == "cpu"


def test_a_photo_in_a_file_keeps_its_size(tmp_path):
    from ptk.editing.editor import Editor
    from ptk.faces.images import read_photo

    Image.fromarray(picture(50, 70)).save(tmp_path / "photo.png")
    editor = Editor(Pass(60), None, "nobody", "b", pictures=True)
    assert editor.edit(read_photo(tmp_path / "photo.png"), tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as made:
        assert made.size == (70, 50)
    assert read_photo(tmp_path / "out.png").edit.style == "b"
