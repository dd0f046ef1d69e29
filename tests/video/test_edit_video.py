"""`ptk edit` of a film: every frame is the edit of a photo, times and sound stay, and a stopped run goes on."""

import io
from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("av", reason="videos need an extra")
pytest.importorskip("mediapipe", reason="the detector is an extra")

from clips import acted, encoded
from ptk.editing.opening import open_editor
from ptk.errors import OutputError, PtkError
from ptk.prepare.video import Video
from ptk.video import edit_video as module
from ptk.video import pieces
from ptk.video.edit_video import edit_video

RATE = 25


def sounding(content, codec="aac", container="mp4"):
    """A film with a tone beside its pictures."""
    import av

    buffer, seconds = io.BytesIO(), 0.0
    with av.open(io.BytesIO(content)) as silent, av.open(buffer, "w", format=container) as film:
        shown = film.add_stream_from_template(silent.streams.video[0])
        heard = film.add_stream(codec, rate=48000)
        for packet in silent.demux(video=0):
            if packet.pts is not None:
                seconds = max(seconds, float(packet.pts * packet.time_base))
                packet.stream = shown
                film.mux(packet)
        tone = np.sin(np.arange(int(seconds * 48000)) * 0.05).astype(np.float32)[None] * 0.2
        for start in range(0, tone.shape[1], 1024):
            part = np.ascontiguousarray(tone[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            film.mux(heard.encode(frame))
        film.mux(heard.encode())
    return buffer.getvalue()


def sound_of(path):
    import av

    with av.open(str(path)) as film:
        stream = film.streams.audio[0]
        packets = [(packet.pts, bytes(packet)) for packet in film.demux(stream) if packet.size]
        return stream.codec_context.name, packets


@pytest.fixture(scope="module")
def pictures():
    return [np.asarray(one) for one in acted("p02", ("neutral", "happiness"), hold=4, blend=2, side=256)[0]]


@pytest.fixture
def film(pictures, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(sounding(encoded(pictures, rate=RATE, crf="10")))
    return path


def open_smiling(**options):
    return open_editor(strengths={"smile": 1.0}, moving=["expression"], **options)


def widths(path, editor):
    video = Video(path)
    found = [editor.detector.detect(frame.pixels)[0].points for frame in video.frames(range(len(video)))]
    return np.array([np.linalg.norm(points[54] - points[48]) for points in found])


def test_every_frame_smiles_and_times_and_sound_are_those_of_the_film(film, tmp_path):
    out, editor, done = tmp_path / "out.mp4", open_smiling(), []
    edit_video(editor, film, out, {}, lambda *each: done.append(each))
    before, after = Video(film), Video(out)
    np.testing.assert_allclose(after.times, before.times, atol=1e-4)
    assert sound_of(out) == sound_of(film)
    assert (widths(out, editor) > widths(film, editor) + 2).all()
    assert {name: (last, total) for name, last, total in done} == {
        "finding the face": (10, 10),
        "editing frames": (10, 10),
    }
    assert {path.name for path in tmp_path.iterdir()} == {"film.mp4", "out.mp4"}


def test_uneven_times_and_a_turned_camera_are_kept(pictures, tmp_path):
    times = [0, 0.04, 0.05, 0.2, 0.21, 0.3, 0.5, 0.54, 0.6, 0.61]
    path, out = tmp_path / "turned.mp4", tmp_path / "out.mp4"
    aside = [np.ascontiguousarray(np.rot90(one)) for one in pictures]
    path.write_bytes(encoded(aside, times=times, turned=90))
    edit_video(open_editor(style="sketch"), path, out, {})
    after = Video(out)
    np.testing.assert_allclose(after.times, times, atol=1e-3)
    (frame,) = after.frames([0])
    (upright,) = Video(path).frames([0])
    assert frame.pixels.shape == upright.pixels.shape
    assert np.ptp(frame.pixels.astype(int), axis=2).mean() < 6  # pencil is grey


def test_sound_that_mp4_has_no_place_for_is_coded_anew(pictures, tmp_path):
    path, out = tmp_path / "film.mkv", tmp_path / "out.mp4"
    path.write_bytes(sounding(encoded(pictures, container="matroska"), "pcm_s16le", "matroska"))
    edit_video(open_editor(style="sketch"), path, out, {})
    name, packets = sound_of(out)
    assert name == "aac"
    assert len(packets) * 1024 / 48000 == pytest.approx(0.36, abs=0.08)


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_and_gives_the_same_film(film, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE", 4)
    whole, out, rendered = tmp_path / "whole.mp4", tmp_path / "out.mp4", []
    edit_video(open_smiling(), film, whole, {})
    render = module._Film._edit

    def stopping(self, pixels, number):
        if number == 5 and len(rendered) == 5:
            raise KeyboardInterrupt
        rendered.append(number)
        return render(self, pixels, number)

    monkeypatch.setattr(module._Film, "_edit", stopping)
    with pytest.raises(KeyboardInterrupt):
        edit_video(open_smiling(), film, out, {})
    assert not out.exists()
    rendered.append("stopped")
    edit_video(open_smiling(), film, out, {})
    assert rendered == [0, 1, 2, 3, 4, "stopped", 4, 5, 6, 7, 8, 9]
    for one, other in zip(*(list(Video(path).frames(range(10))) for path in (whole, out)), strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_what_is_kept_of_another_wish_is_not_taken(film, tmp_path, monkeypatch):
    out = tmp_path / "out.mp4"
    kept = tmp_path / ".out.mp4.parts"
    kept.mkdir()
    (kept / "key").write_text("another")
    (kept / "00000.nut").write_bytes(b"not a film")
    edit_video(open_editor(style="sketch"), film, out, {})
    assert len(Video(out)) == 10


@pytest.mark.parametrize(
    ("name", "said"), [("out.gif", "films are written as MP4"), ("film.mp4", "is the film itself")]
)
def test_names_that_cannot_be_are_refused(film, tmp_path, name, said):
    with pytest.raises(OutputError, match=said):
        edit_video(open_smiling(), film, tmp_path / name, {})
    assert {path.name for path in tmp_path.iterdir()} == {"film.mp4"}


def test_a_damaged_film_is_a_line_and_leaves_nothing(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0" * 4000)
    with pytest.raises(PtkError, match=r"film\.mp4: cannot be read as a video"):
        edit_video(open_smiling(), path, tmp_path / "out.mp4", {})
    assert [one.name for one in tmp_path.iterdir()] == ["film.mp4"]


def test_weights_or_a_photo_changed_since_begin_anew(film, tmp_path, monkeypatch):
    out, other = tmp_path / "out.mp4", tmp_path / "painting.png"
    begun = pieces.Pieces(out, 10, RATE)
    for content, kept in ((b"one", False), (b"one", True), (b"another", False)):
        if not other.exists() or other.read_bytes() != content:
            other.write_bytes(content)
        begun.begin({"style": "picture"}, [film, *pieces.find_files([None, f"picture:{other}", "smile=1"])])
        assert (begun.folder / "00000.nut").exists() == kept
        (begun.folder / "00000.nut").write_bytes(b"a piece")


def test_a_piece_whose_frames_are_all_damaged_is_left_out(film, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE", 4)
    frames = Video.frames
    monkeypatch.setattr(
        Video,
        "frames",
        lambda self, numbers, **more: (frame for frame in frames(self, numbers, **more) if not 4 <= frame.number < 8),
    )
    edit_video(open_editor(style="sketch"), film, tmp_path / "out.mp4", {})
    assert len(Video(tmp_path / "out.mp4")) == 6
    monkeypatch.setattr(Video, "frames", lambda *_, **__: iter(()))
    with pytest.raises(PtkError, match=r"film\.mp4: all frames are damaged"):
        edit_video(open_editor(style="sketch"), film, tmp_path / "none.mp4", {})
    assert {path.name for path in tmp_path.iterdir()} == {"film.mp4", "out.mp4"}
