"""A domain added to trained weights: the others stay the same to the last bit, the new one is ready to train."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from ptk.data.missing import list_missing
from ptk.editing.add_domain import add_domain
from ptk.editing.edit import check_style
from ptk.editing.learned import find_untrained
from ptk.editing.translator import Translator
from ptk.errors import OutputError, PluginError, WeightsError
from ptk.recipe.load import load_recipe
from ptk.recipe.weights import read_metadata, read_tensors, write_weights
from ptk.training.checkpoint import save_weights
from ptk.training.run import start_run
from untrained import RECIPE, write_untrained

FACE_PARTS = "conditioners=[domain_planes, {landmark_map: {sigma: 3}}]"


def trained(small_recipe, folder, *settings):
    """Weights of networks that have learned a little: every layer has moved away from where it started."""
    recipe = load_recipe(small_recipe, list(settings))
    run = start_run(recipe, folder / "run", torch.device("cpu"), torch.float32)
    for step in range(2):
        run.learner.learn(run.pairs.batch(step))
    save_weights(folder / "weights.safetensors", run.learner, run.record)
    return folder / "weights.safetensors"


@pytest.fixture(scope="module")
def weights(small_recipe, tmp_path_factory):
    return trained(small_recipe, tmp_path_factory.mktemp("grow"))


def images(path, domain, seed=5):
    """What weights make of two faces that nobody chose."""
    translator = Translator.load(path, "cpu")
    random = torch.Generator().manual_seed(seed)
    image = torch.rand(2, 3, translator.size, translator.size, generator=random) * 2 - 1
    start, goal = torch.rand(2, 2, 68, 2, generator=random).unbind(0)
    return translator(image, start, goal, domain)


def test_the_old_domains_give_the_same_images_bit_by_bit(weights, tmp_path):
    grown = add_domain(weights, "watercolor", tmp_path / "more.safetensors")
    assert grown.domains == ("photo", "sketch", "watercolor")
    for domain in ("photo", "sketch"):
        assert torch.equal(images(weights, domain), images(grown.weights, domain))
    assert torch.isfinite(images(grown.weights, "watercolor")).all()


def test_planes_in_the_middle_of_the_stack_grow_in_their_place(small_recipe, tmp_path):
    """The landmark map stands after the domains' planes here: its weights move one place on."""
    weights = trained(small_recipe, tmp_path, FACE_PARTS)
    grown = add_domain(weights, "watercolor", tmp_path / "more.safetensors")
    for domain in ("photo", "sketch"):
        assert torch.equal(images(weights, domain), images(grown.weights, domain))
    stem = read_tensors(grown.weights)["generator.stem.0.weight"]
    assert stem.shape[1] == 3 + 3 + 1
    assert not stem[:, 5].any()  # image 0 to 2, photo 3, sketch 4, and here it is
    assert stem[:, 6].any()


def test_what_the_recipe_needs_and_is_not_here_is_named_with_what_to_do(tmp_path):
    """Weights travel without the data set and the files of their training."""
    recipe = RECIPE.replace("source: sample", "source: people").replace(
        "generator: {lsgan: 1}",
        "generator: {lsgan: 1, perceptual: {weight: 1, backbone: vgg11, weights: vgg.safetensors}}",
    )
    grown = add_domain(
        write_untrained(tmp_path / "old.safetensors", recipe), "watercolor", tmp_path / "new.safetensors"
    )
    data, file = grown.missing
    assert data.startswith("people: no data set here")
    assert data.endswith("with `size` 64 and `out` people, or name another one by `data` of `train`")
    assert file.startswith(f"{tmp_path / 'vgg.safetensors'}: no such file; put it there, or set losses.generator.")
    mended = load_recipe(grown.recipe, ["data.source=sample", "losses.generator.perceptual.weights=random"])
    assert list_missing(mended) == ()


def test_what_was_never_trained_is_refused_and_training_ends_that(weights, small_recipe, tmp_path):
    once = add_domain(weights, "watercolor", tmp_path / "three.safetensors")
    twice = add_domain(once.weights, "ink", tmp_path / "four.safetensors", part="sketch")
    assert find_untrained(read_metadata(weights)) == ()
    assert find_untrained(read_metadata(twice.weights)) == ("watercolor", "ink")
    translator = Translator.load(twice.weights, "cpu")
    check_style(translator, "sketch")
    for style in ("watercolor", "ink"):
        with pytest.raises(WeightsError, match=f"`style` {style}: these weights were never trained in it"):
            check_style(translator, style)
    recipe = load_recipe(once.recipe)
    run = start_run(recipe, tmp_path / "run", torch.device("cpu"), torch.float32, start=once.weights)
    run.learner.learn(run.pairs.batch(0))
    save_weights(tmp_path / "trained.safetensors", run.learner, run.record)
    check_style(Translator.load(tmp_path / "trained.safetensors", "cpu"), "watercolor")


def test_files_that_do_not_list_what_was_never_trained_are_known_by_what_they_were_grown_from():
    old = {"domains": ["photo", "beard"], "grown_from": {"domains": ["photo"]}}
    assert find_untrained(old) == ("beard",)
    assert find_untrained({**old, "untrained": []}) == ()


def test_a_style_that_is_installed_and_unknown_to_the_weights_says_what_to_do(weights):
    with pytest.raises(WeightsError) as refused:
        check_style(Translator.load(weights, "cpu"), "watercolor")
    assert "these weights know photo, sketch; a domain watercolor is installed (ptk " in str(refused.value)
    assert "`add_domain(WEIGHTS, watercolor)`" in str(refused.value)


def test_again_and_again(weights, tmp_path):
    once = add_domain(weights, "watercolor", tmp_path / "three.safetensors")
    twice = add_domain(once.weights, "ink", tmp_path / "four.safetensors", part="sketch")
    assert twice.domains == ("photo", "sketch", "watercolor", "ink")
    assert torch.equal(images(weights, "sketch"), images(twice.weights, "sketch"))
    metadata = read_metadata(twice.weights)
    assert metadata["grown_from"]["domains"] == ["photo", "sketch", "watercolor"]
    assert metadata["channels"] == {"image": 3, "landmark_map": 1, "domain_planes": 4}
    assert yaml.safe_load(twice.recipe.read_text())["domains"][-1] == {"ink": {"from": "sketch"}}


def test_weights_that_cannot_grow_say_why_and_nothing_is_written(weights, small_recipe, tmp_path):
    with pytest.raises(WeightsError, match="knows the domain sketch already"):
        add_domain(weights, "sketch", tmp_path / "a.safetensors")
    with pytest.raises(PluginError, match="no such domain: skech; did you mean sketch"):
        add_domain(weights, "skech", tmp_path / "a.safetensors")
    (tmp_path / "there.yaml").touch()
    with pytest.raises(OutputError, match=r"there\.yaml: is there already"):
        add_domain(weights, "watercolor", tmp_path / "there.safetensors")
    deaf = trained(small_recipe, tmp_path, "conditioners=[landmark_map]")
    with pytest.raises(WeightsError, match="no conditioner tells the generator the domain"):
        add_domain(deaf, "watercolor", tmp_path / "a.safetensors")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "there.yaml", "weights.safetensors"]


@pytest.mark.parametrize("out", ["more.yaml", ".", ""])
def test_what_cannot_be_the_new_weights_is_refused(weights, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=r"cannot be the new weights; name a file with `out`"):
        add_domain(weights, "watercolor", Path(out))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "../ink", "a b", "a\nb: c", "-ink"])
def test_a_name_that_no_recipe_could_say_is_refused(weights, tmp_path, name):
    with pytest.raises(WeightsError, match="cannot be the name of a domain; give one word"):
        add_domain(weights, name, tmp_path / "more.safetensors", part="sketch")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("full", ["more.yaml", "more.safetensors"])
def test_weights_and_recipe_are_both_written_or_none(weights, tmp_path, monkeypatch, full):
    replace = os.replace

    def refuse(source, target):
        if Path(target).name == full:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OutputError, match="no space left"):
        add_domain(weights, "watercolor", tmp_path / "more.safetensors")
    assert not list(tmp_path.iterdir())


def test_weights_that_do_not_list_their_domains_are_told_by_their_recipe(weights, tmp_path):
    metadata = {key: value for key, value in read_metadata(weights).items() if key != "domains"}
    write_weights(tmp_path / "bare.safetensors", read_tensors(weights), metadata)
    grown = add_domain(tmp_path / "bare.safetensors", "watercolor", tmp_path / "more.safetensors")
    assert read_metadata(grown.weights)["grown_from"]["domains"] == ["photo", "sketch"]


def test_weights_that_are_not_finite_are_told_so(weights, tmp_path):
    broken = {name: tensor * float("nan") for name, tensor in read_tensors(weights).items()}
    write_weights(tmp_path / "nan.safetensors", broken, read_metadata(weights))
    with pytest.raises(WeightsError, match="photo is not finite; train them again"):
        add_domain(tmp_path / "nan.safetensors", "watercolor", tmp_path / "more.safetensors")


def test_weights_in_which_old_images_would_change_are_refused(weights, tmp_path, monkeypatch):
    """Planes that the new domain changes for the old ones, too: no zero in the first layer can make up for that."""
    from ptk.conditioners.domain_planes import DomainPlanes

    plain = DomainPlanes.forward
    monkeypatch.setattr(DomainPlanes, "forward", lambda self, *faces: plain(self, *faces) / self.channels)
    with pytest.raises(WeightsError, match=r"photo would change by .*; its generator does not take"):
        add_domain(weights, "watercolor", tmp_path / "more.safetensors")
    assert not list(tmp_path.iterdir())


def test_damaged_weights_are_refused_in_one_line(weights, tmp_path):
    metadata = read_metadata(weights)
    lacking = {name: tensor for name, tensor in read_tensors(weights).items() if "stem" not in name}
    write_weights(tmp_path / "bad.safetensors", lacking, {**metadata})
    with pytest.raises(WeightsError, match="do not fit its recipe"):
        add_domain(tmp_path / "bad.safetensors", "watercolor", tmp_path / "more.safetensors")


@pytest.mark.slow
def test_the_command_and_the_training_that_it_names(weights, tmp_path):
    def ptk(*words):
        command = [sys.executable, "-m", "ptk", *map(str, words)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    added = ptk("domains", "add", weights, "watercolor", "--out", "more.safetensors")
    assert added.returncode == 0, added.stderr
    assert "4 images in the other domains compared, the same to the last bit" in added.stdout
    following = added.stdout.split("ptk train ")[1].split()
    trained = ptk("train", *following, "--out", "run", "--steps", 1, "--device", "cpu")
    assert trained.returncode == 0, trained.stderr
    assert read_metadata(tmp_path / "run" / "weights.safetensors")["started_from"]["step"] == 2
