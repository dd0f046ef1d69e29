"""What is said of weights that hear no landmarks: tables, JSON, and a page with pictures."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from rich.table import Table
from rich.text import Text
from torch import Tensor

from ptk.evaluation.page import VERB, number, title
from ptk.evaluation.translations import CANDIDATES, Images, Translated, Translations
from ptk.files import replacing_folder
from ptk.html.pages import check_page_folder, render_page

__all__ = ["TranslationBook", "report", "translation_table"]

SCHEMA = "ptk.translations/1"
_SHOWN = 24  # of each domain
_TILE = 160  # CSS pixels of an image on the page
_QUALITY = 92


def translation_table(made: Translations, domain: str) -> Table:
    """The metrics of everything that went to `domain`: a line each, a column for each candidate."""
    count = sum(case.domain == domain for case in made.cases)
    heading = Text(f"to {domain}: {count} images", style="bold")
    table = Table(box=None, padding=(0, 2), title=heading, title_justify="left")
    for name in ("", *map(title, CANDIDATES)):
        table.add_column(name, style="" if name else "cyan", no_wrap=True)
    for name, means in made.means(domain).items():
        table.add_row(_label(made, name), *(number(means.get(candidate)) for candidate in CANDIDATES))
    return table


def report(made: Translations, images: Images, weights: Mapping[str, Any]) -> dict[str, Any]:
    """Everything as plain data: means by domain, metric and candidate, and every case. No nan: null."""
    return {
        "schema": SCHEMA,
        "weights": dict(weights),
        "data": {
            "folder": images.folder.resolve().name,
            "split": images.split,
            "images": len(images.faces),
            "translations": len(made.cases),
            "licence": images.licence,
        },
        "skipped": dict(made.skipped),
        "domains": {domain: made.means(domain) for domain in made.domains},
        "cases": [
            {
                "identity": case.identity,
                "photo": case.photo,
                "source": case.source,
                "domain": case.domain,
                "values": {
                    name: {one: value if math.isfinite(value) else None for one, value in values.items()}
                    for name, values in case.values.items()
                },
            }
            for case in made.cases
        ],
    }


class TranslationBook:
    """Keeps what was made and writes it, with a page and all numbers, to `out`, whole; an earlier one is replaced.

    Raises OutputError at once where `out` is something else.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        check_page_folder(out, VERB)
        self._drafts = tempfile.TemporaryDirectory(prefix="ptk-eval-")
        self._strips: dict[str, list[tuple[Path, str]]] = defaultdict(list)

    def see(self, case: Translated, images: Mapping[str, Tensor]) -> None:
        """Keep the pictures of `case`, of the first of each domain."""
        strips = self._strips[case.domain]
        if len(strips) < _SHOWN:
            names = [name for name in ("unchanged", "result", "true") if name in images]
            file = Path(self._drafts.name) / f"{len(self._strips)}-{len(strips):02d}.jpg"
            row = torch.cat([images[name][0] for name in names], dim=-1)  # (3, H, W) in [-1, 1]
            levels = row.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
            Image.fromarray(levels).save(file, quality=_QUALITY)
            strips.append((file, f"{case.photo} from {case.source}"))

    def write(self, made: Translations, images: Images, weights: Mapping[str, Any]) -> None:
        """Write all that was kept."""
        with replacing_folder(self.out) as place:
            (place / "images").mkdir()
            sections = []
            for domain, strips in self._strips.items():
                rows = [
                    {
                        "name": _label(made, name),
                        "best": False,
                        "cells": [number(means.get(each)) for each in CANDIDATES],
                    }
                    for name, means in made.means(domain).items()
                ]
                pictures = []
                for file, caption in strips:
                    shutil.copy(file, place / "images" / file.name)
                    with Image.open(file) as picture:
                        width = _TILE * picture.width // picture.height
                    pictures.append(
                        {"file": f"images/{file.name}", "width": width, "height": _TILE, "caption": caption}
                    )
                sections.append({"domain": domain, "rows": rows, "pictures": pictures})
            page = render_page(
                "translations.html",
                VERB,
                f"{weights['name']}: an evaluation",
                name=str(weights["name"]),
                lead=f"{len(made.cases)} translations of {len(images.faces)} images of the split {images.split}",
                candidates=[title(each) for each in CANDIDATES],
                sections=sections,
                skipped=made.skipped,
            )
            (place / "index.html").write_text(page, encoding="utf-8")
            said = json.dumps(report(made, images, weights), indent=1, ensure_ascii=False)
            (place / "evaluation.json").write_text(said, encoding="utf-8")
            if self.out.exists():
                shutil.rmtree(self.out)  # not before there is another


def _label(made: Translations, name: str) -> str:
    return f"{name.replace('_', ' ')} {'↓' if made.metrics.lower_is_better(name) else '↑'}"
