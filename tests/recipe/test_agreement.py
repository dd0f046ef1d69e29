"""What no part of a recipe can see by itself is found before anything is built, with the line to change."""

import pytest

from ptk.errors import RecipeError
from ptk.recipe.load import parse_recipe

UNPAIRED = """
recipe: two
data: {source: sample, size: 64, pairs: unpaired}
domains: [photo, sketch]
conditioners: [domain_planes]
generator: {portraitgan: {width: 8}, each: domain}
discriminator: {patch_stack: {width: 8}, each: domain}
losses:
  critic: {lsgan: 1}
  generator:
    lsgan: 1
    cycle: 10
"""


def mistakes(text, *overrides):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(text, "my.yaml", overrides)
    return list(caught.value.mistakes)


def test_networks_a_domain_and_unpaired_data_go_together():
    recipe = parse_recipe(UNPAIRED, "my.yaml")
    assert recipe.generator.each == recipe.discriminator.each == "domain"
    assert dict(recipe.generator.options) == {"width": 8}


@pytest.mark.parametrize("loss", ["identity", "feature_matching", "perceptual", "texture"])
def test_a_loss_that_needs_the_truth_is_refused_where_there_is_none(loss):
    (found,) = mistakes(UNPAIRED.replace("    cycle: 10", f"    {loss}: 10"))
    assert found.startswith(f"my.yaml:12: losses.generator.{loss}: needs the true result, and data.pairs: unpaired")
    parse_recipe(UNPAIRED.replace("    cycle: 10", f"    {loss}: 10").replace("unpaired", "identity"), "my.yaml")


def test_a_loss_of_features_needs_a_generator_that_lends_them():
    text = UNPAIRED.replace("    cycle: 10", "    patch_nce: 1")
    (found,) = mistakes(text)
    assert found == (
        "my.yaml:12: losses.generator.patch_nce: needs a generator with the method encode, and portraitgan has none; "
        "resnet has one"
    )
    parse_recipe(text.replace("portraitgan", "resnet"), "my.yaml")


def test_one_network_a_domain_needs_two_domains():
    found = mistakes(UNPAIRED.replace("[photo, sketch]", "[photo]"))
    assert "my.yaml:6: generator.each: needs two domains at least; list them in domains" in found
    assert "my.yaml:7: discriminator.each: needs two domains at least; list them in domains" in found


def test_there_is_one_network_a_domain_or_one():
    (found,) = mistakes(UNPAIRED.replace("width: 8}, each: domain}\ndiscr", "width: 8}, each: person}\ndiscr"))
    assert found == "my.yaml:6: generator.each: must be domain, it is 'person'"


def test_steps_of_a_critic_that_nobody_trains_are_refused():
    text = UNPAIRED.replace("{lsgan: 1}", "{}") + "training: {critic_steps: 5}\n"
    (found,) = mistakes(text)
    assert found.startswith("my.yaml:13: training.critic_steps: no loss trains the critic")


def test_a_rate_a_side():
    recipe = parse_recipe(UNPAIRED, "my.yaml", ["training.lr={generator: 1e-4, critic: 4e-4}"])
    assert (recipe.training.rate("generator"), recipe.training.rate("critic")) == (1e-4, 4e-4)
    (found,) = mistakes(UNPAIRED + "training: {lr: {generator: 1e-4}}\n")
    assert found.startswith("my.yaml:13: training.lr: ")


def test_a_pool_does_not_suit_a_discriminator_that_looks_where_the_face_is():
    text = UNPAIRED.replace("unpaired", "identity").replace("patch_stack: {width: 8}, each: domain", "face_patches")
    (found,) = mistakes(text.replace("{lsgan: 1}", "{adversarial: {pool: 50}}"))
    assert found.startswith("my.yaml:9: losses.critic.adversarial: its pool keeps images without their landmarks")


def test_a_loss_by_both_of_its_names_is_refused():
    """So `--set losses.generator.lsgan=2` on a recipe that says adversarial does not add a second one."""
    (found,) = mistakes(UNPAIRED, "losses.generator.adversarial=1")
    assert "losses.generator.lsgan: is adversarial by its older name, which is named, too; keep one" in found


def test_no_other_domain_is_called_photo():
    (found,) = mistakes(UNPAIRED.replace("[photo, sketch]", "[sketch, {photo: {from: mosaic}}]"))
    assert found.startswith("my.yaml:4: domains.photo: is the photograph itself, not what mosaic renders; give that")
    parse_recipe(UNPAIRED.replace("[photo, sketch]", "[sketch, {photo: {from: images}}]"), "my.yaml")


@pytest.mark.parametrize(
    ("domains", "pairs", "plain", "start"),
    [
        ("[photo, sketch]", "warp", 0, 0),
        ("[sketch, photo]", "warp", 1, 1),
        ("[sketch, photo]", "photo", 1, 0),  # aligned pairs go in the order of the domains
        ("[sketch, mosaic]", "warp", 0, 0),
    ],
)
def test_the_plain_domain_is_photo_wherever_it_stands(domains, pairs, plain, start):
    text = UNPAIRED.replace("[photo, sketch]", domains).replace("unpaired", pairs)
    recipe = parse_recipe(text, "my.yaml")
    assert (recipe.plain, recipe.start_domain) == (plain, start)
