"""The numbers of faces, drawn beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, UInt8

    from ptk.types import Landmarks

    Area = Float[np.ndarray, "4"]  # left, top, right, bottom

__all__ = ["draw_numbers", "place_plates"]

_SMALLEST, _LARGEST = 1 / 40, 1 / 16  # heights of plates, of the picture's longer side: 25 and 64 px on a screen
_OF_FACE = 0.3
_LEAST_PIXELS = 14
_DARK, _WHITE, _CHOSEN = (25, 25, 25), (255, 255, 255), (0, 130, 60)


def draw_numbers(
    pixels: UInt8[np.ndarray, "height width 3"], faces: Sequence[Landmarks], chosen: Landmarks | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Draw on a copy of `pixels` a frame around each of `faces` and its number, from 1 on; green for the `chosen`."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.fromarray(pixels)
    pen = ImageDraw.Draw(drawn)
    line = max(1, round(max(drawn.size) / 500))
    for face in faces:
        for grown, colour in ((2 * line, _DARK), (line, _CHOSEN if face is chosen else _WHITE)):
            frame = _head(face).round() + grown * np.array([-1, -1, 1, 1])
            pen.rectangle(tuple(frame), outline=colour, width=line)
    for number, (face, area) in enumerate(zip(faces, place_plates(faces, *drawn.size), strict=True), 1):
        left, top, right, bottom = (float(side) for side in area.round())
        corners, colour = (left, top, right, bottom), _CHOSEN if face is chosen else _DARK
        pen.rounded_rectangle(corners, (bottom - top) / 5, fill=colour, outline=_WHITE, width=line)
        font = ImageFont.load_default(0.8 * (bottom - top))
        pen.text(((left + right) / 2, (top + bottom) / 2), str(number), fill=_WHITE, font=font, anchor="mm")
    return np.array(drawn)


def place_plates(faces: Sequence[Landmarks], width: int, height: int) -> list[Area]:
    """Left, top, right and bottom of a plate for each number, in the picture, clear of faces where there is a place."""
    heads, inner = [_head(face) for face in faces], [_box(face) for face in faces]
    longest = max(width, height)
    plates: list[Area] = []
    for number, face in enumerate(faces, 1):
        wish = _OF_FACE * float(np.ptp(face.points[:, 0]))
        high = max(_LEAST_PIXELS, float(np.clip(wish, _SMALLEST * longest, _LARGEST * longest)))
        high = min(high, min(width, height) / 3)
        size = np.array([high * (0.5 + 0.5 * len(str(number))), high])
        spots: list[Area] = []
        for spot in _around(_head(face), size):  # each moved into the picture
            corner = np.maximum(np.minimum(spot[:2], np.array([width, height]) - 1 - (spot[2:] - spot[:2])), 0)
            spots.append(np.concatenate([corner, corner + spot[2:] - spot[:2]]))
        costs = [4 * _count_covered(spot, [*inner, *plates]) + _count_covered(spot, heads) for spot in spots]
        plates.append(spots[int(np.argmin(np.round(costs)))])
    return plates


def _around(head: Area, size: Float[np.ndarray, "2"]) -> list[Area]:
    """Places for a plate of `size` at a head, the best first: above it, below, right and left, then in its corners."""
    left, top, right, bottom = head
    wide, high = size
    middle = (left + right - wide) / 2
    corners = [(middle, top - high), (left, top - high), (right - wide, top - high)]
    corners += [(middle, bottom), (left, bottom), (right - wide, bottom)]
    corners += [(right, top), (left - wide, top), (right, bottom - high), (left - wide, bottom - high)]
    corners += [(left, top), (right - wide, top)]
    return [np.array([x, y, x + wide, y + high]) for x, y in corners]


def _count_covered(area: Area, others: Sequence[Area]) -> float:
    """Pixels of `others` that `area` covers."""
    sides = [np.clip(np.minimum(area[2:], other[2:]) - np.maximum(area[:2], other[:2]), 0, None) for other in others]
    return float(sum(np.prod(side) for side in sides))


def _box(face: Landmarks) -> Area:
    return np.concatenate([face.points.min(axis=0), face.points.max(axis=0)]).astype(float)


def _head(face: Landmarks) -> Area:
    """The face with its forehead, which no landmark marks."""
    left, top, right, bottom = _box(face)
    wide, high = right - left, bottom - top
    return np.array([left - 0.1 * wide, top - 0.4 * high, right + 0.1 * wide, bottom + 0.1 * high])
