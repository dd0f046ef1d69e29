"""The 68 landmarks of iBUG 300-W by name: no other file of ptk numbers one of them.

A person's right eye is on the left of the picture and has the lower indices; right and left are the person's own.
Indices of one run are tuples of int, to be listed where arrays are indexed; consecutive ones are slices. All are
points 0 to 67, but for `in_mouth`.

Source: Sagonas et al., "300 Faces in-the-Wild Challenge" (2013), figure 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import MappingProxyType

TOPOLOGY = "ibug68"
POINTS = 68

# Groups

ALL = slice(0, POINTS)
JAW, RIGHT_JAW, LEFT_JAW = slice(0, 17), slice(0, 8), slice(9, 17)  # both sides without the chin
RIGHT_BROW, LEFT_BROW, BROWS = slice(17, 22), slice(22, 27), slice(17, 27)
NOSE_BRIDGE, NOSE_BASE, NOSE = slice(27, 31), slice(31, 36), slice(27, 36)
RIGHT_EYE, LEFT_EYE, EYES = slice(36, 42), slice(42, 48), slice(36, 48)
OUTER_LIPS, INNER_LIPS, MOUTH = slice(48, 60), slice(60, 68), slice(48, 68)
UPPER_OUTER_LIP, LOWER_OUTER_LIP = slice(49, 54), slice(55, 60)  # without the corners
EYES_AND_MOUTH = slice(36, 68)

REGIONS: Mapping[str, slice] = MappingProxyType(
    {
        "jaw": JAW,
        "right_brow": RIGHT_BROW,
        "left_brow": LEFT_BROW,
        "nose_bridge": NOSE_BRIDGE,
        "nose_base": NOSE_BASE,
        "right_eye": RIGHT_EYE,
        "left_eye": LEFT_EYE,
        "outer_lips": OUTER_LIPS,
        "inner_lips": INNER_LIPS,
    }
)
"""Which points make up what: each point is in one region."""


def indices(*regions: slice) -> tuple[int, ...]:
    """List the points of regions, in their order."""
    return tuple(index for region in regions for index in range(region.start, region.stop))


# Single points

CHIN = 8
INNER_BROWS, OUTER_BROWS = (20, 21, 22, 23), (17, 18, 25, 26)  # their ends
NOSE_TOP, NOSE_TIP, UNDER_NOSE = 27, 30, 33  # between the eyes; foremost; between the nostrils
RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER = EYE_CORNERS = (36, 39, 42, 45)
OUTER_EYE_CORNERS = (RIGHT_EYE_OUTER, LEFT_EYE_OUTER)
RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER = MOUTH_CORNERS = (48, 54)
INNER_MOUTH_CORNERS = (60, 64)
UPPER_LIP_MIDDLE = 62  # of its inner edge
LIP_MIDDLES = (51, 57, 62, 66)  # of the edges of both

# Lines, from the person's right to the left

EYELIDS = (
    ((36, 37, 38, 39), (36, 41, 40, 39)),
    ((42, 43, 44, 45), (42, 47, 46, 45)),
)
"""The upper and the lower lid of the right and of the left eye, each from corner to corner."""

LIDS = tuple((upper[1:-1], lower[1:-1]) for upper, lower in EYELIDS)
"""`EYELIDS` without the corners: upper and lower lid, point over point."""

OUTER_UPPER_LIP = (48, 49, 50, 51, 52, 53, 54)
OUTER_LOWER_LIP = (48, 59, 58, 57, 56, 55, 54)
INNER_UPPER_LIP = (60, 61, 62, 63, 64)
INNER_LOWER_LIP = (60, 67, 66, 65, 64)

FACING_UPPER_LIP, FACING_LOWER_LIP = INNER_UPPER_LIP[1:-1], INNER_LOWER_LIP[1:-1]
"""The inner edges of the lips without their corners, point over point."""

LOWER_LIP = (*OUTER_LOWER_LIP, *reversed(INNER_LOWER_LIP))
"""The outline of the lower lip: its outer edge from corner to corner, and back along its inner edge."""

LIP_LINES = (
    OUTER_UPPER_LIP,
    (RIGHT_MOUTH_CORNER, *INNER_UPPER_LIP, LEFT_MOUTH_CORNER),
    (RIGHT_MOUTH_CORNER, *INNER_LOWER_LIP, LEFT_MOUTH_CORNER),
    OUTER_LOWER_LIP,
)
"""The edges of the lips between the corners of the mouth, from above to below.

Between the first two is the upper lip, between the last two the lower, and between the others the inside of the mouth.
"""

_CLOSED = ("right_eye", "left_eye", "outer_lips", "inner_lips")

CONTOURS: tuple[tuple[int, ...], ...] = tuple(
    indices(region) + ((region.start,) if name in _CLOSED else ()) for name, region in REGIONS.items()
)
"""The points in the order in which a pencil joins them, one run a region; eyes and lips end where they began."""


def in_mouth(points: Iterable[int]) -> tuple[int, ...]:
    """Number points of the mouth within `MOUTH`, the array of its 20 landmarks."""
    return tuple(point - MOUTH.start for point in points)


# Mirror

_MIRROR_RUNS = (
    range(16, -1, -1),  # jaw
    range(26, 16, -1),  # brows
    range(27, 31),  # nose bridge
    range(35, 30, -1),  # nose base
    (45, 44, 43, 42, 47, 46),  # right eye <- left eye, outer corner first
    (39, 38, 37, 36, 41, 40),
    range(54, 47, -1),  # upper outer lip
    range(59, 54, -1),  # lower outer lip
    range(64, 59, -1),  # upper inner lip
    range(67, 64, -1),  # lower inner lip
)

MIRROR: tuple[int, ...] = tuple(index for run in _MIRROR_RUNS for index in run)
"""Point i of a mirrored face is point MIRROR[i] of the face; its own inverse."""

RIGHT_HALF = (*range(9), *range(17, 22), *range(27, 34), *range(36, 42), *range(48, 52), *range(57, 63), 66, 67)
"""The person's right half, with the points in the middle."""

# What moves, and what does not

RIGID = (*EYE_CORNERS, *indices(NOSE))
"""Corners of the eyes, and the nose: what no expression moves."""

STILL = (*indices(NOSE_BRIDGE), *EYE_CORNERS)
"""Bridge of the nose and corners of the eyes: what stays in a learned change of expression."""

MOVING = (*indices(BROWS), 37, 38, 40, 41, 43, 44, 46, 47, *indices(MOUTH))
"""Brows, lids and lips. The jaw is left out: its points are where the outline is seen, another place when turned."""

EAR_OUTLINE = (0, 1, 2, 14, 15, 16)
"""The outline beside the ears: it moves in no expression, but in a nod, being so far behind eyes and nose."""

LOWER_JAW = tuple(range(3, 14))
"""The outline below the ears, which an opening mouth takes along."""

AROUND_MOUTH = (*indices(JAW), *indices(NOSE_BASE), *indices(MOUTH))
"""The mouth, and what is so near that it moves pixels of it."""

# Crop anchors: `RIGHT_EYE`, `LEFT_EYE`, `OUTER_EYE_CORNERS` and `UNDER_NOSE` place and size the crop of a face.

CHEEKS = ((2, 31), (14, 35))
"""The two points of each cheek half way between which it is bare skin."""

# The order of a face: pairs of which the first is above the second,

LID_PAIRS = ((37, 41), (38, 40), (43, 47), (44, 46))
INNER_LIP_PAIRS = ((61, 67), (62, 66), (63, 65))
UPPER_LIP_PAIRS = ((50, 61), (51, 62), (52, 63))
LOWER_LIP_PAIRS = ((67, 58), (66, 57), (65, 56))
BROW_LID_PAIRS = ((18, 37), (19, 37), (20, 38), (23, 43), (24, 44), (25, 44))
NOSE_BRIDGE_PAIRS = ((27, 28), (28, 29), (29, 30))
NOSE_BASE_PAIR, NOSE_LIP_PAIR, LIP_CHIN_PAIR = (NOSE_TIP, UNDER_NOSE), (UNDER_NOSE, 51), (57, CHIN)

# and of which the first is left of the second in the picture

MOUTH_OUTLINE_PAIRS, NOSE_OUTLINE_PAIRS = ((4, 48), (54, 12)), ((3, 31), (35, 13))  # beside the jaw
EYE_CORNER_PAIRS = tuple(pairwise(EYE_CORNERS))
NOSTRIL_PAIRS = ((31, UNDER_NOSE), (UNDER_NOSE, 35))
MOUTH_CORNER_PAIRS = ((48, 60), (64, 54))
INNER_CORNER_PAIRS = ((60, 61), (63, 64), (60, 67), (65, 64))

ABOVE = (
    *LID_PAIRS,
    *BROW_LID_PAIRS,
    *(NOSE_BASE_PAIR, NOSE_LIP_PAIR),
    *UPPER_LIP_PAIRS,
    *LOWER_LIP_PAIRS,
    LIP_CHIN_PAIR,
)
"""Neighbours of which the first is above the second, in every expression."""

LEFT_OF = (
    *pairwise((0, *EYELIDS[0][0], NOSE_TOP, *EYELIDS[1][0], 16)),
    *(pair for _, lower in EYELIDS for pair in pairwise(lower)),
    (21, 22),  # the brows
    *MOUTH_OUTLINE_PAIRS,
    *NOSTRIL_PAIRS,
    *MOUTH_CORNER_PAIRS,
    *(pair for line in (OUTER_UPPER_LIP, INNER_UPPER_LIP, INNER_LOWER_LIP, OUTER_LOWER_LIP) for pair in pairwise(line)),
)
"""Neighbours of which the first is left of the second in the picture, in every expression."""

_NAMES = {
    (0,): "right end of the jaw",
    range(1, 8): "right side of the jaw",
    (8,): "chin",
    range(9, 16): "left side of the jaw",
    (16,): "left end of the jaw",
    range(17, 22): "right brow",
    range(22, 27): "left brow",
    range(27, 30): "bridge of the nose",
    (30,): "tip of the nose",
    range(31, 36): "base of the nose",
    (36,): "outer corner of the right eye",
    (37, 38): "upper lid of the right eye",
    (39,): "inner corner of the right eye",
    (40, 41): "lower lid of the right eye",
    (42,): "inner corner of the left eye",
    (43, 44): "upper lid of the left eye",
    (45,): "outer corner of the left eye",
    (46, 47): "lower lid of the left eye",
    (48,): "right corner of the mouth",
    range(49, 54): "upper lip",
    (54,): "left corner of the mouth",
    range(55, 60): "lower lip",
    (60,): "right corner of the inner lips",
    range(61, 64): "inner edge of the upper lip",
    (64,): "left corner of the inner lips",
    range(65, 68): "inner edge of the lower lip",
}


def point_name(number: int) -> str:
    """Name a point, counted from 0: ``point 48, right corner of the mouth``; right is the person's own."""
    return f"point {number}, {next(name for numbers, name in _NAMES.items() if number in numbers)}"
