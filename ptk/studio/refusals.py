"""What the studio says no to, in one line, in words of its page."""

from __future__ import annotations

import re

__all__ = ["Gone", "Refusal", "say_plainly"]

_QUOTED = re.compile(r"`([a-z][a-z_]*)(?:=([^`]*)|\((.*?)\))?`")

_PHRASES = (
    ("run `write_landmarks` again", "open the photo again"),
    ("or find them again in this photo (`write_landmarks`)", "or undo"),
    ("find them again in this photo (`write_landmarks`) and edit those", "undo, and move single points"),
    ("if not, add `source=photo`", "if not, say that it is a photo"),
    ("; find faces by `detector=mediapipe68`", ""),
    ("crop closer or pass `landmarks`", "crop closer"),
    (", or force it", ""),
)
"""What messages advise that is done otherwise on the page."""


class Refusal(Exception):
    """A request that is refused with a `status` of HTTP and a line for people; `headers` go with it."""

    def __init__(self, status: int, line: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.line, self.headers = status, line, headers or {}
        super().__init__(line)


class Gone(Refusal):
    """A photo that is not open any more, or never was."""

    def __init__(self) -> None:
        super().__init__(410, "this photo is not open any more; open it again")


def say_plainly(text: str, name: str = "") -> str:
    """Say a message of the library about the photo called `name` in words of the page: one line, no backquotes."""
    line = " ".join(text.split())
    if name:
        line = line.replace(f"{name}: ", "")
    for before, after in _PHRASES:
        line = line.replace(before, after)
    return _QUOTED.sub(lambda found: f"{found[1]} {found[2] or ''}".strip().replace("_", " "), line)
