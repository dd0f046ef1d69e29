"""Pictures without faces: folders of stripes and of dots in random colours, of odd sizes."""

import numpy as np
from PIL import Image


def make_textures(folder, count=10, side=72):
    """Write `count` pictures each into `folder`/stripes and `folder`/dots."""
    random = np.random.default_rng(1)
    for kind, draw in (("stripes", _stripes), ("dots", _dots)):
        (folder / kind).mkdir(parents=True)
        for number in range(count):
            height, width = side + random.integers(0, 30, 2)
            y, x = np.mgrid[:height, :width]
            share = draw(x, y, random)[..., None]
            ink, paper = random.integers(0, 256, (2, 3))
            picture = ink * share + paper * (1 - share)
            Image.fromarray(picture.round().astype(np.uint8)).save(folder / kind / f"{number:02d}.png")
    return folder


def _stripes(x, y, random):
    angle, period = random.uniform(0, np.pi), random.uniform(8, 16)
    return np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period) > 0


def _dots(x, y, random):
    period, shift = random.uniform(10, 18), random.uniform(0, 9, 2)
    return np.hypot((x + shift[0]) % period - period / 2, (y + shift[1]) % period - period / 2) < period / 3
