"""The folder that a comparison leaves: a page of tables and faces, its tables as Markdown and LaTeX, all numbers."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from ptk.evaluation.comparison.summary import Table, as_json
from ptk.evaluation.comparison.tables import (
    MEMBER_COLUMNS,
    describe,
    label,
    markdown,
    member_lines,
    notes,
    rows,
    tex,
)
from ptk.files import replacing_folder
from ptk.html.pages import check_page_folder, render_page

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.evaluation.comparison.compare import Comparison
    from ptk.evaluation.comparison.trials import Trial

__all__ = ["VERB", "ComparisonBook"]

VERB = "ptk compare"
"""The command that makes the page."""

_EACH = 2  # trials that are shown of a person, of each kind
_SHOWN = 16  # of each kind
_TILE = 128  # CSS pixels of an image on the page
_QUALITY = 92


class ComparisonBook:
    """Keeps pictures of trials, side by side, and writes them with all tables to `out`, whole; an earlier one goes.

    Raises OutputError at once where `out` is something else.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        check_page_folder(out, VERB)
        self._drafts = tempfile.TemporaryDirectory(prefix="ptk-compare-")
        self._strips: dict[str, list[tuple[Path, str]]] = defaultdict(list)
        self._columns: dict[str, list[str]] = {}
        self._counts: dict[tuple[str, str], int] = defaultdict(int)

    def see(self, trial: Trial, images: Mapping[str, Tensor]) -> None:
        """Keep the images (1, 3, S, S) in [-1, 1] of a trial, by row, of the first few of each person."""
        strips, key = self._strips[trial.kind], (trial.kind, trial.source.identity)
        columns = self._columns.setdefault(trial.kind, list(images))
        if self._counts[key] == _EACH or len(strips) == _SHOWN:
            return
        self._counts[key] += 1
        file = Path(self._drafts.name) / f"{trial.kind}-{len(strips):02d}.jpg"
        size = images["true"].shape[-1]
        source = torch.from_numpy(trial.source.crop(trial.start)).permute(2, 0, 1).float().div(127.5).sub(1)
        missing = torch.zeros(3, size, size)  # of one that failed on the way
        row = torch.cat([source, *(images[name][0] if name in images else missing for name in columns)], dim=-1)
        levels = row.float().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        Image.fromarray(levels).save(file, quality=_QUALITY)
        strips.append((file, trial.title))

    def write(self, comparison: Comparison, tables: Sequence[Table]) -> None:
        """Write index.html, comparison.json, .md and .tex, and the images."""
        said = json.dumps(as_json(comparison, tables), indent=1, ensure_ascii=False, allow_nan=False)
        with replacing_folder(self.out) as place:
            (place / "images").mkdir()
            for strips in self._strips.values():
                for file, _ in strips:
                    shutil.copy(file, place / "images" / file.name)
            (place / "comparison.json").write_text(said, encoding="utf-8")
            (place / "comparison.md").write_text(markdown(comparison, tables), encoding="utf-8")
            (place / "comparison.tex").write_text(tex(comparison, tables), encoding="utf-8")
            (place / "index.html").write_text(self._render(comparison, tables), encoding="utf-8")
            if self.out.exists():
                shutil.rmtree(self.out)  # not before there is another
        self._drafts.cleanup()

    def _render(self, comparison: Comparison, tables: Sequence[Table]) -> str:
        people = comparison.people
        return render_page(
            "comparison.html",
            VERB,
            f"{len(comparison.members)} weights compared",
            lead=f"{people.folder.resolve().name}, {people.split}: measured at {comparison.size} pixels",
            member_columns=MEMBER_COLUMNS,
            members=member_lines(comparison),
            notes=notes(comparison),
            tile=_TILE,
            tables=[
                {
                    "title": table.title,
                    "lead": table.lead,
                    "heads": [label(table, metric) for metric in table.lower_is_better],
                    "rows": rows(table, table.means),
                    "left_out": table.left_out,
                    "reference": table.reference,
                    "differences": rows(table, table.differences, "\x01{}"),
                    "columns": ["source", *(describe(row, table.kind) for row in self._columns[table.kind])],
                    "strips": [(file.name, caption) for file, caption in self._strips[table.kind]],
                }
                for table in tables
            ],
        )
