"""The inside of an open mouth as planes to draw from: `ptk/editing/composite/mouth_inside.png`.

To make it again: ``python -m ptk_synth.heads.mouth_picture avatars/White/White_F_2_Casual.glb mouth_inside.png``
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from ptk.faces.topology import INNER_LIPS, LOWER_LIP, MOUTH_CORNERS
from ptk_synth.camera import Camera
from ptk_synth.heads.scene import HeadScene
from ptk_synth.heads.textured_head import SKIN, TexturedHead
from ptk_synth.traits import Light

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["draw_mouth_picture"]

_EXPRESSION = {"MouthOpen": 1.0, "RsmileOpen": 0.4, "LsmileOpen": 0.4, "RlipUp": 0.35, "LlipUp": 0.35}
_LIGHT = Light(8.0, 20.0, 45.0, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 0.8, 0.0, 150.0)
_SIZE, _SAMPLES, _WIDER = 200, 24, 1.2
_COLUMNS, _UPPER, _LOWER = 192, (56, 0.28), (96, 0.48)  # columns; rows, and widths of the mouth that they are
_DEEP = 0.012  # metres behind the lips' edge, from where on skin is that of the mouth's inside
_BRIGHTNESS = np.array([0.2126, 0.7152, 0.0722])


def draw_mouth_picture(head: TexturedHead) -> NDArray[np.uint8]:
    """Render the mouth of `head` wide open, and draw its planes (400, 192), roots of what they hold.

    From top to bottom: how much of a place is an upper tooth, and its light, as a share of what white paper would
    reflect; the same of lower teeth; light of all others, as a share of the lower lip's. Columns go from corner to
    corner, rows down from a parabola along the upper lip and, for the lower three, up from one along the lower.
    """
    points = head.pose(_EXPRESSION)[SKIN][head.landmarks]
    right, left = (points[corner] for corner in MOUTH_CORNERS)
    width = _WIDER * float(np.linalg.norm(right - left))
    mouth = points[INNER_LIPS]
    middle = (mouth.min(axis=0) + mouth.max(axis=0)) / 2
    scene = HeadScene(head, _LIGHT, Camera(tuple(middle), 0.0, 0.0, 0.0, width, _SIZE), (1.0, 1.0))
    traced, (parts, depth) = scene.trace(_EXPRESSION, _SAMPLES, 0), scene.find_parts(_EXPRESSION)
    seen = scene.camera.project(points)
    upper, lower, inside = _split(parts, depth, seen, float(np.median(points[INNER_LIPS, 2])))
    smooth = [
        cv2.bilateralFilter(np.sqrt(traced.radiance[..., c].clip(0)).astype(np.float32), 5, 0.04, 1.6) for c in range(3)
    ]
    light = np.stack(smooth, axis=-1).astype(np.float64) ** 2 @ _BRIGHTNESS
    facing = (parts == SKIN) & ~inside & (traced.normals[..., 2] > 0.85)
    albedo = traced.albedo @ _BRIGHTNESS
    white = float(np.median(light[facing] / np.maximum(albedo[facing], 0.02)))
    outline = np.zeros(inside.shape, np.uint8)
    cv2.fillPoly(outline, [np.rint(seen[list(LOWER_LIP)]).astype(np.int32)], 1)
    lip = float(np.median(light[(outline > 0) & ~inside]))
    paler = (np.ptp(traced.albedo, axis=-1) < 0.45 * traced.albedo.max(axis=-1)) & (albedo > 0.2)
    upper, lower = _close(upper & (light > 0.05 * white), 5), _close(lower & paler, 3)
    other = inside & (cv2.dilate((upper | lower).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    near, weight = _average(light / lip, other, 1.2)
    weight = np.clip(3 * weight, 0, 1)
    flesh = near * weight + _average(light / lip, other, 6.0)[0] * (1 - weight)
    across = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * 2 - 1
    unroll = _Unrolled(inside, across, float(seen[MOUTH_CORNERS[1], 0] - seen[MOUTH_CORNERS[0], 0]))
    planes = [unroll(each, *_UPPER, 1) for each in (_soften(upper), _shine(light / white, upper))]
    planes += [unroll(each, *_LOWER, -1) for each in (_soften(lower), _shine(light / white, lower), flesh)]
    planes[2] = planes[2] * np.clip((0.95 - np.abs(across)) / 0.1, 0, 1)
    planes[4] = planes[4] * np.clip((0.92 - np.abs(across)) / 0.2, 0, 1)
    return np.asarray(np.rint(255 * np.sqrt(np.concatenate(planes).clip(0, 1))), dtype=np.uint8)


def _split(parts: Any, depth: Floats, seen: Floats, edge: float) -> tuple[Mask, Mask, Mask]:
    """Upper and lower teeth, each with what belongs to them, and all of the mouth's inside."""
    inside = (parts == "h_TeethUp") | (parts == "h_TeethDown") | ((parts == SKIN) & (depth < edge - _DEEP))
    outline = np.zeros(inside.shape, np.uint8)
    cv2.fillPoly(outline, [np.rint(seen[INNER_LIPS]).astype(np.int32)], 1)
    inside = _close(inside & (cv2.dilate(outline, np.ones((25, 25), np.uint8)) > 0), 7)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    inside = labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()
    above = np.arange(len(inside))[:, None] < seen[INNER_LIPS, 1].mean() + len(inside) / 25
    return inside & (parts == "h_TeethUp") & above, inside & (parts == "h_TeethDown") & ~above, inside


class _Unrolled:
    """Reads pictures along the lips of an `inside`: at places `across` it, a mouth `width` pixels wide."""

    def __init__(self, inside: Mask, across: Floats, width: float) -> None:
        columns = np.flatnonzero(inside.any(axis=0))
        self.x = (columns[0] + columns[-1] + 1) / 2 + across * len(columns) / 2
        lines = inside[:, columns].argmax(axis=0), len(inside) - inside[::-1, columns].argmax(axis=0)
        self.lines = [
            np.interp(self.x, columns + 0.5, cv2.GaussianBlur(line[None].astype(float), (0, 0), 1.5)[0])
            for line in lines
        ]
        central = np.abs(across) < 0.85
        self.parabolas = [np.polyval(np.polyfit(across[central], line[central], 2), across) for line in self.lines]
        self.width = width

    def __call__(self, picture: Floats, rows: int, reach: float, direction: int) -> Floats:
        steps = (np.arange(rows) + 0.5) / rows * reach * self.width
        y = self.parabolas[0 if direction > 0 else 1] + direction * steps[:, None]
        top, bottom = self.lines[0] + 0.8, self.lines[1] - 0.8
        held = np.clip(y, top, np.maximum(top, bottom)).astype(np.float32) - 0.5
        x = np.broadcast_to(self.x - 0.5, held.shape).astype(np.float32)
        return np.asarray(cv2.remap(picture.astype(np.float32), x, held, cv2.INTER_LINEAR), dtype=np.float64)


def _close(mask: Mask, side: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)) > 0)


def _soften(mask: Mask) -> Floats:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 0.7))


def _average(values: Floats, mask: Mask, reach: float) -> tuple[Floats, Floats]:
    """Averages of what is in the mask, and how much of it is near."""
    weight = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), reach)
    mean = cv2.GaussianBlur(values * mask, (0, 0), reach) / np.maximum(weight, 1e-4)
    return np.asarray(mean, dtype=np.float64), np.asarray(weight, dtype=np.float64)


def _shine(light: Floats, teeth: Mask) -> Floats:
    """The light of teeth, and beyond their edges that of what is near."""
    within, share = cv2.erode(teeth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, _soften(teeth)
    own, near = _average(light, teeth & (light > 0.04), 0.6)[0], _average(light, within, 2.5)[0]
    return own * share + near * (1 - share)


if __name__ == "__main__":
    Image.fromarray(draw_mouth_picture(TexturedHead.read(Path(sys.argv[1])))).save(sys.argv[2], optimize=True)
