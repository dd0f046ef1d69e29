"""What somebody may mean who asks for an expression in a word of their own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["SYNONYMS", "hint"]

_SHUT = "narrow_eyes=2, which shuts the eyes"

_MEANT = {
    _SHUT: "blink close_eyes closed_eyes eyes_closed shut_eyes eyes_shut sleep asleep sleepy",
    "wink_left or wink_right": "wink winking blink_left blink_right wink_l wink_r",
    "narrow_eyes": "squint narrow narrowed_eyes",
    "wide_eyes": "open_eyes eyes_open eyes_wide widen_eyes stare",
    "smile": "happy happiness joy cheerful smiling friendly pleased",
    "laugh, a smile with the mouth open, or smile=1.5": "grin grinning big_smile beam laughing laughter toothy_smile",
    "closed_smile": "soft_smile slight_smile gentle_smile",
    "smile=-0.5, which takes a smile back": "unsmile no_smile serious",
    "anger": "angry mad furious rage",
    "disgust": "disgusted yuck",
    "fear": "scared afraid fearful frightened terrified",
    "sadness": "sad unhappy cry crying mouth_down",
    "surprise": "surprised shock shocked amazed astonished",
    "smirk_left or smirk_right": "smirk contempt sneer half_smile",
    "brows_up": "raise_eyebrows raise_brows raised_eyebrows raised_brows eyebrows_up eyebrows",
    "brow_left_up or brow_right_up": "eyebrow_raise raise_eyebrow raise_brow raised_eyebrow one_brow_up",
    "brow_left_up": "brow_up_left left_brow_up left_eyebrow_up eyebrow_left_up brows_left_up",
    "brow_right_up": "brow_up_right right_brow_up right_eyebrow_up eyebrow_right_up brows_right_up",
    "smirk_left": "smile_left left_smile half_smile_left",
    "smirk_right": "smile_right right_smile half_smile_right",
    "turn=10, to its left, or turn=-10": "turn_left turn_right head_turn rotate turn_head",
    "nod=10, down, or nod=-10, up": "nod_up head_up head_down chin_up chin_down tilt_up tilt_down nod_down",
    "tilt=10, to its left shoulder, or tilt=-10": "lean lean_left lean_right tilt_left tilt_right head_tilt incline",
    "brows_down, brows together, or sadness, the mouth's corners down": "frown frowning scowl",
    "brows_down": "lower_eyebrows lower_brows furrow furrowed_brows eyebrows_down",
    "open_mouth": "mouth_open opened_mouth mouth jaw_open open_jaw jaw_drop yawn scream shout gasp talk speak",
    "open_mouth=-1, which shuts lips as far as they are open": "mouth_closed close_mouth closed_mouth shut_mouth",
    "kiss": "pout pouting pucker duck_face duckface kissing purse pursed_lips",
    "neutral": "rest calm relaxed normal none reset neutral_face no_expression expressionless relax",
}

SYNONYMS = {word: meant for meant, words in _MEANT.items() for word in words.split()}
"""Words that people try, and what to write for them."""


def hint(name: str, known: Iterable[str]) -> str:
    """``did you mean smile? There are``, or ``there are`` for what resembles none of the words `known`."""
    known = list(known)
    plain = "_".join(name.lower().replace("-", " ").replace("_", " ").split())
    meant = SYNONYMS.get(plain)
    if meant is None or meant.split("=")[0].split(",")[0].split()[0] not in known:
        near = get_close_matches(plain, [*known, *(SYNONYMS if meant is None else ())], n=1)
        meant = SYNONYMS.get(near[0], near[0]) if near else None
    return f"did you mean {meant}? There are" if meant else "there are"
