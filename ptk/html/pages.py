"""Renders templates as pages, and replaces a page only by a newer one of the same command."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptk.errors import OutputError

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["check_page_folder", "render_page"]

_MARK = '<meta name="generator" content="{}">'
"""The line by which a page of a command is known."""


def render_page(template: str, command: str, title: str, **values: Any) -> str:
    """Render the whole page that `command`, such as "ptk eval", makes from a template of ptk.html.

    `title` and `values` are plain: text is escaped where it is put in. Raises jinja2.UndefinedError where the template
    asks for a value that is not given.
    """
    return _open_templates().get_template(template).render(command=command, title=title, **values)


def check_page_folder(out: Path, command: str) -> None:
    """Raise OutputError where the folder `out` exists and holds no page that `command` made."""
    if not (out.exists() or out.is_symlink()):
        return
    try:
        ours = _MARK.format(command) in (out / "index.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        ours = False
    if out.is_symlink() or not ours:
        raise OutputError(f"{out}: is there already, and no page of {command}; name another folder with `out`")


@cache
def _open_templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("ptk.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
