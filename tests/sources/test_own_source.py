"""The plug-in in docs/sources.md works as it is printed there."""

import importlib
import re
from pathlib import Path

from ptk.registry.registry import Registry
from ptk.sources.names import EXPRESSIONS, PHOTOS, VIDEOS
from ptk.testing.contracts import check_part
from ptk.types import Skipped

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text()


def test_the_plug_in_of_the_page_adds_a_source_that_holds_the_contract(touch, media, tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "ptk_jaffe.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry()
    assert not registry.register("jaffe", "ptk-jaffe 1.0", importlib.import_module("ptk_jaffe")).error
    part = registry.part("source", "jaffe")
    place = touch(["jaffe/KA.AN1.39.tiff", "jaffe/KA.NE2.27.tiff", "KA.tiff"])
    check_part("source", part, place=place)
    found = part.load()().find(place)
    assert media(found) == {
        "KA.AN1.39": ("jaffe-KA", "anger"),
        "KA.NE2.27": ("jaffe-KA", "neutral"),
    }
    assert [one.path for one in found if isinstance(one, Skipped)] == ["KA.tiff"]


def test_the_page_lists_every_source_suffix_and_expression():
    for name in Registry().names("source"):
        assert f"| `{name}` |" in PAGE, name
    for suffix in PHOTOS | VIDEOS:
        assert re.search(rf"\s\{suffix}[\s.,]", PAGE), suffix
    assert all(word in PAGE for word in EXPRESSIONS)
