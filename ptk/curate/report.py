"""A data set to look at: a page with contact sheets, written as a folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from ptk.curate.contact_sheets import draw_contact_sheet
from ptk.curate.report_page import VERB, Picture, format_report
from ptk.curate.summary import Shot, Summary, summarise
from ptk.dataset.manifest import Entry
from ptk.dataset.renderings import Progress
from ptk.files import replacing_folder
from ptk.html.pages import check_page_folder
from ptk.types import PHOTO

__all__ = ["PEOPLE", "PHOTOS", "write_report"]

PEOPLE = 200
"""At most so many people are on a page."""

PHOTOS = 24
"""At most so many photos of a person."""

_TILE = 240  # pixels of a photo on a sheet; the page shows them at half of that, so that fine screens show them all
_SMALL = 144
_COLUMNS = 6
_DOMAIN_COLUMNS = 16
_QUALITY = 88


def write_report(folder: Path, out: Path, progress: Progress = lambda *_: None) -> Summary:
    """Write the page on the data set `folder` to `out`/index.html, its sheets beside it, and return what it says.

    `out` appears whole; an earlier page there is replaced. People are ordered by how unusual their landmarks are, the
    oddest first, and the first 200 of them are shown. Images that cannot be read leave a cross.
    Raises DataError when there is no data set, OutputError when `out` is something else or cannot be written.
    """
    summary = summarise(folder)
    check_page_folder(out, VERB)
    people = _people(summary)
    shown = dict(list(people.items())[:PEOPLE])
    with replacing_folder(out) as place:
        (place / "sheets").mkdir()
        domains = _domain_sheets(summary, shown, place)
        persons = []
        for number, shots in enumerate(shown.values() if summary.faces else (), 1):
            persons.append(_person_sheet(summary, shots, place, number))
            progress("drawing people", number, len(shown))
        (place / "index.html").write_text(format_report(summary, domains, persons, _bounds(people)), encoding="utf-8")
        if out.exists():
            shutil.rmtree(out)  # not before there is another
    return summary


def _people(summary: Summary) -> dict[str, list[Shot]]:
    """The shots of each person, the person with the oddest landmarks first."""
    people: dict[str, list[Shot]] = {}
    for shot in summary.shots:
        people.setdefault(shot.identity, []).append(shot)
    return dict(sorted(people.items(), key=lambda item: -max(shot.odd for shot in item[1])))


def _domain_sheets(summary: Summary, people: dict[str, list[Shot]], place: Path) -> list[Picture]:
    """One image of each person: the same photo in every domain, a neutral one where there is one."""
    chosen = [next((one for one in shots if one.expression == "neutral"), shots[0]) for shots in people.values()]
    chosen = chosen if summary.faces else list(summary.shots)
    pictures = []
    for number, domain in enumerate(summary.images, 1):
        entries = [shot.entries[domain] for shot in chosen if domain in shot.entries][:PEOPLE]
        sheet = draw_contact_sheet(summary.folder, entries, tile=_SMALL, columns=_DOMAIN_COLUMNS, landmarks=False)
        file = f"sheets/domain-{number}.jpg"
        sheet.picture.save(place / file, quality=_QUALITY)
        said = f"{summary.images[domain]} images, {len(entries)} shown{_lost(sheet.lost)}"
        words = f"{len(entries)} {'people' if summary.faces else 'pictures'} in the domain {domain}"
        pictures.append(_picture(file, sheet.picture.size, domain, said, words))
    return pictures


def _person_sheet(summary: Summary, shots: Sequence[Shot], place: Path, number: int) -> Picture:
    """The photos of one person, landmarks drawn; of very many the oddest."""
    oddest = sorted(shots, key=lambda shot: -shot.odd)[:PHOTOS]
    shown = [shot for shot in shots if shot in oddest]
    entries: list[Entry] = [shot.entries.get(PHOTO) or next(iter(shot.entries.values())) for shot in shown]
    sheet = draw_contact_sheet(summary.folder, entries, tile=_TILE, columns=_COLUMNS, landmarks=True)
    file = f"sheets/person-{number:03d}.jpg"
    sheet.picture.save(place / file, quality=_QUALITY)
    expressions = ", ".join(dict.fromkeys(shot.expression for shot in shown if shot.expression))
    count = f"{len(shots)} photo{'s' * (len(shots) > 1)}" + (f", {len(shown)} shown" if len(shown) < len(shots) else "")
    said = ", ".join(part for part in (f"to {shots[0].split}", count, expressions) if part) + _lost(sheet.lost)
    identity = shots[0].identity
    return _picture(
        file, sheet.picture.size, identity, said, f"{identity} with landmarks drawn: {expressions or count}"
    )


def _picture(file: str, size: tuple[int, int], title: str, caption: str, words: str) -> Picture:
    return Picture(file, size[0] // 2, size[1] // 2, title, caption, words)


def _lost(count: int) -> str:
    return f"; {count} cannot be read" if count else ""


def _bounds(people: dict[str, list[Shot]]) -> str:
    said = "Those whose landmarks are most unlike everybody's come first: mistakes gather at the top."
    if len(people) > PEOPLE:
        said += f" The first {PEOPLE} of {len(people)} people are shown."
    if any(len(shots) > PHOTOS for shots in people.values()):
        said += f" Of each, the {PHOTOS} photos with the oddest landmarks."
    return said
