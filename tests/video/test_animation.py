"""Films, GIFs and folders of frames: what was given is read back, whole or not at all."""

import numpy as np
import pytest
from PIL import Image

from ptk.errors import ImageError, OutputError
from ptk.faces.image_files.metadata import EditRecord
from ptk.faces.images import read_photo
from ptk.prepare.video import Video
from ptk.video.animation import write_animation

RECORD = EditRecord("photo", "learned", moved=True)


def frames(count, size=(48, 64)):
    """A soft field whose brightness runs to the right, a step a frame."""
    ramp = np.add.outer(np.linspace(40, 120, size[0]), np.linspace(0, 100, size[1]))
    for number in range(count):
        yield np.repeat((ramp + 5 * number)[..., None], 3, axis=2).astype(np.uint8)


def shown(path):
    """All frames of an animation that Pillow reads, in RGB, and how long each stands, in milliseconds."""
    with Image.open(path) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append((np.asarray(image.convert("RGB"), int), image.info["duration"]))
    return found


def test_an_mp4_has_its_frames_its_rate_and_says_what_it_is(tmp_path):
    out = tmp_path / "film.mp4"
    write_animation(frames(10), out, 12.5, RECORD)
    video = Video(out)
    assert video.times == pytest.approx(np.arange(10) / 12.5, abs=1e-3)
    for frame, expected in zip(video.frames(range(10)), frames(10), strict=True):
        assert np.abs(frame.pixels.astype(int) - expected).mean() < 3
    assert b"compositeWithTrainedAlgorithmicMedia" in out.read_bytes()


def test_an_odd_last_row_and_column_of_an_mp4_is_left_out(tmp_path):
    write_animation(frames(3, (47, 63)), tmp_path / "odd.mp4", 10)
    (first,) = Video(tmp_path / "odd.mp4").frames([0])
    assert first.pixels.shape == (46, 62, 3)


@pytest.mark.parametrize(("suffix", "gap"), [(".gif", 12), (".webp", 3)])
def test_animations_have_their_frames_and_rate_and_go_round(tmp_path, suffix, gap):
    out = tmp_path / f"film{suffix}"
    write_animation(frames(6), out, 20, RECORD)
    found = shown(out)
    assert [duration for _, duration in found] == [50] * 6
    for (pixels, _), expected in zip(found, frames(6), strict=True):
        assert np.abs(pixels - expected).mean() < gap
    with Image.open(out) as image:
        assert image.info["loop"] == 0
    assert b"compositeWithTrainedAlgorithmicMedia" in out.read_bytes()


def test_a_colour_that_comes_later_is_in_a_gif(tmp_path):
    plain = [np.full((32, 32, 3), 120, np.uint8)] * 2
    red = plain[0].copy()
    red[8:24, 8:24] = 200, 30, 40
    write_animation([*plain, red], tmp_path / "a.gif", 10)
    pixels = shown(tmp_path / "a.gif")[-1][0]
    assert np.abs(pixels[10:22, 10:22] - (200, 30, 40)).max() < 8


def test_a_folder_has_pictures_without_loss_that_say_how_they_were_made(tmp_path):
    write_animation(frames(3), tmp_path / "folder", 24, RECORD)
    files = sorted((tmp_path / "folder").iterdir())
    assert [file.name for file in files] == ["0001.png", "0002.png", "0003.png"]
    for file, expected in zip(files, frames(3), strict=True):
        photo = read_photo(file)
        assert np.array_equal(photo.pixels, expected)
        assert photo.edit == RECORD


def failing():
    yield from frames(2)
    raise ImageError("no more")


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp", "a"])
def test_nothing_is_left_of_a_film_that_fails(tmp_path, name):
    with pytest.raises(ImageError, match="no more"):
        write_animation(failing(), tmp_path / name, 10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("film.avi", r"is no film; name it \*\.mp4, \*\.gif, \*\.webp, or a new folder"),
        ("there", "is there already; name a new folder"),
        ("nowhere/film.gif", "its folder does not exist; make it first"),
    ],
)
def test_a_name_that_is_none_is_refused_before_anything_is_rendered(tmp_path, name, said):
    (tmp_path / "there").mkdir()
    with pytest.raises(OutputError, match=said):
        write_animation(failing(), tmp_path / name, 10)


def test_no_frames_are_no_film(tmp_path):
    with pytest.raises(OutputError, match="there are no frames to write"):
        write_animation([], tmp_path / "a.gif", 10)
