import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps

from pictures import camera_exif, picture
from profiles import grey_profile
from ptk.errors import OutputError
from ptk.faces import images
from ptk.faces.image_files.metadata import COMPOSITE_WITH_TRAINED_MODEL
from ptk.faces.images import Photo, photo_format, read_photo, write_photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def plain_photo(pixels: np.ndarray | None = None, **fields: object) -> Photo:
    pixels = picture() if pixels is None else pixels
    known = {"alpha": None, "icc": None, "exif": None, "sha256": "", "path": Path("x.png"), "format": "PNG"}
    return Photo(pixels=pixels, **{**known, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff", ".bmp"])
def test_pixels_come_as_they_are(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(picture()).save(path, lossless=True)
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.pixels, picture())
    assert (photo.width, photo.height, photo.alpha, photo.icc, photo.exif) == (60, 40, None, None, None)


def test_sha256_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(picture()).save(path)
    printed = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert read_photo(path).sha256 == printed.split()[0].lstrip("\\")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_upright_whatever_their_orientation(tmp_path: Path, orientation: int, suffix: str) -> None:
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),  # the camera wrote the scene a quarter turn to the left
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }
    stored = np.ascontiguousarray(turns[orientation](picture()))
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(stored).save(path, exif=camera_exif(orientation), quality=95, lossless=True)
    photo = read_photo(path)
    assert photo.pixels.shape == (40, 60, 3)
    # smooth colours survive JPEG at quality 95 within a few levels
    assert np.abs(photo.pixels.astype(int) - picture()).max() <= (12 if suffix == ".jpg" else 0)
    assert photo.exif is not None
    exif = Image.Exif()
    exif.load(photo.exif)
    assert exif[ExifTags.Base.Orientation] == 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
def test_exif_travels_without_place_maker_note_and_thumbnail(tmp_path: Path, suffix: str) -> None:
    source, result = tmp_path / "camera.jpg", tmp_path / f"result{suffix}"
    Image.fromarray(picture()).save(source, exif=camera_exif())
    assert b"secret serial" in source.read_bytes()
    assert Image.open(source).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    photo = read_photo(source)
    write_photo(result, photo.pixels, photo)
    assert b"secret serial" not in result.read_bytes()
    written = Image.open(result).getexif()
    assert written[ExifTags.Base.Make] == "Camera Works"
    assert written.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] == 200
    assert not written.get_ifd(ExifTags.IFD.GPSInfo)
    assert not written.get_ifd(ExifTags.IFD.IFD1)


def test_a_thumbnail_of_the_unedited_photo_stays_behind(tmp_path: Path) -> None:
    thumbnail = b"\xff\xd8\xffTHUMBNAIL\xff\xd9"
    # TIFF header, IFD0 with the make and a pointer to IFD1, IFD1 with offset and length of a thumbnail
    entry = struct.Struct("<HHLL").pack
    first = struct.pack("<H", 1) + entry(ExifTags.Base.Make, 2, 4, int.from_bytes(b"ABC\0", "little"))
    second = struct.pack("<H", 2) + entry(0x201, 4, 1, 56) + entry(0x202, 4, 1, len(thumbnail)) + b"\0" * 4
    tiff = b"II*\0" + struct.pack("<L", 8) + first + struct.pack("<L", 26) + second
    exif = b"Exif\0\0" + tiff + thumbnail
    source = tmp_path / "camera.jpg"
    Image.fromarray(picture()).save(source, exif=exif)
    assert b"THUMBNAIL" in source.read_bytes()
    photo = read_photo(source)
    write_photo(tmp_path / "result.jpg", photo.pixels, photo)
    assert b"ABC" in (photo.exif or b"")
    assert b"THUMBNAIL" not in (tmp_path / "result.jpg").read_bytes()


def test_damaged_exif_does_not_spoil_a_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(picture()).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert read_photo(path).exif is None


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
def test_profile_is_kept_and_the_file_says_how_it_was_made(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"result{suffix}"
    write_photo(path, picture(), plain_photo(icc=SRGB))
    assert read_photo(path).icc == SRGB
    said = ElementTree.fromstring(Image.open(path).info["xmp"].decode().lstrip("\ufeff"))
    (description,) = said.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    extension = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
    assert description.get(f"{extension}DigitalSourceType") == COMPOSITE_WITH_TRAINED_MODEL
    assert str(description.get("{http://ns.adobe.com/xap/1.0/}CreatorTool")).startswith("ptk ")


def test_no_digital_source_type_writes_no_xmp(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", picture(), plain_photo(), digital_source_type=None)
    assert "xmp" not in Image.open(tmp_path / "a.png").info


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff"])
def test_alpha_comes_back(tmp_path: Path, suffix: str) -> None:
    alpha = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))
    path = tmp_path / f"cut_out{suffix}"
    write_photo(path, picture(), plain_photo(alpha=alpha))
    photo = read_photo(path)
    assert photo.alpha is not None
    np.testing.assert_array_equal(photo.alpha, alpha)
    np.testing.assert_array_equal(photo.pixels, picture())


def test_jpeg_has_no_alpha_and_is_put_on_white(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.jpg", picture(), plain_photo(alpha=np.zeros((40, 60), np.uint8)))
    assert read_photo(tmp_path / "a.jpg").pixels.min() >= 250


def test_jpeg_is_written_without_chroma_subsampling(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.jpg", picture(), plain_photo())
    with Image.open(tmp_path / "a.jpg") as written:
        assert {layer[1:3] for layer in written.layer} == {(1, 1)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "CMYK", "progressive"])
def test_every_common_kind_of_pixels_becomes_rgb(tmp_path: Path, mode: str) -> None:
    rgb = Image.fromarray(picture())
    path = tmp_path / ("photo.jpg" if mode in ("CMYK", "progressive") else "photo.png")
    stored = rgb if mode == "progressive" else rgb.convert(mode)
    stored.save(path, quality=95, subsampling=0, progressive=mode == "progressive")
    photo = read_photo(path)
    expected = np.asarray((rgb if mode == "progressive" else stored).convert("RGB")).astype(int)
    assert np.abs(photo.pixels - expected).max() <= 12  # JPEG's losses on smooth colours
    assert (photo.alpha is not None) == (mode in ("LA", "RGBA"))


def test_a_profile_of_another_colour_space_is_left_out(tmp_path: Path) -> None:
    Image.fromarray(picture()).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95, icc_profile=grey_profile())
    photo = read_photo(tmp_path / "cmyk.jpg")
    assert photo.icc is None
    assert np.abs(photo.pixels.astype(int) - picture()).max() <= 12  # the plain conversion, and JPEG's losses


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_profile_is_applied_not_attached_to_rgb(tmp_path: Path, mode: str) -> None:
    grey = Image.fromarray(np.full((40, 40), 128, np.uint8)).convert("L" if mode == "I;16" else mode)
    stored = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey
    stored.save(tmp_path / "grey.png", icc_profile=grey_profile(1.0))
    photo = read_photo(tmp_path / "grey.png")
    assert photo.icc is None
    # linear light of 128/255 is 188 in sRGB
    assert abs(int(photo.pixels[0, 0, 0]) - 188) <= 2
    assert (photo.alpha is not None) == (mode == "LA")


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path, suffix: str) -> None:
    levels = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (40, 1))
    Image.fromarray(levels).save(tmp_path / f"grey{suffix}")
    photo = read_photo(tmp_path / f"grey{suffix}")
    np.testing.assert_array_equal(photo.pixels[0, :, 1], np.round(levels[0] / 257.0))


def test_sixteen_bit_rgb_png_is_scaled(tmp_path: Path) -> None:
    levels = np.zeros((40, 40, 3), ">u2")
    levels[..., 0], levels[..., 1] = 65535, 32896
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    content = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        content += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    (tmp_path / "deep.png").write_bytes(content)
    assert read_photo(tmp_path / "deep.png").pixels[5, 5].tolist() == [255, 128, 0]


def test_palette_with_transparency_keeps_its_alpha(tmp_path: Path) -> None:
    indices = np.zeros((40, 40), np.uint8)
    indices[:, 20:] = 1
    image = Image.fromarray(indices, mode="P")
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.save(tmp_path / "palette.png", transparency=0)
    photo = read_photo(tmp_path / "palette.png")
    assert photo.alpha is not None
    assert (photo.alpha[0, 0], photo.alpha[0, 39]) == (0, 255)
    assert photo.pixels[0, 39].tolist() == [0, 0, 255]


def test_the_second_picture_of_a_phones_jpeg_is_left(tmp_path: Path) -> None:
    """Phones append depth or gain maps: Pillow calls such a JPEG an MPO with two frames."""
    first, second = Image.fromarray(picture()), Image.fromarray(picture()[::-1])
    first.save(tmp_path / "phone.jpg", format="MPO", save_all=True, append_images=[second], quality=95)
    photo = read_photo(tmp_path / "phone.jpg")
    assert photo.format == "JPEG"
    assert np.abs(photo.pixels.astype(int) - picture()).max() <= 12


def test_unknown_suffix_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"not written as \.heic; use \.jpg, \.jpeg, \.png, \.webp, \.tif, \.tiff"):
        write_photo(tmp_path / "a.heic", picture(), plain_photo())
    with pytest.raises(OutputError, match="a file without suffix"):
        photo_format("result")
    assert photo_format("A.JPG") == "JPEG"


def test_too_wide_for_the_format(tmp_path: Path) -> None:
    wide = np.zeros((1, 16_384, 3), np.uint8)
    with pytest.raises(OutputError, match=r"WEBP holds at most 16383 pixels a side, not 16384 x 1; use \.png"):
        write_photo(tmp_path / "a.webp", wide, plain_photo(wide))


def test_missing_folder_for_the_result(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file or directory"):
        write_photo(tmp_path / "none" / "a.png", picture(), plain_photo())


FULL_DISK = """
import resource, signal, sys
import numpy as np
from pathlib import Path
from ptk.errors import OutputError
from ptk.faces.images import Photo, write_photo
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
photo = Photo(pixels=noise, alpha=None, icc=None, exif=None, sha256="", path=Path("x.png"), format="PNG")
try:
    write_photo(sys.argv[1], noise, photo)
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """A limit on file sizes fails a write in its middle, as a full disk does."""
    path = tmp_path / "result.png"
    path.write_bytes(b"the old one")
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.startswith(f"{path}: cannot be written (file too large)")
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.png"]
    assert path.read_bytes() == b"the old one"


def test_orientation_test_pictures_differ_in_every_orientation() -> None:
    """Guards the test above: a symmetric picture would pass with any orientation."""
    stored = Image.fromarray(picture(40, 40))
    seen = set()
    for orientation in range(1, 9):
        turned = stored.copy()
        turned.getexif()[ExifTags.Base.Orientation] = orientation
        seen.add(ImageOps.exif_transpose(turned).tobytes())
    assert len(seen) == 8


def test_limits_are_what_the_messages_say() -> None:
    assert images.MAX_PIXELS == 100_000_000
    assert images.MIN_SIDE == 32
