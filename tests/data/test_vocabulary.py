"""Words are learned from what people do, and only from that."""

from types import MappingProxyType

import numpy as np
import pytest

from ptk.data.vocabulary import Part, People, learn_vocabulary
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.faces.align import FACE, aligned
from ptk.faces.landmarks import MIRROR

GESTURES = ("brows_down", "brows_up", "closed_eyes", "kiss", "open_mouth", "wide_eyes")
GESTURE = np.zeros((68, 2))
GESTURE[[17, 26, 37, 44, 41, 46, 62, 66, 57], 1] = (-0.05, -0.05, 0.04, 0.04, -0.02, -0.02, -0.01, 0.1, 0.1)


@pytest.fixture(scope="module")
def sample() -> People:
    """The sample's people by their mesh's landmarks."""
    points = {(entry.identity, entry.expression): entry.landmarks for entry in read_manifest(SAMPLE)}
    people = sorted({person for person, _ in points})
    shown = {
        name: aligned(np.array([points[person, name] for person in people]))
        for name in {expression for _, expression in points}
    }
    return People(shown["neutral"], shown)


def learn(sample: People, smile: np.ndarray | None = None, calibration=MappingProxyType({})):
    """Words of the sample; all gestures are `GESTURE`, smiles the sample's, or the same `smile` of everybody."""
    happy = sample.shown["happiness"] if smile is None else sample.rest + smile
    gestures = People(sample.rest, dict.fromkeys(GESTURES, sample.rest + GESTURE))
    return learn_vocabulary(People(sample.rest, {"smile": happy}), sample, gestures, "mesh", calibration)


def test_what_everybody_does_is_the_word(sample: People) -> None:
    smile = np.zeros((68, 2))
    smile[[48, 54]] = (-0.1, -0.05), (0.1, -0.05)
    words = learn(sample, smile).words
    np.testing.assert_allclose(words["smile"].field, smile, atol=1e-9)
    brows = words["brows_up"].field
    np.testing.assert_allclose(brows[[17, 26], 1], -0.05, atol=1e-9)
    assert not brows[27:].any()  # a gesture moves what it is about


def test_one_side_s_lead_is_shared_by_both(sample: People) -> None:
    lopsided = np.zeros((68, 2))
    lopsided[54] = 0.1, -0.06
    field = learn(sample, lopsided).words["smile"].field
    np.testing.assert_allclose(field[[48, 54]], [[-0.05, -0.03], [0.05, -0.03]], atol=1e-9)


def test_a_nod_of_those_who_smiled_is_no_part_of_the_smile(sample: People) -> None:
    """What a nod leaves in aligned faces grows with the depth behind eyes and nose."""
    smile = np.zeros((68, 2))
    smile[[48, 54]] = (-0.1, -0.05), (0.1, -0.05)
    nod = np.stack([np.zeros(68), 0.03 * (FACE[:, 2] - FACE[[27, 28, 29, 30, 36, 39, 42, 45], 2].mean())], axis=1)
    np.testing.assert_allclose(learn(sample, smile + nod).words["smile"].field, smile, atol=1e-9)


def test_a_closed_smile_parts_no_lips_and_a_laugh_does(sample: People) -> None:
    words = learn(sample).words
    gaps = {name: (word.field[66] - word.field[62])[1] for name, word in words.items()}
    assert abs(gaps["closed_smile"]) < 0.02  # outer eye distances; some of the sample's people smile with closed lips
    assert gaps["laugh"] > 1.5 * gaps["smile"] > 0


def test_smirks_are_each_other_s_mirror(sample: People) -> None:
    words = learn(sample).words
    left, right = words["smirk_left"].field, words["smirk_right"].field
    np.testing.assert_allclose(left[list(MIRROR)] * (-1, 1), right, atol=1e-9)
    assert left[54, 1] < left[48, 1] - 0.02  # the person's left corner is the higher one


def test_narrow_eyes_are_half_as_open_on_a_usual_face(sample: People) -> None:
    words = learn(sample)
    before, after = words.rest, words.rest + words.words["narrow_eyes"].field
    opened = [(shape[[41, 40], 1] - shape[[37, 38], 1]).mean() for shape in (before, after)]
    assert opened[1] == pytest.approx(opened[0] / 2)


def test_a_word_is_read_off_a_face_and_hardly_off_those_at_rest(sample: People) -> None:
    words = learn(sample)
    assert words.seen(words.rest + words.words["surprise"].field)["surprise"] > 0.5
    at_rest = [sum(words.seen(face).values()) for face in sample.rest]
    assert np.median(at_rest) < 0.15


def test_people_can_be_left_out(sample: People) -> None:
    few = sample.only([3, 5])
    np.testing.assert_array_equal(few.change("fear"), sample.change("fear")[[3, 5]])


def test_a_word_is_calibrated_part_by_part(sample: People) -> None:
    """Of what was learned, not of what another calibration made of it; a part that is not named stays."""
    learned = learn(sample).words
    table = {
        "anger": (Part("brows", "anger", 2.0, 1.5), Part("mouth", "kiss", 0.0, -1.0), Part("mouth", "smile", 1.0, 1.0)),
        "kiss": (Part("mouth", "kiss", 3.0, 3.0),),
    }
    words = learn(sample, calibration=table).words
    anger, before = words["anger"].field, learned["anger"].field
    np.testing.assert_allclose(anger[17:27], before[17:27] * (2.0, 1.5))
    np.testing.assert_allclose(anger[48:], learned["kiss"].field[48:] * (0, -1) + learned["smile"].field[48:])
    np.testing.assert_array_equal(anger[36:48], before[36:48])
    np.testing.assert_allclose(words["kiss"].reading, 3 * learned["kiss"].reading, atol=1e-6)
    with pytest.raises(KeyError, match="grin"):
        learn(sample, calibration={"anger": (Part("mouth", "grin", 1, 1),)})
