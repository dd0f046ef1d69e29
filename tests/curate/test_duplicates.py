"""Copies of a photo hash alike, photos of different people do not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from ptk.curate.duplicates import ALIKE, BITS, Copy, find_copies, perceptual_hash
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.faces.crop import Crop


def opened(entry):
    return Image.open(SAMPLE / entry.image).convert("RGB")


NEUTRAL = [entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral"]


def saved(image, quality):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def prepared(image, points, scale=1.0, offset=(0, 0)):
    """The face cut out as ptk prepare does, of a picture in which `points` moved by `offset`, then were scaled."""
    return Crop.around((np.array(points) - offset) * scale).cut(np.array(image), 128)


@pytest.mark.parametrize(
    "changed",
    [
        lambda image, points: prepared(saved(image, 40), points),
        lambda image, points: prepared(saved(image.resize((128, 128), Image.Resampling.LANCZOS), 70), points, 0.5),
        lambda image, points: prepared(ImageEnhance.Brightness(image).enhance(1.15), points),
        lambda image, points: prepared(ImageEnhance.Color(image).enhance(0.7), points),
        lambda image, points: prepared(image.crop((5, 5, 251, 251)), points, offset=(5, 5)),  # 2 % on every side
    ],
    ids=["saved again", "half the size", "brighter", "paler", "cropped"],
)
def test_a_copy_that_is_prepared_again_hashes_alike(changed):
    for entry in NEUTRAL[:6]:
        image = opened(entry)
        original = perceptual_hash(prepared(image, entry.landmarks))
        copy = perceptual_hash(changed(image, entry.landmarks))
        assert (original != copy).sum() <= ALIKE


def test_different_people_hash_apart():
    hashes = np.stack([perceptual_hash(np.array(opened(entry))) for entry in NEUTRAL])
    distances = (hashes[:, None] != hashes[None]).sum(axis=-1)
    apart = distances[~np.eye(len(hashes), dtype=bool)]
    assert apart.min() > 1.3 * ALIKE  # bound and least distance: room between for people nobody has measured


def test_what_lies_in_the_margin_does_not_count():
    image = np.array(opened(NEUTRAL[0]))
    framed = np.pad(image, [(32, 32), (32, 32), (0, 0)], constant_values=255)  # an eighth of 256 pixels on each side
    assert (perceptual_hash(framed, margin=0.125) != perceptual_hash(image)).sum() <= 4  # of resampling


def test_each_image_is_told_its_nearest_earlier_copy_of_another_person():
    random = np.random.default_rng(1)
    hashes = random.random((6, BITS)) < 0.5
    hashes[3] = hashes[0]
    hashes[4] = hashes[0] ^ (np.arange(BITS) < 2)
    hashes[5] = hashes[1] ^ (np.arange(BITS) <= ALIKE)  # one bit too many
    people = ["ann", "bob", "cat", "ann", "dan", "eva"]
    splits = ["train", "train", "train", "test", "test", "test"]
    assert list(find_copies(hashes, people, splits)) == [Copy(4, 0, 2)]  # not 3, of the same side, nor ann's own
    splits[4] = "train"
    assert list(find_copies(hashes, people, splits)) == [Copy(4, 3, 2)]


def test_no_copies_among_nothing():
    assert list(find_copies(np.zeros((0, BITS), dtype=bool), [], [])) == []


def test_blocks_of_rows_change_nothing():
    random = np.random.default_rng(2)
    hashes = random.random((1200, BITS)) < 0.5
    for row, other in ((511, 3), (512, 511), (1100, 600), (1199, 0)):
        hashes[row] = hashes[other]
    people, splits = [str(row) for row in range(1200)], ["train"] * 1200
    assert [(copy.row, copy.other) for copy in find_copies(hashes, people, splits)] == [
        (511, 3), (512, 3), (1100, 600), (1199, 0)
    ]  # fmt: skip
