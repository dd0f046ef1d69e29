"""Styles that weights of a plug-in make: on the head, in the photo's own detail; what is damaged is named in a line."""

import hashlib
import json
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from ptk.dataset.example import portraits
from ptk.editing.composite.detail import find_kept_detail
from ptk.editing.opening import choose_style, open_editor
from ptk.editing.styles import choose_renderer
from ptk.editing.weights_styles import check_files, open_style
from ptk.errors import PluginError, PtkError, WeightsError
from ptk.faces.crop import Crop
from ptk.faces.images import read_photo
from ptk.faces.mask import head_mask
from ptk.files import hash_file
from ptk.registry.registry import load_registry
from ptk.registry.styles import find_weights
from ptk.scaffold.outline import TEMPLATES
from ptk.types import Weights

MEND = "install the plug-in again"


def found(word):
    offered = find_weights(load_registry(), word)
    assert offered is not None
    return open_style(*offered)


def test_the_head_is_painted_and_what_lies_around_it_stays(bring_weights):
    bring_weights("old", "brown")
    style = found("brown")
    assert (style.name, style.made_by, style.needs_face) == ("brown", "learned", True)
    (photo, points), *_ = portraits(1)
    before = photo.copy()
    painted = style.paint(photo, [points])
    assert np.array_equal(photo, before)
    crop = Crop.around(points)
    unit = crop.to_unit(points)
    mask = head_mask(unit, unit, grow=0.06, feather=0.16)
    share = crop.spread(mask[..., None], (0, 0, *photo.shape[1::-1]), "zeros")[..., 0]
    assert np.array_equal(painted[share <= 0], photo[share <= 0])
    red, green, blue = painted[share > 0.99].mean(axis=0)
    assert red > green + 5 > blue + 10


def test_detail_that_the_network_cannot_see_stays():
    """Half as large as the photo, it sees no single pixels; they are in the result all the same."""
    draw = np.random.default_rng(0)
    seen = np.full((64, 64, 3), 120, np.uint8) + draw.integers(0, 40, (64, 64, 1)).astype(np.uint8)
    darker = seen.astype(np.float32) * 0.9 - 20
    drawn = np.full_like(darker, 255)
    assert find_kept_detail(darker, seen).mean() > 0.85
    assert find_kept_detail(drawn, seen).mean() < 0.1
    flat = np.full((64, 64, 3), 90, np.uint8)
    assert find_kept_detail(flat + np.float32(30), flat).min() > 0.99


def test_a_photo_in_another_colour_space_is_painted_in_that(bring_weights):
    bring_weights("old", "brown")
    style = found("brown")
    (photo, points), *_ = portraits(1)
    plain = style.paint(photo, [points])
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    again = style.paint(photo, [points], srgb)
    assert np.abs(plain.astype(int) - again).max() <= 1


def test_a_moved_face_gets_the_style_of_the_plug_in(bring_weights, tmp_path):
    """The expression is ptk's own, the style follows it: both in one file, whose record says so."""
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    bring_weights("old", "brown")
    from skimage import data

    file = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()[:400]).save(file)
    results = {}
    for strengths in ({}, {"smile": 0.8}):
        out = tmp_path / f"{len(strengths)}.png"
        assert open_editor(style="ptk-old:brown", strengths=strengths).edit(read_photo(file), out)
        results[len(strengths)] = read_photo(out)
    assert (results[0].edit.style, results[0].edit.made_by, results[0].edit.moved) == ("brown", "learned", False)
    assert (results[1].edit.style, results[1].edit.moved) == ("brown", True)
    with pytest.raises(PtkError, match="is in the style brown already"):
        open_editor(style="brown").edit(read_photo(tmp_path / "1.png"), tmp_path / "2.png")
    same = np.abs(results[0].pixels.astype(int) - results[1].pixels).max(axis=2)
    assert (same == 0).mean() > 0.8  # what moves is the face
    assert same.max() > 40


def test_what_it_covers_is_the_head(bring_weights):
    bring_weights("old", "brown")
    network = open_editor().translator
    assert choose_style("brown", network, own=True, area="head").name == "brown"
    assert choose_style("brown", network, own=True, learned=True).name == "brown"
    with pytest.raises(PtkError, match=r"`area=photo`: the weights of ptk-old 1\.0 paint heads only; leave it out"):
        choose_style("brown", network, own=True, area="photo")


def test_two_that_call_their_weights_alike_are_told_apart_by_their_distribution(bring_weights):
    for name in ("hair", "barber"):
        hooks = bring_weights(name, "brown") / "__init__.py"
        hooks.write_text(hooks.read_text().replace(f'"{name}"', '"net"'))
    with pytest.raises(PluginError, match=r"say whose: ptk-barber:brown or ptk-hair:brown"):
        find_weights(load_registry(), "brown")
    assert found("ptk-hair:brown").name == found("ptk-barber:brown").name == "brown"


def test_weights_that_somebody_named_and_plug_ins_go_together(bring_weights):
    """Those named with `weights` lead with the styles that they learned, and move faces for all others."""
    bring_weights("old", "brown")
    mine = SimpleNamespace(domains=("photo", "brown"), metadata={}, multiple=0)
    assert choose_style("brown", mine, own=False) is None
    other = SimpleNamespace(domains=("photo", "sketch"), metadata={}, multiple=0)
    assert choose_style("brown", other, own=False).name == "brown"
    assert choose_style("brown", other, own=False, learned=True).name == "brown"


def test_weights_that_learned_whole_pictures_paint_all_of_one(bring_weights):
    onnx = pytest.importorskip("onnx")
    package = bring_weights("old", "brown")
    model = onnx.load(package / "brown.onnx")
    for value in (model.graph.input[0], model.graph.output[0]):
        for axis, name in ((2, "rows"), (3, "columns")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    said = {**json.loads(model.metadata_props[0].value), "multiple": 16}
    onnx.helper.set_model_props(model, {"ptk": json.dumps(said)})
    onnx.save(model, package / "brown.onnx")
    module = package / "weights.py"
    module.write_text(f"{module.read_text()}    files = {{'brown.onnx': '{hash_file(package / 'brown.onnx')}'}}\n")
    style = found("brown")
    assert not style.needs_face
    (photo, _), *_ = portraits(1)
    painted = style.paint(photo[:300], [])
    red, green, blue = painted[-40:, -40:].reshape(-1, 3).mean(axis=0)
    assert red > green > blue
    assert choose_style("brown", open_editor().translator, own=True, area="photo").name == "brown"


def test_an_unknown_style_is_compared_with_those_of_weights(bring_weights):
    bring_weights("old", "brown")
    with pytest.raises(PtkError, match=r"style browm: no such style; did you mean brown\?"):
        choose_renderer("browm")


DAMAGED = {
    "missing": (lambda file: file.unlink(), "is missing"),
    "cut": (lambda file: file.write_bytes(file.read_bytes()[:-9]), "is not the file that was declared, its .*"),
    "empty": (lambda file: file.write_bytes(b""), "is not the file that was declared, its .*"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), "is missing"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_damaged_weights_are_named_and_every_other_style_works_on(bring_weights, how):
    damage, said = DAMAGED[how]
    file = bring_weights("old", "brown") / "brown.onnx"
    bring_weights("new", "blue")
    damage(file)
    with pytest.raises(WeightsError, match=rf"^`style` brown \(ptk-old 1\.0\): {file}: {said}; {MEND}$") as told:
        found("brown")
    assert "\n" not in str(told.value)
    assert found("blue").name == "blue"
    assert choose_renderer("sketch").name == "sketch"


DECLARED = {
    "later": (
        (b"exported/3", b"exported/4"),
        r"a later ptk exported it \(ptk\.exported/4, this ptk reads .*\); update ptk$",
    ),
    "no json": ((b'{"schema"', b'["schema"'), r"a network, but not one of ptk"),
    "size": ((b'"size": 256', b'"size": 128'), "takes faces of 128 pixels, declared are 256"),
    "domain": (
        (b'"sepia"', b'"sepio"'),
        "has not learned sepia, it knows photo, sepio; say in `domains` what it calls brown",
    ),
    "no network": ((b"Conv", b"Conw"), r"not a whole \.onnx file"),
}


@pytest.mark.parametrize("how", DECLARED)
def test_what_is_not_as_declared_is_named(bring_weights, how):
    change, said = DECLARED[how]
    file = bring_weights("old", "brown", change) / "brown.onnx"
    with pytest.raises(WeightsError, match=rf"^`style` brown \(ptk-old 1\.0\): {file}: {said}") as told:
        found("brown")
    assert "\n" not in str(told.value)


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 460), bits=st.integers(1, 255))
def test_any_damage_to_a_file_is_seen(tmp_path_factory, place, bits):
    file = tmp_path_factory.mktemp("damaged") / "brown.onnx"
    whole = (TEMPLATES / "weights" / "src" / "PACKAGE" / "weights.onnx").read_bytes()

    class Brown(Weights):
        files: ClassVar = {file.name: hashlib.sha256(whole).hexdigest()}

        @classmethod
        def find_file(cls, name):
            return file.with_name(name)

    file.write_bytes(whole)
    check_files(Brown())
    file.write_bytes(whole[:place] + bytes([whole[place] ^ bits]) + whole[place + 1 :])
    with pytest.raises(WeightsError, match=MEND):
        check_files(Brown())


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("files = {}", r"`style` brown \(ptk-old 1\.0\): Brown: declares no `files`"),
        ("files = ['brown.onnx']", r"weights old \(ptk-old 1\.0\): files raises AttributeError"),
        ("files = {'brown.onnx': 3}", r"weights old \(ptk-old 1\.0\): files raises AttributeError"),
        ("domains = 3", r"weights old \(ptk-old 1\.0\): files raises AttributeError"),
    ],
)
def test_an_odd_declaration_is_named(bring_weights, declared, said):
    module = bring_weights("old", "brown") / "weights.py"
    module.write_text(f"{module.read_text()}    {declared}\n")
    with pytest.raises(PtkError, match=f"^{said}"):
        found("brown")
