"""A picture with a camera's metadata, for the tests that read and write photos."""

import numpy as np
from PIL import ExifTags, Image


def picture(width: int = 60, height: int = 40) -> np.ndarray:
    """Smooth colours, another in each corner."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, 255 - x], axis=-1).round().astype(np.uint8)


def camera_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera Works"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ISOSpeedRatings: 200, ExifTags.Base.MakerNote: b"secret serial 4711"}
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (51.0, 30.0, 26.0)}
    return exif.tobytes()
