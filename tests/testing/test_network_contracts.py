"""Generators and discriminators that break a rule are told which."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from breaches import breaches
from torch import nn

from ptk.discriminators.patch_stack import PatchStack
from ptk.generators.portraitgan import PortraitGAN
from ptk.types import Verdict

SHAPE = "gives images (B, 3, H/2^k, W/2^k), finest first, for any batch and size"
RANGE = "gives float32 images in [-1, 1]"
ROWS = "renders each face of a batch by itself"
GRADIENTS = "gradients reach every parameter"
BFLOAT16 = "is finite under bfloat16 autocast, gradients too"
META = "runs on torch's meta device, on which runs are reckoned"
SAME = "the same input and random state give the same result"
SEED = "the same seed gives the same weights"


def tiny(plane_channels, **options):
    return PortraitGAN(plane_channels, **{"width": 8, "down": 2, "blocks": 1} | options)


class Coarse(nn.Module):
    """A generator of one convolution, right in everything that a subclass does not break."""

    def __init__(self, plane_channels):
        super().__init__()
        self.body = nn.Conv2d(3 + plane_channels, 3, 3, padding=1)

    def forward(self, image, planes):
        return [torch.tanh(self.body(torch.cat([image, planes.stacked], 1)))]


def made(function):
    """A generator whose images `function` changes."""

    class Made(Coarse):
        def forward(self, image, planes):
            return function(super().forward(image, planes))

    return Made


class Idle(Coarse):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        self.spare = nn.Linear(2, 2)


class Blind(Coarse):
    """Its planes are all the same, though not zero."""

    def forward(self, image, planes):
        x = torch.cat([image, torch.ones_like(planes.stacked)], 1)
        return [torch.tanh(self.body(x))]


class OnlyDomain(Coarse):
    def forward(self, image, planes):
        x = torch.cat([image, torch.ones_like(planes["landmark_map"]), planes["domain_planes"]], 1)
        return [torch.tanh(self.body(x))]


class Half(Coarse):
    """Overflows in bfloat16 alone: it has 8 bits for 1 + 1/512."""

    def forward(self, image, planes):
        image = super().forward(image, planes)[0]
        step = torch.ones((), dtype=image.dtype, device=image.device) + 2**-9
        return [image / (step > 1)]


class Stuck(Coarse):
    def forward(self, image, planes):
        return [super().forward(image, planes)[0] * torch.ones(1, device="cpu")]


COUNT = itertools.count()


class Unseeded(Coarse):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        nn.init.normal_(self.body.weight, generator=torch.Generator().manual_seed(next(COUNT)))


class Drifting(Coarse):
    """Gives another image every time."""

    times = 0

    def forward(self, image, planes):
        self.times += 1
        return [super().forward(image, planes)[0] * (1 - 1 / (2 + self.times))]


class Forgetful(Coarse):
    """What it is made of beside its weights differs from one to the next."""

    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        self.gain = torch.rand(()).item()

    def forward(self, image, planes):
        return [super().forward(image, planes)[0] * self.gain]


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (made(lambda images: [F.avg_pool2d(images[0], 2), *images]), SHAPE, "image 0 must be (1, 3, 64, 64), it is"),
        (made(lambda images: [images[0][..., :64]]), SHAPE, "image 0 must be (2, 3, 64, 96), it is (2, 3, 64, 64)"),
        (made(lambda images: [images[0] - images[0].mean(0) * 0.1]), ROWS, "must not depend on others of the batch"),
        (Idle, GRADIENTS, "no gradient reaches its parameter spare.weight"),
        (OnlyDomain, "reacts to the landmarks", "moving the landmarks must change the image, it changes by 0 of its"),
        (Half, BFLOAT16, "image 0 under bfloat16 autocast must be finite"),
        (Stuck, META, "Tensor on device cpu is not on the expected device meta"),
        (Unseeded, SEED, "the same seed must give the same weights; body.weight differs"),
        (Forgetful, "its weights survive a safetensors file", "is no parameter or persistent buffer?"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_generators_that_break_one_rule(make, rule, breach):
    ((broken, told),) = breaches("generator", make).items()
    assert (broken, breach in told) == (rule, True), told


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (made(lambda images: [images[0].double()]), RANGE, "image 0 must be float32 like its input"),
        (made(lambda images: [5 * images[0]]), RANGE, "image 0 must be in [-1, 1], values are in ["),
        (made(lambda images: images[0]), SHAPE, "expected a list of images, got Tensor"),
        (Blind, "reacts to the domain", "switching the domain must change the image"),
        (Drifting, SAME, "the same faces must give the same result twice"),
        (
            lambda plane_channels: tiny(plane_channels, stem_norm="instance"),
            "reacts to the domain",
            "(an instance norm straight after the first convolution subtracts constant planes)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_generators_that_break_a_rule_and_with_it_others(make, rule, breach):
    assert breach in breaches("generator", make)[rule]


@pytest.mark.parametrize("last", [nn.Dropout(0.5), nn.BatchNorm2d(3)], ids=["dropout", "batch norm"])
def test_a_generator_may_do_something_else_while_it_trains(last):
    class Training(Coarse):
        def __init__(self, plane_channels):
            super().__init__(plane_channels)
            self.last = last

        def forward(self, image, planes):
            x = torch.cat([image, planes.stacked], 1)
            return [torch.tanh(self.last(self.body(x)))]

    assert not breaches("generator", Training)


def test_a_generator_that_starts_from_zero_in_its_last_layer_is_a_good_one():
    class FromZero(Coarse):
        def __init__(self, plane_channels):
            super().__init__(plane_channels)
            self.last = nn.Conv2d(3, 3, 1)
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(self.last.bias)

        def forward(self, image, planes):
            return [torch.tanh(self.last(super().forward(image, planes)[0]))]

    assert not breaches("generator", FromZero)


def test_a_generator_is_tried_with_the_conditioners_that_it_needs():
    class NeedsChannels(Coarse):
        needs = ("landmark_channels",)

        def forward(self, image, planes):
            assert planes["landmark_channels"].shape[1] == 68
            return super().forward(image, planes)

    assert not breaches("generator", NeedsChannels)


def judging(change):
    """A discriminator whose verdicts `change` alters; it is also given the pyramid."""

    class Judging(PatchStack):
        def __init__(self, plane_channels):
            super().__init__(plane_channels, width=8)

        def forward(self, pyramid, planes):
            return change(super().forward(pyramid, planes), pyramid)

    return Judging


class Severed(judging(lambda verdicts, pyramid: verdicts)):
    def forward(self, pyramid, planes):
        return super().forward([image.detach() for image in pyramid], planes)


class Bench(judging(lambda verdicts, pyramid: verdicts)):
    def __init__(self, plane_channels):
        super().__init__(plane_channels)
        self.spare = nn.Linear(2, 2)


def logits(verdicts, change):
    return [Verdict(logits=change(verdict.logits), features=verdict.features) for verdict in verdicts]


VERDICTS = "gives a ptk.Verdict a level for any batch and size"


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (
            judging(lambda verdicts, pyramid: logits(verdicts, lambda each: each.mean(dim=(1, 2, 3)))),
            VERDICTS,
            "logits of level 0 must be (1, 1, h, w), they are (1,)",
        ),
        (Severed, "gradients pass through it to the images", "a generator learns from nothing else"),
        (Bench, GRADIENTS, "no gradient reaches its parameter spare.weight"),
        (
            judging(lambda verdicts, pyramid: logits(verdicts, lambda each: each / (each.dtype != torch.bfloat16))),
            BFLOAT16,
            "logits of level 0 under bfloat16 autocast must be finite",
        ),
        (
            judging(lambda verdicts, pyramid: logits(verdicts, lambda each: each * torch.ones(1, device="cpu"))),
            META,
            "Tensor on device cpu",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_discriminators_that_break_one_rule(make, rule, breach):
    ((broken, told),) = breaches("discriminator", make).items()
    assert (broken, breach in told) == (rule, True), told


def test_a_discriminator_that_judges_only_whole_pyramids():
    told = breaches("discriminator", judging(lambda verdicts, pyramid: verdicts[: len(pyramid)]))
    levels = told["gives as many levels for a pyramid that ends sooner"]
    assert levels == "expected as many levels for a short pyramid, 2, got 1"


@pytest.mark.parametrize(
    "options",
    [
        {"conditional": "image", "norm": "batch", "padding": 1, "levels": 1},
        {"conditional": "planes"},
        {"conditional": "both", "classes": True, "bias": True},
        {"classes": True, "padding": 1, "norm": "batch"},
    ],
    ids=str,
)
def test_every_way_to_build_a_patch_stack_holds_every_rule(options):
    assert breaches("discriminator", PatchStack, options={"width": 8} | options) == {}


LANDMARKS = "says that it looks at landmarks"


def test_networks_that_look_at_landmarks_must_say_so():
    class Placed(PatchStack):
        def forward(self, pyramid, planes):
            place = planes.target.points.mean(dim=(1, 2)).reshape(-1, 1, 1, 1)
            return super().forward([image * place for image in pyramid], planes)

    class Central(Coarse):
        def forward(self, image, planes):
            place = planes.source.points.mean(dim=(1, 2)).reshape(-1, 1, 1, 1)
            return super().forward(image * place, planes)

    for kind, part in (("discriminator", Placed), ("generator", Central)):
        assert list(breaches(kind, part)) == [LANDMARKS]
        part.needs_landmarks = True
        assert breaches(kind, part) == {}


CLASSES = "tells the domain where its class says so"


class Sorter(PatchStack):
    """With classes that `sizes` are wrong for, or that its options do not declare."""

    def __init__(self, plane_channels, domains, sizes=None):
        super().__init__(plane_channels, sizes or domains, width=8, classes=True)


class Forgetful(Sorter):
    gives_classes = True

    def forward(self, pyramid, planes):
        return [Verdict(logits=one.logits, features=one.features) for one in super().forward(pyramid, planes)]


def test_a_discriminator_that_gives_classes_says_so_and_gives_those_of_all_domains():
    class Declared(Sorter):
        gives_classes = True

    assert breaches("discriminator", Declared) == {}
    assert breaches("discriminator", Sorter)[CLASSES].startswith("it gives Verdict.classes, so its class needs")
    assert breaches("discriminator", Forgetful)[CLASSES].endswith("Verdict.classes is None at every level")
    told = breaches("discriminator", Declared, options={"sizes": 2})
    assert told[VERDICTS] == "classes of level 0 must be (1, 3), they are (1, 2)"


def test_a_discriminator_that_gives_no_verdicts():
    tuples = judging(lambda verdicts, pyramid: [(verdict.logits, verdict.features) for verdict in verdicts])
    assert breaches("discriminator", tuples)[VERDICTS] == "level 0 must be a ptk.Verdict, it is a tuple"
