"""A package from `ptk plugins new` installs, registers, and passes its tests and its check, as it was written."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import try_packages
from PIL import Image

import ptk
from ptk.errors import OutputError, PluginError
from ptk.registry.kinds import KINDS, NAMINGS
from ptk.scaffold.outline import TEMPLATES
from ptk.scaffold.package import write_plugin

pytestmark = pytest.mark.slow

PROGRAM = Path(try_packages.__file__)
LONGEST = 24  # letters that a name can have


def run(*words, **environment):
    """A module or script of this Python: its output. It must succeed."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, *([] if words[0] == PROGRAM else ["-m"]), *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def search(site):
    """The packages in `site`, and the ptk that is tested here."""
    return os.pathsep.join(map(str, (site, Path(ptk.__file__).parents[1])))


def named(kind):
    return f"fresh-{kind}"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder with a new package of every kind, and one that was changed for the worse."""
    place = tmp_path_factory.mktemp("packages")
    for kind in KINDS:
        write_plugin(named(kind), kind, place)
    spoilt = write_plugin("spoilt", "domain", place).folder / "src" / "ptk_spoilt" / "domain.py"
    spoilt.write_text(spoilt.read_text().replace("flat * 2 - 1", "flat * 2"))
    return place


@pytest.fixture(scope="module")
def site(packages, tmp_path_factory):
    """A folder in which all of them are installed, by pip."""
    target = tmp_path_factory.mktemp("site")
    flags = ("-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--target", target)
    run("pip", "install", *flags, *sorted(packages.iterdir()))
    return target


@pytest.fixture(scope="module")
def outcomes(packages, site, small_data):
    """What failed, by package and by what was done with it."""
    names = ",".join([*map(named, KINDS), "spoilt"])
    said = run(PROGRAM, packages, small_data, PYTHONPATH=search(site), PTK_PLUGINS=names)
    return json.loads(said.splitlines()[-1])


def test_there_are_templates_for_every_kind_of_part():
    assert {path.name for path in TEMPLATES.iterdir()} == {*KINDS, "common", "recipe"}


@pytest.mark.parametrize("kind", KINDS)
def test_it_registers_its_part(site, kind):
    listed = json.loads(run("ptk", "plugins", "--json", PYTHONPATH=search(site), PTK_PLUGINS=named(kind)))
    [own] = [plugin for plugin in listed if plugin["name"] == named(kind)]
    assert [(part["kind"], part["name"]) for part in own["parts"]] == [(kind, f"fresh_{kind}")]
    assert "error" not in own


@pytest.mark.parametrize("kind", KINDS)
def test_it_passes_its_own_tests(outcomes, kind):
    assert outcomes[f"ptk-{named(kind)}"]["tests"] == ""


@pytest.mark.parametrize("kind", KINDS)
def test_it_passes_its_check(outcomes, kind):
    assert outcomes[f"ptk-{named(kind)}"]["check"] == ""


def test_a_part_that_is_changed_for_the_worse_fails_both(outcomes):
    spoilt = outcomes["ptk-spoilt"]
    assert "test_there_are_as_many_values_as_levels" in spoilt["tests"]
    assert "[-1, 1]" in spoilt["tests"]
    assert "[-1, 1]" in spoilt["check"]


@pytest.mark.parametrize("kind", NAMINGS)
def test_its_recipe_trains(outcomes, packages, kind):
    assert outcomes[f"ptk-{named(kind)}"]["train"] == ""
    assert (packages / "runs" / f"ptk-{named(kind)}" / "weights.safetensors").is_file()


@pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra openvino")
def test_a_generator_is_exported_and_edits_as_its_weights_do(outcomes, packages):
    assert outcomes["ptk-fresh-generator"]["exports"] == ""
    run = packages / "runs" / "ptk-fresh-generator"
    for word in ("smile", "sketch"):
        own, *exported = (
            np.asarray(Image.open(run / f"{word}.{form}.png")).astype(float) for form in ("safetensors", "onnx", "xml")
        )
        for other in exported:
            assert np.abs(other - own).mean() < 0.1  # of 255 levels: rounding, at single pixels


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_a_licence_and_nothing_left_to_fill_in(packages, kind):
    package = packages / f"ptk-{named(kind)}"
    for path in package.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".md", ".toml", ".yaml"):
            assert not re.search(r"\$[a-z{]|PACKAGE|PART\b", path.read_text()), path
    assert "Apache License" in (package / "LICENSE").read_text()
    assert f"ptk plugins check {package.name}" in (package / "README.md").read_text()
    assert (package / "recipe.yaml").exists() == (kind in NAMINGS)


def test_short_and_long_names_leave_it_clean(tmp_path):
    for kind in KINDS:
        for letters in (3, LONGEST):
            write_plugin(f"z{list(KINDS).index(kind)}".ljust(letters, "x"), kind, tmp_path)
    run("ruff", "check", tmp_path)
    run("ruff", "format", "--check", tmp_path)


def test_its_types_hold(packages, tmp_path):
    sources = sorted(packages.glob("ptk-fresh-*/src"))
    assert len(sources) == len(KINDS)
    root = Path(ptk.__file__).parents[1]
    run("mypy", "--strict", "--config-file=", "--cache-dir", tmp_path, *sources, MYPYPATH=str(root))


def test_the_prefix_can_be_left_out_or_not(tmp_path):
    assert write_plugin("ptk-soft-glow", "domain", tmp_path).folder == tmp_path / "ptk-soft-glow"
    with pytest.raises(OutputError, match="is there already"):
        write_plugin("soft-glow", "domain", tmp_path)


def test_a_kind_that_is_none_gets_the_nearest(tmp_path):
    with pytest.raises(PluginError, match=r"`kind` domian: no such kind of part; did you mean domain\?"):
        write_plugin("glow", "domian", tmp_path)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *(
            (name, "cannot be the name")
            for name in ("", "Glow", "soft_glow", "9glow", "glow-", "ptk-", "a b", "../glow")
        ),
        ("g" * (LONGEST + 1), "at most 24"),
        ("class", "is a word of Python"),
        ("off", "is a word of YAML"),
        ("sketch", "ptk .* offers a domain sketch already"),
    ],
)
def test_names_that_cannot_be_taken_are_refused(tmp_path, name, why):
    with pytest.raises(PluginError, match=why):
        write_plugin(name, "domain", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_ptks_of_another_kind_can_be_taken(tmp_path):
    assert write_plugin("sketch", "metric", tmp_path).folder.is_dir()


def test_a_plugin_that_is_installed_is_not_written_again(site, tmp_path):
    command = ("ptk", "plugins", "new", "fresh-domain", "--kind", "loss", "--out", tmp_path)
    with pytest.raises(AssertionError, match=r"ptk-fresh-domain 0\.1\.0 is installed; choose another name"):
        run(*command, PYTHONPATH=search(site), PTK_PLUGINS="fresh-domain")


def test_where_nothing_can_be_written_nothing_is_left(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_plugin("glow", "domain", tmp_path / "file")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_the_command_says_what_comes_next(tmp_path):
    place = tmp_path / "my plug-ins"
    said = run("ptk", "plugins", "new", "glow", "--kind", "domain", "--out", place)
    for command in (
        f"pip install -e '{place}/ptk-glow'",
        "ptk plugins check ptk-glow",
        f"ptk train '{place}/ptk-glow/recipe.yaml' --steps 20",
    ):
        assert f"\n  {command}\n" in said
