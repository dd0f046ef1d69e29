"""docs/write-weights.md: its module holds the contract, and its commands lead from nothing to a style."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from installed import LICENSED
from ptk.faces.images import read_photo
from ptk.registry.parts import Part
from ptk.scaffold.outline import TEMPLATES
from ptk.testing.contracts import check_part

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "write-weights.md").read_text()
QUICK = "--steps 2 --set data.size=64 --set generator.residual_unet.width=4 --set training.batch=1 --device cpu"


def test_the_module_of_the_page_holds_its_contract(tmp_path, monkeypatch):
    module, hooks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    package = tmp_path / "ptk_washed"
    shutil.copytree(TEMPLATES / "weights" / "src" / "PACKAGE", package, ignore=shutil.ignore_patterns("*.tmpl"))
    (package / "__init__.py").write_text(hooks)
    (package / "weights.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    (offered,) = __import__("ptk_washed").ptk_weights()
    assert isinstance(offered, Part)
    check_part("weights", offered)
    for name in ("ptk_washed", "ptk_washed.weights"):
        sys.modules.pop(name)


@pytest.mark.slow
def test_the_commands_of_the_page_lead_to_a_style(tmp_path):
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    pytest.importorskip("onnxscript", reason="ptk export is an extra")
    from PIL import Image

    Image.fromarray(data.astronaut()).save(tmp_path / "photo.jpg", quality=95)
    section = PAGE.partition("## From nothing to a style")[2].partition("##")[0]
    source = tmp_path / "ptk-washed" / "src"
    search = os.pathsep.join(map(str, (source, ROOT)))
    environment = {**os.environ, "PYTHONPATH": search}
    for line in re.findall(r"```text\n(.*?)```", section, re.DOTALL)[0].splitlines():
        words = shlex.split(line)
        if words[:2] == ["pip", "install"]:
            _install_editable(source)
            environment["PTK_PLUGINS"] = "washed"
            continue
        assert words[0] == "ptk"
        less = shlex.split(QUICK) if words[1] == "train" else []
        command = [sys.executable, "-m", *words, *less]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        # Two steps teach nothing: the style changes no face yet, and that is all that the check finds.
        failed = [each.split(maxsplit=1)[1] for each in done.stdout.splitlines() if each.startswith("  FAIL")]
        assert done.returncode == 0 or failed == ["each style changes the head"], (
            f"{line}\n{done.stdout}\n{done.stderr}"
        )
    assert '"washed": "washed"' in (source / "ptk_washed" / "weights.py").read_text()
    before, after = (read_photo(tmp_path / name).pixels for name in ("photo.jpg", "photo.ptk.jpg"))
    assert before.shape == after.shape
    assert not np.array_equal(before, after)


def _install_editable(source: Path) -> None:
    """What `pip install -e` leaves, beside the package itself."""
    about = source / "ptk_washed-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: ptk-washed\nVersion: 0.1.0\n{LICENSED}\n")
    (about / "entry_points.txt").write_text("[ptk]\nwashed = ptk_washed\n")
