"""`ptk recipes` lists, checks and copies; `ptk plugins` lists; whatever goes wrong is a line, never a traceback."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_lists_the_shipped_recipes(ptk):
    status, said, _ = ptk("recipes")
    assert status == 0
    assert "portraitgan-tiny" in said
    assert "portraitgan " in said


def test_copy_starts_ones_own_and_never_overwrites(ptk, tmp_path):
    status, said, _ = ptk("recipes", "copy", "portraitgan-tiny")
    assert status == 0
    assert "ptk train portraitgan-tiny.yaml" in said
    mine = tmp_path / "portraitgan-tiny.yaml"
    mine.write_text("mine")
    status, _, wrong = ptk("recipes", "copy", "portraitgan-tiny")
    assert status == 1
    assert mine.read_text() == "mine"
    assert wrong.startswith("ptk: portraitgan-tiny.yaml: is there already")


def test_check_says_what_would_be_built(ptk):
    status, said, _ = ptk("recipes", "check", "portraitgan-tiny", "--device", "cpu")
    assert status == 0
    assert "3 image + 1 landmark_map + 2 domain_planes = 6" in said


def test_check_prints_every_mistake_without_a_traceback(ptk, tmp_path):
    (tmp_path / "my.yaml").write_text("recipe: x\nlosses: {generator: {cylce: 1}}\n")
    status, _, wrong = ptk("recipes", "check", "my.yaml")
    assert status == 1
    assert "ptk: my.yaml:2: losses.generator.cylce: no such loss; did you mean cycle?" in wrong.splitlines()
    assert "ptk: my.yaml:1: domains: is missing" in wrong.splitlines()
    assert "Traceback" not in wrong


def test_plugins_lists_ptks_own_parts(ptk):
    status, said, _ = ptk("plugins", "--all")
    assert status == 0
    assert all(word in said for word in ("landmark_map", "portraitgan", "patch_stack", "texture", "mediapipe68"))


def test_an_unexpected_error_is_a_line_too(ptk, monkeypatch):
    from ptk.recipe import load

    def broken():
        raise ZeroDivisionError("no luck")

    monkeypatch.setattr(load, "shipped_recipes", broken)
    status, _, wrong = ptk("recipes")
    assert status == 1
    assert wrong == "ptk: unexpected ZeroDivisionError: no luck; run again with PTK_DEBUG=1 and report it\n"


@pytest.mark.slow
def test_memory_is_reckoned_and_what_would_fit_can_be_pasted(ptk, small_recipe):
    words = ("recipes", "check", small_recipe, "--memory", "--set", "losses.generator={lsgan: 1, cycle: 2}")
    status, said, _ = ptk(*words, "--fit-in", "1GB", "--device", "cuda")
    assert status == 0
    assert "small: 2 pairs of 64 px on cuda, bfloat16" in said
    assert all(part in said for part in ("weights", "optimiser", "activations", "at the peak", "fits in 1GB"))
    status, said, _ = ptk(*words, "--fit-in", "15MiB", "--device", "cpu")
    assert status == 1
    assert "does not fit in 15MiB" in said
    setting = next(line.split()[1] for line in said.splitlines() if line.strip().startswith("--set "))
    status, said, _ = ptk(*words, "--fit-in", "15MiB", "--device", "cpu", "--set", setting)
    assert status == 0, said


def test_a_size_that_is_none_is_a_line(ptk):
    status, _, wrong = ptk("recipes", "check", "portraitgan-tiny", "--memory", "--fit-in", "lots")
    assert status == 1
    assert wrong == "ptk: --fit-in lots: must be a size, such as 24GB or 800MiB\n"


def test_a_full_disk_is_told_wherever_it_is_noticed(ptk, monkeypatch):
    """/dev/full refuses every byte, as a full disk does; nothing of ptk stands between it and the error."""

    def write(*_):
        Path("/dev/full").write_text("a" * 100_000)

    monkeypatch.setattr("ptk.files.write_bytes", write)
    monkeypatch.setattr("pathlib.Path.exists", lambda _: False)
    status, _, said = ptk("recipes", "copy", "portraitgan-tiny", "mine.yaml")
    assert status == 1
    assert said == "ptk: cannot be written (no space left on device); free space, or choose another place\n"


def test_brackets_of_equations_reach_the_screen(ptk):
    status, said, _ = ptk("recipes", "check", "stargan")
    assert status == 0
    assert "E[log D_class(c | G(x))]" in " ".join(said.split())
