"""A data set as a page to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ptk.curate.summary import Range, Summary
from ptk.html_page import format_page

__all__ = ["VERB", "Picture", "format_report", "range_text"]

VERB = "ptk data show"
"""The command that makes the page."""


@dataclass(frozen=True)
class Picture:
    """A sheet beside the page: its file, its size on the page in CSS pixels, a title, a line under it, and in words."""

    file: str
    width: int
    height: int
    title: str
    caption: str
    words: str


def format_report(summary: Summary, domains: Sequence[Picture], people: Sequence[Picture], bounds: str) -> str:
    """The whole page. `bounds` says who is shown and in what order."""
    name = escape(summary.folder.resolve().name)
    count = sum(summary.people.values())
    images = f"{sum(summary.images.values())} images"
    lead = f"{count} people, {len(summary.shots)} photos, {images}" if summary.faces else f"{images} without faces"
    which = "One image of each person, in the same order in every domain." if summary.faces else "Some of each."
    people_part = f"""<h2>People</h2>
<p class="dim">{escape(bounds)}</p>
<div class="sheets">{"".join(map(_figure, people))}</div>"""
    verdict = "".join(f"<li>{escape(sentence)}</li>" for sentence in summary.verdict())
    body = f"""<h1>{name}</h1>
<p class="dim">{lead}</p>
<ul class="verdict">{verdict}</ul>
<section class="cards">
{"".join(_cards(summary))}
</section>
<h2>Domains</h2>
<p class="dim">{which}</p>
<div class="sheets">{"".join(map(_figure, domains))}</div>
{people_part if people else ""}"""
    return format_page(VERB, f"{summary.folder.resolve().name}: a data set", body)


def range_text(of: Range, unit: str = "") -> str:
    """In words, such as "213 to 450 px, median 300"."""
    least, median, most = (f"{value:.0f}" for value in (of.least, of.median, of.most))
    if least == most:
        return f"{least}{unit}"
    return f"{least} to {most}{unit}, median {median}"


def _cards(summary: Summary) -> Iterable[str]:
    sides = [
        (f"to {side}", f"{summary.people[side]} people, " * summary.faces + f"{summary.photos[side]} photos")
        for side in ("train", "test")
        if side in summary.people
    ]
    yield _card("Split by person" if summary.faces else "Split", _rows(sides))
    yield _card("Images by domain", _bars(summary.images))
    if summary.faces:
        yield from _people_cards(summary)
    sizes = [("between the eyes", range_text(summary.eyes, " px"))] if summary.eyes is not None else []
    if summary.crops is not None:
        sizes.append(("crop, in the originals", range_text(summary.crops, " px")))
        sizes.append((f"enlarged to {summary.size} px", f"{summary.enlarged} of {len(summary.shots)}"))
    yield _card("Face sizes" if summary.faces else "Sizes", _rows(sizes))


def _people_cards(summary: Summary) -> Iterable[str]:
    expressions = {name or "not named": count for name, count in summary.expressions.items()}
    yield _card("Photos by expression", _bars(expressions))
    yield _card("Photos and pairs", _rows([
        ("photos a person", range_text(summary.photos_each)),
        ("pairs of one person", str(summary.pairs)),
    ]))  # fmt: skip
    if summary.spread:
        percent = {name: round(value, 1) for name, value in summary.spread.items()}
        said = "How far one person's landmarks move, pose removed: standard deviation in percent of the eye distance."
        yield _card("Expression spread", f'{_bars(percent)}<p class="dim">{escape(said)}</p>')


def _card(title: str, content: str) -> str:
    return f'<div class="card"><h3>{title}</h3>{content}</div>\n'


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f'<tr><td>{escape(name)}</td><td class="number">{escape(said)}</td></tr>' for name, said in rows)
    return f"<table>{cells}</table>"


def _bars(values: Mapping[str, float]) -> str:
    most = max(values.values(), default=0) or 1
    cells = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{value}</td>'
        f'<td class="bar"><span style="width:{100 * value / most:.0f}%"></span></td></tr>'
        for name, value in sorted(values.items(), key=lambda item: -item[1])
    )
    return f"<table>{cells}</table>"


def _figure(picture: Picture) -> str:
    return (
        f'<figure style="width:{picture.width}px"><img src="{escape(picture.file)}" width="{picture.width}" '
        f'height="{picture.height}" alt="{escape(picture.words)}" loading="lazy">'
        f"<figcaption><b>{escape(picture.title)}</b> {escape(picture.caption)}</figcaption></figure>\n"
    )
