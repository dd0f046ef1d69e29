"""Frames of a video in which a person looks different."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

pytest.importorskip("av", reason="needs av: see the extra video")
pytest.importorskip("mediapipe", reason="needs mediapipe: see the extra mediapipe")

from clips import EXPRESSIONS, acted, encoded, write_clips
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.errors import ImageError, NoFaceError
from ptk.faces.align import aligned, expression_distance
from ptk.prepare.keyframes import BLURRED, LEAST_APART, choose_frames, farthest, looks, sharpness
from ptk.prepare.video import Video
from ptk.types import Landmarks

OTHERS = EXPRESSIONS[1:]
# back to neutral after each, as people do; twice there is something worth having, but out of focus
SCRIPT = ["neutral", *(word for other in OTHERS for word in (other, "neutral"))]
SCRIPT[4:4] = ["~surprise"]
SCRIPT[9:9] = ["~happiness"]
CLIP = Path("anna.mp4")


@pytest.fixture(scope="module")
def finder():
    return MediaPipe68()


@pytest.fixture(scope="module")
def play():
    """A clip of someone who plays SCRIPT: its bytes, what each of its frames shows, and the frames themselves."""
    pictures, names = acted("p04", SCRIPT)
    return encoded(pictures), names, pictures


@pytest.fixture(scope="module")
def chosen(play, finder):
    return choose_frames(CLIP, finder, content=play[0])


def least_apart(shapes):
    apart = expression_distance(shapes[:, None], shapes[None])
    return apart[~np.eye(len(shapes), dtype=bool)].min()


def test_each_frame_shows_another_expression(chosen, play):
    shown = [play[1][frame.number] for frame in chosen.frames]
    assert set(shown) >= {"neutral", "surprise", "happiness", "disgust", "fear", "contempt"}  # anger, sadness: subtle
    assert len(shown) >= 7
    assert len(set(shown)) >= len(shown) - 1
    assert not any(word.startswith("~") for word in shown)
    assert chosen.counts.blurred >= 2


def test_they_differ_more_than_frames_taken_evenly_or_at_random(chosen, play, finder):
    video = Video(CLIP, play[0])
    sharp = [number for number, word in enumerate(play[1]) if not word.startswith("~")]
    shapes = {}
    for frame in video.frames(sharp[::2]):
        (face,) = finder.detect(frame.pixels)
        shapes[frame.number] = aligned(face.points)
    pool = np.array(list(shapes.values()))
    ours = least_apart(aligned(np.array([frame.landmarks.points for frame in chosen.frames])))
    evenly = least_apart(pool[np.linspace(0, len(pool) - 1, len(chosen.frames)).round().astype(int)])
    rng = np.random.default_rng(1)
    at_random = [least_apart(rng.permutation(pool)[: len(chosen.frames)]) for _ in range(200)]
    assert ours >= LEAST_APART
    assert ours > 2 * evenly  # half of it is neutral, over and over
    assert ours > 2 * np.median(at_random)  # of six people 2.8 to 5.7 times, like evenly
    assert ours > max(at_random)


def test_frames_come_in_the_order_of_time_with_their_own_pixels(chosen, play, finder):
    numbers = [frame.number for frame in chosen.frames]
    assert numbers == sorted(set(numbers))
    assert [frame.time for frame in chosen.frames] == pytest.approx([number / 25 for number in numbers])
    for frame in chosen.frames:
        assert frame.pixels.shape == (288, 288, 3)
        (again,) = finder.detect(frame.pixels)
        assert np.abs(again.points - frame.landmarks.points).max() < 2  # pixels; seen in a draft of the same frame


def test_every_frame_looked_at_is_accounted_for(chosen):
    counts = chosen.counts
    dropped = counts.no_face + counts.several_faces + counts.turned_away + counts.blurred + counts.alike
    assert counts.looked_at == dropped + len(chosen.frames)
    assert counts.looked_at >= 30
    assert str(counts) == f"{counts.looked_at} looked at: {counts.blurred} blurred, {counts.alike} like those chosen"


def test_the_same_clip_gives_the_same_frames(chosen, play, finder):
    again = choose_frames(CLIP, finder, content=play[0])
    assert again.counts == chosen.counts
    for one, other in zip(chosen.frames, again.frames, strict=True):
        assert one.number == other.number
        assert (one.pixels == other.pixels).all()
        assert (one.landmarks.points == other.landmarks.points).all()


def test_a_file_turned_on_its_side_gives_the_same_expressions(chosen, play, finder, tmp_path):
    path = tmp_path / "phone.mp4"
    path.write_bytes(encoded([np.ascontiguousarray(np.rot90(picture)) for picture in play[2]], turned=-90))
    shown = {play[1][frame.number] for frame in choose_frames(path, finder).frames}
    assert len(shown & {play[1][frame.number] for frame in chosen.frames}) >= 6


def test_one_expression_gives_one_frame(finder):
    pictures, _ = acted("p02", ["happiness"], hold=40)
    found = choose_frames(CLIP, finder, content=encoded(pictures))
    assert len(found.frames) == 1
    assert found.counts.alike == found.counts.looked_at - 1


def test_fewer_are_given_when_fewer_are_asked_for(play, finder):
    shown = [play[1][frame.number] for frame in choose_frames(CLIP, finder, count=3, content=play[0]).frames]
    assert len(set(shown)) == 3
    assert "surprise" in shown  # the farthest from everything


def beside(left, right):
    return np.hstack([left, right])


def test_frames_with_nobody_or_with_several_are_dropped_and_counted(finder):
    (anna, bob), empty = (acted(who, ["happiness"], hold=1)[0][0] for who in ("p00", "p01")), np.full((288, 288, 3), 90)
    empty = empty.astype(np.uint8)
    pictures = [beside(anna, empty)] * 10 + [beside(anna, bob)] * 10 + [beside(empty, empty)] * 10
    found = choose_frames(CLIP, finder, content=encoded(pictures))
    assert (found.counts.several_faces, found.counts.no_face) == (10, 10)
    assert [frame.number < 10 for frame in found.frames] == [True]


def test_a_clip_without_a_usable_frame_says_what_was_seen(finder):
    empty = [np.full((96, 96, 3), level, dtype=np.uint8) for level in range(20, 60)]
    with pytest.raises(NoFaceError) as caught:
        choose_frames(CLIP, finder, content=encoded(empty))
    assert str(caught.value) == (
        "anna.mp4: no frame can be used (30 looked at: 30 without a face); film one face, from the front"
    )


class Turning:
    """A finder whose one face turns away frame by frame."""

    def __init__(self):
        entry = read_manifest(SAMPLE)[0]
        self.points = np.array(entry.landmarks, dtype=np.float32)
        self.seen = 0

    def detect(self, image):
        self.seen += 1
        # a face in profile: narrower, the tip of the nose beside it
        narrow = 1 - self.seen / 40
        points = (self.points - 128) * (narrow, 1) + 128
        points[27:36, 0] += np.sqrt(1 - narrow**2) * np.array([10, 14, 20, 24, 12, 14, 14, 14, 12])
        return [Landmarks(points=points.astype(np.float32), width=256, height=256)]


def test_faces_that_turn_away_are_dropped_and_counted():
    pictures, _ = acted("p00", ["neutral"], hold=30, side=256)
    found = choose_frames(CLIP, Turning(), content=encoded(pictures))
    assert 5 < found.counts.turned_away < 25
    assert all(frame.number < 30 - found.counts.turned_away for frame in found.frames)


def test_what_is_no_video_is_refused():
    with pytest.raises(ImageError, match=r"anna\.mp4: is empty"):
        choose_frames(CLIP, Turning(), content=b"")


def test_the_clips_of_the_documentation_give_frames(finder, tmp_path):
    for path in sorted(write_clips(tmp_path / "clips").rglob("*.mp4")):
        assert len(choose_frames(path, finder).frames) >= 3


def test_blur_is_told_from_expression():
    for who in ("p00", "p09"):
        entries = [entry for entry in read_manifest(SAMPLE) if entry.identity == who]
        values, blurred = [], []
        for entry in entries:
            face = Landmarks(points=np.array(entry.landmarks, dtype=np.float32), width=256, height=256)
            picture = Image.open(SAMPLE / entry.image).convert("RGB")
            values.append(sharpness(np.array(picture), face))
            blurred.append(sharpness(np.array(picture.filter(ImageFilter.GaussianBlur(1.5))), face))
        assert min(values) > BLURRED * max(values)
        assert max(blurred) < BLURRED * np.percentile(values, 90)


def test_sharpness_does_not_depend_on_how_near_a_face_is():
    entry = read_manifest(SAMPLE)[0]
    picture, points = Image.open(SAMPLE / entry.image).convert("RGB"), np.array(entry.landmarks, dtype=np.float32)
    near = np.array(picture.resize((1024, 1024), Image.Resampling.LANCZOS))
    far = sharpness(np.array(picture), Landmarks(points=points, width=256, height=256))
    assert sharpness(near, Landmarks(points=points * 4, width=1024, height=1024)) == pytest.approx(far, rel=0.25)


@pytest.mark.parametrize(("seconds", "rate", "expected"), [(0.4, 25, 10), (3, 25, 30), (20, 25, 100), (3600, 5, 300)])
def test_the_number_of_looks_is_bounded(seconds, rate, expected):
    times = np.arange(round(seconds * rate)) / rate
    numbers = looks(times, np.zeros(len(times), dtype=bool))
    assert abs(len(numbers) - expected) <= 1
    assert (np.diff(times[numbers]) < 2.5 * max(0.2, seconds / 300)).all()


def test_keyframes_are_preferred_and_alone_where_there_are_enough():
    keys = np.zeros(1000, dtype=bool)
    keys[3::20] = True  # a quarter of the slots have one: 1000 frames of 1 / 25 s are 200 looks
    numbers = looks(np.arange(1000) / 25, keys)
    assert (len(numbers), keys[numbers].sum()) == (200, 50)
    keys[3::10] = True
    numbers = looks(np.arange(1000) / 25, keys)
    assert (len(numbers), keys[numbers].sum()) == (100, 100)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=400), st.integers(0, 2**32 - 1))
def test_looks_are_in_order_and_never_repeat(gaps, seed):
    times = np.cumsum(gaps)
    numbers = looks(times - times[0], np.random.default_rng(seed).random(len(times)) < 0.1)
    assert len(numbers) >= 1
    assert (np.diff(numbers) > 0).all()
    assert 0 <= numbers[0] <= numbers[-1] < len(times)


faces = st.builds(
    lambda seed, count, spread: np.random.default_rng(seed).normal(0, spread, (count, 68, 2)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 40),
    st.sampled_from([1e-4, 0.02, 1.0]),
)


@settings(deadline=None)
@given(shapes=faces, count=st.integers(1, 12), seed=st.integers(0, 2**32 - 1))
def test_the_farthest_are_chosen_once_each_whatever_their_order(shapes, count, seed):
    chosen = farthest(shapes, count, LEAST_APART)
    assert len(chosen) == len(set(chosen)) <= count
    assert chosen == farthest(shapes, count, LEAST_APART)
    assert farthest(shapes, count + 1, LEAST_APART)[: len(chosen)] == chosen
    if len(chosen) > 1:
        assert least_apart(shapes[chosen]) >= LEAST_APART
    if len(shapes) > 2:  # two are equally typical
        order = np.random.default_rng(seed).permutation(len(shapes))
        assert [order[index] for index in farthest(shapes[order], count, LEAST_APART)] == chosen


@settings(deadline=None)
@given(shapes=faces, count=st.integers(2, 12))
def test_what_is_left_is_nearer_to_the_chosen_than_they_are_to_each_other(shapes, count):
    chosen = farthest(shapes, count, LEAST_APART)
    left = np.delete(np.arange(len(shapes)), chosen)
    if len(left) and len(chosen) > 1:
        nearest = expression_distance(shapes[left][:, None], shapes[chosen][None]).min(axis=1)
        assert nearest.max() <= least_apart(shapes[chosen]) + 1e-12


def test_equal_faces_give_one():
    assert farthest(np.ones((5, 68, 2)), 3, LEAST_APART) == [0]
