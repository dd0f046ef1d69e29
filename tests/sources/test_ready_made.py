"""Ready-made sources, tried on file trees with the real names of those sets, whole."""

from collections import Counter
from itertools import product

import pytest

from ptk.errors import DataError
from ptk.sources.icv import ICV
from ptk.sources.kdef import KDEF
from ptk.sources.london import London
from ptk.sources.names import EXPRESSIONS
from ptk.sources.radboud import Radboud

RADBOUD_WORDS = "angry contemptuous disgusted fearful happy neutral sad surprised".split()
LONDON_VIEWS = {
    "neutral_left_profile": "01",
    "neutral_left_3quarter": "02",
    "neutral_front": "03",
    "neutral_right_3quarter": "04",
    "neutral_right_profile": "05",
    "smiling_left_profile": "06",
    "smiling_left_3quarter": "07",
    "smiling_front": "08",
    "smiling_right_3quarter": "09",
    "smiling_right_profile": "10",
}
ICV_LABELS = [f"{complementary}_{dominant}" for complementary, dominant in product(range(1, 8), repeat=2)] + ["N_N"]


def radboud_names():
    views, gazes = ("000", "045", "090", "135", "180"), ("frontal", "left", "right")
    for person, word, gaze, view in product(range(1, 68), RADBOUD_WORDS, gazes, views):
        group = "Caucasian_female" if person % 2 else "Moroccan_male"
        yield f"Rafd{view}_{person:02}_{group}_{word}_{gaze}.jpg"


def test_radboud_whole(touch, media):
    found = media(Radboud().find(touch(radboud_names())))
    assert len(found) == 4824  # 67 people x 8 expressions x 3 gazes x 3 views: the number in the paper
    assert len({identity for identity, _ in found.values()}) == 67
    assert Counter(expression for _, expression in found.values()) == dict.fromkeys(EXPRESSIONS[:8], 603)
    assert found["Rafd045_01_Caucasian_female_angry_left"] == ("radboud-01", "anger")


def test_radboud_leaves_out_profiles_and_strangers(touch, left_out):
    place = touch(
        [
            "Rafd000_01_Caucasian_female_angry_frontal.jpg",
            "frontal/Rafd090_70_Moroccan_male_neutral_right.JPG",
            "Rafd090_01_Caucasian_female_bored_frontal.jpg",
            "Rafd060_01_Caucasian_female_angry_frontal.jpg",
            "readme.txt",
        ]
    )
    assert left_out(Radboud().find(place)) == {
        "Rafd000_01_Caucasian_female_angry_frontal.jpg": (
            "is a full profile (view 000): half of the 68 landmarks cannot be seen"
        ),
        "Rafd060_01_Caucasian_female_angry_frontal.jpg": (
            "is not named like Rafd090_01_Caucasian_female_angry_frontal.jpg"
        ),
        "Rafd090_01_Caucasian_female_bored_frontal.jpg": (
            "is not named like Rafd090_01_Caucasian_female_angry_frontal.jpg"
        ),
        "readme.txt": "is no photo or video, going by its suffix",
    }


def kdef_names():
    for session, sex, number in product("AB", "FM", range(1, 36)):
        person = f"{session}{sex}{number:02}"
        for word, view in product("AF AN DI HA NE SA SU".split(), "FL HL S HR FR".split()):
            yield f"KDEF/{person}/{person}{word}{view}.JPG"


def test_kdef_whole(touch, media, left_out):
    found = KDEF().find(touch([*kdef_names(), "AKDEF/FAFS.JPG", "KDEF/AM31/AM31H.JPG"]))
    photos = media(found)
    assert len(photos) == 2940  # 4,900 photos, of which two of five views are full profiles
    assert len({identity for identity, _ in photos.values()}) == 70  # a person of session A is the same in B
    assert photos["AF01ANS"] == photos["BF01ANHL"] == ("kdef-F01", "anger")
    assert set(Counter(expression for _, expression in photos.values()).values()) == {420}
    reasons = left_out(found)
    assert reasons["AKDEF/FAFS.JPG"] == "is an average of many faces, not a person's"
    assert reasons["KDEF/AM31/AM31H.JPG"] == "is not named like AF01ANS.JPG"
    assert "full profile (view FL)" in reasons["KDEF/AF01/AF01AFFL.JPG"]


def test_london_whole_as_it_is_handed_out(touch, media, left_out):
    names = [f"{folder}/{person:03}_{view}.jpg" for folder, view in LONDON_VIEWS.items() for person in range(1, 103)]
    found = London().find(touch([*names, "neutral_front/001_03.tem", "london_faces_info.csv"]))
    photos = media(found)
    assert len(photos) == 612  # 102 people x 2 expressions x 3 views
    assert len({identity for identity, _ in photos.values()}) == 102
    assert photos["london-001_03"] == ("london-001", "neutral")
    assert photos["london-001_08"] == ("london-001", "smile")
    assert sum("full profile" in reason for reason in left_out(found).values()) == 408


def test_london_renamed_by_expression(touch, media):
    place = touch(["001_neutral.jpg", "001_smile.jpg", "172_smiling.png"])
    assert media(London().find(place)) == {
        "london-001_neutral": ("london-001", "neutral"),
        "london-001_smile": ("london-001", "smile"),
        "london-172_smiling": ("london-172", "smile"),
    }


@pytest.fixture
def icv(touch):
    """All 31,250 photos of 125 people would take seconds: 20 people, five shots of each emotion in the list's order."""
    people = range(3, 23)
    place = touch(f"Sample_{person:03}_{shot:03}.JPG" for person in people for shot in range(1, 251))
    lines = [
        f"Sample_{person:03}_{number * 5 + shot:03}.JPG\t{label}\r\n"
        for person in people
        for number, label in enumerate(ICV_LABELS)
        for shot in range(1, 6)
    ]
    (place / "training.txt").write_text("".join(lines))
    return place


def test_icv_reads_the_emotions_from_the_lists(icv, media, left_out):
    found = ICV().find(icv)
    photos = media(found)
    assert len(photos) == 5000
    assert len({identity for identity, _ in photos.values()}) == 20
    assert set(Counter(expression for _, expression in photos.values()).values()) == {100}
    assert len({expression for _, expression in photos.values()}) == 50
    assert photos["Sample_003_001"] == ("icv-003", "anger")  # 1_1
    assert photos["Sample_003_031"] == ("icv-003", "anger-surprise")  # 1_7, "angrily surprised"
    assert photos["Sample_003_250"] == ("icv-003", "neutral")  # N_N
    assert left_out(found) == {"training.txt": "is a list of emotions, which was read"}


def test_icv_of_two_lists_the_later_counts_and_without_one_no_emotion_is_guessed(touch, media, left_out):
    place = touch(["Sample_104_001.JPG", "Sample_104_002.JPG", "notes.txt", "training.txt", "training_new.txt"])
    (place / "training.txt").write_text("Sample_104_001.JPG 1_2\n")
    (place / "training_new.txt").write_text("Sample_104_001.JPG 2_2\nSample_104_002.JPG 9_9\n")
    found = ICV().find(place)
    assert media(found) == {"Sample_104_001": ("icv-104", "contempt"), "Sample_104_002": ("icv-104", "")}
    assert left_out(found)["notes.txt"] == "is no photo or video, going by its suffix"


@pytest.mark.parametrize("source", [Radboud, KDEF, London, ICV])
def test_another_folder_is_refused_in_one_line_with_an_example(source, touch):
    place = touch(["ann_smile.jpg"])
    with pytest.raises(DataError, match=r"no photos named as in .* \(ann_smile\.jpg is not named like ") as caught:
        source().find(place)
    assert "\n" not in str(caught.value)


def test_two_sets_share_no_person(touch, media):
    place = touch(["Rafd090_01_Caucasian_female_angry_frontal.jpg", "001_03.jpg", "AF01ANS.JPG", "Sample_001_001.JPG"])
    people = [
        identity for source in (Radboud, KDEF, London, ICV) for identity, _ in media(source().find(place)).values()
    ]
    assert people == ["radboud-01", "kdef-F01", "london-001", "icv-001"]
