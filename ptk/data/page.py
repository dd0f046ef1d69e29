"""A data set as a page to look at: one HTML file, no script, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ptk.data.summary import Range, Summary
from ptk.errors import OutputError

__all__ = ["GENERATOR", "STYLE", "Picture", "check_place", "page", "range_text"]

GENERATOR = '<meta name="generator" content="ptk data show">'
"""By this line a page that ptk made is known, and may be replaced."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d1f23; --dim: #62666d; --paper: #fafaf8; --card: #fff; --line: #e3e2dd;
  --bar: #3d7a5a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e7e3; --dim: #9a9ba0; --paper: #17181a; --card: #202225;
  --line: #33363a; --bar: #6fbf95; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem clamp(1rem, 4vw, 3rem) 5rem; max-width: 84rem; color: var(--ink);
  background: var(--paper); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 3rem 0 .3rem; }
h3 { font-size: .85rem; font-weight: 600; color: var(--dim); margin: 0 0 .7rem; }
p { max-width: 44rem; margin: .3rem 0 1rem; }
.dim, figcaption { color: var(--dim); }
.verdict { border-left: 4px solid var(--bar); padding: .1rem 0 .1rem 1rem; margin: 1.5rem 0 2rem; list-style: none;
  max-width: 46rem; }
.verdict li { margin: .35rem 0; overflow-wrap: anywhere; }
.cards { display: grid; gap: 1rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.25rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td { padding: .15rem 0; vertical-align: middle; }
td:first-child { padding-right: 1rem; min-width: 5rem; overflow-wrap: anywhere; }
td.number { text-align: right; }
td.bar { width: 45%; padding-left: .9rem; }
td.bar span { display: block; height: .55rem; border-radius: .3rem; background: var(--bar); min-width: 2px; }
.sheets { display: flex; flex-wrap: wrap; gap: 1.5rem 1.25rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
img { display: block; max-width: 100%; height: auto; border-radius: .35rem; background: #808080; }
figcaption { font-size: .85rem; line-height: 1.4; margin-top: .4rem; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); font-weight: 600; }
"""


@dataclass(frozen=True)
class Picture:
    """A sheet beside the page: its file, its size on the page in CSS pixels, a title, a line under it, and in words."""

    file: str
    width: int
    height: int
    title: str
    caption: str
    words: str


def page(summary: Summary, domains: Sequence[Picture], people: Sequence[Picture], bounds: str) -> str:
    """The whole page. `bounds` says who is shown and in what order."""
    name = escape(summary.folder.resolve().name)
    count = sum(summary.people.values())
    lead = f"{count} people, {len(summary.shots)} photos, {sum(summary.images.values())} images"
    verdict = "".join(f"<li>{escape(sentence)}</li>" for sentence in summary.verdict())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{GENERATOR}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src * file:; style-src 'unsafe-inline'">
<title>{name}: a data set</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{name}</h1>
<p class="dim">{lead}</p>
<ul class="verdict">{verdict}</ul>
<section class="cards">
{"".join(_cards(summary))}
</section>
<h2>Domains</h2>
<p class="dim">One image of each person, in the same order in every domain.</p>
<div class="sheets">{"".join(map(_figure, domains))}</div>
<h2>People</h2>
<p class="dim">{escape(bounds)}</p>
<div class="sheets">{"".join(map(_figure, people))}</div>
</body>
</html>
"""


def check_place(out: Path, generator: str, verb: str) -> None:
    """Raise OutputError where the folder `out` is there and no page that bears the line `generator`, of `verb`."""
    if not (out.exists() or out.is_symlink()):
        return
    try:
        ours = generator in (out / "index.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        ours = False
    if out.is_symlink() or not ours:
        raise OutputError(f"{out}: is there already, and no page of {verb}; name another folder with --out")


def range_text(of: Range, unit: str = "") -> str:
    """In words, such as "213 to 450 px, median 300"."""
    least, median, most = (f"{value:.0f}" for value in (of.least, of.median, of.most))
    if least == most:
        return f"{least}{unit}"
    return f"{least} to {most}{unit}, median {median}"


def _cards(summary: Summary) -> Iterable[str]:
    sides = [
        (f"to {side}", f"{summary.people[side]} people, {summary.photos[side]} photos")
        for side in ("train", "test")
        if side in summary.people
    ]
    yield _card("Split by person", _rows(sides))
    yield _card("Images by domain", _bars(summary.images))
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
    sizes = [("between the eyes", range_text(summary.eyes, " px"))]
    if summary.crops is not None:
        sizes.append(("crop, in the originals", range_text(summary.crops, " px")))
        sizes.append((f"enlarged to {summary.size} px", f"{summary.enlarged} of {len(summary.shots)}"))
    yield _card("Face sizes", _rows(sizes))


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
