"""What one process makes of one file."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from clips import acted, encoded
from ptk.dataset.manifest import stored_size
from ptk.errors import LandmarksError
from ptk.prepare.messages import Face, Settings, Task
from ptk.prepare.worker import Worker
from ptk.recipe.one_part import DomainUse
from ptk.types import MediaFile

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])
SETTINGS = Settings(64, 0.125, "mediapipe68", 3, (DomainUse("sketch", part="sketch"),), "cpu")
STAGES = {"starting", "decoding", "detecting", "cropping", "encoding"}


@pytest.fixture(scope="module")
def worker() -> Worker:
    return Worker(SETTINGS)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    PORTRAIT.save(tmp_path / "ann.png")
    return tmp_path / "ann.png"


def pixels(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content))).astype(int)


def test_a_photo_gives_a_face_in_every_style(worker: Worker, photo: Path) -> None:
    outcome = worker.run(Task(7, MediaFile(photo, "ann", "ann"), missing=("sketch",)))
    (face,) = outcome.faces
    assert (outcome.number, outcome.reason, outcome.fatal) == (7, "", "")
    assert face.images.keys() == {"photo", "sketch"}
    assert pixels(face.images["photo"]).shape == pixels(face.images["sketch"]).shape == (80, 80, 3)
    assert 100 < face.side < 300  # three eye distances of a face that fills most of 300 pixels
    assert outcome.seconds.keys() == {*STAGES, "stylising"}


def test_a_poster_behind_somebody_does_not_matter_a_second_person_does(worker: Worker, tmp_path: Path) -> None:
    def beside(side: int) -> Path:
        photo = Image.new("RGB", (900 + side, 900), "grey")
        photo.paste(PORTRAIT.resize((900, 900)), (0, 0))
        photo.paste(PORTRAIT.resize((side, side)), (900, 300))
        photo.save(tmp_path / f"{side}.png")
        return tmp_path / f"{side}.png"

    alone = tmp_path / "alone.png"
    PORTRAIT.resize((900, 900)).save(alone)
    (face,) = worker.run(Task(0, MediaFile(alone, "ann", "ann"))).faces
    (same,) = worker.run(Task(0, MediaFile(beside(200), "ann", "ann"))).faces
    assert same.side == pytest.approx(face.side, rel=0.02)
    refused = worker.run(Task(0, MediaFile(beside(400), "ann", "ann")))
    assert refused.reason == "2 faces found; crop it to the one that is meant"


def test_styles_are_made_later_as_at_once(worker: Worker, photo: Path) -> None:
    media = MediaFile(photo, "ann", "ann")
    at_once = worker.run(Task(0, media, missing=("sketch",))).faces
    cut = worker.run(Task(0, media)).faces
    later = worker.run(Task(0, MediaFile(Path("gone.png"), "ann", "ann"), cut=cut, missing=("sketch",))).faces
    assert later == at_once


def test_the_file_itself_may_be_elsewhere(worker: Worker, photo: Path) -> None:
    sent = worker.run(Task(0, MediaFile(Path("/nowhere/ann.png"), "ann", "ann"), content=photo.read_bytes()))
    assert sent.faces == worker.run(Task(0, MediaFile(photo, "ann", "ann"))).faces


def test_a_video_gives_frames_named_by_their_numbers(worker: Worker, tmp_path: Path) -> None:
    shown, _ = acted("p00", ("neutral", "happiness", "surprise"), hold=3, blend=1)
    (tmp_path / "ann.mp4").write_bytes(encoded(shown))
    outcome = worker.run(Task(0, MediaFile(tmp_path / "ann.mp4", "ann", "ann")))
    assert 2 <= len(outcome.faces) <= 3
    assert all(0 <= int(face.photo.removeprefix("ann-")) < len(shown) for face in outcome.faces)
    assert outcome.note.startswith(f"{len(outcome.faces)} frames; ")
    assert outcome.seconds.keys() == STAGES
    assert outcome.seconds["decoding"] > 0  # of a whole clip
    sent = Task(0, MediaFile(Path("/nowhere/ann.mp4"), "ann", "ann"), content=(tmp_path / "ann.mp4").read_bytes())
    assert worker.run(sent).faces == outcome.faces


def test_frames_on_which_detectors_disagree_are_passed_over(tmp_path: Path) -> None:
    class Unsure:
        """Sure of every other frame."""

        def __init__(self, finder: object) -> None:
            self.finder, self.looks = finder, 0

        def detect(self, image: np.ndarray) -> object:
            self.looks += 1
            if self.looks % 2:
                raise LandmarksError("two detectors disagree")
            return self.finder.detect(image)  # type: ignore[attr-defined]

    shown, _ = acted("p00", ("neutral", "happiness"), hold=6, blend=1)
    (tmp_path / "ann.mp4").write_bytes(encoded(shown))
    worker = Worker(SETTINGS)
    worker._finder = Unsure(worker._finder)
    assert worker.run(Task(0, MediaFile(tmp_path / "ann.mp4", "ann", "ann"))).faces


def test_what_is_wrong_with_a_file_is_a_reason_and_with_the_rest_fatal(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "ann.jpg").write_bytes(b"no photo")
    wrong = worker.run(Task(0, MediaFile(tmp_path / "ann.jpg", "ann", "ann")))
    assert wrong.reason.startswith("is not an image")
    assert not (wrong.faces or wrong.fatal or wrong.passing)
    nobody = Worker(Settings(64, 0.125, "nobody", 3, (), "cpu"))
    assert "no such detector: nobody" in nobody.run(Task(0, MediaFile(tmp_path / "ann.jpg", "ann", "ann"))).fatal


def test_a_surprise_is_listed_and_tried_again_next_time(worker: Worker) -> None:
    broken = Face("ann", (), 1.0, {"photo": b"not a JPEG"})
    outcome = worker.run(Task(0, MediaFile(Path("ann.jpg"), "ann", "ann"), cut=(broken,), missing=("sketch",)))
    assert outcome.reason.startswith("cannot be used (UnidentifiedImageError: ")
    assert outcome.passing


@pytest.mark.parametrize(
    ("size", "margin", "stored"), [(256, 0.125, 320), (256, 0, 256), (33, 0.125, 41), (100, 1, 300)]
)
def test_stored_images_have_the_margin_on_each_side(size: int, margin: float, stored: int) -> None:
    assert stored_size(size, margin) == stored
