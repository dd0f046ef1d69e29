"""Photos, and images of data sets."""

import numpy as np
from PIL import Image

from tests.fuzz.mutate import damage_bytes, damage_png, damage_tiff
from tests.fuzz.readers.common import SIDE, call_each, encode, make_picture


def make_exif():
    exif = Image.Exif()
    exif.update({0x010E: "a picture", 0x010F: "maker", 0x0112: 6, 0x011A: 72.0, 0x0132: "2026:01:31 10:00:00"})
    exif.get_ifd(0x8769).update({0x829A: (1, 60), 0x9003: "2026:01:31 10:00:00", 0x927C: b"note" * 9, 0x9286: b"c"})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 1.0)})
    return exif


def read_images(_):
    """Photos of all formats, and the same as images of a data set."""
    from ptk.dataset.images import decode
    from ptk.dataset.manifest import Entry
    from ptk.faces.images import read_photo

    deep = Image.fromarray(np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE))
    seeds = [
        encode(make_picture(), "JPEG", exif=make_exif(), xmp=b"<x:xmpmeta/>"),
        encode(make_picture(mode="CMYK"), "JPEG"),
        encode(make_picture(), "JPEG", progressive=True),
        encode(make_picture(mode="RGBA"), "PNG"),
        encode(make_picture(mode="P"), "PNG", transparency=0),
        encode(deep, "PNG"),
        encode(make_picture(), "WEBP", exif=make_exif()),
        encode(make_picture(mode="RGBA"), "WEBP", lossless=True),
        encode(make_picture(), "GIF"),
        encode(make_picture(), "BMP"),
        encode(make_picture(), "AVIF"),
        encode(make_picture(), "TIFF", compression="tiff_lzw"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n%%EOF\n",
        encode(make_picture(), "TGA"),
        encode(make_picture(), "PPM"),
        encode(make_picture(), "JPEG2000"),
    ]
    entry = Entry("a.jpg", "p", "photo", "a", "train", tuple((float(i), float(i)) for i in range(68)))

    def read(rng, place):
        content = rng.choice(seeds)
        if content.startswith(b"\x89PNG") and rng.random() < 0.7:
            content = damage_png(content, rng)
        elif rng.random() < 0.1:
            other = rng.choice(seeds)
            content = content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]
        else:
            content = damage_bytes(content, rng)
        path = place / rng.choice(("a.jpg", "a.png", "a.eps", "a.tif"))
        path.write_bytes(content)
        call_each(lambda: decode(path, entry, 32, 0.125), lambda: read_photo(path))

    return read


def read_tiff(_):
    """TIFF of many kinds, EXIF in TIFF and JPEG, and the photo written again with it."""
    from ptk.faces.images import read_photo, write_photo

    deep = Image.fromarray(np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE))
    tiffs = [
        encode(make_picture(), "TIFF", exif=make_exif()),
        encode(make_picture(), "TIFF", compression="tiff_adobe_deflate"),
        encode(make_picture(), "TIFF", compression="jpeg"),
        encode(make_picture(mode="1"), "TIFF", compression="group4"),
        encode(make_picture(mode="P"), "TIFF"),
        encode(make_picture(mode="LAB"), "TIFF")
        if hasattr(Image, "LAB")
        else encode(make_picture(mode="CMYK"), "TIFF"),
        encode(make_picture(), "TIFF", big_tiff=True),
        encode(deep, "TIFF"),
        encode(make_picture(), "TIFF", save_all=True, append_images=[make_picture()]),
    ]
    exif = make_exif().tobytes()

    def read(rng, place):
        path = place / "a.tif"
        if rng.random() < 0.4:
            damaged = exif[:6] + damage_tiff(exif[6:], rng)
            path.write_bytes(encode(make_picture(), rng.choice(("JPEG", "PNG", "WEBP")), exif=damaged))
        else:
            tiff = damage_tiff(rng.choice(tiffs), rng)
            path.write_bytes(damage_bytes(tiff, rng) if rng.random() < 0.2 else tiff)
        photo = read_photo(path)
        if photo.pixels.size < 1_000_000:
            write_photo(place / rng.choice(("b.jpg", "b.png", "b.tif", "b.webp")), photo.pixels, photo)

    return read
