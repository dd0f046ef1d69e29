"""Expressions by words: they go with the face, never past what a face can do, and are told from whose face it is."""

import re
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import ptk.faces.expressions as module
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.errors import LandmarksError, PtkError
from ptk.faces.align import aligned
from ptk.faces.anatomy import lip_gap
from ptk.faces.expressions import Vocabulary, parse_expression, told, vocabulary
from ptk.faces.gaze import LOOKS
from ptk.faces.landmarks import MIRROR, mirrored

WORDS = vocabulary().words
ENTRIES = [entry for entry in read_manifest(SAMPLE) if entry.split == "test"]
FACES = np.array([entry.landmarks for entry in ENTRIES], dtype=np.float32)
EXPRESSIONS = np.array([entry.expression for entry in ENTRIES])
NEUTRAL = FACES[EXPRESSIONS == "neutral"]

faces = st.sampled_from(list(FACES))
strengths = st.dictionaries(st.sampled_from(list(WORDS)), st.floats(0, 1), max_size=4).map(
    lambda drawn: {
        name: WORDS[name].least + part * (WORDS[name].most - WORDS[name].least) for name, part in drawn.items()
    }
)


def moved(points: np.ndarray, **strengths: float) -> np.ndarray:
    return vocabulary().moved(points, strengths)


def other_side(name: str) -> str:
    return name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")


@given(points=faces, names=st.sets(st.sampled_from(list(WORDS))))
def test_strength_zero_changes_no_bit(points: np.ndarray, names: set[str]) -> None:
    assert vocabulary().moved(points, dict.fromkeys(names, 0.0)).tobytes() == points.tobytes()


@settings(max_examples=50, deadline=None)
@given(points=faces, wanted=strengths)
def test_a_mirrored_face_moves_as_in_a_mirror(points: np.ndarray, wanted: dict[str, float]) -> None:
    there = vocabulary().moved(mirrored(points, 256), {other_side(name): each for name, each in wanted.items()})
    np.testing.assert_allclose(there, mirrored(vocabulary().moved(points, wanted), 256), atol=2e-3)


@settings(max_examples=50, deadline=None)
@given(points=faces, wanted=strengths, angle=st.floats(-3.1, 3.1), size=st.floats(0.2, 20), away=st.floats(-500, 500))
def test_what_turns_the_face_turns_the_movement(
    points: np.ndarray, wanted: dict[str, float], angle: float, size: float, away: float
) -> None:
    turn = size * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    there = vocabulary().moved((points @ turn + away).astype(np.float32), wanted)
    np.testing.assert_allclose(there, vocabulary().moved(points, wanted) @ turn + away, atol=2e-3 * max(size, 1))


@settings(max_examples=200, deadline=None)
@given(points=faces, wanted=strengths)
def test_lips_and_lids_never_pass_each_other(points: np.ndarray, wanted: dict[str, float]) -> None:
    before, after = aligned(points), aligned(vocabulary().moved(points, wanted))
    slack = 4e-3  # outer eye distances, a tenth of a closed eye's lashes: aligning anew a face that has changed
    for upper, lower in (([61, 62, 63], [67, 66, 65]), ([37, 38, 43, 44], [41, 40, 47, 46])):
        apart, now = (shape[lower, 1] - shape[upper, 1] for shape in (before, after))
        assert (now >= np.minimum(0, apart) - slack).all()
    assert ((after[[37, 38, 43, 44], 1] - after[[19, 20, 23, 24], 1]) > 0).all()  # lids under brows
    assert after[54, 0] > after[48, 0]


@given(wanted=strengths)
def test_eyes_and_the_outline_beside_the_ears_stay(wanted: dict[str, float]) -> None:
    gone = np.abs(vocabulary().moved(NEUTRAL[0], wanted) - NEUTRAL[0])
    assert gone[[0, 1, 15, 16, 27, 28, 29, 30, 36, 39, 42, 45]].max() < 1e-4


@pytest.mark.parametrize(
    ("name", "higher", "lower"),
    [
        ("smile", [48, 54], [8]),  # corners of the mouth, and the chin
        ("laugh", [48, 54], [8, 57, 66]),
        ("open_mouth", [], [8, 57, 66]),
        ("brows_up", [*range(18, 26)], []),
        ("brows_down", [], [20, 21, 22, 23]),
        ("wide_eyes", [37, 38, 43, 44], []),
        ("narrow_eyes", [], [37, 38, 43, 44]),
        ("surprise", [19, 24, 37, 44], [8, 57]),
        ("anger", [], [20, 21, 22, 23]),
        ("sadness", [21, 22], [48, 54]),
        ("fear", [21, 22], [57]),
        ("disgust", [], [20, 23, 48, 54, 57]),
        ("smirk_left", [54], []),
        ("smirk_right", [48], []),
    ],
)
def test_words_do_what_they_say(name: str, higher: list[int], lower: list[int]) -> None:
    down = WORDS[name].field[:, 1]
    assert (down[higher] < -0.005).all()  # outer eye distances: a third of a millimetre on a face
    assert (down[lower] > 0.005).all()


def test_every_word_but_a_smirk_is_the_same_on_both_sides() -> None:
    for name, word in WORDS.items():
        np.testing.assert_allclose(word.field[list(MIRROR)] * (-1, 1), WORDS[other_side(name)].field, atol=2e-5)
        assert (word.least <= 0, word.most >= 1) == (True, True)


@pytest.mark.parametrize("points", NEUTRAL)
def test_a_mouth_that_is_closed_cannot_be_closed_further(points: np.ndarray) -> None:
    """Nor does the chin go up, which it would, were the lips alone held back."""
    closed = moved(points, open_mouth=-1)
    assert np.abs(moved(closed, open_mouth=-1) - closed).max() < 0.2  # pixels of 256


def test_a_mouth_that_is_wide_open_stays_in_the_face() -> None:
    wide = moved(NEUTRAL[0], open_mouth=1.5)
    wider = moved(wide, open_mouth=1.5)
    assert np.abs(wider - wide).max() < 3  # of some 30 that the lip has come down
    assert moved(wide, open_mouth=-1.5)[66, 1] < wide[66, 1] - 10


def test_eyes_narrow_by_a_share_of_how_open_they_are() -> None:
    for points in NEUTRAL:
        before, after = aligned(points), aligned(moved(points, narrow_eyes=1))
        for upper, lower in (([37, 38], [41, 40]), ([43, 44], [47, 46])):
            opened = (before[lower, 1] - before[upper, 1]).mean()
            assert (after[lower, 1] - after[upper, 1]).mean() == pytest.approx(opened / 2, rel=0.1)


@pytest.mark.parametrize("name", ["surprise", "sadness", "anger", "kiss", "fear", "disgust"])
def test_a_grin_gives_way_to_a_serious_word(name: str) -> None:
    """Seven tenths of a laugh go at least, from the corners of a mouth that is lower where it stays open as it was."""
    rest = vocabulary().rest
    laughing = rest + WORDS["laugh"].field
    corners, laugh = [48, 54], WORDS["laugh"].field[54]
    there, from_rest = (aligned(moved(face, **{name: 1}))[corners] for face in (laughing, rest))
    assert (np.abs(there - from_rest) < np.abs(laugh) * (0.45, 0.6)).all()


@pytest.mark.parametrize("name", ["anger", "kiss", "sadness"])
@pytest.mark.parametrize("shown", ["laugh", "open_mouth", "surprise"])
def test_an_open_mouth_closes_to_a_word_of_lips_that_meet(name: str, shown: str) -> None:
    """All of what opened it goes, and the chin comes up with it."""
    rest = vocabulary().rest
    there, from_rest = (aligned(moved(face, **{name: 1})) for face in (rest + WORDS[shown].field, rest))
    gaps = (there - from_rest)[[65, 66, 67], 1] - (there - from_rest)[[61, 62, 63], 1]
    assert np.abs(gaps).max() < 0.02  # outer eye distances, of .16 to .21
    assert there[8, 1] - from_rest[8, 1] < 0.4 * WORDS[shown].field[8, 1]


@pytest.mark.parametrize("name", ["anger", "kiss", "sadness"])
def test_no_mouth_is_serious_whose_corners_are_up(name: str) -> None:
    """Also where somebody's smile curls the mouth by half more than most smiles do."""
    rest = vocabulary().rest
    smiling = rest + WORDS["laugh"].field
    smiling[[48, 54, 60, 64], 1] -= 0.04
    there = aligned(moved(smiling, **{name: 1}))
    curls = (face[[51, 57, 62, 66], 1].mean() - face[[48, 54], 1].mean() for face in (there, rest))
    hang = 0 if name == "kiss" else 0.025  # cheeks stay as full as they were
    assert next(curls) < next(curls) + 0.01 - hang
    stays = aligned(moved(smiling, brows_up=1))
    np.testing.assert_allclose(stays[48:], aligned(smiling)[48:], atol=1e-3)


def test_a_mouth_that_is_asked_to_be_open_is_not_closed() -> None:
    wide = vocabulary().rest + WORDS["open_mouth"].field
    assert lip_gap(aligned(moved(wide, anger=1, open_mouth=1))) > 0.9 * lip_gap(wide)


def test_a_grin_stays_where_it_is_asked_for_or_goes_with_the_word() -> None:
    laughing = vocabulary().rest + WORDS["laugh"].field
    for words in ({"open_mouth": 1.0}, {"brows_up": 1.0}, {"surprise": 0.5, "laugh": 0.01}):
        corner = moved(laughing, **words)[54] - laughing[54]
        assert corner[0] > -0.03  # outer eye distances, of .08 that a laugh has drawn it back


@pytest.mark.parametrize("name", WORDS)
def test_a_word_at_its_strength_is_read_as_that_and_little_else(name: str) -> None:
    seen = vocabulary().seen(moved(vocabulary().rest, **{name: 1}))
    assert 0.5 < seen.pop(name) < 1.1  # doubt takes off most where people at rest differ: smiles and frowns
    assert sum(seen.values()) < 0.25


@pytest.mark.parametrize(
    ("name", "measure", "least"),
    [
        ("brows_up", lambda face: -face[17:27, 1].mean(), 0.06),
        ("kiss", lambda face: face[48, 0] - face[54, 0], 0.15),
        ("kiss", lambda face: face[57, 1] - face[66, 1] + face[62, 1] - face[51, 1], 0.03),
        ("sadness", lambda face: face[[48, 54], 1].mean() - face[[51, 57], 1].mean(), 0.06),
        ("smile", lambda face: face[54, 0] - face[48, 0], 0.12),
        ("anger", lambda face: face[21, 0] - face[22, 0], 0.035),
    ],
)
def test_strength_1_is_what_everybody_sees(name: str, measure, least: float) -> None:
    """Outer eye distances: half again of what an eye tells from a face at rest."""
    rest = vocabulary().rest
    assert measure(moved(rest, **{name: 1})) - measure(rest) > least


def test_a_small_mouth_is_pursed_by_less() -> None:
    """By a share of how wide it is; a wide one by what others are."""
    rest = vocabulary().rest
    middle = rest[48:].mean(axis=0)

    def narrowed(size: float) -> float:
        face = rest.copy()
        face[48:] = middle + size * (rest[48:] - middle)
        there = moved(face, kiss=1)
        return float((face[54, 0] - face[48, 0]) - (there[54, 0] - there[48, 0]))

    assert narrowed(0.6) == pytest.approx(0.6 * narrowed(1), rel=0.05)
    assert narrowed(1.2) == pytest.approx(narrowed(1), rel=0.05)


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    """The same faces as MediaPipe sees them, from whose landmarks the words were learned, of other people."""
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    from ptk.detectors.mediapipe68 import MediaPipe68

    detector = MediaPipe68()
    found = [detector.detect(np.array(Image.open(SAMPLE / entry.image).convert("RGB"))) for entry in ENTRIES]
    return np.array([each[0].points for each in found])


def test_what_people_show_is_read(photos: np.ndarray) -> None:
    """People whom the words were not learned from: what is seen most is what they show, or one that looks like it."""
    seen = [told(vocabulary().seen(points)).split("=")[0] for points in photos]
    alike = {
        "contempt": {"smirk_left", "smirk_right"},
        "disgust": {"disgust", "fear"},
        "fear": {"fear", "disgust"},
        "happiness": {"smile", "closed_smile", "laugh"},
        "sadness": {"sadness"},
        "surprise": {"surprise", "open_mouth"},
    }
    right = [word in alike[name] for word, name in zip(seen, EXPRESSIONS, strict=True) if name in alike]
    assert np.mean(right) > 0.75


def test_nobody_at_rest_takes_much_from_somebody_at_rest(photos: np.ndarray) -> None:
    resting = photos[EXPRESSIONS == "neutral"]
    gone = [vocabulary().moved(a, vocabulary().difference(a, b)) - a for a, b in permutations(resting, 2)]
    shapes = [aligned(a) - aligned(b) for a, b in permutations(resting, 2)]
    distances = [np.linalg.norm(each, axis=-1).mean() for each in (gone, np.array(shapes) * 79)]  # pixels of 256
    assert distances[0] < distances[1] / 5


def test_an_expression_is_taken_over_and_the_face_stays_its_own(photos: np.ndarray) -> None:
    errors, unchanged = [], []
    resting = photos[EXPRESSIONS == "neutral"]
    for name in ("surprise", "fear", "disgust", "sadness"):
        showing = photos[[shown == name for shown in EXPRESSIONS]]
        for (one, wanted), (_, other) in permutations(zip(resting, showing, strict=True), 2):
            taken = vocabulary().moved(one, vocabulary().difference(one, other))
            errors.append(np.linalg.norm(taken - wanted, axis=1)[48:].mean())
            unchanged.append(np.linalg.norm(one - wanted, axis=1)[48:].mean())
            assert taken[15, 0] - taken[1, 0] == pytest.approx(one[15, 0] - one[1, 0], abs=1e-3)
    assert np.mean(errors) < 0.7 * np.mean(unchanged)  # lips: .46 where it was learned, of people left out


def test_the_same_face_has_nothing_to_give() -> None:
    assert vocabulary().difference(FACES[3], FACES[3]) == {}


def test_what_is_no_face_is_refused() -> None:
    with pytest.raises(LandmarksError, match="give landmarks of a face"):
        moved(np.zeros((68, 2), np.float32), smile=1)


def test_words_are_parsed() -> None:
    assert parse_expression("smile=0.7,brows_up=0.3") == {"smile": 0.7, "brows_up": 0.3}
    assert parse_expression(" smile , open_mouth = -1 ") == {"smile": 1.0, "open_mouth": -1.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("smiel=0.7", "`expression` smiel=0.7: there is no such word; did you mean smile? There are smile, "),
        ("brows-up", "`expression` brows-up: there is no such word; did you mean brows_up? There are "),
        ("xyzzy", "`expression` xyzzy: there is no such word; there are smile, "),
        ("smile=2", "`expression` smile=2: the strength of smile goes from -1 to 1.5"),
        ("anger=-1", "`expression` anger=-1: the strength of anger goes from 0 to 1.5"),
        ("smile=much", "`expression` smile=much: much is no number; write smile=0.7"),
        ("smile=", "`expression` smile=: nothing is no number; write smile=0.7"),
        ("smile=1,smile=0", "`expression` smile=0: smile is there twice; leave one of them out"),
    ],
)
def test_what_is_wrong_with_words_is_said(text: str, said: str) -> None:
    with pytest.raises(PtkError) as caught:
        parse_expression(text)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_strengths_are_told_the_strongest_first() -> None:
    assert told({"smile": 0.2, "fear": -0.713, "anger": 0.0, "kiss": 0.01}) == "fear=-0.71, smile=0.20"


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    vocabulary().write(tmp_path / "words.json", {"licence": "CC0-1.0"})
    back = Vocabulary.read(tmp_path / "words.json")
    assert (list(back.words), back.detector) == (list(WORDS), "mediapipe68")
    np.testing.assert_array_equal(back.rest, vocabulary().rest)
    for name, word in WORDS.items():
        np.testing.assert_array_equal(back.words[name].field, word.field)
        np.testing.assert_array_equal(back.words[name].reading, word.reading)
        assert (back.words[name].least, back.words[name].most) == (word.least, word.most)


def test_the_page_has_every_word_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "edit.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| `(?!look_)\w+` \| .* to ", line)]
    assert rows == [
        f"| `{word.name}` | {word.summary} | {word.least:g} to {word.most:g} | {word.source} |"
        for word in vocabulary().strengths.values()
        if word not in LOOKS.values()
    ]


def test_no_torch_is_needed() -> None:
    code = f"import sys, {module.__name__} as e; e.vocabulary(); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
