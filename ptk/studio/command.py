"""The commands that do what the page did."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptk.editing.edit import default_output
from ptk.editing.rendered import PHOTO_STYLE
from ptk.studio.downloads import landmarks_name

if TYPE_CHECKING:
    from ptk.studio.goals import Styles
    from ptk.studio.photos import OpenPhoto
    from ptk.studio.wishes import Edit, FaceWish

__all__ = ["list_commands"]

_EDIT = ("ptk", "edit")


def list_commands(opened: OpenPhoto, edit: Edit, styles: Styles) -> dict[str, Any]:
    """List the commands that make the same picture, one a line, and the files that they need.

    Several faces that do different things take a command each, the style coming last.
    """
    name, out = opened.name, str(default_output(Path(opened.name)))
    if not Path(name).suffix:
        out = f"{name}.ptk.png"
    asked, several = edit.asked, len(opened.faces) > 1
    renderer = styles(edit.style, edit.area)
    style = [] if edit.style == PHOTO_STYLE else ["--style", edit.style]
    if edit.style != PHOTO_STYLE and edit.area == "head":
        style += ["--area", "head"]
    end = [*style, *(["--force"] if edit.force else [])]
    heads = ["--face", "all"] if several and renderer is not None and renderer.needs_face else []
    source = ["--from", opened.source] if opened.source else []
    needs: list[str] = []
    if not asked:
        return {"lines": [_join([*_EDIT, name, *source, *heads, *end, "-o", out])], "needs": needs}
    wishes = list(asked.items())
    same = len(wishes) == len(opened.faces) and len({wish.model_dump_json() for _, wish in wishes}) == 1
    if several and same and not wishes[0][1].is_dragged:
        words = _say_wish(wishes[0][1], "", needs)
        return {"lines": [_join([*_EDIT, name, *source, "--face", "all", *words, *end, "-o", out])], "needs": needs}
    lines = []
    for place, (index, wish) in enumerate(wishes):
        is_last = place == len(wishes) - 1 and not (heads and len(opened.faces) > 1)
        face = ["--face", str(index + 1)] if several else []
        words = _say_wish(wish, landmarks_name(opened, edit, index + 1), needs)
        after = out if is_last else f"{Path(opened.name).stem}.{place + 1}.png"
        last = end if is_last else ["--force"] if edit.force else []
        lines.append(_join([*_EDIT, name, *source, *face, *words, *last, "-o", after]))
        name, source = after, ["--from", PHOTO_STYLE] if opened.source else []
    if heads and len(opened.faces) > 1:
        lines.append(_join([*_EDIT, name, *source, *heads, *end, "-o", out]))
    return {"lines": lines, "needs": needs}


def _say_wish(wish: FaceWish, landmarks: str, needs: list[str]) -> list[str]:
    """The options that say a wish; files that they read are added to `needs`."""
    if wish.is_dragged:
        needs.append(landmarks)
        return ["--landmarks", landmarks]
    said = []
    if wish.strengths:
        said += ["--expression", ",".join(f"{name}={strength:.15g}" for name, strength in wish.strengths.items())]
    if wish.like is not None:
        needs.append("like.expression.json")
        parts = ",".join(f"{name}={share:.15g}" for name, share in wish.like.parts.items())
        said += ["--expression-from", "like.expression.json" + (f":{parts}" if parts else "")]
    return said


def _join(words: list[str]) -> str:
    """Quote words for a shell; a name that begins with a dash is no option."""
    safe = [f"./{word}" if index == 2 and word.startswith("-") else word for index, word in enumerate(words)]
    return shlex.join(safe)
