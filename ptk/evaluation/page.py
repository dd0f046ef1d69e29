"""An evaluation as a page to look at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ptk.data.document import document
from ptk.evaluation.candidates import CANDIDATES
from ptk.evaluation.report import rows, switched
from ptk.types import PHOTO

if TYPE_CHECKING:
    from ptk.evaluation.evaluate import Evaluation
    from ptk.evaluation.report import Row

__all__ = ["VERB", "Strip", "number", "page", "title"]

VERB = "ptk eval"
"""The command that makes the page."""

_STYLE = """
th { text-align: right; font-weight: 600; color: var(--dim); }
th:first-child { text-align: left; }
td.best { font-weight: 700; color: var(--bar); }
.wide { max-width: 52rem; overflow-x: auto; }
"""

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
    """The whole page on the weights called `name`; `sections` are headings with what stands below them.

    `fine` are the same pairs composed at the data's own size.
    """
    skipped = "".join(f"<li>{escape(metric)}: {escape(why)}</li>" for metric, why in evaluation.skipped.items())
    parts = "".join(
        f'<h2>{escape(heading)}</h2><div class="sheets">{"".join(map(_figure, strips))}</div>\n'
        for heading, strips in sections.items()
    )
    body = f"""<h1>{escape(name)}</h1>
<p class="dim">{escape(lead)}</p>
{f'<ul class="verdict">{skipped}</ul>' if skipped else ""}
{"".join(_table(evaluation, domain, domain) for domain in evaluation.domains)}
{"" if fine is None else _table(fine, PHOTO, f"photo, composed at {fine.size} pixels as ptk edit does")}
<p class="dim">Arrows say which way is better; a result better than both the unchanged and the warped image is bold.
In styles those two are what the style's own filter makes of the source.</p>
{parts}"""
    return document(VERB, f"{name}: an evaluation", body, _STYLE)


def _table(evaluation: Evaluation, domain: str, heading: str) -> str:
    head = "".join(f"<th>{escape(title(candidate))}</th>" for candidate in CANDIDATES)
    said = f"{100 * switched(evaluation, domain):.0f} % of the results look like {domain}"
    return (
        f"<h2>{escape(heading)}</h2><p class='dim'>{escape(said)}</p>"
        f'<div class="card wide"><table><tr><th></th>{head}</tr>'
        f"{''.join(_lines(rows(evaluation, domain)))}</table></div>"
    )


def _lines(table: Iterable[Row]) -> Iterable[str]:
    for row in table:
        arrow = "↓" if row.lower_is_better else "↑"
        cells = "".join(
            f'<td class="number{" best" if candidate == "result" and row.best else ""}">'
            f"{number(row.means.get(candidate))}</td>"
            for candidate in CANDIDATES
        )
        yield f"<tr><td>{escape(row.name.replace('_', ' '))} {arrow}</td>{cells}</tr>"


def _figure(strip: Strip) -> str:
    return (
        f'<figure style="width:{strip.width}px"><img src="{escape(strip.file)}" width="{strip.width}" '
        f'height="{strip.height}" alt="{escape(f"{strip.title}: {strip.caption}")}" loading="lazy">'
        f"<figcaption><b>{escape(strip.title)}</b> {escape(strip.caption)}</figcaption></figure>\n"
    )
