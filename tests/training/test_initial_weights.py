"""Training that starts from weights, and that leaves most of them as they are."""

import pytest
import torch

from ptk.editing.add_domain import add_domain
from ptk.errors import TrainingError, WeightsError
from ptk.recipe.load import load_recipe
from ptk.recipe.weights import read_tensors
from ptk.training.checkpoint import save_checkpoint, save_weights
from ptk.training.run import start_run

CPU = torch.device("cpu")


def run_of(recipe, folder, **said):
    return start_run(recipe, folder, CPU, torch.float32, **said)


@pytest.fixture(scope="module")
def grown(small_recipe, tmp_path_factory):
    """Weights of two domains that were taught the name of a third."""
    folder = tmp_path_factory.mktemp("start")
    run = run_of(load_recipe(small_recipe), folder / "run")
    run.learner.learn(run.pairs.batch(0))
    save_weights(folder / "weights.safetensors", run.learner, run.record)
    return add_domain(folder / "weights.safetensors", "watercolor", folder / "more.safetensors")


def generator_of(run):
    return {f"generator.{name}": value.clone() for name, value in run.learner.networks.generator.state_dict().items()}


def test_a_run_begins_where_the_weights_are(grown, tmp_path):
    run = run_of(load_recipe(grown.recipe), tmp_path / "run", start=grown.weights)
    stored = read_tensors(grown.weights)
    for name, value in generator_of(run).items():
        assert torch.equal(value, stored[name])
    for name, value in run.learner.average.network.state_dict().items():
        assert torch.equal(value, stored[f"generator.{name}"])


def test_a_sub_network_that_weights_lack_starts_anew(small_recipe, tmp_path):
    """Expressions first, styles later: with a network for them that the first run did not have."""
    others = ["conditioners=[motion_field, domain_planes]", "training.seed=2"]

    def recipe(styler):
        network = f"generator={{warp_and_paint: {{width: 8, down: 1, blocks: 0, styler: {styler}}}}}"
        return load_recipe(small_recipe, [*others, network])

    first = run_of(recipe(0), tmp_path / "first")
    first.learner.learn(first.pairs.batch(0))
    save_weights(tmp_path / "weights.safetensors", first.learner, first.record)
    before, stored = generator_of(run_of(recipe(8), tmp_path / "fresh")), read_tensors(tmp_path / "weights.safetensors")
    for name, value in generator_of(
        run_of(recipe(8), tmp_path / "then", start=tmp_path / "weights.safetensors")
    ).items():
        expected = before if name.startswith("generator.styler.") else stored
        assert torch.equal(value, expected[name]), name
    with pytest.raises(WeightsError, match="do not fit"):
        second = run_of(recipe(8), tmp_path / "second")
        save_weights(tmp_path / "styled.safetensors", second.learner, second.record)
        run_of(recipe(0), tmp_path / "less", start=tmp_path / "styled.safetensors")


def test_a_frozen_run_moves_the_new_plane_and_the_last_layers_alone(grown, tmp_path):
    run = run_of(load_recipe(grown.recipe, ["training.freeze=true"]), tmp_path / "run", start=grown.weights)
    before = generator_of(run)
    for step in range(3):
        run.learner.learn(run.pairs.batch(step))
    after = generator_of(run)
    moved = {name.split(".")[1] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"stem", "decoder", "head", "auxiliary"}
    stem, new = "generator.stem.0.weight", 3 + 1 + 2  # image, landmark map, the two old domains
    assert torch.equal(before[stem][:, :new], after[stem][:, :new])
    assert after[stem][:, new].any()
    assert torch.equal(before["generator.stem.0.bias"], after["generator.stem.0.bias"])
    assert {
        name.split(".")[2] for name in before if "decoder" in name and not torch.equal(before[name], after[name])
    } == {
        "1"  # the last of two stages
    }


@pytest.mark.slow
def test_a_frozen_run_goes_on_as_it_began(grown, tmp_path):
    """40 = 20 + 20 holds for frozen runs too: what is frozen follows from the recipe, not from --start-from."""
    recipe = load_recipe(grown.recipe, ["training.freeze=true"])
    whole = run_of(recipe, tmp_path / "whole", start=grown.weights)
    for step in range(4):
        whole.learner.learn(whole.pairs.batch(step))
    first = run_of(recipe, tmp_path / "parts", start=grown.weights)
    for step in range(2):
        first.learner.learn(first.pairs.batch(step))
    save_checkpoint(first.folder, first.learner, {"record": first.record})
    second = run_of(recipe, tmp_path / "parts", resume=True)
    assert second.record["started_from"] == first.record["started_from"]
    for step in range(2, 4):
        second.learner.learn(second.pairs.batch(step))
    for name, value in generator_of(whole).items():
        assert torch.equal(value, generator_of(second)[name]), name


def test_weights_of_other_domains_or_networks_are_refused(grown, small_recipe, tmp_path):
    two = load_recipe(small_recipe)
    with pytest.raises(WeightsError, match="domains photo, sketch, watercolor, the recipe photo, sketch; list"):
        run_of(two, tmp_path / "run", start=grown.weights)
    four = load_recipe(grown.recipe, ["domains=[photo, sketch, watercolor, {ink: {from: sketch}}]"])
    with pytest.raises(WeightsError, match="add the domain ink to them first"):
        run_of(four, tmp_path / "run", start=grown.weights)
    wider = load_recipe(grown.recipe, ["generator.portraitgan.width=16"])
    with pytest.raises(WeightsError, match="do not fit the recipe's networks"):
        run_of(wider, tmp_path / "run", start=grown.weights)
    assert not (tmp_path / "run").exists()


def test_resume_has_its_own_weights(grown, tmp_path):
    with pytest.raises(TrainingError, match="leave out `start_from`"):
        run_of(load_recipe(grown.recipe), tmp_path / "run", start=grown.weights, resume=True)


def test_noise_is_not_frozen(grown, tmp_path):
    with pytest.raises(TrainingError, match="add `start_from`"):
        run_of(load_recipe(grown.recipe, ["training.freeze=true"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()
