"""The parts of the pages write-a-..., but of domains, hold their contracts."""

import re
from pathlib import Path

import pytest

from ptk.registry.kinds import KINDS
from ptk.registry.parts import Part
from ptk.testing.contracts import check_part

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize(
    ("page", "kind", "name"),
    [
        ("write-a-conditioner.md", "conditioner", "Effort"),
        ("write-a-generator.md", "generator", "Retoucher"),
        ("write-a-discriminator.md", "discriminator", "Colours"),
        ("write-a-loss.md", "loss", "Tone"),
        ("write-an-optimiser.md", "optimiser", "Signum"),
        ("write-a-schedule.md", "schedule", "Staircase"),
    ],
)
def test_the_part_of_the_page_holds_its_contract(page, kind, name, tmp_path, monkeypatch):
    part, hooks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    module = f"ptk_{name.lower()}"
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text(hooks)
    (tmp_path / module / f"{name.lower()}.py").write_text(part)
    monkeypatch.syspath_prepend(tmp_path)
    offered: Part = getattr(__import__(module), KINDS[kind].hook)()[0]
    assert offered.factory == f"{module}.{name.lower()}:{name}"
    check_part(kind, offered)
