"""Pictures for the page: renders and photos, as WebP, in the colour space of the photo."""

from __future__ import annotations

import io
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.editing.rendered import PHOTO_STYLE
from ptk.studio.goals import find_goals, is_nothing, render
from ptk.studio.live import Part, Region, cut_part, shrink
from ptk.studio.photos import LIVE_SIDE
from ptk.studio.refusals import Refusal, say_plainly

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.editing.session import Session
    from ptk.faces.images import Photo
    from ptk.studio.goals import Goals, Styles
    from ptk.studio.photos import OpenPhoto, Photos
    from ptk.studio.wishes import Edit, RenderWish

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["Picture", "render_wish", "show_photo"]

_SIDES = {"live": LIVE_SIDE, "draft": 1280, "whole": 2048}
_LARGEST_LIVE = 1024
_QUALITY = 82
_STYLED = 0.6  # how much smaller a live picture in another style is: these take ten times as long as a face that moves


@dataclass(frozen=True)
class Picture:
    """A picture as WebP, and what it shows (`meta`, JSON)."""

    content: bytes
    meta: str


@dataclass(frozen=True, eq=False)
class _Whole:
    """The last full render of a photo: of what, and where its faces are."""

    key: str
    pixels: Pixels
    goals: Goals


def render_wish(photos: Photos, opened: OpenPhoto, wish: RenderWish, styles: Styles) -> Picture:
    """Render what the page asks for. Raises Refusal, and PtkError for what cannot be rendered."""
    began = time.perf_counter()
    side, edit = wish.side or _SIDES[wish.want], wish.edit
    if wish.want == "live" and edit.style != PHOTO_STYLE:
        side = max(16, round(side * _STYLED))
    if wish.want == "whole":
        session = photos.session(opened)
        whole = _render_whole(photos, opened, session, edit, styles)
        region = _clamp(wish.region, opened.width, opened.height)
        content = encode_webp(whole.pixels, session.photo, region, side)
        return Picture(content, _describe(opened, edit, whole.goals, region, None, began))
    part = _find_part(photos, opened, edit, side, live=wish.want == "live")
    shown = crop_edit(part, edit)
    session, goals = find_goals(photos.editor, part.session, shown, styles, opened.upside_down, part.scale)
    pixels = render(session, shown, goals)
    everything = (0, 0, session.photo.width, session.photo.height)
    content = encode_webp(pixels, session.photo, everything, side)
    return Picture(content, _describe(opened, edit, goals, part.region, part, began))


def show_photo(photos: Photos, opened: OpenPhoto, side: int, *, developed: bool = False) -> bytes:
    """The photo as it was opened, at most `side` pixels a side; of a drawing the photo made of it, if `developed`."""
    session = photos.session(opened)
    photo = session.photo if developed or session.drawing is None else session.drawing
    return encode_webp(photo.pixels, photo, (0, 0, photo.width, photo.height), side)


def encode_webp(pixels: Pixels, photo: Photo, region: Region, side: int) -> bytes:
    """Encode a `region` of `pixels`, an edit of `photo`, fast and with loss, at most `side` pixels a side."""
    left, top, width, height = region
    scale = min(1.0, side / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    rows, columns = slice(top, top + height), slice(left, left + width)
    image = Image.fromarray(shrink(pixels[rows, columns], size))
    if photo.alpha is not None:
        image.putalpha(Image.fromarray(shrink(photo.alpha[rows, columns], size)))
    buffer = io.BytesIO()
    options = {"icc_profile": photo.icc} if photo.icc else {}
    image.save(buffer, "WEBP", quality=_QUALITY, method=0, **options)
    return buffer.getvalue()


def crop_edit(part: Part, edit: Edit) -> Edit:
    """What of an `edit` is seen in a part of the photo."""
    seen = {name: wish for name, wish in edit.faces.items() if _is_seen(part, int(name) - 1)}
    return edit if len(seen) == len(edit.faces) else edit.model_copy(update={"faces": seen})


def _is_seen(part: Part, index: int) -> bool:
    return index >= len(part.session.all_faces) or part.shows(index)


def _render_whole(photos: Photos, opened: OpenPhoto, session: Session, edit: Edit, styles: Styles) -> _Whole:
    key = ("render", opened.id)
    kept = photos.memory.get(key, _Whole)
    if kept is not None and kept.key == edit.key:
        return kept
    asked, goals = find_goals(photos.editor, session, edit, styles, opened.upside_down)
    if is_nothing(session, edit, goals):
        return _Whole(edit.key, session.photo.pixels, goals)
    photos.memory.forget(lambda each: each == key)
    photos.memory.make_room(session.photo.pixels.nbytes)
    made = _Whole(edit.key, render(asked, edit, goals), goals)
    photos.memory.put(key, made, made.pixels.nbytes)
    return made


def _find_part(photos: Photos, opened: OpenPhoto, edit: Edit, side: int, *, live: bool) -> Part:
    """The small picture around the face that an edit is about, or of the whole photo: kept, or cut now."""
    everything = (0, 0, opened.width, opened.height)
    if live and opened.faces:
        index = edit.face - 1
        if index >= len(opened.faces):
            raise Refusal(422, f"there is no face {edit.face} in this photo")
        return photos.find_part(opened, index, min(side, _LARGEST_LIVE))
    key = ("draft", opened.id)
    kept = photos.memory.get(key, Part)
    if kept is None or kept.asked != side:
        kept = cut_part(photos.session(opened), everything, side)
        photos.memory.put(key, kept, kept.session.photo.pixels.nbytes)
    return kept


def _describe(opened: OpenPhoto, edit: Edit, goals: Goals, region: Region, part: Part | None, began: float) -> str:
    index = edit.face - 1
    points = irises = None
    if index < len(opened.faces):
        face = opened.faces[index]
        placed = goals.points.get(index)
        points = face.points if placed is None else placed if part is None else part.to_photo(placed)
        looks = goals.irises.get(index)
        irises = face.irises if looks is None else looks if part is None else part.to_photo(looks)
    meta = {
        "region": list(region),
        "points": _round(points),
        "irises": _round(irises),
        "warnings": list(dict.fromkeys(say_plainly(line, opened.name) for line in goals.warnings)),
        "ms": round((time.perf_counter() - began) * 1000),
    }
    return json.dumps(meta, separators=(",", ":"))


def _round(points: np.ndarray | None) -> list[list[float]] | None:
    return None if points is None else [[round(float(each), 1) for each in row] for row in points]


def _clamp(region: tuple[float, float, float, float] | None, width: int, height: int) -> Region:
    """A region of whole pixels within the photo, at least one."""
    if region is None:
        return 0, 0, width, height
    left, top = min(max(0, int(region[0])), width - 1), min(max(0, int(region[1])), height - 1)
    right = min(max(left + 1, round(region[0] + region[2])), width)
    bottom = min(max(top + 1, round(region[1] + region[3])), height)
    return left, top, right - left, bottom - top
