"""`ptk eval`, as it is typed."""

import json

import pytest
from typer.testing import CliRunner

from ptk.cli.main import app
from ptk.errors import PtkError
from untrained import write_untrained


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_untrained(tmp_path_factory.mktemp("weights") / "weights.safetensors")


def ptk(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)


@pytest.fixture(scope="module")
def said(weights, tmp_path_factory):
    out = tmp_path_factory.mktemp("eval") / "page"
    done = ptk("eval", weights, "--data", "sample", "--pairs", 1, "--metric", "mse", "--metric", "ssim", "--out", out)
    assert done.exit_code == 0, done.output
    return done.output, out


def test_it_prints_tables_and_writes_a_page(said):
    output, out = said
    for word in ("photo unchanged", "warped", "mse", "ssim", str(out / "index.html")):
        assert word.split()[0] in output
    assert json.loads((out / "evaluation.json").read_text())["weights"]["name"] == "weights.safetensors"


def test_photos_alone_are_evaluated_where_no_style_is_asked_for(weights, tmp_path):
    out = tmp_path / "page"
    words = ("eval", weights, "--data", "sample", "--pairs", 1, "--metric", "mse", "--out", out, "--style", "photo")
    done = ptk(*words)
    assert done.exit_code == 0, done.output
    assert list(json.loads((out / "evaluation.json").read_text())["domains"]) == ["photo"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--split", "both"), "--split both"),
        (("--metric", "beauty"), "no such metric: beauty"),
        (("--groups", "none.csv"), "none.csv"),
        (("--style", "ghost"), "--style ghost: these weights know photo, "),
    ],
    ids=str,
)
def test_what_cannot_be_is_told(weights, tmp_path, options, said):
    done = ptk("eval", weights, "--data", "sample", "--out", tmp_path / "page", *options)
    assert isinstance(done.exception, PtkError)
    assert said in str(done.exception)
    assert not (tmp_path / "page").exists()
