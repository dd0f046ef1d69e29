"""What is installed with ptk is what ptk needs: packages, recipes, and a Python that is new enough."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import ptk
from ptk.recipe.load import SHIPPED, name_recipe, shipped_recipes
from ptk.registry.discovery import plain_name

PACKAGE = Path(ptk.__file__).parent
ROOT = PACKAGE.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ALSO = {"dlib": {"dlib-bin"}}
"""Distributions that give a package, where another one of that package may be installed in their place."""


def named(requirements):
    return {plain_name(re.split(r"[=<>!~\[; ]", requirement)[0]) for requirement in requirements}


def imports_of(file):
    """The packages that a file imports when it runs, and whether that is when it is itself imported."""
    tree = ast.parse(file.read_text())
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_package_that_ptk_imports_is_declared():
    core = named(PROJECT["dependencies"])
    extras = set().union(*(named(those) for those in PROJECT["optional-dependencies"].values()))
    owners = packages_distributions()
    undeclared = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for package in set(imports_of(file)) - sys.stdlib_module_names - {"ptk"}:
            owned = {plain_name(owner) for owner in owners.get(package, [])} | ALSO.get(package, set())
            if owned and not owned & (core | extras):
                undeclared[package] = str(file.relative_to(ROOT))
    assert undeclared == {}


def test_the_test_of_imports_sees_them(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(
        "from typing import TYPE_CHECKING\nimport one.two\nif TYPE_CHECKING:\n    import three\n"
        "def use():\n    from four.five import six\n    from . import seven\n"
    )
    assert set(imports_of(file)) == {"typing", "one", "four"}


def test_every_file_that_is_no_python_is_in_the_wheel():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["ptk"]
    packed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in files if path.suffix != ".py"} - packed == set()


def test_recipes_are_files_of_the_package_itself():
    """A checkout on a system without symbolic links has text files in their place."""
    assert SHIPPED.parent == PACKAGE
    assert not SHIPPED.is_symlink()
    assert all(recipe.is_file() and not recipe.is_symlink() for recipe in shipped_recipes())
    assert not [path for path in PACKAGE.rglob("*") if path.is_symlink()]
    licence = PACKAGE / "scaffold" / "templates" / "common" / "LICENSE"  # what plugins are written with
    assert licence.read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_page_of_recipes_names_those_that_there_are():
    page = (ROOT / "docs" / "recipes.md").read_text()
    assert all(f"`{name_recipe(recipe)}`" in page for recipe in shipped_recipes())


def _older():
    """Pythons here that are too old for ptk."""
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions", Path("/usr")]
    found = [found for root in roots for found in (*root.glob("3.*/bin/python3"), *root.glob("bin/python3.*"))]
    named = [str(path) for path in found if re.search(r"3\.(10|9|8)\b", str(path)) and os.access(path, os.X_OK)]
    return named[:1] or [shutil.which(name) for name in ("python3.10", "python3.9") if shutil.which(name)][:1]


@pytest.mark.parametrize("command", [["-m", "ptk"], ["setup.py", "--version"]], ids=["ptk", "pip"])
def test_an_older_python_is_told_which_one_is_needed(command):
    older = _older()
    if not older:
        pytest.skip("there is no older Python here")
    done = subprocess.run([*older, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ptk needs Python 3.11 or newer, this is 3.")
    assert done.stderr.count("\n") == 1
