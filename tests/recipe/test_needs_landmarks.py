"""Parts that look at landmarks: told by their classes, and refused on data without faces, by file and line."""

import json
import shutil

import pytest

from ptk.data.source import open_source
from ptk.dataset.manifest import read_manifest, write_manifest
from ptk.errors import PluginError, RecipeError
from ptk.recipe.agreement import hears_landmarks, parts_on_landmarks
from ptk.recipe.load import load_recipe, parse_recipe

PLAIN = """
recipe: plain
data: {source: SOURCE, size: 64, pairs: identity}
domains: [photo, sketch]
generator: {portraitgan: {width: 8, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 2, layers: 2, width: 8}}
losses:
  critic: {lsgan: 1}
  generator:
    lsgan: 1
    identity: 5
    cycle: 2
"""


@pytest.fixture(scope="module")
def faceless(small_data, tmp_path_factory):
    """The small set with its landmarks taken away, as a set without faces has none."""
    from dataclasses import replace

    folder = shutil.copytree(small_data, tmp_path_factory.mktemp("faceless") / "set")
    write_manifest(folder, [replace(entry, landmarks=None) for entry in read_manifest(folder)])
    (folder / "dataset.json").write_text(json.dumps({"faces": False}))
    return folder


def parse(text, source, *settings):
    return parse_recipe(text.replace("SOURCE", str(source)), "my.yaml", settings)


@pytest.mark.parametrize("conditioners", ["", "conditioners: []\n", "conditioners:\n"])
def test_conditioners_may_be_missing_or_none(faceless, conditioners):
    recipe = parse(PLAIN + conditioners, faceless)
    assert recipe.conditioners == ()
    assert parts_on_landmarks(recipe) == []
    assert not hears_landmarks(recipe)
    open_source(recipe).check()


def test_every_part_that_needs_landmarks_is_refused_by_its_line(faceless):
    text = PLAIN.replace("    identity: 5\n", "    identity: {weight: 5, lean: 2}\n    perceptual: {focus: mouth}\n")
    text = text.replace("{patch_stack: {levels: 2, layers: 2, width: 8}}", "face_patches")
    text += "conditioners:\n  - domain_planes\n  - face_contours: {width: 2}\nmetrics: [mse, mouth_error]\n"
    recipe = parse(text, faceless, "data.pairs=mixed")
    with pytest.raises(RecipeError) as refused:
        open_source(recipe).check()
    needs = f"needs landmarks, and {faceless} was prepared without faces; leave it out, or prepare the data with faces"
    assert refused.value.mistakes == (
        f"my.yaml:16: conditioners.face_contours: {needs}",
        f"my.yaml:6: discriminator.face_patches: {needs}",
        f"my.yaml:11: losses.generator.identity.lean: {needs}",
        f"my.yaml:12: losses.generator.perceptual.focus: {needs}",
        f"my.yaml:17: metrics.mouth_error: {needs}",
        f"`set` data.pairs=mixed: data.pairs: mixed bends faces, and {faceless} was prepared without faces; "
        "set it to unpaired",
    )


def test_the_same_parts_are_welcome_where_there_are_faces(small_data):
    open_source(parse(PLAIN + "conditioners: [landmark_map]\n", small_data)).check()


def test_options_count_only_when_they_are_set(faceless):
    open_source(parse(PLAIN.replace("identity: 5", "identity: {weight: 5, lean: 0}"), faceless)).check()


def test_shipped_recipes_tell_what_they_hear():
    assert hears_landmarks(load_recipe("portraitgan"))
    found = parts_on_landmarks(load_recipe("portraits"))
    assert {"conditioners.motion_field", "generator.warp_and_paint"} <= set(found)


def test_planes_of_domains_tell_no_landmarks(faceless):
    assert not hears_landmarks(parse(PLAIN + "conditioners: [domain_planes]\n", faceless))


def test_a_conditioner_that_does_not_say_is_taken_to_tell_them(faceless, monkeypatch):
    from ptk.conditioners.domain_planes import DomainPlanes

    monkeypatch.delattr(DomainPlanes, "needs_landmarks")
    assert hears_landmarks(parse(PLAIN + "conditioners: [domain_planes]\n", faceless))


@pytest.mark.parametrize("said", [("leen",), "lean"])
def test_a_declaration_that_names_no_option_is_told(faceless, monkeypatch, said):
    from ptk.losses.identity import Identity

    monkeypatch.setattr(Identity, "needs_landmarks", said)
    with pytest.raises(PluginError, match="loss identity: needs_landmarks must be true, false or names of its options"):
        open_source(parse(PLAIN, faceless)).check()
