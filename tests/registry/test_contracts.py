"""Every part of ptk holds the contract of its kind, and a part that breaks it is told how."""

import dataclasses
import itertools

import numpy as np
import pytest
import skimage.data
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.conditioners.landmark_channels import LandmarkChannels
from ptk.conditioners.landmark_map import LandmarkMap
from ptk.discriminators.patch_stack import PatchStack
from ptk.errors import DataError, MissingExtra, PluginError
from ptk.generators.portraitgan import PortraitGAN
from ptk.losses.cycle import Cycle
from ptk.losses.feature_matching import FeatureMatching
from ptk.losses.identity import Identity
from ptk.losses.texture import Texture
from ptk.registry.contracts import (
    check_conditioner,
    check_detector,
    check_discriminator,
    check_domain,
    check_generator,
    check_loss,
    check_part,
    check_source,
)
from ptk.registry.parts import KINDS, Part
from ptk.registry.registry import Registry
from ptk.types import Domain, Landmarks, MediaFile, Skipped, Verdict

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


def tiny(plane_channels, **options):
    return PortraitGAN(plane_channels, **{"width": 8, "down": 2, "blocks": 1} | options)


class Coarse(nn.Module):
    """A generator of one convolution, right in everything that a subclass does not break."""

    def __init__(self, plane_channels):
        super().__init__()
        self.body = nn.Conv2d(3 + plane_channels, 3, 3, padding=1)

    def forward(self, image, planes):
        return [torch.tanh(self.body(torch.cat([image, planes.stacked], 1)))]


class Unbounded(Coarse):
    def forward(self, image, planes):
        return [5 * super().forward(image, planes)[0]]


class Backwards(Coarse):
    def forward(self, image, planes):
        fine = super().forward(image, planes)[0]
        return [F.avg_pool2d(fine, 2), fine]


class Idle(Coarse):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        self.spare = nn.Linear(2, 2)


class Blind(Coarse):
    def forward(self, image, planes):
        x = F.pad(torch.cat([image, torch.zeros_like(planes.stacked)], 1), (1, 1, 1, 1))
        return [torch.tanh(F.conv2d(x, self.body.weight, self.body.bias))]


COUNT = itertools.count()


class Unseeded(Coarse):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        nn.init.normal_(self.body.weight, generator=torch.Generator().manual_seed(next(COUNT)))


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (Unbounded, r"image 0 must be in \[-1, 1\]"),
        (Backwards, r"image 0 must be \(1, 3, 64, 64\)"),
        (Idle, "no gradient reaches its parameter spare.weight"),
        (Blind, "switching the domain must change the image"),
        (Unseeded, "the same seed must give the same weights"),
        (
            lambda plane_channels: tiny(plane_channels, stem_norm="instance"),
            "switching the domain must change the image",
        ),
    ],
)
def test_generators_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_generator(make)


def test_a_generator_deaf_to_the_landmarks_breaks_the_contract():
    class OnlyDomain(Coarse):
        def forward(self, image, planes):
            x = torch.cat([image, torch.zeros_like(planes["landmark_map"]), planes["domain_planes"]], 1)
            return [torch.tanh(self.body(x))]

    with pytest.raises(PluginError, match="moving the landmarks must change the image"):
        check_generator(OnlyDomain)


def test_a_generator_that_starts_from_zero_in_its_last_layer_is_a_good_one():
    class FromZero(Coarse):
        def __init__(self, plane_channels):
            super().__init__(plane_channels)
            self.last = nn.Conv2d(3, 3, 1)
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(self.last.bias)

        def forward(self, image, planes):
            return [torch.tanh(self.last(super().forward(image, planes)[0]))]

    check_generator(FromZero)


def test_a_generator_is_tried_with_the_conditioners_it_needs():
    class NeedsChannels(Coarse):
        def forward(self, image, planes):
            assert planes["landmark_channels"].shape[1] == 68
            return super().forward(image, planes)

    check_generator(NeedsChannels, {"landmark_channels": LandmarkChannels(), "domain_planes": DomainPlanes(3)})


class Fixed(PatchStack):
    """Judges only a whole pyramid."""

    def forward(self, pyramid, planes):
        return super().forward(pyramid, planes)[: len(pyramid)]


class Tuples(PatchStack):
    def forward(self, pyramid, planes):
        return [(verdict.logits, verdict.features) for verdict in super().forward(pyramid, planes)]


class Flat(PatchStack):
    def forward(self, pyramid, planes):
        return [Verdict(logits=verdict.logits.mean(dim=(1, 2, 3))) for verdict in super().forward(pyramid, planes)]


class Severed(PatchStack):
    def forward(self, pyramid, planes):
        return super().forward([image.detach() for image in pyramid], planes)


@pytest.mark.parametrize(
    ("make", "breach"),
    [
        (Fixed, "as many levels for a short pyramid"),
        (Tuples, "level 0 must be a ptk Verdict, it is a tuple"),
        (Flat, r"logits of level 0 must be \(1, 1, h, w\), they are \(1,\)"),
        (Severed, "gradients must pass through it to the images"),
    ],
)
def test_discriminators_that_break_the_contract(make, breach):
    with pytest.raises(PluginError, match=breach):
        check_discriminator(lambda plane_channels: make(plane_channels, width=8))


class Loss(nn.Module):
    """A loss from a function of the translation and the networks."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, translation, networks):
        return self.function(translation, networks)


@pytest.mark.parametrize(
    ("side", "function", "breach"),
    [
        ("generator", lambda seen, networks: seen.fake[0].mean(dim=0), "must be a scalar"),
        ("generator", lambda seen, networks: seen.fake[0].double().mean(), "must be float32"),
        ("generator", lambda seen, networks: (seen.fake[0] / 0).mean(), "a loss must be finite"),
        ("generator", lambda seen, networks: seen.fake[0].detach().mean().requires_grad_(), "is detached"),
        (
            "generator",
            lambda seen, networks: seen.fake[0].mean() * torch.rand(()),
            "same images must give the same loss",
        ),
        (
            "generator",
            lambda seen, networks: (seen.fake[0] * 0).abs().sqrt().sum(),
            "gradient of a generated image must be finite",
        ),
        ("critic", lambda seen, networks: seen.fake[0].mean().requires_grad_(), "must ask the networks to judge"),
    ],
)
def test_losses_that_break_the_contract(side, function, breach):
    with pytest.raises(PluginError, match=breach):
        check_loss(lambda side: Loss(function), side)


def test_a_loss_that_is_not_zero_for_the_real_image():
    loss = Loss(lambda seen, networks: (seen.fake[0] - seen.target.image).abs().mean() + 0.1)
    with pytest.raises(PluginError, match=r"of the real image itself must be 0, it is 0\.1"):
        check_loss(lambda side: loss, "generator", zero_at_target=True)


def test_a_loss_must_say_whom_it_trains():
    with pytest.raises(PluginError, match="must say whom it can train"):
        check_part("loss", Part("mine", "", Identity))


def styled(function):
    class Style(Domain):
        title = "Mine"

        def stylise(self, image):
            return function(image)

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


def source(find):
    class Source:
        def find(self, place):
            paths = [path for path in sorted(place.glob("**/*")) if path.is_file()] if place.is_dir() else []
            if not paths:
                raise DataError(f"{place}: no photos here")
            hidden = [path for path in paths if any(part.startswith(".") for part in path.relative_to(place).parts)]
            return find(place, [path for path in paths if path not in hidden])

    return Source


def all_of(place, paths):
    return [MediaFile(path, "ann", path.stem) for path in paths]


def test_a_source_that_holds_the_contract(tmp_path):
    (tmp_path / "photo.jpg").touch()
    check_source(source(all_of), tmp_path)


@pytest.mark.parametrize(
    ("find", "breach"),
    [
        (lambda place, paths: None, "find must return a list, it returned a NoneType"),
        (lambda place, paths: paths, "expected ptk.MediaFile or ptk.Skipped, got PosixPath"),
        (lambda place, paths: all_of(place, paths[1:]), "every file must be found, or listed as skipped"),
        (lambda place, paths: all_of(place, paths + paths[:1]), "must be found once; .* was found 2 times"),
        (lambda place, paths: all_of(place, [*paths, place / "circle/notes.txt"]), "must be found once; .*notes.txt"),
        (lambda place, paths: all_of(place, [*paths, place / ".hidden_smile.jpg"]), "hidden files must be passed over"),
        (lambda place, paths: all_of(place, [*paths, place / "lost.jpg"]), "path must be that of a file"),
        (lambda place, paths: [MediaFile(path, "a/b", path.stem) for path in paths], "identity must be a name"),
        (lambda place, paths: [MediaFile(path, "ann", "two\nlines") for path in paths], "photo must be a name"),
        (lambda place, paths: [Skipped(str(path), "") for path in paths], "reason must be a line"),
        (
            lambda place, paths: all_of(place, sorted(paths, key=lambda path: path.stat().st_ino)),
            "must not depend on the order in which files were made",
        ),
        (lambda place, paths: all_of(place, np.random.default_rng().permutation(paths)), "the same place must give"),
    ],
)
def test_sources_that_break_the_contract(find, breach):
    with pytest.raises(PluginError, match=breach):
        check_source(source(find))


def test_a_source_must_know_its_own_place(tmp_path):
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(PluginError, match="a photo or video must be found in"):
        check_source(source(lambda place, paths: [Skipped(path.name, "is no photo") for path in paths]), tmp_path)
    with pytest.raises(PluginError, match="must not be refused"):
        check_source(REGISTRY.part("source", "radboud").load(), tmp_path)


def test_a_source_must_refuse_what_is_empty():
    class Easygoing:
        def find(self, place):
            return []

    with pytest.raises(PluginError, match="every file must be found"):
        check_source(Easygoing)

    class Generous(source(all_of)):
        def find(self, place):
            return super().find(place) if place.is_dir() and any(place.iterdir()) else []

    with pytest.raises(PluginError, match="a folder that is empty must give a DataError"):
        check_source(Generous)
