"""The package as ptk sees it: found without torch, its recipe whole, its parts chosen by name."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[1]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_ptk_is_told_of_the_package():
    (entry_point,) = entry_points(group="ptk", name="beard")
    assert entry_point.value == "ptk_beard"
    assert entry_point.dist.name == "ptk-beard"
    assert entry_point.dist.metadata["License-Expression"] == "Apache-2.0"


def test_discovery_imports_no_torch():
    code = "import sys, ptk_beard; ptk_beard.ptk_domains(); ptk_beard.ptk_conditioners(); print('torch' in sys.modules)"
    assert python("-c", code).stdout == "False\n"


def test_the_recipe_is_one():
    """A channel each of the landmarks and the region, two domains, three colours."""
    checked = python("-m", "ptk", "recipes", "check", str(ROOT / "beard.yaml"))
    assert checked.returncode == 0, checked.stderr
    assert "= 7" in checked.stdout
