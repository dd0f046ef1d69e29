"""A run reads each of its files once, however many ask for what is in them."""

import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from ptk.cli.main import app
from ptk.data.source import open_source
from ptk.dataset.shards import INDEX, write_shards
from ptk.recipe.load import load_recipe
from ptk.training import checkpoint


class Reads:
    """Counts the files that Python reads inside, by name; an audit hook cannot be taken away again."""

    def __init__(self):
        self.counted = None

    def __call__(self, event, arguments):
        if self.counted is not None and event == "open" and arguments[1] in ("r", "rb"):
            self.counted[Path(arguments[0]).name] += 1

    def __enter__(self):
        self.counted = Counter()
        return self.counted

    def __exit__(self, *_):
        self.counted = None


@pytest.fixture(scope="module")
def reads():
    hook = Reads()
    sys.addaudithook(hook)
    return hook


def train(recipe, out, *more):
    words = ["train", recipe, "--out", out, "--device", "cpu", *more]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("settings", [(), pytest.param(("--set", "metrics=[mse]"), marks=pytest.mark.slow)])
def test_resume_reads_the_manifest_and_the_checkpoint_once(small_recipe, tmp_path, reads, monkeypatch, settings):
    train(small_recipe, tmp_path / "run", *settings, "--steps", "4")
    loaded = []
    load = checkpoint.load_file  # safetensors opens its files outside Python
    monkeypatch.setattr(checkpoint, "load_file", lambda path: loaded.append(path) or load(path))
    with reads as counted:
        train(small_recipe, tmp_path / "run", *settings, "--resume")
    assert {name: counted[name] for name in ("manifest.jsonl", "dataset.json", "state.json")} == {
        "manifest.jsonl": 1,
        "dataset.json": 1,
        "state.json": 1,
    }
    assert [path.parent.name for path in loaded] == ["000004"]


def test_a_source_that_is_asked_for_everything_reads_its_lists_once(small_recipe, prepared_set, tmp_path, reads):
    write_shards(prepared_set, str(tmp_path / "shards"))
    for place, lists in ((prepared_set, ("manifest.jsonl", "dataset.json")), (tmp_path / "shards", (INDEX,))):
        with reads as counted:
            source = open_source(load_recipe(small_recipe, [f"data.source={place}"]))
            source.check()
            assert source.training_pairs(torch.device("cpu")).images > 0
            assert source.held_out() is not None
            assert source.description["sha256"]
            assert source.count_bytes() > 0
            assert source.count_recurring() >= 0
            assert source.explain_missing() == ""
        assert {name: counted[name] for name in lists} == dict.fromkeys(lists, 1)
