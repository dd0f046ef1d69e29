"""Pairs: one identity, two different images, reproducible from seed and step alone."""

import json
import shutil

import pytest
import torch

from ptk.data.faceset import describe, load_faces
from ptk.data.pairs import Pairs, mirror
from ptk.errors import DataError
from ptk.recipe.build import build_domains
from ptk.recipe.load import load_recipe


@pytest.fixture(scope="module")
def recipe(small_recipe):
    return load_recipe(small_recipe)


@pytest.fixture(scope="module")
def faces(recipe):
    return load_faces(recipe, "train", build_domains(recipe))


def find(faces, batch):
    """The row of the face set that each image of an unmirrored batch came from."""
    known = faces.images.float().div(127.5).sub(1)
    return [int((known - image).abs().flatten(1).amax(1).argmin()) for image in batch.image]


def test_every_photo_is_there_in_every_domain(faces):
    assert len(faces) == 3 * 2 * 2  # people x expressions x domains
    assert faces.images.dtype == torch.uint8
    assert faces.images.shape[1:] == (3, 64, 64)
    assert sorted(faces.domain.tolist()) == [0] * 6 + [1] * 6
    assert ((faces.points > 0) & (faces.points < 1)).float().mean() > 0.95  # a crop holds its face


def test_a_rendering_has_the_landmarks_of_its_photo_and_looks_otherwise(faces):
    for photo in faces.photo.unique():
        rows = torch.nonzero(faces.photo == photo).flatten()
        assert torch.equal(faces.points[rows[0]], faces.points[rows[1]])
        assert (faces.images[rows[0]].float() - faces.images[rows[1]].float()).abs().mean() > 10  # of 255


def test_a_pair_is_two_images_of_one_person(faces):
    pairs = Pairs(faces, batch=8, seed=1, mirrored=False)
    domains = set()
    for step in range(10):
        pair = pairs.batch(step)
        a, b = find(faces, pair.a), find(faces, pair.b)
        assert all(first != second for first, second in zip(a, b, strict=True))
        assert torch.equal(faces.identity[a], faces.identity[b])
        domains |= set(zip(pair.a.domain.tolist(), pair.b.domain.tolist(), strict=True))
    assert domains == {(0, 0), (0, 1), (1, 0), (1, 1)}  # random modalities: every way from one to the other


def test_a_batch_depends_on_seed_and_step_alone(faces):
    torch.manual_seed(1)
    first = Pairs(faces, 4, seed=1, mirrored=True).batch(7)
    torch.manual_seed(2)
    later = Pairs(faces, 4, seed=1, mirrored=True)
    later.batch(3)
    assert torch.equal(later.batch(7).a.image, first.a.image)
    assert not torch.equal(later.batch(8).a.image, first.a.image)
    assert not torch.equal(Pairs(faces, 4, seed=2, mirrored=True).batch(7).a.image, first.a.image)


def test_mirroring_takes_the_landmarks_along(faces):
    batch = faces.faces(torch.tensor([0, 1]))
    flipped = mirror(batch, torch.tensor([True, False]))
    assert torch.equal(flipped.image[0], batch.image[0].flip(-1))
    assert torch.equal(flipped.image[1], batch.image[1])
    assert torch.equal(flipped.points[1], batch.points[1])
    # Point 36 is the outer corner of the eye on the left of the image, before and after.
    assert flipped.points[0, 36, 0] < flipped.points[0, 45, 0]
    torch.testing.assert_close(mirror(flipped, torch.tensor([True, False])).points, batch.points)


def test_one_image_a_person_cannot_train(recipe, faces):
    rows = [int(torch.nonzero(faces.identity == person)[0]) for person in range(3)]
    single = type(faces)(
        images=faces.images[rows], points=faces.points[rows], domain=faces.domain[rows], identity=faces.identity[rows],
        photo=faces.photo[rows], identities=faces.identities, photos=faces.photos, expressions=faces.expressions,
    )  # fmt: skip
    with pytest.raises(DataError, match="no identity with two images"):
        Pairs(single, 2, seed=1, mirrored=False)


def test_a_damaged_image_is_named(recipe, small_data, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(small_data, folder)
    victim = next(folder.rglob("*.jpg"))
    victim.write_bytes(victim.read_bytes()[:200])
    other = load_recipe_from(recipe, folder)
    with pytest.raises(DataError, match=rf"{victim.name}: damaged"):
        load_everything(other)
    victim.unlink()
    with pytest.raises(DataError, match=rf"{victim.name}: missing"):
        load_everything(other)


def test_a_domain_that_cannot_be_had_says_so(small_recipe, tmp_path, monkeypatch):
    from ptk.domains.sketch import Sketch

    monkeypatch.setattr(Sketch, "stylise", None)
    recipe = load_recipe(small_recipe, ["data.size=48"])
    with pytest.raises(DataError, match="the domain sketch cannot be rendered from photos"):
        load_everything(recipe)


def test_the_data_set_is_described_for_weights(recipe, small_data):
    said = describe(recipe)
    assert said["licence"] == "CC0-1.0"
    assert len(said["sha256"]) == 64
    assert json.loads((small_data / "dataset.json").read_text())["detector"] == said["detector"]


@pytest.mark.parametrize("content", ["{", "[1]", "\x00"])
def test_a_damaged_description_is_named(recipe, small_data, tmp_path, content):
    folder = tmp_path / "set"
    shutil.copytree(small_data, folder)
    (folder / "dataset.json").write_text(content)
    with pytest.raises(DataError, match=r"dataset.json: cannot be read"):
        describe(load_recipe_from(recipe, folder))
    (folder / "dataset.json").unlink()
    assert describe(load_recipe_from(recipe, folder))["licence"] == "unknown"


def load_recipe_from(recipe, folder):
    return type(recipe)(**{**vars(recipe), "data": recipe.data.model_copy(update={"source": str(folder)})})


def load_everything(recipe):
    for split in ("train", "test"):
        load_faces(recipe, split, build_domains(recipe))
