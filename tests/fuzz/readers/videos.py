"""Videos of several containers and codecs."""

from tests.clips import encoded
from tests.fuzz.mutate import damage_bytes
from tests.fuzz.readers.common import make_picture

FRAMES = 10
KINDS = (
    ("mp4", "libx264", {}),
    ("mov", "libx264", {"turned": 90, "mirrored": True}),
    ("mp4", "mpeg4", {"aspect": 2}),
    ("matroska", "libx264", {"times": [number**1.5 / 9 for number in range(FRAMES)]}),
    ("webm", "libvpx", {}),
    ("avi", "mpeg4", {}),
    ("mpegts", "mpeg2video", {}),
    ("flv", "flv", {}),
    ("mp4", "libx264", {"pixels": "yuv444p10le"}),
)


def read_videos(_):
    """Opened from a file or from memory, and some of its frames decoded, as `ptk prepare` does."""
    import numpy as np

    from ptk.prepare.video import Video

    still = np.array(make_picture().crop((0, 0, 64, 48)))
    pictures = [np.roll(still, 3 * number, axis=1) for number in range(FRAMES)]
    seeds = [encoded(pictures, container=container, codec=codec, **options) for container, codec, options in KINDS]

    def read(rng, place):
        content = rng.choice(seeds)
        way = rng.random()
        if way < 0.1:
            other = rng.choice(seeds)
            content = content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]
        elif way < 0.6:
            content = _damage_headers(content, rng)
        else:
            content = damage_bytes(content, rng)
        path = place / rng.choice(("a.mp4", "a.mkv", "a.avi", "a.gif"))
        path.write_bytes(content)
        video = Video(path, content if rng.random() < 0.5 else None)
        assert np.isfinite(video.times).all() and len(video) == len(video.keys)
        some = {rng.randrange(len(video)) for _ in range(3)}
        for frame in video.frames(some, draft=rng.random() < 0.5):
            assert frame.number in some and frame.pixels.ndim == 3

    return read


def _damage_headers(content, rng):
    """Bytes of the index of an MP4, else of the first ones: sizes, counts, times."""
    at = content.find(b"moov")
    start, end = (at, len(content)) if at >= 0 else (0, min(600, len(content)))
    return content[:start] + damage_bytes(content[start:end], rng) + content[end:]
