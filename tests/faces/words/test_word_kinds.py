"""Words that are not learned: `neutral`, those of one side, and those that turn the head."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.faces.align import aligned, head_rotation
from ptk.faces.anatomy import lip_gap
from ptk.faces.expressions import vocabulary
from ptk.faces.landmarks import mirrored
from ptk.faces.pose import head_pose
from ptk.faces.topology import JAW, LEFT_BROW, LEFT_EYE, LIDS, MOUTH, NOSE_TIP, RIGHT_BROW, RIGHT_EYE, STILL
from ptk.faces.words.expression import Expression

WORDS = vocabulary()
ENTRIES = [entry for entry in read_manifest(SAMPLE) if entry.split == "test"]
FACES = {name: [np.float32(e.landmarks) for e in ENTRIES if e.expression == name] for name in ("neutral", "surprise")}
REST = (WORDS.rest * 100 + (200, 160)).astype(np.float32)  # an eye distance of 100 pixels


def opening(points: np.ndarray) -> list[float]:
    """How far the right eye and the left are open."""
    return [float((points[list(lower), 1] - points[list(upper), 1]).mean()) for upper, lower in LIDS]


@pytest.mark.parametrize(
    "shows", [{"laugh": 1.2}, {"surprise": 1.0}, {"smile": 1.0, "open_mouth": 0.5}, {"anger": 1.0}, {"smile": -1.0}]
)
def test_neutral_takes_away_what_a_face_shows(shows: dict[str, float]) -> None:
    showing = WORDS.moved(REST, shows)
    rested = WORDS.moved(showing, {"neutral": 1.0})
    before, after = (np.linalg.norm(points - REST, axis=1)[MOUTH].mean() for points in (showing, rested))
    if shows != {"smile": -1.0}:  # no word: what is not seen stays
        assert after < 0.35 * before
    assert lip_gap(aligned(rested)) < 0.02  # eye distances
    np.testing.assert_allclose(rested[list(STILL)], showing[list(STILL)], atol=1e-3)


def test_neutral_closes_real_mouths_and_leaves_resting_faces_nearly_alone() -> None:
    for face in FACES["surprise"]:
        assert lip_gap(aligned(WORDS.moved(face, {"neutral": 1.0}))) < 0.3 * lip_gap(aligned(face))
    apart = {
        name: np.median([np.linalg.norm(WORDS.moved(face, {"neutral": 1.0}) - face, axis=1)[MOUTH] for face in faces])
        for name, faces in FACES.items()
    }
    assert apart["neutral"] < 0.25 * apart["surprise"]


@given(strength=st.floats(0, 1))
def test_neutral_goes_as_far_as_its_strength(strength: float) -> None:
    showing = WORDS.moved(REST, {"laugh": 1.0})
    whole, part = (WORDS.moved(showing, {"neutral": each}) - showing for each in (1.0, strength))
    np.testing.assert_allclose(part, strength * whole, atol=0.5)


def test_other_words_begin_where_neutral_leaves_off() -> None:
    grin, rest = WORDS.moved(REST, {"laugh": 1.2}), WORDS.moved(WORDS.moved(REST, {"laugh": 1.2}), {"neutral": 1.0})
    surprised = WORDS.moved(grin, {"neutral": 1.0, "surprise": 1.0})
    np.testing.assert_allclose(surprised, WORDS.moved(rest, {"surprise": 1.0}), atol=1.5)
    taken = WORDS.moved(grin, {"neutral": 1.0}, Expression({"surprise": 1.0}))
    np.testing.assert_allclose(taken, surprised, atol=3.0)  # what is read in a face at rest is little


def test_an_eye_winks_alone() -> None:
    for side, shut in (("left", 1), ("right", 0)):
        winking = WORDS.moved(REST, {f"wink_{side}": 1.0})
        assert opening(winking)[shut] == pytest.approx(0, abs=0.5)
        assert opening(winking)[1 - shut] > 0.6 * opening(REST)[1 - shut]


def test_a_brow_goes_up_alone() -> None:
    for side, up, other in (("left", LEFT_BROW, RIGHT_BROW), ("right", RIGHT_BROW, LEFT_BROW)):
        gone = WORDS.moved(REST, {f"brow_{side}_up": 1.0}) - REST
        assert gone[up, 1].mean() < -4  # pixels, of an eye distance of 100
        assert gone[other, 1].mean() >= 0
        for still in (LEFT_EYE, RIGHT_EYE, MOUTH, JAW):
            np.testing.assert_allclose(gone[still], 0, atol=1e-3)


@pytest.mark.parametrize(("word", "angle", "sign"), [("turn", "yaw", 1), ("nod", "pitch", -1), ("tilt", "roll", 1)])
@pytest.mark.parametrize("degrees", [-15, -5, 10])
def test_heads_turn_by_what_is_asked(word: str, angle: str, sign: int, degrees: float) -> None:
    before, after = (head_pose(points) for points in (REST, WORDS.moved(REST, {word: degrees})))
    for name in ("yaw", "pitch", "roll"):
        asked = sign * degrees if name == angle else 0
        assert getattr(after, name) - getattr(before, name) == pytest.approx(asked, abs=0.7)


def test_the_edge_of_a_turned_head_stays_and_its_nose_goes_ahead() -> None:
    gone = WORDS.moved(REST, {"turn": 10}) - REST
    np.testing.assert_allclose(gone[[0, 1, 2, 14, 15, 16]], 0, atol=0.01)  # beside the ears
    assert gone[NOSE_TIP, 0] > gone[36, 0] > 8  # to the person's left: the right of the picture
    order = (REST + gone)[[0, 36, 39, 27, 42, 45, 16], 0]
    assert (np.diff(order) > 10).all()


@settings(max_examples=50, deadline=None)
@given(turn=st.floats(-15, 15), nod=st.floats(-15, 15), tilt=st.floats(-15, 15), smile=st.floats(0, 1))
def test_a_mirrored_head_turns_the_other_way(turn: float, nod: float, tilt: float, smile: float) -> None:
    there = WORDS.moved(mirrored(REST, 400), {"turn": -turn, "nod": nod, "tilt": -tilt, "smile": smile})
    here = WORDS.moved(REST, {"turn": turn, "nod": nod, "tilt": tilt, "smile": smile})
    np.testing.assert_allclose(there, mirrored(here, 400), atol=0.01)


@pytest.mark.parametrize("angle", [0.5, -1.2])
def test_a_head_turns_about_its_own_axes(angle: float) -> None:
    roll = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    words = {"turn": 8.0, "nod": -6.0, "smile": 0.5}
    there = WORDS.moved((REST @ roll).astype(np.float32), words)
    np.testing.assert_allclose(there, WORDS.moved(REST, words) @ roll, atol=0.01)


def test_a_turn_and_a_smile_go_together() -> None:
    both = WORDS.moved(REST, {"turn": 10, "smile": 1.0})
    alone = WORDS.moved(WORDS.moved(REST, {"smile": 1.0}), {"turn": 10})
    np.testing.assert_allclose(both, alone, atol=1.0)
    assert np.isfinite(head_rotation(both)).all()
