"""A face that plays what another does in a film: relative to rest, by parts, as photo or film."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("av", reason="videos need an extra")
pytest.importorskip("mediapipe", reason="the detector is an extra")

from clips import acted, encoded
from ptk.dataset.manifest import SAMPLE
from ptk.editing.opening import open_editor
from ptk.errors import NoFaceError, OutputError
from ptk.faces.align import aligned
from ptk.faces.images import read_photo
from ptk.faces.topology import BROWS, MOUTH
from ptk.prepare.video import Video
from ptk.video.animate_photo import animate_photo
from ptk.video.edit_video import edit_video
from ptk.video.performance import Performance

HOLD, BLEND = 4, 2


@pytest.fixture(scope="module")
def editor():
    return open_editor(moving=["expression"])


@pytest.fixture(scope="module")
def driving(tmp_path_factory):
    """A person who is surprised first, then at rest, then happy."""
    path = tmp_path_factory.mktemp("driving") / "driving.mp4"
    pictures = acted("p02", ("surprise", "neutral", "happiness"), hold=HOLD, blend=BLEND, side=256)[0]
    path.write_bytes(encoded([np.asarray(each) for each in pictures], rate=25, crf="10"))
    return Video(path)


def read(editor, driving, parts=None):
    return Performance.read(driving, editor.detector, editor.detector_name, parts or {})


@pytest.fixture(scope="module")
def performance(editor, driving):
    return read(editor, driving)


def gaps(points):
    """How far lips are apart, and corners of the mouth, of an aligned face."""
    shape = aligned(points)
    return shape[66, 1] - shape[62, 1], shape[54, 0] - shape[48, 0]


@pytest.fixture(scope="module")
def other(editor):
    photo = read_photo(SAMPLE / "images" / "p07_neutral.jpg")
    return photo, editor.detector.detect(photo.pixels)[0]


def test_changes_are_those_from_where_the_face_shows_least(performance):
    calm = slice(HOLD + BLEND, 2 * HOLD + BLEND)
    away = np.linalg.norm(performance.changes, axis=2).mean(axis=1)
    assert away[calm].max() < 0.4 * min(away[0], away[-1])
    assert away.min() == 0


def test_another_face_plays_it_from_its_own_rest(performance, other):
    _, face = other
    rest, surprised, happy = (gaps(performance.move(face, number)[0]) for number in (HOLD + BLEND + 1, 1, -1))
    assert surprised[0] > rest[0] + 0.08
    assert happy[1] > rest[1] + 0.03
    assert rest == pytest.approx(gaps(face.points), abs=0.02)


def test_irises_move_within_their_eyes(performance, other):
    _, face = other
    assert face.irises is not None
    still, _ = performance.move(face, HOLD + BLEND + 1)
    aside = Performance(performance.times[:1], np.zeros((1, 68, 2)), np.full((1, 2, 2), (0.1, 0.0)))
    goal, moved = aside.move(face, 0)
    np.testing.assert_allclose(goal, face.points, atol=1e-3)
    width = np.linalg.norm(face.points[39] - face.points[36])
    assert moved[0, 0] - face.irises[0, 0] == pytest.approx(0.1 * width, rel=0.1)
    assert still.shape == (68, 2)


def test_parts_alone_play_it(editor, driving, other):
    mouth = read(editor, driving, {"mouth": 1.0})
    moved = np.linalg.norm(mouth.changes, axis=2).max(axis=0)
    assert moved[MOUTH].max() > 0.1
    assert moved[BROWS].max() == 0
    assert np.nanmax(np.abs(mouth.looks)) == 0


def test_a_photo_plays_it_at_its_times(editor, driving, performance, other, tmp_path):
    photo, _ = other
    out, told = tmp_path / "played.mp4", []
    animate_photo(editor, photo, driving, performance, out, {}, lambda *each: told.append(each))
    film = Video(out)
    np.testing.assert_allclose(film.times, driving.times, atol=1e-4)
    found = [
        editor.detector.detect(frame.pixels)[0].points for frame in film.frames([1, HOLD + BLEND + 1, len(film) - 1])
    ]
    surprised, rest, happy = map(gaps, found)
    assert surprised[0] > rest[0] + 0.05
    assert happy[1] > rest[1] + 0.02
    assert told[-1] == ("editing frames", len(film), len(film))
    assert [path.name for path in tmp_path.iterdir()] == ["played.mp4"]


@pytest.mark.slow
def test_a_film_plays_it_frame_by_frame_and_holds_its_end(editor, performance, tmp_path):
    path, out = tmp_path / "film.mp4", tmp_path / "out.mp4"
    still = [np.asarray(acted("p07", ("neutral",), hold=1, side=256)[0][0])] * 24
    path.write_bytes(encoded(still, rate=25, crf="10"))
    edit_video(editor, path, out, {}, performance=performance)
    film = Video(out)
    found = [editor.detector.detect(frame.pixels)[0].points for frame in film.frames([HOLD + BLEND + 1, 15, 23])]
    rest, happy, held = map(gaps, found)
    assert happy[1] > rest[1] + 0.02
    assert held == pytest.approx(happy, abs=0.02)


def test_a_film_without_a_face_is_a_line(editor, tmp_path):
    path = tmp_path / "sky.mp4"
    path.write_bytes(encoded([np.full((96, 96, 3), 128, np.uint8)] * 3))
    with pytest.raises(NoFaceError, match=r"sky\.mp4: no face found in any frame"):
        read(editor, Video(path))


def test_the_result_never_replaces_what_it_is_made_of(editor, driving, performance, other):
    with pytest.raises(OutputError, match="is the film itself"):
        animate_photo(editor, other[0], driving, performance, driving.path, {})
    with pytest.raises(OutputError, match="films are written as MP4"):
        animate_photo(editor, other[0], driving, performance, driving.path.with_suffix(".gif"), {})


def test_times_before_and_after_it_show_its_ends(performance):
    assert performance.find_number(-1) == 0
    assert performance.find_number(99) == len(performance.times) - 1
    assert performance.find_number(float(performance.times[3])) == 3


def test_without_irises_lids_take_the_eyes_along(performance, other):
    face = other[1]
    assert performance.move(replace(face, irises=None), 2)[1] is None


def test_a_detector_without_irises_says_nothing_of_where_eyes_look(editor, driving, recwarn):
    class Plain:
        def detect(self, image):
            return [replace(face, irises=None) for face in editor.detector.detect(image)]

    played = Performance.read(driving, Plain(), "plain", {})
    assert np.isnan(played.looks).all()
    assert not [each for each in recwarn if issubclass(each.category, RuntimeWarning)]
