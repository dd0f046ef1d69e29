"""Pairs: one identity, two images, reproducible from seed and step alone."""

import dataclasses
import json
import shutil

import pytest
import torch

from ptk.data.pairs import Pairs
from ptk.data.source import open_source
from ptk.errors import DataError
from ptk.motion.face_geometry import VERSION_1
from ptk.recipe.load import load_recipe
from ptk.recipe.schema import AugmentSettings, DataSettings

SHIPPED = AugmentSettings(rotate=5, scale=0.05, shift=0.04, brightness=0.1, contrast=0.1, saturation=0.1, hue=0.02)


@pytest.fixture(scope="module")
def recipe(small_recipe):
    return load_recipe(small_recipe)


@pytest.fixture(scope="module")
def faces(recipe):
    return open_source(recipe).load("train")


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


def pairs_of(faces, batch=4, seed=1, device="cpu", **settings):
    return Pairs(
        faces,
        DataSettings(**{"mirror": False, **settings}),
        batch=batch,
        seed=seed,
        device=torch.device(device),
        geometry=VERSION_1,
    )


def only(faces, rows):
    """The face set without other rows."""
    columns = {name: getattr(faces, name)[rows] for name in ("images", "points", "domain", "identity", "photo")}
    return dataclasses.replace(faces, **columns)


def test_a_pair_is_two_images_of_one_person(faces):
    pairs = pairs_of(faces, batch=8)
    domains = set()
    for step in range(10):
        pair = pairs.batch(step)
        a, b = find(faces, pair.a), find(faces, pair.b)
        assert all(first != second for first, second in zip(a, b, strict=True))
        assert torch.equal(faces.identity[a], faces.identity[b])
        domains |= set(zip(pair.a.domain.tolist(), pair.b.domain.tolist(), strict=True))
    assert domains == {(0, 0), (0, 1), (1, 0), (1, 1)}  # random modalities: every way from one to the other


@pytest.mark.parametrize("plain", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["identity", "warp", "mixed"])
def test_one_way_leads_from_photos_to_true_images(faces, kind, plain):
    pairs = pairs_of(faces, batch=8, pairs=kind, one_way=True, plain=plain)
    true = faces.images.float().div(127.5).sub(1)
    bent = 0
    for step in range(4):
        pair = pairs.batch(step)
        assert not pair.a.domain.any()
        assert (pair.b.domain == 0).all() if plain else (pair.b.domain == 1).all()
        for image in pair.b.image:  # nothing that is asked for is a bent image
            assert (true == image).flatten(1).all(1).any()
        bent += sum(not (true == image).flatten(1).all(1).any() for image in pair.a.image)
    assert bent == {"identity": 0, "warp": 32}.get(kind, bent)
    assert kind != "mixed" or 4 < bent < 28


@pytest.mark.parametrize("kind", ["identity", "warp", "mixed"])
def test_a_batch_depends_on_seed_and_step_alone(faces, kind):
    settings = {"pairs": kind, "mirror": True, "augment": SHIPPED}
    torch.manual_seed(1)
    first = pairs_of(faces, **settings).batch(7)
    torch.manual_seed(2)
    later = pairs_of(faces, **settings)
    later.batch(3)
    again = later.batch(7)
    for one, other in ((first.a, again.a), (first.b, again.b)):
        assert torch.equal(one.image, other.image)
        assert torch.equal(one.points, other.points)
    assert not torch.equal(later.batch(8).a.image, first.a.image)
    assert not torch.equal(pairs_of(faces, seed=2, **settings).batch(7).a.image, first.a.image)


def test_with_nothing_to_do_pixels_are_those_of_the_data(faces):
    """Of pairs of photos both halves, of bent ones the half that is not."""
    for kind, halves in (("identity", "ab"), ("warp", "a")):
        pair = pairs_of(faces, pairs=kind).batch(0)
        for half in halves:
            found = find(faces, getattr(pair, half))
            assert torch.equal(getattr(pair, half).image, faces.faces(torch.tensor(found)).image)


def test_bent_pairs_are_one_photo_with_two_expressions(faces):
    pairs = pairs_of(faces, batch=8, pairs="warp")
    domains = set()
    for step in range(5):
        pair = pairs.batch(step)
        a = torch.tensor(find(faces, pair.a))
        assert torch.equal(pair.a.points, faces.points[a])
        away = (pair.b.points - pair.a.points).norm(dim=-1) * faces.size
        assert (away.amax(1) > 0.3).all()  # pixels of 64
        assert away.amax() < 0.11 * faces.size / 2  # no point further than .11 of the eyes' distance, here under a half
        same = pair.a.domain == pair.b.domain
        apart = (pair.a.image - pair.b.image).abs().mean((1, 2, 3))
        assert (apart[same] > 0).all()
        assert apart[same].max() < apart[~same].min()  # another expression is less of a change than another style
        domains |= set(zip(pair.a.domain.tolist(), pair.b.domain.tolist(), strict=True))
    assert domains == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_one_image_a_person_is_enough_to_bend(faces):
    single = only(faces, [int(torch.nonzero(faces.identity == person)[0]) for person in range(3)])
    with pytest.raises(
        DataError, match=r"no identity with two images; add photos or a second domain, or set data\.pairs"
    ):
        pairs_of(single)
    for kind in ("warp", "mixed"):
        pair = pairs_of(single, pairs=kind).batch(0)
        assert find(single, pair.a) == find(single, pair.b)
        assert ((pair.a.points - pair.b.points).norm(dim=-1).amax(1) > 0).all()


def test_mixed_pairs_are_of_both_kinds(faces):
    """Bent halves have landmarks that no row of the data has; 64 rows, half of them, give or take four deviations."""
    known = faces.points.flatten(1)
    pairs = pairs_of(faces, batch=16, pairs="mixed")
    bent = [
        float((known - points).abs().amax(1).min()) > 1e-4
        for step in range(4)
        for points in pairs.batch(step).b.points.flatten(1)
    ]
    assert 16 <= sum(bent) <= 48


def test_both_halves_are_changed_alike(faces):
    """A person's eyes and nose, which no expression moves, stay in one place of both halves of a bent pair."""
    pair = pairs_of(faces, batch=8, pairs="warp", augment=SHIPPED).batch(0)
    plain = pairs_of(faces, batch=8, pairs="warp").batch(0)
    assert (pair.a.points - plain.a.points).norm(dim=-1).amax() > 0.02  # of the side: it was moved
    torch.testing.assert_close(
        (pair.b.points - pair.a.points).norm(dim=-1).mean(1),
        (plain.b.points - plain.a.points).norm(dim=-1).mean(1),
        rtol=0.06, atol=1e-4,  # scaled by 5 % at most
    )  # fmt: skip


@pytest.mark.gpu
def test_a_batch_is_the_same_on_a_gpu(faces):
    settings = {"pairs": "mixed", "mirror": True, "augment": SHIPPED}
    here, there = pairs_of(faces, **settings).batch(5), pairs_of(faces, device="cuda", **settings).batch(5)
    for one, other in ((here.a, there.a), (here.b, there.b)):
        assert other.image.is_cuda
        assert torch.equal(one.points, other.points.cpu())
        assert (one.image - other.image.cpu()).abs().amax() < 1 / 127.5  # arithmetic differs in the last bits


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
    with pytest.raises(DataError, match="nothing in the domain sketch; prepare real images of it"):
        load_everything(recipe)


def test_the_data_set_is_described_for_weights(recipe, small_data):
    said = open_source(recipe).description
    assert said["licence"] == "CC0-1.0"
    assert len(said["sha256"]) == 64
    assert json.loads((small_data / "dataset.json").read_text())["detector"] == said["detector"]


@pytest.mark.parametrize("content", ["{", "[1]", "\x00"])
def test_a_damaged_description_is_named(recipe, small_data, tmp_path, content):
    folder = tmp_path / "set"
    shutil.copytree(small_data, folder)
    (folder / "dataset.json").write_text(content)
    with pytest.raises(DataError, match=r"dataset.json: cannot be read"):
        _ = open_source(load_recipe_from(recipe, folder)).description
    (folder / "dataset.json").unlink()
    assert open_source(load_recipe_from(recipe, folder)).description["licence"] == "unknown"


def load_recipe_from(recipe, folder):
    return type(recipe)(**{**vars(recipe), "data": recipe.data.model_copy(update={"source": str(folder)})})


def load_everything(recipe):
    for split in ("train", "test"):
        open_source(recipe).load(split)


def test_images_that_nothing_changes_have_a_key_of_their_own(faces):
    """The same number, the same pixels; mirrored ones have numbers of their own."""
    pairs, seen = pairs_of(faces, batch=8, mirror=True), {}
    for step in range(12):
        pair = pairs.batch(step)
        for each in (pair.a, pair.b):
            for key, image in zip(each.key.tolist(), each.image, strict=True):
                assert torch.equal(seen.setdefault(key, image), image)
    assert {key % 2 for key in seen} == {0, 1}
    assert len({image.numpy().tobytes() for image in seen.values()}) == len(seen) > 8


def test_changed_images_have_no_key(faces):
    assert pairs_of(faces, augment=SHIPPED).batch(0).a.key is None
    bent = pairs_of(faces, batch=8, pairs="warp", mirror=True).batch(0)
    assert (bent.a.key >= 0).all()
    assert (bent.b.key < 0).all()


@pytest.mark.parametrize("one_way", [False, True, "back"])
def test_two_domains_of_one_photo_are_aligned(faces, one_way):
    settings = DataSettings(size=64, pairs="photo", one_way=one_way, mirror=False)
    drawn = Pairs(faces, settings, batch=16, seed=1, device=torch.device("cpu"), geometry=VERSION_1).batch(0)
    a, b = (torch.tensor(find(faces, half)) for half in (drawn.a, drawn.b))
    assert torch.equal(faces.photo[a], faces.photo[b])
    assert (faces.domain[a] != faces.domain[b]).all()
    assert torch.equal(drawn.a.points, drawn.b.points)
    if one_way == "back":
        assert (faces.domain[b] == 0).all()
    elif one_way:
        assert (faces.domain[a] == 0).all()
    else:
        assert len(set(faces.domain[a].tolist())) == 2


def test_photos_in_one_domain_alone_are_no_pairs(faces):
    alone = torch.nonzero(faces.domain == 0).flatten()
    fields = {name: getattr(faces, name)[alone] for name in ("images", "points", "domain", "identity", "photo")}
    with pytest.raises(DataError, match="no photo in two of the recipe's domains"):
        Pairs(
            dataclasses.replace(faces, **fields),
            DataSettings(size=64, pairs="photo"),
            batch=2,
            seed=1,
            device=torch.device("cpu"),
            geometry=VERSION_1,
        )


def test_pairs_lead_back_from_drawings_of_one_photo_alone():
    with pytest.raises(ValueError, match="back needs pairs: photo"):
        DataSettings(size=64, pairs="identity", one_way="back")
