"""What a file is by its first bytes, and photos of every depth: read right, or named with what to do."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pictures import camera_exif, picture
from ptk.errors import ImageError
from ptk.faces.image_files.formats import READ_FORMATS, find_format, refusal
from ptk.faces.images import depth_warning, read_photo

tifffile = pytest.importorskip("tifffile", reason="scikit-image brings it: see the extra dev")

DEEP = np.random.default_rng(5).integers(0, 65536, (40, 50, 4), dtype=np.uint16)
ROUNDED = np.rint(DEEP / 257).astype(np.uint8)
HERE = Path("photo")


def saved(name: str, pixels: np.ndarray | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture() if pixels is None else pixels).save(buffer, format=name, **options)
    return buffer.getvalue()


def tiff(pixels: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **options)
    return buffer.getvalue()


def png(pixels: np.ndarray, kind: int, extra: bytes = b"") -> bytes:
    """A PNG of 16 bits a channel; `kind` 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, kind, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def small_tiff(*tags: tuple[int, int], data: bytes = bytes(4000)) -> bytes:
    """A TIFF of 40 x 40 with `tags` of whole numbers, which replace those of grey pixels of 8 bits."""
    known = {256: 40, 257: 40, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: 40, 279: len(data), **dict(tags)}
    known[273] = 8 + 2 + 12 * len(known) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(known.items()))
    return b"II*\0" + struct.pack("<IH", 8, len(known)) + entries + bytes(4) + data


def refused(content: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        read_photo(HERE, content)
    message = str(caught.value)
    assert message.startswith("photo: ")
    assert "\n" not in message
    return message.removeprefix("photo: ")


WHOLE = {
    "JPEG": saved("JPEG", exif=camera_exif()),
    "progressive JPEG": saved("JPEG", progressive=True),
    "PNG": saved("PNG"),
    "PNG of 16 bits": png(DEEP[..., :3], 2),
    "lossless WebP": saved("WEBP", lossless=True),
    "WebP": saved("WEBP", exif=camera_exif()),
    "TIFF": saved("TIFF"),
    "TIFF of 16 bits": tiff(DEEP[..., :3], photometric="rgb"),
    "packed TIFF": saved("TIFF", compression="tiff_lzw"),
    "GIF": saved("GIF"),
    "BMP": saved("BMP"),
    "AVIF": saved("AVIF"),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_every_beginning_of_a_photo_is_damaged_never_something_else(kind: str) -> None:
    """Or whole, where all that is missing came after the pixels."""
    content = WHOLE[kind]
    whole = read_photo(HERE, content)
    step = max(1, len(content) // 400)  # every length within the headers, some within the pixels
    for length in [*range(1, min(len(content), 700)), *range(700, len(content), step)]:
        try:
            photo = read_photo(HERE, content[:length])
        except ImageError as error:
            assert str(error).startswith("photo: cannot be read as an image (damaged or cut short)"), length
        else:
            np.testing.assert_array_equal(photo.pixels, whole.pixels)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=64), st.sampled_from([b"", b"II*\0", b"MM\0*", b"\xff\xd8\xff", b"II+\0", b"<svg", b"RIFF"]))
def test_any_bytes_are_refused_in_one_line(content: bytes, start: bytes) -> None:
    if start + content:
        assert refused(start + content)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_never_makes_it_another_kind_of_error(kind: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(16, min(len(content), 400) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_photo(HERE, bytes(content))
    except ImageError as error:
        assert "\n" not in str(error)
        assert "is not an image" not in str(error)


def test_each_format_knows_itself() -> None:
    assert {find_format(content) for content in WHOLE.values()} == set(READ_FORMATS)
    assert not any(refusal(content) for content in WHOLE.values())


@pytest.mark.parametrize(
    ("start", "kind", "fix"),
    [
        (b"\xff\x0a" + bytes(20), "a JPEG XL picture", "export it as JPEG or PNG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "a JPEG XL picture", "export it as JPEG or PNG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), "a JPEG 2000 picture", "export it as JPEG or PNG"),
        (b"8BPS\0\1" + bytes(20), "a Photoshop document (PSD)", "export it as JPEG or PNG"),
        (b"gimp xcf v011" + bytes(20), "a GIMP document (XCF)", "export it as JPEG or PNG"),
        (b"%PDF-1.7\n%\xe2\xe3" + bytes(20), "a PDF document", "export the picture in it"),
        (b"\x76\x2f\x31\x01" + bytes(20), "an OpenEXR picture", "map its tones"),
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n", "a Radiance HDR picture", "map its tones"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(20), "a camera's raw file (CR2)", "develop it"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a camera's raw file (CR3)", "develop it"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(20), "a camera's raw file (RAF)", "develop it"),
        (b"IIRO\x08\0\0\0" + bytes(20), "a camera's raw file (ORF)", "develop it"),
        (b"IIU\0\x18\0\0\0" + bytes(20), "a camera's raw file (RW2)", "develop it"),
        (small_tiff((50706, 0x01040000)), "a camera's raw file (DNG)", "develop it"),
        (small_tiff((254, 1), (330, 500)), "a camera's raw file", "develop it"),  # NEF and ARW begin with a preview
        (small_tiff((259, 65535)), "a camera's raw file", "develop it"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", "a video", "export a picture of it"),
        (b"RIFF\0\0\1\0AVI LIST" + bytes(20), "a video", "export a picture of it"),
        (b"PK\3\4" + bytes(20), "a zip archive", "unpack it"),
    ],
)
def test_other_kinds_of_files_are_named(start: bytes, kind: str, fix: str) -> None:
    assert refused(start).startswith(f"is {kind}, which ptk does not read; {fix}")


def test_drawings_and_web_pages_are_named() -> None:
    svg = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10"/>'
    assert refused(svg) == "is an SVG drawing, which ptk does not read; export it as PNG"
    assert refused(b"\n<!DOCTYPE HTML><title>404</title>") == "is a web page, not a photo; save the photo in it"
    assert refused(b"I like <svg>.").startswith("is not an image that ptk reads (JPEG, PNG, ")


@pytest.mark.parametrize(
    ("pixels", "options", "samples"),
    [
        (DEEP[..., 0].astype(np.float32), {"photometric": "minisblack"}, "32-bit floating-point"),
        (DEEP[..., :3].astype(np.float32) / 65535, {"photometric": "rgb"}, "32-bit floating-point"),
        (DEEP[..., :3] / 65535, {"photometric": "rgb"}, "64-bit floating-point"),
        ((DEEP[..., :3] / 65535).astype(np.float16), {"photometric": "rgb"}, "16-bit floating-point"),
        (DEEP[..., 0].astype(np.uint32), {"photometric": "minisblack"}, "32-bit integer"),
        (DEEP[..., :3].astype(np.uint32), {"photometric": "rgb"}, "32-bit integer"),
        (DEEP[..., 0].astype(np.int16), {"photometric": "minisblack"}, "16-bit signed integer"),
    ],
)
def test_samples_without_an_agreed_white_are_named(pixels: np.ndarray, options: dict[str, str], samples: str) -> None:
    assert refused(tiff(pixels, **options)) == f"has {samples} samples; save it with 8 or 16 bits a channel"


def test_lab_and_separate_planes_of_16_bits_are_named() -> None:
    """Pillow would read the latter as noise."""
    for lab in (ROUNDED[..., :3], DEEP[..., :3]):
        assert refused(tiff(lab, photometric="cielab")) == "has the colour space Lab; save it as RGB"
    planes = tiff(DEEP[..., :3].transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate")
    assert refused(planes).startswith("has a plane for each channel of 16 bits; save it interleaved")


def test_a_jpeg_of_12_bits_is_named() -> None:
    content = bytearray(WHOLE["JPEG"])
    frame = content.index(b"\xff\xc0\x00\x11\x08")
    content[frame + 4] = 12
    assert refused(bytes(content)) == "is a JPEG with 12 bits a channel; save it with 8, or as PNG or TIFF with 16"


def test_pictures_for_hdr_screens_are_named() -> None:
    """Shown as if they were sRGB they are grey and flat."""
    pq = png(DEEP[..., :3], 2, chunk(b"cICP", bytes((9, 16, 0, 1))))
    assert refused(pq) == "is an HDR picture (PQ); export it for a standard screen (SDR), as JPEG or PNG"
    srgb = png(DEEP[..., :3], 2, chunk(b"cICP", bytes((1, 13, 0, 1))))
    assert read_photo(HERE, srgb).depth == 16


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"compression": "zlib", "predictor": True}])
def test_tiff_of_16_bits_is_rounded_not_cut(byteorder: str, options: dict[str, object]) -> None:
    for pixels, expected, how in (
        (DEEP[..., :3], ROUNDED[..., :3], {"photometric": "rgb"}),
        (DEEP, ROUNDED[..., :3], {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
        (DEEP[..., 0], ROUNDED[..., [0, 0, 0]], {"photometric": "minisblack"}),
        (DEEP[..., 0], 255 - ROUNDED[..., [0, 0, 0]], {"photometric": "miniswhite"}),
    ):
        if how == {"photometric": "miniswhite"} and byteorder == ">":
            continue  # Pillow does not read it: see below
        photo = read_photo(HERE, tiff(pixels, byteorder=byteorder, **how, **options))
        np.testing.assert_array_equal(photo.pixels, expected)
        assert photo.depth == 16
        if photo.alpha is not None:
            np.testing.assert_array_equal(photo.alpha, ROUNDED[..., 3])
        assert (photo.alpha is not None) == ("extrasamples" in how)


@pytest.mark.parametrize("kind", [0, 2, 4, 6])
def test_png_of_16_bits_is_rounded_not_cut(kind: int) -> None:
    channels = {0: [0], 2: [0, 1, 2], 4: [0, 3], 6: [0, 1, 2, 3]}[kind]
    photo = read_photo(HERE, png(DEEP[..., channels], kind))
    np.testing.assert_array_equal(photo.pixels, ROUNDED[..., channels[:3] if kind in (2, 6) else [0, 0, 0]])
    assert photo.depth == 16
    assert (photo.alpha is not None) == (kind in (4, 6))
    if photo.alpha is not None:
        np.testing.assert_array_equal(photo.alpha, ROUNDED[..., 3])


def test_nothing_is_printed_about_odd_files(capfd: pytest.CaptureFixture[str]) -> None:
    """libpng and libtiff would complain of a profile that is none, of a missing end, and of tags of others."""
    content = png(DEEP[..., :3], 2, chunk(b"iCCP", b"odd\0\0" + zlib.compress(b"no profile")))
    read_photo(HERE, content[:-12])
    read_photo(HERE, tiff(DEEP[..., :3], photometric="rgb", extratags=[(65000, "H", 1, 7, True)]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_16_bits_are_rounded_in_turned_photos_too(orientation: int) -> None:
    turns = {1: 0, 3: 2, 6: -1, 8: 1}[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    turned = png(DEEP[..., :3], 2, chunk(b"eXIf", exif.tobytes()[6:]))
    also = tiff(DEEP[..., :3], photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    for content in (turned, also):
        np.testing.assert_array_equal(read_photo(HERE, content).pixels, np.rot90(ROUNDED[..., :3], turns))


def test_12_bits_fill_the_range() -> None:
    levels = np.arange(1600).reshape(40, 40) * 4095 // 1599
    pairs = levels.reshape(-1, 2)
    packed = np.stack([pairs[:, 0] >> 4, (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8, pairs[:, 1] & 255], axis=-1)
    photo = read_photo(HERE, small_tiff((258, 12), data=packed.astype(np.uint8).tobytes()))
    np.testing.assert_array_equal(photo.pixels[..., 1], np.rint(levels * (255 / 4095)))
    assert photo.depth == 12


def test_more_kinds_of_tiff_are_read_as_they_look() -> None:
    rgb = Image.fromarray(picture())
    for mode in ("1", "P", "L", "LA", "CMYK", "RGBA"):
        stored = rgb.convert(mode)
        buffer = io.BytesIO()
        stored.save(buffer, format="TIFF")
        photo = read_photo(HERE, buffer.getvalue())
        assert np.abs(photo.pixels.astype(int) - np.asarray(stored.convert("RGB"))).max() <= 1
        assert photo.depth == 8
    deep_cmyk = read_photo(HERE, tiff(DEEP, photometric="separated"))
    np.testing.assert_array_equal(
        deep_cmyk.pixels, np.asarray(Image.fromarray((DEEP >> 8).astype(np.uint8), mode="CMYK").convert("RGB"))
    )


def test_a_deep_photo_warns_that_its_result_is_not() -> None:
    assert depth_warning(read_photo(HERE, png(DEEP[..., :3], 2))) == "has 16 bits a channel, the result has 8"
    assert depth_warning(read_photo(HERE, WHOLE["JPEG"])) is None
    assert depth_warning(read_photo(HERE, saved("PNG", picture()[..., 0] > 99))) is None  # one bit


def test_a_deep_avif_says_so() -> None:
    if not cv2.haveImageWriter("deep.avif"):
        pytest.skip("this OpenCV writes no AVIF")
    encoded = cv2.imencode(".avif", picture().astype(np.uint16) * 4, [cv2.IMWRITE_AVIF_DEPTH, 10])[1].tobytes()
    assert read_photo(HERE, encoded).depth == 10


def test_tiffs_that_pillow_cannot_open_are_not_called_damaged() -> None:
    ycbcr = io.BytesIO()
    Image.fromarray(picture()).convert("YCbCr").save(ycbcr, format="TIFF")
    for content in (
        tiff(DEEP[..., :2], photometric="minisblack", extrasamples=["unassalpha"], planarconfig="contig"),
        tiff(DEEP[..., 0], photometric="miniswhite", byteorder=">"),
        small_tiff((259, 34887)),  # LERC
        ycbcr.getvalue(),
    ):
        said = refused(content)
        assert said.startswith("is a TIFF of a kind that ptk does not read (photometric interpretation ")
        assert said.endswith("); save it as RGB without compression")
