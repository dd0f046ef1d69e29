"""An evaluation as a page to look at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptk.evaluation.candidates import CANDIDATES
from ptk.evaluation.report import rows, switched
from ptk.html.pages import render_page
from ptk.types import PHOTO

if TYPE_CHECKING:
    from ptk.evaluation.evaluate import Evaluation

__all__ = ["VERB", "Strip", "number", "page", "title"]

VERB = "ptk eval"
"""The command that makes the page."""

_TITLES = {"result": "result", "unchanged": "photo unchanged", "warp": "warped", "true": "true image"}


@dataclass(frozen=True)
class Strip:
    """Images of one case side by side: the file, its size in CSS pixels, whose they are, and what they show."""

    file: str
    width: int
    height: int
    title: str
    caption: str


def title(candidate: str) -> str:
    """What a candidate is called where people read."""
    return _TITLES[candidate]


def number(value: float | None) -> str:
    """A mean with as many digits as say something; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞"
    size = abs(value)
    return f"{value:.2f}" if size >= 10 else f"{value:.3f}" if size >= 0.1 else f"{value:.5f}"


def page(
    name: str,
    lead: str,
    evaluation: Evaluation,
    sections: Mapping[str, Sequence[Strip]],
    fine: Evaluation | None = None,
) -> str:
    """Render the whole page on the weights called `name`; `sections` are headings with what stands below them.

    `fine` are the same pairs composed at the data's own size.
    """
    tables = [_table(evaluation, domain, domain) for domain in evaluation.domains]
    if fine is not None:
        tables.append(_table(fine, PHOTO, f"photo, composed at {fine.size} pixels as edits are"))
    return render_page(
        "evaluation.html",
        VERB,
        f"{name}: an evaluation",
        name=name,
        lead=lead,
        skipped=evaluation.skipped,
        candidates=[title(candidate) for candidate in CANDIDATES],
        tables=tables,
        sections=sections,
    )


def _table(evaluation: Evaluation, domain: str, heading: str) -> Mapping[str, object]:
    return {
        "heading": heading,
        "lead": f"{100 * switched(evaluation, domain):.0f} % of the results look like {domain}",
        "rows": [
            {
                "name": f"{row.name.replace('_', ' ')} {'↓' if row.lower_is_better else '↑'}",
                "best": row.best,
                "cells": [number(row.means.get(candidate)) for candidate in CANDIDATES],
            }
            for row in rows(evaluation, domain)
        ],
    }
