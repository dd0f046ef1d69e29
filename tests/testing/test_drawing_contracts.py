"""Conditioners, domains and detectors that break a rule are told which."""

import dataclasses

import numpy as np
import pytest
import skimage.data
import torch
from breaches import breaches
from torch import nn

from ptk.conditioners.landmark_channels import LandmarkChannels
from ptk.conditioners.landmark_map import LandmarkMap
from ptk.types import Domain, Landmarks

SAME = "the same input gives the same result"
DTYPE = "keeps the image's dtype (bfloat16, too) and device"


def changed(function):
    """A conditioner that is right in everything that `function` of planes, source and target does not break."""

    class Changed(LandmarkMap):
        def forward(self, source, target):
            return function(super().forward(source, target), source, target)

    return Changed


class Counting(LandmarkMap):
    def __init__(self):
        super().__init__()
        self.channels = 2


class Nameless(LandmarkMap):
    def __init__(self):
        super().__init__()
        self.channels = None


class Fixed(LandmarkMap):
    """Draws on the CPU whatever the device."""

    def forward(self, source, target):
        return super().forward(source, target) + torch.zeros(1, device="cpu").to(source.image.dtype)


class Mixing(LandmarkMap):
    """Ends in a convolution, which autocast takes to bfloat16."""

    def forward(self, source, target):
        planes = super().forward(source, target)
        return nn.functional.conv2d(planes, torch.ones(1, 1, 1, 1).to(planes))


class Unheard(LandmarkMap):
    """Has a parameter that does nothing."""

    def __init__(self):
        super().__init__()
        self.spare = nn.Parameter(torch.ones(2))
        self.used = nn.Parameter(torch.ones(()))

    def forward(self, source, target):
        return super().forward(source, target) * self.used.to(source.image)


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (
            Counting,
            "gives planes (B, channels, H, W) for any batch and size",
            "must be (1, 2, 64, 64), they are (1, 1, ",
        ),
        (
            changed(lambda planes, source, target: planes.roll(1, dims=-1)),
            "gives mirrored planes for a mirrored face",
            "a mirrored face must give mirrored planes",
        ),
        (
            changed(lambda planes, source, target: planes - planes.mean()),
            "draws each face of a batch by itself",
            "planes must not depend on other faces of the batch; they change by",
        ),
        (
            changed(lambda planes, source, target: planes / (target.points.min() < 1).to(planes)),
            "bears points outside the crop",
            "planes for points outside the crop must be finite",
        ),
        (
            changed(lambda planes, source, target: planes.float()),
            DTYPE,
            "must have the image's dtype torch.float64, they have torch.float32",
        ),
        (
            changed(lambda planes, source, target: planes / (planes.dtype != torch.bfloat16)),
            DTYPE,
            "planes in torch.bfloat16 must be finite",
        ),
        (Mixing, "keeps the dtype under bfloat16 autocast", "under autocast, too, it is torch.bfloat16"),
        (Fixed, "runs on torch's meta device, on which runs are reckoned", "Tensor on device cpu is not on the"),
        (Unheard, "gradients reach every parameter", "no gradient reaches its parameter spare"),
        (
            changed(lambda planes, source, target: planes + torch.rand(1).item() * 1e-2),
            SAME,
            "the same faces must give the same result twice; values differ by up to",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_conditioners_that_break_a_rule(make, rule, breach):
    told = breaches("conditioner", make)
    assert breach in told[rule]
    if rule != SAME:  # what is drawn at random is neither mirrored nor the same in another batch
        assert list(told) == [rule]


def test_parameters_of_a_conditioner_that_all_do_nothing_are_named():
    class Idle(LandmarkMap):
        def __init__(self):
            super().__init__()
            self.spare = nn.Parameter(torch.ones(2))

    assert breaches("conditioner", Idle) == {
        "gradients reach every parameter": "no gradient reaches its parameter spare; use it or remove it"
    }


def test_a_conditioner_must_say_how_many_channels_it_adds():
    told = breaches("conditioner", Nameless)
    assert told["says how many channels it adds"] == "channels must be an int above 0, it is None"


def test_a_conditioner_may_swap_channels_and_signs_when_mirrored():
    class Sideways(LandmarkChannels):
        def forward(self, source, target):
            planes = super().forward(source, target)
            return planes * (target.points[:, :, 0, None, None] - 0.5).to(planes.dtype)

    assert not breaches("conditioner", Sideways)


def styled(function):
    class Style(Domain):
        title = "Mine"

        def stylise(self, faces):
            return function(faces.image)

    return Style


SHAPE = "gives images of the same shape for any batch and size"
RANGE = "gives images in [-1, 1]"
ROWS = "renders each face of a batch by itself"


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (styled(lambda image: image[:, :1]), SHAPE, "must be (2, 3, 64, 96), they are (2, 1, 64, 96)"),
        (styled(lambda image: image.transpose(-1, -2)), SHAPE, "must be (2, 3, 64, 96), they are (2, 3, 96, 64)"),
        (styled(lambda image: image.float()), DTYPE, "must be torch.float64 as they came, they are torch.float32"),
        (styled(lambda image: image / (image.dtype != torch.bfloat16)), DTYPE, "in torch.bfloat16 must be finite"),
        (
            styled(lambda image: image.mul_(0.5)),
            "leaves the faces that it is given as they are",
            "must leave the image",
        ),
        (styled(lambda image: image * torch.rand(())), SAME, "the same faces must give the same result twice"),
        (styled(lambda image: (image - image.mean()).clamp(-1, 1)), ROWS, "must not depend on others of the batch"),
        (type("Untitled", (Domain,), {}), "has a title", "a domain must have a title, it is ''"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_domains_that_break_a_rule(make, rule, breach):
    told = breaches("domain", make)
    assert breach in told[rule]
    if rule != SAME:
        assert list(told) == [rule]


def test_a_domain_out_of_range():
    told = breaches("domain", styled(lambda image: image * 2))
    assert told[RANGE] == "styled images must be in [-1, 1], values are in [-2, 2]"


def test_a_domain_that_paints_where_the_face_is_must_bear_faces_that_are_not_there():
    class Painter(Domain):
        title = "Mine"

        def stylise(self, faces):
            image = faces.image.clone()
            for row, (x, y) in enumerate(faces.points[:, 30]):
                image[row, :, int(y * image.shape[-2]), int(x * image.shape[-1])] = 1
            return image

    ((rule, breach),) = breaches("domain", Painter).items()
    assert rule == "bears points outside the crop" and breach.startswith("raised IndexError: index")


def test_a_domain_of_real_images_needs_no_stylise():
    assert not breaches("domain", type("Oil", (Domain,), {"title": "Oil paintings"}))


def finder(change=lambda landmarks: landmarks, count=1):
    """A detector that finds faces in anything but a flat image."""

    class Finder:
        def detect(self, image):
            height, width = image.shape[:2]
            points = np.full((68, 2), (width / 2, height / 2), np.float32)
            found = Landmarks(points=points, width=width, height=height)
            flat = image.min() == image.max()
            return [] if flat else [change(dataclasses.replace(found, score=float(rank))) for rank in range(count)]

    return Finder


POINTS = "gives 68 points in pixels of square, wide and tall images"


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (finder(lambda found: dataclasses.replace(found, points=found.points[:5])), POINTS, "must be (68, 2) float32"),
        (
            finder(lambda found: dataclasses.replace(found, points=found.points + 1e4)),
            POINTS,
            "in pixels of the image; 0% of",
        ),
        (
            finder(lambda found: dataclasses.replace(found, width=512, height=512)),
            POINTS,
            "width and height must be those of the image (768, 512), got (512, 512)",
        ),
        (finder(count=2), "gives the best face first", "best face must come first, scores were [0.0, 1.0]"),
        (finder(count=0), "finds the face in a photo", "a photo of a face must give landmarks"),
    ],
)
def test_detectors_that_break_a_rule(make, rule, breach):
    ((broken, told),) = breaches("detector", make, photo=skimage.data.astronaut()).items()
    assert (broken, breach in told) == (rule, True), told


def detecting(function):
    return type("Detector", (finder(),), {"detect": function})


@pytest.mark.parametrize(
    ("detect", "rule", "breach"),
    [
        (lambda self, image: [1], "sees nobody in a grey image", "a grey image must give [], it gave [1]"),
        (lambda self, image: None, "sees nobody in a grey image", "a grey image must give [], it gave None"),
        (
            lambda self, image: finder()().detect(image[8:, 8:]),
            POINTS,
            "width and height must be those of the image (512, 512), got (504, 504)",
        ),
        (
            lambda self, image: finder()().detect(image)[: int(image[20, 20, 0]) + 1],
            "bears tiny images",
            "raised IndexError: index 20 is out of bounds",
        ),
        (
            lambda self, image: image.fill(0) or finder()().detect(image),
            "leaves the photo as it is",
            "detect must leave the image as it is",
        ),
        (
            lambda self, image: finder(
                lambda found: dataclasses.replace(
                    found, points=found.points + 9 * np.random.default_rng().random(2, "f")
                )
            )().detect(image),
            SAME,
            "values differ by up to",
        ),
        (lambda self, image: [image[:1, :2]] * bool(image.std()), POINTS, "expected ptk.Landmarks, got ndarray"),
    ],
)
def test_detectors_that_do_something_else(detect, rule, breach):
    told = breaches("detector", detecting(detect), photo=skimage.data.astronaut().copy())
    assert breach in told[rule]


def test_a_conditioner_that_says_it_looks_at_no_landmarks_must_not():
    class Deaf(LandmarkMap):
        needs_landmarks = False

    said = breaches("conditioner", Deaf)["looks at no landmarks where it says so"]
    assert said == "it says needs_landmarks = False, so without landmarks (NaN) its planes must stay as they are"
