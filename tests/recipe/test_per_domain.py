"""A network a domain: each row is that of the network of its target's domain, however the rows are told apart."""

import dataclasses

import pytest
import torch

from ptk.discriminators.patch_stack import PatchStack
from ptk.generators.portraitgan import PortraitGAN
from ptk.generators.resnet import ResNet
from ptk.recipe.build import build_conditioners, build_discriminator, build_generator
from ptk.recipe.load import parse_recipe
from ptk.recipe.per_domain import DiscriminatorPerDomain, GeneratorPerDomain
from ptk.types import Faces, Planes, Target

SEGMENTS = ((1, 2), (0, 1), (1, 1))
DOMAIN = torch.tensor([1, 1, 0, 1])


def planes(segments):
    draw = torch.Generator().manual_seed(0)
    source = Faces(image=torch.rand(4, 3, 32, 32, generator=draw), points=torch.zeros(4, 68, 2), domain=1 - DOMAIN)
    return Planes(
        {"told": torch.rand(4, 2, 32, 32, generator=draw)},
        Target(points=torch.zeros(4, 68, 2), domain=DOMAIN, segments=segments),
        source,
    )


@pytest.fixture
def generators():
    torch.manual_seed(0)
    return [PortraitGAN(2, width=4, down=2, blocks=1) for _ in range(2)]


@pytest.mark.parametrize("segments", [SEGMENTS, None])
def test_rows_go_to_the_generator_of_their_target(generators, segments):
    told = planes(segments)
    image = told.source.image
    made = GeneratorPerDomain(generators)(image, told)
    for row, domain in enumerate(DOMAIN.tolist()):
        alone = generators[domain](image[row : row + 1], told.rows(slice(row, row + 1)))
        for level, one in zip(made, alone, strict=True):
            torch.testing.assert_close(level[row : row + 1], one, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("segments", [SEGMENTS, None])
def test_features_of_rows_are_those_of_the_generator_of_their_target(segments):
    torch.manual_seed(0)
    networks = [ResNet(2, width=4, down=1, blocks=1) for _ in range(2)]
    told = planes(segments)
    features = GeneratorPerDomain(networks).encode(told.source.image, told)
    assert len(features) == 4
    for row, domain in enumerate(DOMAIN.tolist()):
        mine = slice(row, row + 1)
        alone = networks[domain].encode(told.source.image[mine], told.rows(mine))
        for level, one in zip(features, alone, strict=True):
            torch.testing.assert_close(level[mine], one, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("segments", [SEGMENTS, None])
def test_rows_are_judged_by_the_discriminator_of_the_domain_they_claim(segments):
    torch.manual_seed(0)
    judges = [PatchStack(2, width=4, layers=1, conditional=True) for _ in range(2)]
    told = planes(segments)
    pyramid = [told.source.image, told.source.image[..., ::2, ::2]]
    verdicts = DiscriminatorPerDomain(judges)(pyramid, told)
    for row, domain in enumerate(DOMAIN.tolist()):
        mine = slice(row, row + 1)
        alone = judges[domain]([image[mine] for image in pyramid], told.rows(mine))
        for level, one in zip(verdicts, alone, strict=True):
            torch.testing.assert_close(level.logits[mine], one.logits, atol=1e-6, rtol=1e-5)
            for feature, other in zip(level.features, one.features, strict=True):
                torch.testing.assert_close(feature[mine], other, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("segments", [SEGMENTS, None])
def test_gradients_are_those_of_each_row_s_own_network(generators, segments):
    told = planes(segments)
    whole = GeneratorPerDomain(generators)
    sum(level.square().mean() for level in whole(told.source.image, told)).backward()
    first = [parameter.grad.clone() for parameter in whole.networks[0].parameters()]
    whole.zero_grad()
    row = slice(2, 3)  # the only row of the first network, a fourth of the batch
    sum(level.square().mean() / 4 for level in generators[0](told.source.image[row], told.rows(row))).backward()
    for one, parameter in zip(first, generators[0].parameters(), strict=True):
        torch.testing.assert_close(one, parameter.grad, atol=1e-7, rtol=1e-4)


def test_a_recipe_builds_one_network_a_domain():
    text = """
recipe: two
domains: [photo, sketch]
conditioners: [domain_planes]
generator: {portraitgan: {width: 4, down: 2, blocks: 1}, each: domain}
discriminator: {patch_stack: {levels: 1, width: 4}, each: domain}
losses: {critic: {lsgan: 1}, generator: {lsgan: 1}}
"""
    recipe = parse_recipe(text, "two.yaml")
    conditioners = build_conditioners(recipe)
    generator, discriminator = build_generator(recipe, conditioners), build_discriminator(recipe, conditioners)
    assert len(generator.networks) == len(discriminator.networks) == 2
    one, other = (next(network.parameters()) for network in generator.networks)
    assert not torch.equal(one, other)  # each begins with noise of its own
    one_each = recipe.replace_uses("generator", [dataclasses.replace(recipe.generator, each="")])
    assert isinstance(build_generator(one_each, conditioners), PortraitGAN)
