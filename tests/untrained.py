"""Weights of a small network that has learned nothing, for tests of what is done with weights."""

import torch
import yaml
from torch import nn

from ptk.recipe.build import build_conditioners, build_generator
from ptk.recipe.load import parse_recipe
from ptk.recipe.weights import write_record, write_weights

RECIPE = """
recipe: untrained
data: {source: sample, size: 64}
domains: [photo, sketch]
conditioners: [{landmark_map: {sigma: 2}}, domain_planes]
generator: {portraitgan: {width: 8, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 8}}
losses: {critic: {lsgan: 1}, generator: {lsgan: 1}}
training: {steps: 1, batch: 1}
"""


def write_untrained(path, recipe=RECIPE, *, loud=0.0, **said):
    """Write weights to `path` and return it; with `loud` each network's last layer is noise of that deviation."""
    torch.manual_seed(0)
    parsed = parse_recipe(recipe, "untrained.yaml")
    conditioners = build_conditioners(parsed)
    generator = build_generator(parsed, conditioners)
    if loud:
        for name, module in generator.named_modules():
            if name.split(".")[-1] == "head":
                nn.init.normal_(module.weight, std=loud)
    data = {"detector": "mediapipe68"}
    metadata = {"recipe": yaml.safe_load(recipe), "data": data, "plugins": ["ptk 0.1.0"], **write_record(parsed)}
    whole = nn.ModuleDict({"conditioners": conditioners, "generator": generator})
    write_weights(path, whole.state_dict(), metadata | said)
    return path
