"""A data set as a page to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ptk.curate.summary import Range, Summary
from ptk.html.pages import render_page

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


@dataclass(frozen=True)
class _Card:
    """A table on the page: `rows` of a name and a text, or, where there are none, `bars` of a name and a number."""

    title: str
    rows: Sequence[tuple[str, str]] | None = None
    bars: Mapping[str, float] | None = None
    note: str = ""


def format_report(summary: Summary, domains: Sequence[Picture], people: Sequence[Picture], bounds: str) -> str:
    """Render the whole page. `bounds` says who is shown and in what order."""
    name = summary.folder.resolve().name
    images = f"{sum(summary.images.values())} images"
    count = f"{sum(summary.people.values())} people, {len(summary.shots)} photos, {images}"
    return render_page(
        "data_set.html",
        VERB,
        f"{name}: a data set",
        name=name,
        lead=count if summary.faces else f"{images} without faces",
        verdict=list(summary.verdict()),
        cards=list(_cards(summary)),
        which="One image of each person, in the same order in every domain." if summary.faces else "Some of each.",
        domains=domains,
        people=people,
        bounds=bounds,
    )


def range_text(of: Range, unit: str = "") -> str:
    """In words, such as "213 to 450 px, median 300"."""
    least, median, most = (f"{value:.0f}" for value in (of.least, of.median, of.most))
    if least == most:
        return f"{least}{unit}"
    return f"{least} to {most}{unit}, median {median}"


def _cards(summary: Summary) -> Iterable[_Card]:
    sides = [
        (f"to {side}", f"{summary.people[side]} people, " * summary.faces + f"{summary.photos[side]} photos")
        for side in ("train", "test")
        if side in summary.people
    ]
    yield _Card("Split by person" if summary.faces else "Split", sides)
    yield _Card("Images by domain", bars=summary.images)
    if summary.faces:
        yield from _people_cards(summary)
    sizes = [("between the eyes", range_text(summary.eyes, " px"))] if summary.eyes is not None else []
    if summary.crops is not None:
        sizes.append(("crop, in the originals", range_text(summary.crops, " px")))
        sizes.append((f"enlarged to {summary.size} px", f"{summary.enlarged} of {len(summary.shots)}"))
    yield _Card("Face sizes" if summary.faces else "Sizes", sizes)


def _people_cards(summary: Summary) -> Iterable[_Card]:
    yield _Card(
        "Photos by expression", bars={name or "not named": count for name, count in summary.expressions.items()}
    )
    yield _Card(
        "Photos and pairs",
        [("photos a person", range_text(summary.photos_each)), ("pairs of one person", str(summary.pairs))],
    )
    if summary.spread:
        yield _Card(
            "Expression spread",
            bars={name: round(value, 1) for name, value in summary.spread.items()},
            note="How far one person's landmarks move, pose removed: standard deviation in % of the eye distance.",
        )
