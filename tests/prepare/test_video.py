"""Frames of videos as people see them, and one line for whatever is no video."""

import io
import os
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("av", reason="needs av: see the extra video")

import av
from av.video.reformatter import Colorspace

from clips import acted, encoded
from ptk.dataset.manifest import SAMPLE
from ptk.errors import ImageError, MissingExtra
from ptk.prepare.video import Video

PICTURES, _ = acted("p00", ["neutral", "happiness"], hold=10, blend=10, side=256)
CLIP = encoded(PICTURES, g="8")


def quarters(width=96, height=64):
    """Red, green, blue and white, from the top left corner in reading order."""
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[: height // 2, : width // 2], picture[: height // 2, width // 2 :] = (200, 30, 30), (30, 160, 30)
    picture[height // 2 :, : width // 2], picture[height // 2 :, width // 2 :] = (30, 30, 200), (220, 220, 220)
    return picture


def first(content, **options):
    """The first frame's pixels."""
    return next(Video("clip.mp4", content).frames([0], **options)).pixels


def off(a, b):
    """Mean difference of two pictures in levels of 255."""
    return np.abs(a.astype(float) - b).mean()


@pytest.mark.parametrize(
    ("container", "codec", "pixels"),
    [
        ("mp4", "libx264", "yuv420p"),
        ("mp4", "libx265", "yuv420p10le"),
        ("mov", "prores_ks", "yuv422p10le"),
        ("matroska", "libx264", "yuv444p"),
        ("webm", "libvpx-vp9", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
        ("avi", "mjpeg", "yuvj420p"),
        ("mpegts", "libx264", "yuv420p"),
        ("mpeg", "mpeg2video", "yuv420p"),
        ("asf", "wmv2", "yuv420p"),
        ("flv", "flv", "yuv420p"),
        ("gif", "gif", "rgb8"),
    ],
)
def test_what_cameras_and_editors_write_is_read(container, codec, pixels):
    quiet = {"x265-params": "log-level=none:bframes=0"} if codec == "libx265" else {}
    video = Video("clip", encoded(PICTURES[:12], container=container, codec=codec, pixels=pixels, **quiet))
    assert len(video) == 12
    assert video.times == pytest.approx(np.arange(12) / 25, abs=2e-3)
    frames = list(video.frames(range(12)))
    assert [frame.number for frame in frames] == list(range(12))
    for frame, picture in zip(frames, PICTURES, strict=False):
        assert off(frame.pixels, picture) < 18  # a GIF of 256 colours; WMV 5, the others below 4


@pytest.mark.parametrize(
    "options", [{"preset": "medium"}, {}, {"x264-params": "open-gop=1:keyint=9:bframes=3"}, {"g": "1"}]
)
def test_any_choice_of_frames_is_that_of_the_whole_decoded_in_a_row(options):
    content = encoded(PICTURES, **options)
    with av.open(io.BytesIO(content)) as container:
        whole = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    video = Video("clip.mp4", content)
    rng = np.random.default_rng(1)
    for count in (1, 2, 5, len(whole)):
        numbers = sorted(int(number) for number in rng.choice(len(whole), count, replace=False))
        frames = list(video.frames(numbers[::-1], draft=True))
        assert [frame.number for frame in frames] == numbers
        for frame in frames:
            assert off(frame.pixels, whole[frame.number]) == min(off(frame.pixels, each) for each in whole) < 0.5


def test_keyframes_are_known_beforehand():
    keys = np.flatnonzero(Video("clip.mp4", CLIP).keys)
    assert keys[0] == 0
    assert np.diff(keys).max() <= 8
    assert len(keys) < len(PICTURES) / 2


def test_a_file_and_its_bytes_are_the_same_video(tmp_path):
    path = tmp_path / "clip: Straße 'é'\n.mp4"
    path.write_bytes(CLIP)
    (ours,), (theirs,) = (list(video.frames([17])) for video in (Video(path), Video("elsewhere.mp4", CLIP)))
    assert ours.time == theirs.time == 17 / 25
    assert (ours.pixels == theirs.pixels).all()


def test_uneven_timestamps_are_kept():
    times = [0, 0.04, 0.5, 0.51, 2.25]
    assert Video("clip.mkv", encoded(PICTURES[:5], container="matroska", times=times)).times == pytest.approx(times)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turned", [0, 90, 180, -90])
def test_phones_videos_are_turned_upright(turned, mirrored):
    upright = np.rot90(quarters(), turned // 90)
    if mirrored:
        upright = upright[:, ::-1]
    assert off(first(encoded([quarters()] * 2, turned=turned, mirrored=mirrored)), upright) < 4  # edges blur


@pytest.mark.parametrize(
    ("aspect", "shape"), [(Fraction(4, 3), (64, 128)), (Fraction(2, 3), (96, 96)), (None, (64, 96))]
)
def test_pixels_are_square(aspect, shape):
    pixels = first(encoded([quarters()] * 2, aspect=aspect))
    assert pixels.shape == (*shape, 3)
    stretched = Image.fromarray(quarters()).resize(shape[::-1], Image.Resampling.NEAREST)
    assert off(pixels, stretched) < 5


def test_a_stretched_video_is_stretched_before_it_is_turned():
    assert first(encoded([quarters()] * 2, aspect=Fraction(4, 3), turned=90)).shape == (128, 64, 3)


def test_colours_of_high_definition_are_those_that_players_show():
    red = np.full((720, 96, 3), (200, 30, 30), dtype=np.uint8)
    options = {"format": "yuv420p", "dst_colorspace": Colorspace.ITU709}  # no colour space is written: it is meant
    content = encoded([av.VideoFrame.from_ndarray(red).reformat(**options) for _ in range(2)])
    assert np.abs(first(content)[360, 48].astype(int) - (200, 30, 30)).max() <= 3  # BT.601 is 18 off


def test_hdr_is_mapped_to_srgb():
    grey = 0.5  # of sRGB, linear .214, on a white of 203 nits: SMPTE ST 2084
    nits = ((grey + 0.055) / 1.055) ** 2.4 * 203
    power = (nits / 10000) ** (2610 / 16384)
    signal = ((3424 + 2413 * 32 * power) / (4096 + 2392 * 32 * power)) ** (2523 / 32)
    picture = np.full((64, 64, 3), round(signal * 65535), dtype=np.uint16)
    options = {"format": "yuv420p10le", "dst_colorspace": Colorspace.BT2020, "dst_color_range": 1}
    frames = [av.VideoFrame.from_ndarray(picture, format="rgb48le").reformat(**options) for _ in range(2)]
    said = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:bframes=0:log-level=none"
    content = encoded(frames, codec="libx265", pixels="yuv420p10le", **{"x265-params": said})
    shown, draft = (first(content, draft=draft)[32, 32].astype(int) for draft in (False, True))
    assert np.abs(shown - round(grey * 255)).max() <= 6
    assert draft[0] == pytest.approx(signal * 255, abs=3)  # left as it is


def resident():
    """Megabytes of memory that this process takes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see the memory")
def test_frames_are_let_go_of():
    video = Video("clip.mp4", encoded([quarters(768, 640)] * 300, turned=90))
    next(video.frames([0]))
    before = resident()
    for _ in video.frames(range(300)):
        pass
    assert resident() - before < 60  # a frame takes 0.7, its pixels 1.5: held, they would be 200 or more


def sound():
    """A second of silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return buffer.getvalue()


def sound_in_mp4():
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def vast():
    """A GIF that says it has 81 million pixels."""
    content = bytearray(encoded(PICTURES[:2], container="gif", codec="gif", pixels="rgb8"))
    content[6:10] = (9000).to_bytes(2, "little") * 2
    return bytes(content)


PLAYLIST = b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
NO_VIDEOS = {
    "nothing": (b"", "is empty; copy it again"),
    "zeros": (bytes(100_000), "cannot be read as a video"),
    "text": (b"no video at all\n" * 999, "cannot be read as a video"),
    "photo": ((SAMPLE / "images" / "p00_neutral.jpg").read_bytes(), "cannot be read as a video"),
    "sound": (sound(), "cannot be read as a video"),
    "sound in MP4": (sound_in_mp4(), "holds no pictures, only sound"),
    "one picture": (encoded(PICTURES[:1]), "holds a single picture"),
    "playlist": (PLAYLIST, "cannot be read as a video"),
    "concat": (b"ffconcat version 1.0\nfile /etc/hostname\n", "cannot be read as a video"),
    "cut MP4": (CLIP[: len(CLIP) // 2], "cannot be read as a video"),
    "vast": (vast(), "9000 x 9000 pixels are too large"),
}


@pytest.mark.parametrize("name", NO_VIDEOS)
def test_what_is_no_video_is_refused_in_one_line(name, capfd):
    content, reason = NO_VIDEOS[name]
    with pytest.raises(ImageError) as caught:
        Video("folder/clip.mp4", content)
    message = str(caught.value)
    assert message.startswith("folder/clip.mp4: ")
    assert reason in message
    assert "\n" not in message
    assert "; " in message  # and what to do
    assert capfd.readouterr() == ("", "")


def test_places_that_are_no_files_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path, reason in {
        tmp_path: "is not a regular file",
        tmp_path / "pipe.mp4": "is not a regular file",
        tmp_path / "none.mp4": "no such file",
        Path("null\0.mp4"): "cannot be read",
    }.items():
        with pytest.raises(ImageError, match=reason):
            Video(path)


@pytest.mark.parametrize("container", ["matroska", "mpegts", "avi", "flv"])
def test_a_video_that_was_cut_short_has_the_frames_before_the_cut(container, capfd):
    codec = "flv" if container == "flv" else "mpeg4" if container == "avi" else "libx264"
    content = encoded(PICTURES, container=container, codec=codec, g="8")
    video = Video("clip", content[: len(content) * 85 // 100])
    assert 8 <= len(video) < len(PICTURES)
    frames = list(video.frames(range(len(video))))
    assert len(frames) >= len(video) - 3  # what was cut through, and what refers to it
    for frame in frames[:-3]:
        assert off(frame.pixels, PICTURES[frame.number]) < 6
    assert capfd.readouterr() == ("", "")


def test_an_mp4_made_for_streaming_survives_a_cut_too(tmp_path):
    fast = {"movflags": "faststart"}
    with av.open(io.BytesIO(CLIP)) as source, av.open(tmp_path / "clip.mp4", "w", options=fast) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    whole = (tmp_path / "clip.mp4").read_bytes()
    video = Video("clip.mp4", whole[: len(whole) * 85 // 100])
    assert 8 <= len(list(video.frames(range(len(video))))) < len(PICTURES)


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(MissingExtra, match=r"reading videos needs .*pip install .*av=="):
        Video("clip.mp4", CLIP)
