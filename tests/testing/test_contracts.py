"""Every part of ptk holds every rule of its kind, and one that says too little of itself is told."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
import skimage.data
import torch
from breaches import breaches, outcomes
from PIL import Image

from ptk.errors import MissingExtra, PluginError
from ptk.registry.kinds import KINDS
from ptk.registry.parts import Part
from ptk.registry.registry import Registry
from ptk.testing.contracts import RULES, check_part, checks, part_checks
from ptk.types import Domain

# Small where the defaults are sized for training, and offline.
OPTIONS = {
    "portraitgan": {"width": 8, "down": 2, "blocks": 1},
    "unet": {"width": 8, "down": 5},
    "residual_unet": {"width": 8, "down": 2, "blocks": 1},
    "resnet": {"width": 8, "blocks": 1},
    "generator:stargan": {"width": 8, "blocks": 1},
    "discriminator:stargan": {"size": 64, "width": 8},
    "warp_and_paint": {"width": 8, "down": 2, "blocks": 1, "detail": 8, "chroma": 3},
    "patch_stack": {"width": 8},
    "patch_nce": {"layers": [0, 1, 3], "channels": [3, 3, 3], "width": 8},
    "perceptual": {"backbone": "vgg11", "weights": "random"},
    "texture": {"backbone": "vgg11", "weights": "random"},
}

# What each source knows, by its path in a folder.
KNOWN = {
    "tree": "ann/smile.jpg",
    "folders": "horse/1.jpg",
    "pattern": "ann_smile.jpg",
    "table": "ann_smile.jpg",
    "radboud": "Rafd090_01_Caucasian_female_angry_frontal.jpg",
    "kdef": "AF01/AF01ANS.JPG",
    "icv": "Sample_003_001.JPG",
    "london": "neutral_front/001_03.jpg",
}

REGISTRY = Registry()
# Mosaic's network with other numbers: half a minute for all of them.
ALIKE = ("candy", "neural_style", "poster", "starry", "wave")
PARTS = [
    pytest.param(kind, name, marks=pytest.mark.slow if name in ALIKE else ())
    for kind in KINDS
    for name in REGISTRY.names(kind)
]


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    file = tmp_path_factory.mktemp("style") / "style.png"
    Image.fromarray(skimage.data.astronaut()[200:456, :256]).save(file)
    return file


@pytest.mark.parametrize(("kind", "name"), PARTS, ids=lambda value: value)
def test_every_part_of_ptk_holds_every_rule(kind, name, picture, tmp_path):
    options = {"file": picture} if name == "picture" else OPTIONS.get(f"{kind}:{name}", OPTIONS.get(name))
    place = known_place(name, tmp_path) if kind == "source" else None
    try:
        check_part(kind, REGISTRY.part(kind, name), options, photo=skimage.data.astronaut(), place=place)
    except MissingExtra as missing:
        pytest.skip(str(missing))


def known_place(name, folder):
    """A place in which the source `name` finds a photo."""
    photo = folder / KNOWN[name]
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.touch()
    if name != "table":
        return folder
    table = folder / "table.csv"
    table.write_text(f"image,identity\n{photo.name},ann\n")
    return table


def test_rules_of_a_kind_have_names_of_their_own():
    for kind in KINDS:
        names = [rule.name for rule in RULES[kind]]
        assert len(set(names)) == len(names), kind


class Oil(Domain):
    """Oil paintings. `varnish` is their age."""

    title = "Oil"

    def __init__(self, varnish: float = 1.0) -> None:
        self.varnish = varnish

    def stylise(self, faces):
        return faces.image * 2


OIL = f"{__name__}:Oil"


def test_a_breach_says_what_came_and_where_to_look():
    (told,) = [one for one in outcomes("domain", Oil).values() if one.status == "fail" and "[-1, 1]" in one.rule]
    assert told.subject == "domain mine"
    assert told.message == "styled images must be in [-1, 1], values are in [-2, 2]"
    file, line = told.where.split(":")
    assert Path(file) == Path(__file__)
    assert "def stylise" in Path(file).read_text().splitlines()[int(line) - 1]


def test_all_breaches_of_a_part_are_told_each_with_part_and_distribution():
    with pytest.raises(PluginError) as told:
        check_part("domain", Part("oil", "", OIL, origin="ptk-oil 1.0"))
    summary, images, outside = str(told.value).splitlines()
    assert summary.startswith("domain oil (ptk-oil 1.0): says in a line what it is: the part needs a summary")
    assert images.startswith("domain oil (ptk-oil 1.0): gives images in [-1, 1]: styled images must be in [-1, 1]")
    assert "bears points outside the crop" in outside


def test_whatever_a_part_raises_is_told_in_one_line_with_its_place():
    class Broken(Domain):
        title = "Broken"

        def stylise(self, faces):
            raise RuntimeError("two\nlines")

    told = outcomes("domain", Broken)["gives images in [-1, 1]"]
    assert told.message == "raised RuntimeError: two lines"
    assert "raise RuntimeError" in Path(__file__).read_text().splitlines()[int(told.where.rpartition(":")[2]) - 1]


def test_a_part_that_exits_stops_no_check():
    def leaves():
        sys.exit(3)

    assert breaches("domain", leaves) == {"can be built": "raised SystemExit: 3"}


def test_what_cannot_be_built_is_told_once():
    def broken():
        raise ValueError("no")

    told = outcomes("conditioner", broken)
    assert told["can be built"].status == "fail"
    assert all(told[rule].status != "fail" for rule in told if rule != "can be built")
    assert told["bears points outside the crop"].message == "it cannot be built"


def test_a_factory_that_is_not_there_is_told_by_the_rules_that_need_no_more():
    told = {one.rule: one.run() for one in part_checks("domain", Part("mine", "a part", "ptk_nowhere:Oil"))}
    broken = [rule for rule, one in told.items() if one.status == "fail"]
    assert broken == ["has a docstring", "its options are annotated and documented", "can be built"]
    assert told["has a title"].message == "it cannot be built"


def test_an_annotation_that_is_not_there_is_told_with_its_mend():
    class Late(Domain):
        """Oil, `file`."""

        def __init__(self, file: "Missing | None" = None) -> None:
            self.file = file

    told = breaches("domain", Late)["can be built"]
    assert told.startswith(f"the options of {__name__}:")
    assert told.endswith("name 'Missing' is not defined; import it outside of `if TYPE_CHECKING`")


def test_where_a_part_of_an_interactive_session_fails_cannot_be_said(monkeypatch):
    def stylise(self, faces):
        raise RuntimeError("no")

    typed = type("Typed", (Domain,), {"__module__": "__main__", "title": "Typed", "stylise": stylise})
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # it has no file
    told = outcomes("domain", typed)["gives images in [-1, 1]"]
    assert (told.message, told.where) == ("raised RuntimeError: no", "__main__")


def test_a_part_that_needs_options_is_skipped_and_says_how_to_give_them():
    told = outcomes("domain", REGISTRY.part("domain", "picture").load())
    assert told["has a title"].status == "skip"
    assert told["has a title"].message == "it has options that must be given: `set` mine.file=..."


def test_without_an_extra_a_part_is_not_checked():
    def needy():
        raise MissingExtra("styles", "domain needy")

    assert not breaches("domain", needy)
    with pytest.raises(MissingExtra):
        check_part("domain", Part("needy", "needs an extra", needy))


def test_a_check_leaves_the_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    check_part("generator", REGISTRY.part("generator", "portraitgan"), OPTIONS["portraitgan"])
    assert torch.equal(torch.rand(1), expected)


def test_checks_are_of_a_plug_in_or_of_a_part():
    assert {check.subject for check in checks("domain:sketch", registry=REGISTRY)} == {"domain sketch"}
    assert {check.subject for check in checks("sketch", registry=REGISTRY)} == {"domain sketch"}
    assert {"loss lsgan (generator)", "loss lsgan (critic)"} == {
        one.subject for one in checks("lsgan", registry=REGISTRY)
    }
    assert len({check.subject for check in checks("ptk", registry=REGISTRY)}) > len(PARTS)
    with pytest.raises(PluginError, match=r"no such plug-in or part: sketsch; did you mean sketch\?"):
        checks("sketsch", registry=REGISTRY)
    with pytest.raises(PluginError, match="no such plug-in or part: style:sketch"):
        checks("style:sketch", registry=REGISTRY)
