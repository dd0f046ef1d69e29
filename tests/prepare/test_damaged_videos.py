"""Videos that are damaged cost no more than frames, and those that are asked for come, or none."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_video import PICTURES, quarters

from clips import encoded
from ptk.errors import ImageError
from ptk.prepare.video import MAX_PIXELS, Video

DAMAGEABLE = {
    name: encoded([quarters()] * 12, container=name, codec="mpeg4" if name == "avi" else "libx264", g="4")
    for name in ("mp4", "matroska", "mpegts", "avi")
}


def test_frames_of_one_time_are_one_frame():
    content = bytearray(encoded(PICTURES[:6], times=[0, 0.1, 0.3, 0.6, 1.0, 1.5]))
    at = content.index(b"stts") + 12  # behind version and count: how many frames last how long
    content[at + 12 : at + 16] = bytes(4)  # the second one lasts no time
    video = Video("clip.mp4", bytes(content))
    assert len(video) == 5
    assert [frame.number for frame in video.frames({1, 2, 4})] == [1, 2, 4]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), container=st.sampled_from(["mp4", "matroska", "mpegts", "avi"]))
def test_whatever_is_damaged_costs_no_more_than_frames(seed, container):
    rng = np.random.default_rng(seed)
    content = np.frombuffer(DAMAGEABLE[container], dtype=np.uint8).copy()
    places = rng.integers(0, len(content), rng.integers(1, 40))
    content[places] = rng.integers(0, 256, len(places))
    try:
        video = Video("clip", content[: rng.integers(1, len(content) + 1)].tobytes())
        frames = list(video.frames(range(0, len(video), 3)))
    except ImageError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(video.times).all()
        assert (np.diff(video.times) >= 0).all()
        assert {frame.number for frame in frames} <= set(range(0, len(video), 3))
        assert all(frame.pixels.dtype == np.uint8 and frame.pixels.ndim == 3 for frame in frames)
        assert all(frame.pixels.shape[0] * frame.pixels.shape[1] <= MAX_PIXELS for frame in frames)
