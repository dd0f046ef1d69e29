"""Real images of another domain than photo: a source says which they are."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from ptk import Part, hookimpl
from ptk.curate.check import check
from ptk.data.source import open_source
from ptk.dataset.manifest import read_description, read_manifest
from ptk.errors import DataError
from ptk.prepare.prepare import parse_styles, prepare
from ptk.recipe.load import load_recipe
from ptk.recipe.one_part import PartUse
from ptk.registry import registry as registries
from ptk.registry.registry import Registry
from ptk.sources.tree import Tree
from ptk.types import Domain

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])


class Ages(Tree):
    """The tree, in which old.jpg shows the domain old."""

    def find(self, place: Path):
        return [replace(one, domain="old") if one.photo.endswith("old") else one for one in super().find(place)]


class Old(Domain):
    """Real images alone."""

    title = "old"


@pytest.fixture
def ages(monkeypatch):
    class Plugin:
        __name__ = "ages"

        @hookimpl
        def ptk_sources(self):
            return [Part("ages", "photo.jpg and old.jpg", Ages)]

        @hookimpl
        def ptk_domains(self):
            return [Part("old", "old people", Old)]

    registry = Registry()
    assert not registry.register("ages", "ptk-ages 1", Plugin()).error
    registries.load_registry.cache_clear()
    for name in (
        "ptk.registry.registry",
        "ptk.recipe.load",
        "ptk.recipe.one_part",
        "ptk.prepare.prepare",
        "ptk.dataset.renderings",
    ):
        monkeypatch.setattr(f"{name}.load_registry", lambda: registry)
    return PartUse("ages")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for person, angle in (("ann", 0), ("bob", 10), ("cat", -15)):
        (folder / person).mkdir(parents=True)
        PORTRAIT.rotate(angle).save(folder / person / "now.png")
        Image.fromarray(255 - np.asarray(PORTRAIT.rotate(angle)) // 2).save(folder / person / "old.png")
    return folder


def domains_of(folder):
    return sorted((entry.domain, entry.identity) for entry in read_manifest(folder))


def test_they_stand_in_their_domain_and_are_not_rendered(ages, photos, tmp_path):
    out = tmp_path / "set"
    prepared = prepare([photos], out, source=ages, size=64, styles=parse_styles(["sketch"]), workers=1)
    assert prepared.domains == ("photo", "sketch", "old")
    people = ("ann", "bob", "cat")
    assert domains_of(out) == [(domain, person) for domain in ("old", "photo", "sketch") for person in people]
    assert (out / "images" / "old" / "ann").is_dir()
    assert [one["name"] for one in json.loads((out / "dataset.json").read_text())["domains"]] == [
        "photo",
        "sketch",
        "old",
    ]
    assert read_description(out).margin == 0.125
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    again = prepare([photos], out, source=ages, size=64, styles=parse_styles(["sketch"]), workers=1)
    assert again.made == 0
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_photo_that_turns_out_to_be_of_another_domain_moves_there(ages, photos, tmp_path):
    out = tmp_path / "set"
    prepare([photos], out, size=64, workers=1)  # the plain tree takes all for photographs
    assert {domain for domain, _ in domains_of(out)} == {"photo"}
    prepare([photos], out, source=ages, size=64, workers=1)
    assert {domain for domain, _ in domains_of(out)} == {"photo", "old"}
    assert len(list((out / "images").rglob("*.jpg"))) == 6


def test_the_data_check_knows_that_they_are_no_renderings(ages, photos, tmp_path):
    prepare([photos], tmp_path / "set", source=ages, size=64, workers=1)
    report = check(tmp_path / "set")
    assert not [one for one in (*report.problems, *report.remarks) if "old" in one.what]


def test_pairs_are_made_of_a_person_in_both_domains(ages, photos, small_recipe, tmp_path):
    prepare([photos], tmp_path / "set", source=ages, size=64, workers=1)
    recipe = load_recipe(small_recipe, [f"data.source={tmp_path / 'set'}", "domains=[photo, old]"])
    pairs = open_source(recipe).training_pairs(torch.device("cpu"))
    pair = pairs.batch(0)
    assert (pair.a.domain != pair.b.domain).all()  # each of the two to train on has one image in either


def test_a_domain_of_which_there_are_no_images_is_named(ages, photos, small_recipe, tmp_path):
    prepare([photos], tmp_path / "set", size=64, workers=1)
    recipe = load_recipe(small_recipe, [f"data.source={tmp_path / 'set'}", "domains=[photo, old]"])
    with pytest.raises(DataError, match="nothing in the domain old; prepare real images of it"):
        open_source(recipe).training_pairs(torch.device("cpu"))
