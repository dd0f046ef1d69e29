"""A folder of photos becomes a data set."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from skimage import data

from ptk.dataset.manifest import read_description, read_manifest
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.errors import DataError, OutputError, PluginError
from ptk.faces.landmarks import eye_distance
from ptk.prepare.prepare import parse_styles, prepare, split_identities

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])


def put(path: Path, picture: Image.Image = PORTRAIT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three people, the same one to any eye but ours, who turn and tilt."""
    folder = tmp_path / "photos"
    for person, angle in (("ann", 0), ("bob", 10), ("cat", -15)):
        put(folder / person / "neutral.png", PORTRAIT.rotate(angle, Image.Resampling.BICUBIC))
        put(folder / person / "smile.jpg", PORTRAIT.rotate(angle / 2, Image.Resampling.BICUBIC))
    return folder


def test_every_photo_is_there_in_every_domain_with_landmarks_that_fit(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    prepared = prepare([photos], out, size=128, margin=0.25, styles=parse_styles(["sketch"]))
    entries = read_manifest(out)
    assert len(entries) == len(prepared.entries) == 12  # 3 people, 2 photos each, photo and sketch
    assert {(entry.identity, entry.expression, entry.domain) for entry in entries} == {
        (person, expression, domain)
        for person in ("ann", "bob", "cat")
        for expression in ("neutral", "smile")
        for domain in ("photo", "sketch")
    }
    detector = MediaPipe68()
    for entry in entries:
        assert entry.image == f"images/{entry.domain}/{entry.identity}/{entry.photo}.jpg"
        with Image.open(out / entry.image) as image:
            assert (image.size, image.mode) == ((192, 192), "RGB")  # a quarter of 128 more on either side
            points = np.array(entry.landmarks, dtype=np.float32)
            if entry.domain == "photo":
                found = detector.detect(np.array(image))[0].points
                # the crop has fewer pixels than the photo and its turn undone: docs/detectors.md has 0.02 for less
                assert np.linalg.norm(found - points, axis=1).mean() / eye_distance(points) < 0.05


def test_renderings_have_the_landmarks_of_their_photo_and_differ_from_it(photos: Path, tmp_path: Path) -> None:
    prepared = prepare([photos], tmp_path / "set", size=64, styles=parse_styles(["sketch"]))
    by_photo: dict[str, dict[str, np.ndarray]] = {}
    for entry in prepared.entries:
        pixels = np.array(Image.open(tmp_path / "set" / entry.image)).astype(int)
        by_photo.setdefault(entry.photo, {})[entry.domain] = pixels
        assert entry.landmarks == next(one for one in prepared.entries if one.photo == entry.photo).landmarks
    for pictures in by_photo.values():
        assert np.abs(pictures["photo"] - pictures["sketch"]).mean() > 20  # levels of 255: a drawing on white paper


def test_a_person_stands_on_one_side_of_the_split(photos: Path, tmp_path: Path) -> None:
    prepared = prepare([photos], tmp_path / "set", size=64)
    assert (prepared.people(), prepared.people("train"), prepared.people("test")) == (3, 2, 1)
    assert len({(entry.identity, entry.split) for entry in prepared.entries}) == 3


def test_the_same_photos_make_the_same_data_set(photos: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        prepare([photos], tmp_path / name, size=64, styles=parse_styles(["sketch"]))
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert files == sorted(
        path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*") if path.is_file()
    )
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_what_cannot_be_used_is_listed_and_stops_nothing(photos: Path, tmp_path: Path) -> None:
    whole = (photos / "ann" / "smile.jpg").read_bytes()
    (photos / "ann" / "empty.jpg").touch()
    (photos / "ann" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "ann" / "noise.jpg").write_bytes(np.random.default_rng(1).bytes(5000))
    (photos / "ann" / "notes.txt").write_text("ann's")
    (photos / "ann" / "gone.jpg").symlink_to(photos / "nowhere.jpg")
    put(photos / "dan" / "sky.jpg", Image.new("RGB", (300, 300), "skyblue"))
    put(photos / "dan" / "tiny.png", Image.new("RGB", (8, 8)))
    two = Image.new("RGB", (600, 300))
    two.paste(PORTRAIT, (0, 0))
    two.paste(PORTRAIT, (300, 0))
    put(photos / "dan" / "two.jpg", two)
    prepared = prepare([photos], tmp_path / "set", size=64)
    assert prepared.people() == 3
    lines = (tmp_path / "set" / "skipped.jsonl").read_text().splitlines()
    reasons = {line["path"]: line["reason"] for line in map(json.loads, lines)}
    assert reasons.keys() == {
        *(f"ann/{name}" for name in ("empty.jpg", "cut.jpg", "noise.jpg", "notes.txt", "gone.jpg")),
        *(f"dan/{name}" for name in ("sky.jpg", "tiny.png", "two.jpg")),
    }
    assert reasons["dan/sky.jpg"] == "no face found (tried mediapipe68); crop closer"
    assert reasons["dan/two.jpg"] == "2 faces found; crop it to the one that is meant"
    assert reasons["ann/empty.jpg"].startswith("is empty")
    assert {one.path: one.reason for one in prepared.skipped} == reasons


@settings(max_examples=10, deadline=None)
@given(position=st.floats(0, 1), noise=st.binary(min_size=1, max_size=40))
def test_damage_anywhere_in_a_photo_is_no_traceback(
    position: float, noise: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(put(folder / "photos" / "ann" / "a.jpg", PORTRAIT.resize((150, 150))).read_bytes())
    start = int(position * len(content))
    content[start : start + len(noise)] = noise
    (folder / "photos" / "ann" / "a.jpg").write_bytes(content)
    put(folder / "photos" / "ann" / "b.jpg")
    prepared = prepare([folder / "photos"], folder / "set", size=32)
    assert len(prepared.entries) + len(prepared.skipped) == 2


def test_the_data_set_says_how_it_was_made(photos: Path, tmp_path: Path) -> None:
    picture = put(tmp_path / "picture.jpg")
    styles = parse_styles(["sketch", f"mine={picture}"])
    prepare([photos], tmp_path / "set", size=64, styles=styles, licence="CC0-1.0", seed=3)
    said = json.loads((tmp_path / "set" / "dataset.json").read_text())
    assert (said["size"], said["detector"], said["licence"]) == (64, "mediapipe68", "CC0-1.0")
    assert said["split"] == {"train_share": 0.7, "seed": 3}
    assert said["domains"] == [
        {"name": "photo", "part": "photo", "options": {}},
        {"name": "sketch", "part": "sketch", "options": {}},
        {"name": "mine", "part": "picture", "options": {"file": str(picture)}},
    ]
    assert {entry.domain for entry in read_manifest(tmp_path / "set")} == {"photo", "sketch", "mine"}


def test_photos_in_other_colour_spaces_become_srgb(photos: Path, tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    swapped = bytearray(lab.tobytes())
    red, green = (swapped.index(tag, 128) for tag in (b"rXYZ", b"gXYZ"))
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"  # a space whose first channel is green
    plain = photos / "ann" / "neutral.png"
    with Image.open(plain) as image:
        image.save(photos / "ann" / "other.png", icc_profile=bytes(swapped))
    prepare([photos], tmp_path / "set", size=64)
    one, other = (
        np.array(Image.open(tmp_path / "set" / "images" / "photo" / "ann" / f"ann_{name}.jpg")).astype(int)
        for name in ("neutral", "other")
    )
    assert np.abs(one[..., [1, 0, 2]] - other).mean() < 8 < np.abs(one - other).mean()


def test_the_margin_shows_more_around_the_same_crop(photos: Path, tmp_path: Path) -> None:
    prepare([photos], tmp_path / "bare", size=128, margin=0)
    prepare([photos], tmp_path / "wide", size=128, margin=0.125)
    for bare, wide in zip(read_manifest(tmp_path / "bare"), read_manifest(tmp_path / "wide"), strict=True):
        assert np.allclose(np.array(wide.landmarks) - 16, np.array(bare.landmarks), atol=0.011)  # both are rounded
        one = np.array(Image.open(tmp_path / "bare" / bare.image)).astype(float)
        other = np.array(Image.open(tmp_path / "wide" / wide.image)).astype(float)[16:-16, 16:-16]
        assert np.abs(one - other).mean() < 2  # levels of 255: two JPEG files of the same pixels
    assert read_description(tmp_path / "wide").margin == 0.125


def test_progress_counts_every_photo(photos: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    prepare([photos], tmp_path / "set", size=64, progress=lambda _, done, total: told.append((done, total)))
    assert told == [(number, 6) for number in range(1, 7)]


def test_a_place_that_is_taken_is_refused_and_left_alone(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("mine")
    for out, said in (
        (tmp_path / "set", "is there already"),
        (tmp_path / "set" / "mine.txt", "is there already"),
        (photos / "set", "lies in the folder of photos"),
    ):
        with pytest.raises(OutputError, match=said):
            prepare([photos], out, size=64)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_a_place(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    prepare([photos], tmp_path / "set", size=64)
    assert read_manifest(tmp_path / "set")


def test_nothing_usable_is_an_error_that_says_why(tmp_path: Path) -> None:
    put(tmp_path / "photos" / "ann" / "sky.jpg", Image.new("RGB", (300, 300), "skyblue"))
    (tmp_path / "photos" / "about.txt").touch()
    with pytest.raises(DataError, match=r"none of 1 photos can be used; ann/sky\.jpg: no face found"):
        prepare([tmp_path / "photos"], tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_styles_are_parts_or_pictures() -> None:
    uses = parse_styles(["photo", "sketch", "night=stars.jpg"])
    assert [(use.name, use.part, dict(use.options)) for use in uses] == [
        ("sketch", "sketch", {}),
        ("night", "picture", {"file": Path("stars.jpg")}),
    ]


@pytest.mark.parametrize("words", [["sketch", "sketch"], ["photo=a.jpg"], ["=a.jpg"], ["a="], ["../x=a.jpg"], ["a b"]])
def test_styles_that_mean_nothing_are_refused(words: list[str]) -> None:
    with pytest.raises(DataError, match=r"^`styles`: "):
        parse_styles(words)


def test_a_style_that_nobody_offers_is_refused_before_any_work(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="sketch"):
        prepare([photos], tmp_path / "set", styles=parse_styles(["skecth"]))


@given(
    identities=st.sets(st.text(max_size=5), min_size=1, max_size=60),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 1000),
)
def test_splits_hold_their_share_and_leave_no_side_empty(identities: set[str], share: float, seed: int) -> None:
    splits = split_identities(identities, share, seed)
    assert splits.keys() == identities
    train = sum(side == "train" for side in splits.values())
    assert train >= 1
    if len(identities) >= 2:
        assert train < len(identities)
    assert abs(train - share * len(identities)) <= 1


def test_splits_depend_on_the_seed_and_hardly_on_who_else_is_there() -> None:
    people = {f"{number:03}" for number in range(100)}
    one = split_identities(people, 0.7, 1)
    assert one == split_identities(set(people), 0.7, 1)
    assert one != split_identities(people, 0.7, 2)
    fewer = split_identities(people - {"042"}, 0.7, 1)
    assert sum(one[person] != side for person, side in fewer.items()) <= 1  # the share itself moves by one
