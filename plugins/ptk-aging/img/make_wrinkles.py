"""Make `wrinkles.webp` and `wrinkles.json`: the lines of an old face, apart from its colours and its large forms.

Usage: python make_wrinkles.py Age_r5c9.jpg points.json (68 landmarks in pixels, as `ptk landmarks` finds them by
mediapipe). Channels are log ratios of brightness to what is around: fine lines, folds, and redness.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from ptk.faces.crop import Crop
from ptk.faces.topology import BROWS, JAW, LEFT_BROW, LEFT_EYE, MOUTH, NOSE_BASE, RIGHT_BROW, RIGHT_EYE

DATA = Path(__file__).parents[1] / "src" / "ptk_aging" / "data"
SIDE, EYES = 640, 256.0  # pixels, and between the outer corners of the eyes
FINE, FOLD, FORM = 0.004, 0.028, 0.11  # outer eye distances: grain below, lines, folds, forms of the face above
RANGE = (0.5, 0.5, 0.25)  # log ratios that 127 levels stand for


def blur(picture: np.ndarray, width: float) -> np.ndarray:
    """Blur by a Gaussian of so many eye distances."""
    return cv2.GaussianBlur(picture, (0, 0), width * EYES)


def main() -> None:
    """Write both files."""
    pixels = cv2.cvtColor(cv2.imread(sys.argv[1]), cv2.COLOR_BGR2RGB)
    points = np.array(json.loads(Path(sys.argv[2]).read_text()), dtype=float)
    crop = Crop.around(points, margin=SIDE / EYES)
    cut = crop.cut(pixels, SIDE).astype(np.float32) / 255 + 0.03
    own = crop.to_unit(points) * SIDE
    seen = crop.cut(np.full_like(pixels, 255), SIDE)[..., 0] > 0
    inside = cv2.warpAffine(np.zeros((1, 1), np.uint8), np.eye(2, 3), (SIDE, SIDE))
    corners = crop.to_unit(np.array([[0, 4], [pixels.shape[1], 4], pixels.shape[1::-1], [0, pixels.shape[0]]])) * SIDE
    cv2.fillPoly(inside, [corners.round().astype(np.int32)], 1)
    brow = own[BROWS]
    forehead = (brow - brow.mean(axis=0)) * (1.0, 0.6) + brow.mean(axis=0) - (0, 0.62 * EYES)
    jaw = own[JAW] + (own[JAW].mean(axis=0) - own[JAW]) * 0.1
    known = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(known, cv2.convexHull(np.vstack([jaw, forehead]).round().astype(np.int32)), 1)
    known &= inside & seen.astype(np.uint8)
    for hole, beyond in (
        (own[RIGHT_EYE], 0.015),
        (own[LEFT_EYE], 0.015),
        (own[MOUTH], 0.0),
        (own[RIGHT_BROW], 0.05),
        (own[LEFT_BROW], 0.05),
        (own[NOSE_BASE] + (0, -0.01 * EYES), 0.055),
    ):
        mask = np.zeros_like(known)
        cv2.fillConvexPoly(mask, cv2.convexHull(hole.round().astype(np.int32)), 1)
        width = max(1, round(2 * beyond * EYES)) | 1
        known[cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))) > 0] = 0
    weight = known.astype(np.float32)

    def around(picture: np.ndarray, width: float) -> np.ndarray:
        return blur(picture * weight, width) / np.maximum(blur(weight, width), 1e-3)

    bright = np.log(cut.mean(axis=2))
    red = np.log(cut[..., 0] / cut[..., 1])
    fine, fold, form = (around(bright, width) for width in (FINE, FOLD, FORM))
    layers = (fine - fold, fold - form, around(red, 0.012) - around(red, 0.09))
    soft = np.clip(2 * blur(weight, 0.03) - 1, 0, 1)
    picture = np.stack([soft * layer / most for layer, most in zip(layers, RANGE, strict=True)], axis=2)
    levels = np.rint(128 + 127 * picture.clip(-1, 1)).astype(np.uint8)
    cv2.imwrite(str(DATA / "wrinkles.webp"), levels[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 95])
    (DATA / "wrinkles.json").write_text(json.dumps({"range": RANGE, "points": (own / SIDE).round(5).tolist()}) + "\n")


if __name__ == "__main__":
    main()
