"""ICC profiles for the tests, written byte by byte: of matrix and curves, of tables, of grey."""

import struct

import numpy as np

D50 = (0.9642, 1.0, 0.8249)
SRGB = ((0.436066, 0.222488, 0.013916), (0.385147, 0.716873, 0.097076), (0.143066, 0.060608, 0.714096))
DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
PROPHOTO = ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491))
"""XYZ under D50 of red, green and blue."""


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def gamma(power: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(power * 256))


def table(values: np.ndarray) -> bytes:
    """A curve by its values in [0, 1]; with none it is a straight line."""
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + np.rint(values * 65535).astype(">u2").tobytes()


def parametric(kind: int, *parameters: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _fixed(*parameters)


LINEAR = table(np.zeros(0))
SRGB_CURVE = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def rgb_profile(primaries: tuple[tuple[float, ...], ...], curve: bytes) -> bytes:
    """A profile of three primaries and one curve."""
    tags = {name: _xyz(colour) for name, colour in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
    return _profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey_profile(power: float = 2.2) -> bytes:
    return _profile(b"GRAY", {b"kTRC": gamma(power)})


def table_profile(primaries: tuple[tuple[float, ...], ...], power: float) -> bytes:
    """The profile of primaries and a gamma as tables (lut16Type): what scanners and printers have."""
    matrix = np.array(primaries).T
    steps = np.linspace(0, 1, 256)
    corners = np.stack(np.meshgrid((0, 1), (0, 1), (0, 1), indexing="ij"), axis=-1).reshape(-1, 3)
    scale = 32768 / 65535  # XYZ to 1.99997 in 16 bits
    forth = _lut16(np.eye(3), steps**power, corners @ matrix.T * scale, np.linspace(0, 1, 2))
    # The matrix works on encoded XYZ: linear colours leave it half as large, and the input tables double them.
    back = _lut16(np.linalg.inv(matrix), (steps / scale).clip(0, 1), corners, steps ** (1 / power))
    return _profile(b"RGB ", {b"A2B0": forth, b"B2A0": back})


def _lut16(matrix: np.ndarray, inputs: np.ndarray, grid: np.ndarray, outputs: np.ndarray) -> bytes:
    head = b"mft2\0\0\0\0" + bytes((3, 3, 2, 0)) + _fixed(*matrix.ravel())
    values = np.concatenate([np.tile(inputs, 3), grid.ravel(), np.tile(outputs, 3)])
    levels = np.rint(values.clip(0, 1) * 65535).astype(">u2").tobytes()
    return head + struct.pack(">HH", len(inputs), len(outputs)) + levels


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(79)
    tags = {b"desc": text, b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": _xyz(D50), **tags}
    entries, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        entries += name + struct.pack(">II", offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = offset + len(body)
    header = struct.pack(">I4sI4s4s4s12s4s", size, b"lcms", 0x02400000, b"mntr", space, b"XYZ ", bytes(12), b"acsp")
    header = (header + bytes(28) + _fixed(*D50)).ljust(128, b"\0")
    return header + struct.pack(">I", len(tags)) + entries + body


def _xyz(colour: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*colour)
