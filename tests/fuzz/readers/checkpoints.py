"""Checkpoints of a run."""

import json

from tests.fuzz.mutate import damage_bytes
from tests.fuzz.readers.common import damage_json


def read_checkpoints(folder):
    """Checkpoints: folders of odd names, state.json, run.json, and tensors; a step is made of what is taken."""
    import random

    import torch
    from safetensors.torch import load_file, save_file

    from ptk.errors import PtkError
    from ptk.recipe.load import parse_recipe
    from ptk.training.checkpoint import checkpoints, latest_checkpoint, restore, save_checkpoint, what_is_left
    from ptk.training.run import build_losses_of, build_networks
    from ptk.training.step import Learner
    from tests.untrained import RECIPE

    recipe = parse_recipe(RECIPE, "r.yaml")

    def learn():
        networks = build_networks(recipe, torch.device("cpu"))
        return Learner(networks, build_losses_of(recipe, torch.device("cpu")), recipe.training, torch.float32)

    def step(learner):
        for side, optimiser in learner.optimisers.items():
            for parameter in learner.networks.side(side):
                parameter.grad = torch.zeros_like(parameter)
            optimiser.step()

    learner = learn()
    step(learner)
    learner.step = 4
    whole = save_checkpoint(folder / "run", learner, {"record": {"recipe": recipe.document, "plugins": ["ptk 0.1.0"]}})
    state = json.loads((whole / "state.json").read_text())
    state["python_random"][1] = state["python_random"][1][:625]
    tensors = load_file(whole / "tensors.safetensors")
    content = (whole / "tensors.safetensors").read_bytes()

    def damaged(rng):
        changed = dict(tensors)
        for _ in range(rng.choice((1, 2))):
            name = rng.choice([*changed, *(one for one in changed if one.startswith(("optimiser", "random")))])
            one = changed.pop(name)
            way = rng.randrange(6)
            if way == 0:
                changed[name] = one.flatten()[: max(0, one.numel() - 1)].clone()
            elif way == 1:
                changed[name] = one.double() if one.is_floating_point() else one.float()
            elif way == 2:
                changed[name.replace(".", rng.choice((".9", ".x", "..")), 2)] = one
            elif way == 3:
                changed[name] = one.to(torch.int64) - 2**40
            elif way == 4:
                changed[name] = torch.full(one.shape, float("nan"))
        return changed

    def read(rng, place):
        random.seed(0)
        found = place / "checkpoints" / rng.choice(("000004", "000004", "9x", "0", "1" * 200, "9٣", "4.part", "0x4"))
        found.mkdir(parents=True)
        (place / "run.json").write_bytes(damage_json({"started_from": {"sha256": ""}}, rng))
        way = rng.random()
        (found / "state.json").write_bytes(damage_json(state, rng) if way < 0.5 else json.dumps(state).encode())
        if way < 0.5:
            (found / "tensors.safetensors").symlink_to(whole / "tensors.safetensors")
        elif way < 0.85:
            save_file(damaged(rng), found / "tensors.safetensors")
        else:
            (found / "tensors.safetensors").write_bytes(damage_bytes(content, rng))
        checkpoints(place)
        what_is_left(place)
        latest = latest_checkpoint(place)
        if latest is None:
            return
        try:
            restore(latest, learner)
        except PtkError:
            restore(whole, learner)
        step(learner)

    return read
