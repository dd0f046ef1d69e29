"""An evaluation as tables for the terminal."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ptk.errors import DataError
from ptk.evaluation.candidates import CANDIDATES
from ptk.evaluation.page import number, title
from ptk.evaluation.report import groups, mean, moved, rows, switched
from ptk.plain import quote_error

if TYPE_CHECKING:
    from ptk.evaluation.evaluate import Case, Evaluation

__all__ = ["domain_table", "group_table", "read_groups", "style_table"]


def domain_table(evaluation: Evaluation, domain: str, heading: str) -> Table:
    """All metrics of one domain: a line each, a column for each candidate."""
    table = _table(heading, [title(candidate) for candidate in CANDIDATES])
    for row in rows(evaluation, domain):
        arrow = "↓" if row.lower_is_better else "↑"
        means = [number(row.means.get(candidate)) for candidate in CANDIDATES]
        first = Text(means[0], style="bold green" if row.best else "")
        table.add_row(f"{row.name.replace('_', ' ')} {arrow}", first, *means[1:])
    table.add_row("moved by landmarks, of 255", number(moved(evaluation, domain)), "", "", "")
    return table


def style_table(evaluation: Evaluation, domains: Sequence[str]) -> Table:
    """The results in other styles: a line for each domain, beside the true rendering bent by a warp."""
    names = [name for name in ("ssim", "lpips") if name in evaluation.metrics.parts]
    headings = [f"{name}{extra}" for name in names for extra in ("", ", warp")]
    table = _table("styles", ["look like it", *headings])
    for domain in domains:
        means = {row.name: row.means for row in rows(evaluation, domain)}
        cells = [number(means[name].get(one)) for name in names for one in ("result", "warp")]
        table.add_row(domain, f"{100 * switched(evaluation, domain):.0f} %", *cells)
    return table


def group_table(evaluation: Evaluation, cases: Sequence[Case], column: str, of: Mapping[str, str]) -> Table:
    """The results' means: a line for each metric, a column for each group, with how many people are in it."""
    found = groups(cases, of)
    people = [len({case.source.identity for case in those}) for those in found.values()]
    table = _table(column, [f"{group} ({count})" for group, count in zip(found, people, strict=True)])
    for name in evaluation.metrics.parts:
        table.add_row(name.replace("_", " "), *(number(mean(those, name, "result")) for those in found.values()))
    return table


def read_groups(path: Path) -> dict[str, dict[str, str]]:
    """The columns of a CSV table beside `identity`: column -> identity -> group. Raises DataError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file)
            if "identity" not in (lines.fieldnames or ()):
                raise DataError(f"{path}: has no column identity; name the people as in the data set's manifest")
            columns: dict[str, dict[str, str]] = {name: {} for name in lines.fieldnames or () if name != "identity"}
            for line in lines:
                for name, of in columns.items():
                    of[line["identity"] or ""] = (line[name] or "").strip()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({(error.strerror or 'no such file').lower()})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is no CSV table in UTF-8 ({quote_error(error)})") from error
    return columns


def _table(heading: str, columns: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2), title=Text(heading, style="bold"), title_justify="left")
    table.add_column(style="cyan", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table
