"""One face through a film: the nearest from frame to frame, gaps filled or left, edits that fade in and out."""

from pathlib import Path

import numpy as np
import pytest

from ptk.errors import NoFaceError
from ptk.faces.expressions import vocabulary
from ptk.prepare.video import Frame
from ptk.types import Landmarks
from ptk.video.track import follow_face

FACE = (vocabulary().rest * 60 + (100, 100)).astype(np.float32)


class Film:
    """Frames whose first pixel says which they are, 25 a second."""

    path = Path("film.mp4")

    def __init__(self, count, times=None):
        self.times = np.arange(count) / 25 if times is None else np.asarray(times)

    def __len__(self):
        return len(self.times)

    def frames(self, numbers, *, draft=False):
        for number in numbers:
            yield Frame(number, float(self.times[number]), np.full((200, 400, 3), number, np.uint8))


class Sees:
    """A detector that finds, in the frame of each number, the faces at these places."""

    def __init__(self, places):
        self.places = places

    def detect(self, image):
        return [
            Landmarks(points=FACE + np.float32(place), width=400, height=200)
            for place in self.places(int(image[0, 0, 0]))
        ]


def follow(places, count=30, **options):
    return follow_face(Film(count), Sees(places), "sees", **options)


def test_the_same_person_is_followed_past_another():
    """Two people whose order changes: the one who was chosen moves to the right, the other stays."""
    track = follow(lambda n: [(6 * n, 0), (150, 0)] if n % 2 else [(150, 0), (6 * n, 0)], face=1, count=20)
    assert np.allclose(np.diff(track.points[:, 30, 0]), 6, atol=3)
    assert track.missing == 0
    assert (track.shares == 1).all()


def test_a_short_gap_is_filled_in():
    track = follow(lambda n: [] if n in (10, 11, 12) else [(2 * n, 0)], smooth=False)
    assert track.missing == 0
    np.testing.assert_allclose(track.points[:, 0, 0] - FACE[0, 0], 2 * np.arange(30), atol=1e-3)


def test_where_it_is_gone_for_long_the_edit_fades_out_and_in():
    track = follow(lambda n: [] if 12 <= n < 22 else [(0, 0)], count=40)
    assert track.missing == 10
    assert (track.shares[12:22] == 0).all()
    assert track.shares[0] == track.shares[-1] == 1
    assert (np.diff(track.shares[:13]) <= 0).all()
    assert 0 < track.shares[11] < 0.5
    assert np.isnan(track.points[12:22]).all()


def test_another_person_is_not_taken_for_the_one_who_left():
    track = follow(lambda n: [(0, 0)] if n < 15 else [(200, 0)])
    assert track.missing == 15
    assert np.isfinite(track.points[:15]).all()


def test_a_face_that_comes_later_is_edited_from_there():
    track = follow(lambda n: [] if n < 10 else [(0, 0)])
    assert track.missing == 10
    assert track.shares[-1] == 1


def test_a_film_without_a_face_is_refused():
    with pytest.raises(NoFaceError, match=r"film.mp4: no face found in any frame \(tried sees\)"):
        follow(lambda n: [])


def test_several_faces_need_to_be_told_apart():
    with pytest.raises(NoFaceError, match=r"film\.mp4 \(frame 1\): 2 faces"):
        follow(lambda n: [(0, 0), (200, 0)])
