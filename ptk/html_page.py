"""A page to look at: one HTML file, no script, nothing from the network. A page of ptk's may be replaced by a newer."""

from __future__ import annotations

from html import escape
from pathlib import Path

from ptk.errors import OutputError

__all__ = ["check_page_folder", "format_page"]

_STYLE = """
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


def format_page(verb: str, title: str, body: str, style: str = "") -> str:
    """The whole page that `verb`, such as "ptk eval", made; `title` is plain text, `body` and `style` are markup."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{_mark(verb)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src * file:; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{_STYLE}{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def check_page_folder(out: Path, verb: str) -> None:
    """Raise OutputError where the folder `out` is there and has no page that `verb` made."""
    if not (out.exists() or out.is_symlink()):
        return
    try:
        ours = _mark(verb) in (out / "index.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        ours = False
    if out.is_symlink() or not ours:
        raise OutputError(f"{out}: is there already, and no page of {verb}; name another folder with `out`")


def _mark(verb: str) -> str:
    """The line by which a page of `verb` is known."""
    return f'<meta name="generator" content="{verb}">'
