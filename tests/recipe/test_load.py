"""A recipe is checked whole: every mistake at once, with file, line and the nearest name."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.errors import RecipeError
from ptk.recipe.load import find_recipe, load_recipe, name_recipe, parse_recipe, shipped_recipes

TINY = """
recipe: portraitgan-tiny
data: {source: sample, size: 128}
domains: [photo, sketch, watercolor]
conditioners:
  - landmark_map: {sigma: 3}
  - domain_planes
generator: {portraitgan: {width: 24, down: 2, blocks: 4}}
discriminator: {patch_stack: {levels: 2, layers: 3, width: 24}}
losses:
  critic: {lsgan: 1}
  generator: {lsgan: 1, feature_matching: 10, identity: 10, cycle: 2, texture: {weight: 10, backbone: vgg16}}
training: {steps: 1200, batch: 2, lr: 4.0e-4, betas: [0.5, 0.999], ema: 0.99, seed: 1, checkpoint: 200, grid: 200}
"""


def mistakes(text, *overrides):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(text, "my.yaml", overrides)
    return list(caught.value.mistakes)


def line_of(text, start):
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize("path", shipped_recipes(), ids=lambda path: path.stem)
def test_shipped_recipes_are_right(path):
    assert load_recipe(path).name == name_recipe(path)


def test_the_paper_recipe_says_what_the_paper_says():
    recipe = load_recipe("portraitgan")
    assert recipe.data.size == 512
    assert recipe.domain_names == ("photo", "sketch", "watercolor", "mosaic", "starry")
    assert dict(recipe.generator.options) == {"width": 64, "down": 4, "blocks": 9}
    weights = {loss.name: loss.weight for loss in recipe.losses["generator"]}
    assert weights == {"adversarial": 1, "feature_matching": 10, "identity": 5, "cycle": 2, "texture": 10}


def test_all_mistakes_come_at_once_with_lines_and_nearest_names():
    text = (
        TINY.replace("cycle: 2", "cylce: 2")
        .replace("size: 128", "size: big")
        .replace("width: 24, down", "widht: 24, down")
    )
    found = mistakes(text)
    size, generator = line_of(text, "data"), line_of(text, "generator")
    losses = line_of(text, "  generator: {lsgan")
    assert found == [
        f"my.yaml:{size}: data.size: input should be a valid integer, "
        "unable to parse string as an integer, it is 'big'",
        f"my.yaml:{generator}: generator.portraitgan.widht: no such option; did you mean width?",
        f"my.yaml:{losses}: losses.generator.cylce: no such loss; did you mean cycle?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("recipe: portraitgan-tiny", "recipe:", "recipe: must be the recipe's name"),
        ("domains: [photo, sketch, watercolor]", "domains: []", "domains: must be a list with at least one name"),
        ("[photo, sketch, watercolor]", "[photo, scetch]", "domains.scetch: no such domain; did you mean sketch?"),
        ("[photo, sketch, watercolor]", "[photo, photo]", "domains.photo: stands here twice"),
        ("[photo, sketch, watercolor]", "[photo, {inky: {from: sketsch}}]", "did you mean sketch?"),
        ("  - domain_planes", "  - domain_plane", "conditioners.domain_plane: no such conditioner; did you mean"),
        ("sigma: 3", "sigma: wide", "conditioners.landmark_map.sigma: input should be a valid number"),
        ("critic: {lsgan: 1}", "critic: {cycle: 1}", "losses.critic.cycle: trains the generator, not the critic"),
        ("critic: {lsgan: 1}", "critic: {lsgan: -1}", "losses.critic.lsgan: its weight must be a number of at least 0"),
        ("critic: {lsgan: 1}", "critic: {lsgan: .nan}", "its weight must be a number of at least 0"),
        ("critic: {lsgan: 1}", "critics: {lsgan: 1}", "losses.critics: no such key; did you mean critic?"),
        ("cycle: 2", "perceptual: {weight: 1, focus: nose}", "unable to interpret input, or 'mouth', it is 'nose'"),
        ("batch: 2", "batch: 0", "training.batch: input should be greater than 0, it is 0"),
        ("batch: 2", "batch: 2, batch: 4", "training.batch: stands here twice"),
        ("batch: 2", "bach: 2", "training.bach: no such key; did you mean batch?"),
        ("betas: [0.5, 0.999]", "betas: [0.5, 1.5]", "training.betas"),
        ("generator: {portraitgan:", "generatr: {portraitgan:", "generatr: no such key; did you mean generator?"),
        ("generator: {portraitgan:", "generator: {a: 1, portraitgan:", "must be a name, or a name with its options"),
    ],
)
def test_one_mistake_is_one_line(old, new, message):
    assert old in TINY
    found = mistakes(TINY.replace(old, new))
    assert any(message in line for line in found), found
    assert all(line.startswith("my.yaml:") for line in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a recipe is a mapping"),
        ("- a\n- b\n", "a recipe is a mapping"),
        ("recipe: [", "my.yaml:1: not YAML"),
        ("recipe: x\n\tdata: y\n", "my.yaml:2: not YAML"),
        ("recipe: \x00", "not YAML"),
    ],
)
def test_what_is_no_recipe_is_one_line(text, message):
    (line,) = mistakes(text)
    assert message in line


def test_numbers_that_yaml_reads_as_text_are_cast():
    recipe = parse_recipe(TINY.replace("lr: 4.0e-4", "lr: 1e-4"), "my.yaml")
    assert recipe.training.lr == 1e-4  # PyYAML reads 1e-4, without a dot, as a string


def test_set_changes_one_value_for_one_run():
    recipe = parse_recipe(
        TINY,
        "my.yaml",
        ["training.batch=8", "generator.portraitgan.width=8", "conditioners.landmark_map.sigma=5", "data.mirror=false"],
    )
    assert (recipe.training.batch, recipe.generator.options["width"]) == (8, 8)
    assert recipe.conditioners[0].options["sigma"] == 5
    assert recipe.data.mirror is False
    assert recipe.document["training"]["batch"] == 8, "what is stored with weights is what ran"


def test_set_reaches_a_part_that_has_no_options_yet():
    text = TINY.replace("generator: {portraitgan: {width: 24, down: 2, blocks: 4}}", "generator: portraitgan")
    assert parse_recipe(text, "my.yaml", ["generator.portraitgan.width=8"]).generator.options == {"width": 8}
    recipe = parse_recipe(TINY, "my.yaml", ["losses.generator.cycle.weight=4"])
    assert {loss.name: loss.weight for loss in recipe.losses["generator"]}["cycle"] == 4


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.bach=4", "`set` training.bach=4: training.bach: no such key; did you mean batch?"),
        ("training.batch=many", "`set` training.batch=many: training.batch: input should be a valid integer"),
        ("training.accumulate=3", "training.accumulate: a batch of 2 has no 3 equal parts, it is 3"),
        ("training.batch", "`set` training.batch: must be KEY=VALUE"),
        ("=4", "`set` =4: must be KEY=VALUE"),
        ("training.batch=", "'' is not a YAML value"),
        ("conditioners.nobody.sigma=4", "no nobody in this list"),
    ],
)
def test_a_mistake_in_set_names_the_setting(setting, message):
    (line,) = mistakes(TINY, setting)
    assert message in line


def test_a_generator_gets_the_conditioner_it_needs(monkeypatch):
    from ptk.generators.portraitgan import PortraitGAN

    monkeypatch.setattr(PortraitGAN, "needs", ("face_contours",), raising=False)
    (line,) = mistakes(TINY)
    assert "generator.portraitgan: needs the conditioner face_contours; add it" in line


def test_a_recipe_is_found_by_path_and_by_name(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(TINY)
    assert find_recipe(mine) == mine
    assert find_recipe("portraitgan-tiny").name == "portraitgan-tiny.yaml"
    with pytest.raises(RecipeError, match="portraitgan-tyni: no such recipe; did you mean portraitgan-tiny"):
        find_recipe("portraitgan-tyni")


def test_a_recipe_that_is_not_text_is_one_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match=r"a\.yaml: cannot be read"):
        load_recipe(path)


def test_a_file_option_stands_beside_the_recipe():
    text = TINY.replace("[photo, sketch, watercolor]", "[photo, {starry: {from: picture, file: starry.jpg}}]")
    recipe = parse_recipe(text, "folder/my.yaml")
    assert recipe.domains[1].options["file"] == Path("folder/starry.jpg")
    assert recipe.domains[1].part == "picture"
    (line,) = mistakes(text.replace(", file: starry.jpg", ""))
    assert "domains.starry: needs the option file" in line


@pytest.mark.parametrize(
    "setting", ["domains=[photo, {starry: {from: picture, file: mine.jpg}}]", "domains.starry.file=mine.jpg"]
)
def test_a_file_that_is_set_is_where_the_one_who_sets_it_is(setting):
    text = TINY.replace("[photo, sketch, watercolor]", "[photo, {starry: {from: picture, file: starry.jpg}}]")
    recipe = parse_recipe(text, "folder/my.yaml", [setting])
    assert recipe.domains[1].options["file"] == Path("mine.jpg")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(TINY) - 1),
    st.sampled_from(["", "\t", "{", "]", "\x00", ": ", "#", "&a", "é"]),
    st.integers(0, 40),
)
def test_damaged_text_gives_a_recipe_or_lines_never_a_traceback(place, noise, cut):
    text = TINY[:place] + noise + TINY[place + cut :]
    try:
        parse_recipe(text, "my.yaml")
    except RecipeError as error:
        assert all(line.startswith("my.yaml") for line in error.mistakes)
