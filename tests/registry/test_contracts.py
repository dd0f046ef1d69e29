"""Every part of ptk holds the contract of its kind, and a part that breaks it is told how."""

import dataclasses

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from torch import nn

from ptk.conditioners.landmark_channels import LandmarkChannels
from ptk.conditioners.landmark_map import LandmarkMap
from ptk.errors import MissingExtra, PluginError
from ptk.losses.cycle import Cycle
from ptk.losses.feature_matching import FeatureMatching
from ptk.losses.identity import Identity
from ptk.losses.texture import Texture
from ptk.registry.contracts import (
    check_conditioner,
    check_detector,
    check_domain,
    check_loss,
    check_part,
)
from ptk.registry.parts import KINDS, Part
from ptk.registry.registry import Registry
from ptk.types import Domain, Landmarks

# Small where the defaults are sized for training, and offline.
OPTIONS = {
    "portraitgan": {"width": 8, "down": 2, "blocks": 1},
    "patch_stack": {"width": 8},
    "texture": {"backbone": "vgg11", "weights": "random"},
}

# What each source knows, by its path in a folder.
KNOWN = {
    "tree": "ann/smile.jpg",
    "pattern": "ann_smile.jpg",
    "table": "ann_smile.jpg",
    "radboud": "Rafd090_01_Caucasian_female_angry_frontal.jpg",
    "kdef": "AF01/AF01ANS.JPG",
    "icv": "Sample_003_001.JPG",
    "london": "neutral_front/001_03.jpg",
}

REGISTRY = Registry()
PARTS = [(kind, name) for kind in KINDS for name in REGISTRY.names(kind)]


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    file = tmp_path_factory.mktemp("style") / "style.png"
    Image.fromarray(skimage.data.astronaut()[200:456, :256]).save(file)
    return file


@pytest.mark.parametrize(("kind", "name"), PARTS, ids=lambda value: value)
def test_every_part_of_ptk_holds_its_contract(kind, name, picture, tmp_path):
    options = {"file": picture} if name == "picture" else OPTIONS.get(name)
    place = known_place(name, tmp_path) if kind == "source" else None
    try:
        check_part(kind, REGISTRY.part(kind, name), options, photo=skimage.data.astronaut(), place=place)
    except MissingExtra as missing:
        pytest.skip(str(missing))


def known_place(name, folder):
    """A place in which the source `name` finds a photo."""
    photo = folder / KNOWN[name]
    photo.parent.mkdir(exist_ok=True)
    photo.touch()
    if name != "table":
        return folder
    table = folder / "table.csv"
    table.write_text(f"image,identity\n{photo.name},ann\n")
    return table


@pytest.mark.parametrize("make", [Identity, Cycle, FeatureMatching, lambda: Texture("vgg11", "random")])
def test_losses_of_likeness_are_zero_for_the_real_image_itself(make):
    check_loss(lambda side: make(), "generator", zero_at_target=True)


def test_a_breach_names_the_part_and_who_offers_it():
    part = Part("wide", "of the wrong channels", lambda domains: nn.Identity(), origin="ptk-wide 1.0")
    with pytest.raises(PluginError, match=r"^conditioner wide \(ptk-wide 1.0\): channels must be an int above 0"):
        check_part("conditioner", part)


def test_whatever_a_part_raises_is_told_in_one_line():
    def broken():
        raise RuntimeError("two\nlines")

    with pytest.raises(PluginError, match=r"^domain mine \(ptk-mine 1\): RuntimeError: two lines$"):
        check_part("domain", Part("mine", "", broken, origin="ptk-mine 1"))


def test_a_check_leaves_the_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    check_part("generator", REGISTRY.part("generator", "portraitgan"), OPTIONS["portraitgan"])
    assert torch.equal(torch.rand(1), expected)


class Conditioner(LandmarkMap):
    """Right in everything that a subclass does not break."""


class Half(Conditioner):
    def forward(self, source, target):
        return super().forward(source, target)[..., ::2]


class Single(Conditioner):
    def forward(self, source, target):
        return super().forward(source, target).float()


class Leaning(Conditioner):
    def forward(self, source, target):
        return super().forward(source, target).roll(1, dims=-1)


class Sociable(Conditioner):
    def forward(self, source, target):
        planes = super().forward(source, target)
        return planes - planes.mean()


class Restless(Conditioner):
    def forward(self, source, target):
        planes = super().forward(source, target)
        return planes + torch.rand_like(planes[..., :1, :1])


class Fragile(Conditioner):
    def forward(self, source, target):
        return super().forward(source, target) / (target.points.min() < 1).float()


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (Half, r"must be \(1, 1, 64, 64\), they are \(1, 1, 64, 32\)"),
        (Single, "must have the image's dtype torch.float64, they have torch.float32"),
        (Leaning, "a mirrored face must give mirrored planes"),
        (Sociable, "must not depend on other faces"),
        (Restless, "same faces must give the same planes"),
        (Fragile, "outside the crop must be finite"),
    ],
)
def test_conditioners_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_conditioner(lambda domains: make())


def test_a_conditioner_may_swap_channels_and_signs_when_mirrored():
    class Sideways(LandmarkChannels):
        def forward(self, source, target):
            planes = super().forward(source, target)
            return planes * (target.points[:, :, 0, None, None] - 0.5).to(planes.dtype)

    check_conditioner(lambda domains: Sideways())


def styled(function):
    class Style(Domain):
        title = "Mine"

        def stylise(self, faces):
            return function(faces.image)

    return Style


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (styled(lambda image: image * 2), r"must be in \[-1, 1\]"),
        (styled(lambda image: image[:, :1]), r"must be \(2, 3, 64, 96\), they are \(2, 1, 64, 96\)"),
        (styled(lambda image: image.double()), "must be torch.float32"),
        (styled(lambda image: image.mul_(0.5)), "must leave its images as they are"),
        (styled(lambda image: image * torch.rand(())), "must give the same styled image"),
        (styled(lambda image: (image - image.mean()).clamp(-1, 1)), "must not depend on others of the batch"),
        (type("Untitled", (Domain,), {}), "must have a title"),
        (nn.Identity, "must be a ptk.Domain, it is a Identity"),
    ],
)
def test_domains_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_domain(make)


def test_a_domain_of_real_images_needs_no_stylise():
    check_domain(type("Oil", (Domain,), {"title": "Oil paintings"}))


def finder(change=lambda landmarks: landmarks, count=1):
    """A detector that finds faces in anything but a flat image."""

    class Finder:
        def detect(self, image):
            height, width = image.shape[:2]
            points = np.full((68, 2), (width / 2, height / 2), np.float32)
            found = Landmarks(points=points, width=width, height=height)
            return [change(dataclasses.replace(found, score=float(rank))) for rank in range(count)] * bool(image.std())

    return Finder


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (finder(lambda found: dataclasses.replace(found, points=found.points[:5])), r"must be \(68, 2\) float32"),
        (finder(lambda found: dataclasses.replace(found, points=found.points + 1e4)), "in pixels of the image; 0% of"),
        (finder(lambda found: dataclasses.replace(found, width=3)), "width and height must be those of the image"),
        (finder(lambda found: found.points), "expected ptk.Landmarks, got ndarray"),
        (finder(count=2), "best face must come first"),
        (finder(count=0), "a photo of a face must give landmarks"),
    ],
)
def test_detectors_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_detector(make, skimage.data.astronaut())


def test_a_detector_that_sees_faces_everywhere_breaks_the_contract():
    class Dreamer:
        def detect(self, image):
            return [1]

    with pytest.raises(PluginError, match="a grey image must give"):
        check_detector(Dreamer)
