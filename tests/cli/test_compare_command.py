"""`ptk compare`, as it is typed."""

import json

import pytest

from untrained import write_untrained


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return [write_untrained(folder / f"{name}.safetensors", loud=loud) for name, loud in (("a", 0.0), ("b", 0.5))]


def test_it_prints_tables_and_writes_a_folder(ptk, both, small_data, tmp_path):
    (tmp_path / "run").mkdir()
    out = tmp_path / "page"
    words = ("--data", small_data, "--metric", "mse", "--metric", "ssim", "--seconds", 0, "--out", out)
    code, printed, said = ptk("compare", f"first={both[0]}", both[1], tmp_path / "run", *words, "--split", "train")
    assert code == 0, said
    for word in ("first", "photo unchanged", "true image", "mse ↓", "ssim ↑", "0.03 M", str(out / "index.html")):
        assert word in printed
    assert "…" not in printed
    assert f"run: {tmp_path / 'run'}: has no weights.safetensors" in printed
    assert sorted(path.name for path in out.iterdir()) == [
        *("comparison.json", "comparison.md", "comparison.tex", "images", "index.html"),
    ]
    code, printed, _ = ptk("compare", *both, *words, "--split", "train", "--style", "photo", "--json")
    assert code == 0
    assert [table["kind"] for table in json.loads(printed)["tables"]] == ["expressions"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--split", "both"), "--split both: there are test, train and all"),
        (("--metric", "beauty"), "no such metric: beauty"),
        (("--metric", "kernel_distance"), "--metric kernel_distance: compares sets"),
        (("--style", "ghost"), "--style ghost: no weights here know it"),
        (("--out", "."), ": is there already, and no page of ptk compare; name another folder with --out"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_told(ptk, both, small_data, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    code, printed, told = ptk("compare", *both, "--data", small_data, *options)
    assert (code, printed) == (1, "")
    assert said in told
    assert told.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_nothing_to_compare_is_a_line_each(ptk, small_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, told = ptk("compare", "none.safetensors", tmp_path, "--data", small_data)
    assert code == 1
    assert len(told.splitlines()) == 2
    assert all(line.startswith("ptk: ") for line in told.splitlines())
    assert not list(tmp_path.iterdir())
