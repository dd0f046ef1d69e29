"""A photo opened once gives, as often as is asked, what a fresh edit gives."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data
from stand_ins import FACE, SMILE, Finds, Network, editor, photo

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.editing.edit import edit_face
from ptk.editing.loading import load_translator, shipped
from ptk.editing.opening import open_editor
from ptk.editing.session import Session
from ptk.editing.styles import choose_renderer
from ptk.errors import NoFaceError, WeightsError
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.types import Landmarks

WISHES = ({"smile": 0.7}, {"brows_up": 1.0}, {}, {"narrow_eyes": 1.5}, {"open_mouth": 1.0}, {"smile": 0.7})


class Knows:
    """A detector that knows where the face is, and counts how often it is asked."""

    def __init__(self, *faces: np.ndarray) -> None:
        self.faces, self.asked = faces, 0

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        self.asked += 1
        return [
            Landmarks(points=points.astype(np.float32), width=image.shape[1], height=image.shape[0])
            for points in self.faces
        ]


@pytest.fixture(scope="module")
def portrait():
    """A person of the bundled sample, and where the landmarks are."""
    entry = next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral")
    return read_photo(SAMPLE / entry.image), np.array(entry.landmarks, dtype=np.float32)


@pytest.fixture
def counts(monkeypatch):
    """How often files were decoded and faces cut."""
    counted = {"cut": 0, "decoded": 0}
    cut, opened = Crop.cut, Image.open

    def count(name, function):
        def counting(*arguments, **named):
            counted[name] += 1
            return function(*arguments, **named)

        return counting

    monkeypatch.setattr(Crop, "cut", count("cut", cut))
    monkeypatch.setattr("ptk.faces.images.Image.open", count("decoded", opened))
    return counted


def session_of(me, points, translator, **options) -> Session:
    return Session(me, translator, Knows(points), "knows", choose=renderer_of, **options)


def renderer_of(style):
    return None if style in ("photo", "sketch") else choose_renderer(style)


def fresh(me, points, goal, style):
    """The same edit by nobody who did another before."""
    translator = load_translator(shipped("cpu"), "cpu")
    if (renderer := renderer_of(style)) is None:
        return edit_face(me, points, goal, translator, style)
    moved = edit_face(me, points, goal, translator) if not np.array_equal(points, goal) else me.pixels
    return renderer.paint(moved, [goal])


@pytest.mark.parametrize(
    "style", ["photo", *(pytest.param(each, marks=pytest.mark.slow) for each in ("sketch", "watercolor"))]
)
def test_every_result_is_that_of_a_fresh_edit(portrait, style):
    me, points = portrait
    session = session_of(me, points, load_translator(shipped("cpu"), "cpu"))
    for wish in WISHES:
        goal = vocabulary().moved(points, wish)
        session.render(goal, "sketch")  # what was asked before changes nothing
        np.testing.assert_array_equal(
            session.render(goal, style, preview=False), fresh(me, points, goal, style), err_msg=f"{wish}"
        )


@pytest.mark.slow
def test_previews_do_not_depend_on_those_before_either(portrait):
    me, points = portrait
    translator = load_translator(shipped("cpu"), "cpu")
    session = session_of(me, points, translator)
    for wish in WISHES:
        for style in ("photo", "sketch", "watercolor"):
            goal = vocabulary().moved(points, wish)
            alone = session_of(me, points, load_translator(shipped("cpu"), "cpu")).render(goal, style)
            assert alone.shape == (translator.size, translator.size, 3)
            np.testing.assert_array_equal(session.render(goal, style), alone)


def test_the_photo_is_decoded_faces_are_found_and_the_cut_is_made_once(portrait, counts, tmp_path):
    _, points = portrait
    Image.fromarray(portrait[0].pixels).save(tmp_path / "me.png")
    detector = Knows(points)
    session = Session(read_photo(tmp_path / "me.png"), load_translator(shipped("cpu"), "cpu"), detector, "knows")
    decoded = counts["decoded"]
    for wish in WISHES:
        goal = vocabulary().moved(points, wish)
        for preview in (True, False):
            session.render(goal, preview=preview)
            session.render(goal, "sketch", preview=preview)
    session.finish(vocabulary().moved(points, SMILE), "photo", tmp_path / "out.png")
    assert (counts["decoded"], detector.asked, counts["cut"]) == (decoded, 1, 1)


def test_a_preview_shows_the_crop_of_what_is_finished(portrait):
    large = np.asarray(Image.fromarray(data.astronaut()).resize((1536, 1536)))
    points = (vocabulary().rest * 150 + (660, 330)).astype(np.float32)
    session = Session(
        replace(portrait[0], pixels=large), load_translator(shipped("cpu"), "cpu"), Knows(points), "knows"
    )
    goal = vocabulary().moved(points, {"smile": 1.0})
    shown = session.render(goal).astype(float)
    whole = Crop.around(points).cut(session.render(goal, preview=False), len(shown))
    before = Crop.around(points).cut(large, len(shown))
    assert np.abs(shown - whole).mean() < 0.5  # levels: the same, but for what was sampled twice
    assert np.abs(shown - before).mean() > 2 * np.abs(shown - whole).mean()


def test_finishing_writes_what_is_rendered_with_its_record(portrait, tmp_path):
    me, points = portrait
    session = session_of(me, points, load_translator(shipped("cpu"), "cpu"))
    goal = vocabulary().moved(points, SMILE)
    session.finish(goal, "watercolor", tmp_path / "out.png")
    written = read_photo(tmp_path / "out.png")
    np.testing.assert_array_equal(written.pixels, session.render(goal, "watercolor", preview=False))
    assert (written.edit.style, written.edit.moved) == ("watercolor", True)


def test_faces_are_given_by_their_index(tmp_path: Path) -> None:
    Image.new("RGB", (400, 200), "white").save(tmp_path / "two.png")
    left, right = ((FACE * 0.5 + shift).astype(np.float32) for shift in ((0, 40), (150, 40)))
    two = read_photo(tmp_path / "two.png")
    session = Session(two, Network(), Knows(left, right), "knows", face="all")
    goal = vocabulary().moved(right, SMILE)
    changed = session.render({1: goal}, preview=False) != two.pixels
    assert changed[:, 200:].any()
    assert not changed[:, :150].any()
    assert session.render({1: goal}).shape == (64, 64, 3)


def test_without_points_no_face_moves(tmp_path: Path) -> None:
    warnings: list[str] = []
    path = photo(tmp_path / "me.png")
    session = editor(warn=warnings.append).open(read_photo(path))
    np.testing.assert_array_equal(session.render(preview=False), session.photo.pixels)
    session.finish(None, "photo", tmp_path / "same.png")
    assert (tmp_path / "same.png").read_bytes() == path.read_bytes()
    assert warnings == [f"{path}: nothing to change; {tmp_path / 'same.png'} is the photo as it was"]


def test_a_photo_without_a_face_is_refused_when_one_is_needed(tmp_path: Path) -> None:
    nobody = read_photo(photo(tmp_path / "nobody.png", 0))
    session = Session(nobody, Network(), Finds(), "finds", choose=renderer_of)
    assert session.render(None, "watercolor", preview=False).shape == nobody.pixels.shape
    with pytest.raises(NoFaceError, match=r"nobody\.png: no face found \(tried finds\)"):
        session.render(FACE)


def test_an_unknown_style_is_refused(tmp_path: Path) -> None:
    session = editor().open(read_photo(photo(tmp_path / "me.png")))
    with pytest.raises(WeightsError, match="`style` oil: these weights know photo"):
        session.render(FACE + 1, "oil")


def test_an_opened_editor_renders_any_style(portrait):
    me, _ = portrait
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    session = open_editor().open(me)
    assert len(session.faces) == 1
    goal = vocabulary().moved(session.faces[0].points, SMILE)
    results = [session.render(goal, style) for style in ("photo", "sketch", "watercolor", "photo")]
    np.testing.assert_array_equal(results[0], results[3])
    assert not np.array_equal(results[0], results[1])


def test_a_copy_of_another_photo_renders_that_photo(portrait):
    """Cuts are of a photo: what was cut out of the first is never shown in the second."""
    me, points = portrait
    goal = vocabulary().moved(points, {"open_mouth": 0.8})
    opened = session_of(me, points, load_translator(shipped("cpu"), "cpu"))
    opened.render(goal)
    darker = replace(me, pixels=me.pixels // 2)
    for preview in (True, False):
        seen = replace(opened, photo=darker).render(goal, preview=preview)
        alone = session_of(darker, points, opened.translator).render(goal, preview=preview)
        np.testing.assert_array_equal(seen, alone)


def test_a_copy_that_warns_elsewhere_cuts_nothing_again(portrait, counts):
    me, points = portrait
    opened = session_of(me, points, load_translator(shipped("cpu"), "cpu"))
    said: list[str] = []
    copy = opened.vary(warn=said.append)
    goal = vocabulary().moved(points, {"open_mouth": 0.8})
    np.testing.assert_array_equal(copy.render(goal), opened.render(goal))
    assert counts["cut"] == 1
    copy.tell(["a line"])
    assert said == ["a line"]
    with pytest.raises(AssertionError, match="of this photo"):
        opened.vary(photo=me)
