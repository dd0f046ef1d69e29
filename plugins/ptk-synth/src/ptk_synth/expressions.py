"""The eight expressions of the Radboud Faces Database (Langner et al., 2010) as weights of ARKit's expression units.

Each follows its action units in FACS (EMFACS: Friesen and Ekman, 1983), which stand beside it. Gestures are parts of a
face that move alone: data sets have none of them, but `ptk edit --expression` has words that were learned from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["EXPRESSIONS", "GESTURES", "expression_units"]

EXPRESSIONS = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
GESTURES = ("brows_down", "brows_up", "closed_eyes", "kiss", "open_mouth", "wide_eyes")

# A name without a side stands for both sides. The weights are those of a clearly visible, not an extreme, face.
_UNITS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        # 4 brow lowerer, 5 upper lid raiser, 7 lid tightener, 23 lip tightener. ARKit has no unit for 23: lips rolled
        # in and narrowed come near; a little of mouthFrown because mouthPress lifts the corners into a smile.
        "anger": {
            "browDown": 1.0,
            "eyeWide": 0.35,
            "eyeSquint": 0.45,
            "noseSneer": 0.45,
            "mouthPress": 0.35,
            "mouthFrown": 0.35,
            "mouthPucker!": 0.2,
            "mouthRollUpper!": 0.35,
            "mouthRollLower!": 0.3,
        },
        # 12 lip corner puller and 14 dimpler, on one side only (`expression_units` picks it)
        "contempt": {"mouthSmile?": 0.75, "mouthDimple?": 0.8, "cheekSquint?": 0.3, "eyeSquint": 0.15},
        # 9 nose wrinkler (which pulls the brows down), 15 lip corner depressor, 16 lower lip depressor
        "disgust": {
            "noseSneer": 1.0,
            "browDown": 0.45,
            "eyeSquint": 0.5,
            "mouthFrown": 0.6,
            "mouthLowerDown": 0.55,
            "mouthUpperUp": 0.35,
        },
        # 1 + 2 brow raisers, 4 brow lowerer, 5 upper lid raiser, 7 lid tightener, 20 lip stretcher, 26 jaw drop
        "fear": {
            "browInnerUp!": 1.0,
            "browOuterUp": 0.55,
            "browDown": 0.25,
            "eyeWide": 1.0,
            "eyeSquint": 0.15,
            "mouthStretch": 0.9,
            "jawOpen!": 0.28,
        },
        # 6 cheek raiser, 12 lip corner puller; the lips part (25) for some
        "happiness": {
            "mouthSmile": 0.95,
            "cheekSquint": 0.8,
            "eyeSquint": 0.3,
            "jawOpen!": 0.0,
            "mouthUpperUp": 0.15,
        },
        "neutral": {},
        # 1 inner brow raiser, 4 brow lowerer, 15 lip corner depressor
        "sadness": {
            "browInnerUp!": 1.0,
            "browDown": 0.45,
            "mouthFrown": 0.95,
            "mouthShrugLower!": 0.45,
            "eyeSquint": 0.2,
        },
        # 1 + 2 brow raisers, 5 upper lid raiser, slight, 26 jaw drop
        "surprise": {"browInnerUp!": 1.0, "browOuterUp": 1.0, "eyeWide": 0.75, "jawOpen!": 0.55, "mouthFunnel!": 0.15},
        "brows_down": {"browDown": 1.0},
        "brows_up": {"browInnerUp!": 1.0, "browOuterUp": 1.0},
        "closed_eyes": {"eyeBlink": 1.0},
        "kiss": {"mouthPucker!": 1.0},
        "open_mouth": {"jawOpen!": 0.6},
        "wide_eyes": {"eyeWide": 1.0},
    }
)


def expression_units(name: str, strength: float = 1.0, left: bool = True, laugh: float = 0.0) -> dict[str, float]:
    """Weights in [0, 1] by ARKit unit for `name` (KeyError when it is none of `EXPRESSIONS` and `GESTURES`).

    `strength` scales all units, `left` says which side of the face shows contempt, and `laugh` in [0, 1] how far
    a happy mouth opens.
    """
    weights = dict(_UNITS[name])
    if name == "happiness":
        weights["jawOpen!"] += 0.24 * laugh
        weights["mouthUpperUp"] += 0.45 * laugh
    units: dict[str, float] = {}
    for unit, weight in weights.items():
        value = min(1.0, weight * strength)
        if unit.endswith("!"):  # has no sides
            units[unit[:-1]] = value
        elif unit.endswith("?"):
            units[unit[:-1] + ("Left" if left else "Right")] = value
        else:
            units[unit + "Left"] = units[unit + "Right"] = value
    return {unit: value for unit, value in units.items() if value > 0}
