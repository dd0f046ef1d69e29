"""`ptk recipes` lists, checks and copies."""

import subprocess
import sys


def ptk(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "ptk", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_lists_the_shipped_recipes():
    said = ptk("recipes").stdout
    assert "portraitgan-tiny" in said
    assert "portraitgan " in said


def test_copy_starts_ones_own_and_never_overwrites(tmp_path):
    first = ptk("recipes", "copy", "portraitgan-tiny", cwd=tmp_path)
    assert first.returncode == 0
    assert "ptk train portraitgan-tiny.yaml" in first.stdout
    (tmp_path / "portraitgan-tiny.yaml").write_text("mine")
    second = ptk("recipes", "copy", "portraitgan-tiny", cwd=tmp_path)
    assert second.returncode == 1
    assert (tmp_path / "portraitgan-tiny.yaml").read_text() == "mine"
    assert second.stderr.startswith("ptk: portraitgan-tiny.yaml: is there already")


def test_check_prints_every_mistake_without_a_traceback(tmp_path):
    (tmp_path / "my.yaml").write_text("recipe: x\nlosses: {generator: {cylce: 1}}\n")
    done = ptk("recipes", "check", "my.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "ptk: my.yaml:2: losses.generator.cylce: no such loss; did you mean cycle?" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr


def test_plugins_lists_ptks_own_parts():
    said = ptk("plugins")
    assert said.returncode == 0
    assert all(word in said.stdout for word in ("landmark_map", "portraitgan", "patch_stack", "texture", "mediapipe68"))
