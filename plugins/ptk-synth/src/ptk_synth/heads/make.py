"""Writes a data set of textured heads: pairs of expressions of one head in one light, with teeth and tongue."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.dataset.manifest import DATASET, MANIFEST, Entry, read_manifest, stored_size, write_manifest
from ptk.errors import DataError, OutputError
from ptk.faces.crop import Crop
from ptk.files import write_bytes
from ptk_synth.camera import Camera
from ptk_synth.develop import develop
from ptk_synth.heads.scene import HeadScene
from ptk_synth.heads.textured_head import TexturedHead
from ptk_synth.traits import Backdrop, Light

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HeadSettings", "draw_expressions", "find_heads", "make_heads"]

_MARGIN = 0.125
_LOWER_FACE = 0.6  # of the crop's side: the square that is rendered for each expression; the rest is one picture
_FEATHER = 10  # pixels over which that square goes over into the rest
_FIRST_WIDTH = 0.28  # metres, of the picture from which the crop is found
_OUTFIT = "Casual"
_CLASSES = "AE_AA AO_a Ax_E TD_I UH_OO H_EST S SH_CH KG".split()  # visemes that open the lips
_LICENCE = "MIT (VALID avatars, Do et al. 2022)"


@dataclass(frozen=True)
class HeadSettings:
    """What pictures depend on: `size` of crops in pixels, paths a pixel (`samples`), `seed`, and how heads stand.

    Each head is seen `views` times, turned by at most `yaw` degrees to the sides and `pitch` up and down, in another
    light each time: `fill` (least, most) is how strong the light around is beside the lamp's.
    """

    size: int = 256
    samples: int = 8
    seed: int = 7
    views: int = 3
    yaw: float = 25.0
    pitch: float = 9.0
    fill: tuple[float, float] = (0.35, 1.1)


def find_heads(folder: Path) -> list[Path]:
    """Find one file for each head of a folder (avatars/Asian/Asian_F_1_Casual.glb). Raises DataError without any."""
    heads = sorted(folder.rglob(f"*_{_OUTFIT}.glb"), key=lambda path: path.name)
    if not heads:
        raise DataError(f"{folder}: has no heads named *_{_OUTFIT}.glb; give the avatars of c-frame/valid-avatars-glb")
    return heads


def draw_expressions(rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Draw nine expressions by name: strengths of morphs, from shut lips to wide open, with teeth and tongue."""

    def both(morph: str, strength: float) -> dict[str, float]:
        return {side + morph: strength * rng.uniform(0.9, 1.1) for side in "RL"}

    smile = rng.uniform(0.7, 1)
    first, second = rng.choice(_CLASSES, 2, replace=False)
    return {
        "neutral": {},
        "smile": both("smileClose", rng.uniform(0.6, 1)),
        "grin": {**both("smileOpen", smile), "MouthOpen": rng.uniform(0, 0.12)},
        "laugh": {**both("smileOpen", smile), "MouthOpen": rng.uniform(0.25, 0.8)},
        "open": {"MouthOpen": rng.uniform(0.35, 1)},
        "surprise": {"MouthOpen": rng.uniform(0.5, 1), "UH_OO": rng.uniform(0.2, 0.6)},
        "shout": {"Shout": rng.uniform(0.35, 1)},
        "speech": {str(first): rng.uniform(0.6, 1), str(second): rng.uniform(0, 0.5)},
        "tongue": {"MouthOpen": rng.uniform(0.5, 1), "OutMiddle": rng.uniform(0.3, 1)},
    }


def make_heads(
    out: Path,
    heads: Path,
    settings: HeadSettings | None = None,
    words: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Render the heads in the folder `heads` into the data set `out`; returns the pictures rendered.

    Of the expressions that are drawn only those of `words`, where some are given. A head in one view is one identity,
    so that pairs have the same light. The upper face is rendered once a view. Views that are there already are kept.
    Raises DataError for heads that cannot be read, OutputError when `out` cannot be written or holds another set.
    """
    settings = settings or HeadSettings()
    _claim(out, settings)
    entries = {entry.photo: entry for entry in (read_manifest(out) if (out / MANIFEST).exists() else [])}
    there = {entry.identity for entry in entries.values()}
    rendered, files = 0, find_heads(heads)
    views = [(view, number, path) for view in range(settings.views) for number, path in enumerate(files)]
    for done, (view, number, path) in enumerate(views):
        name = f"{path.stem.removesuffix(f'_{_OUTFIT}')}-{view}"
        if name not in there:
            rng = np.random.default_rng([settings.seed, view, number])
            for word, picture, points in _render_view(TexturedHead.read(path), settings, rng, words):
                photo = f"{name}_{word}"
                write_bytes(out / f"images/{photo}.jpg", _encode(picture))
                marks = tuple((round(float(x), 2), round(float(y), 2)) for x, y in points)
                entries[photo] = Entry(f"images/{photo}.jpg", name, "photo", photo, "train", marks, word)
                rendered += 1
            write_manifest(out, sorted(entries.values(), key=lambda entry: entry.photo))
        progress(done + 1, len(views))
    return rendered


def _render_view(
    head: TexturedHead, settings: HeadSettings, rng: np.random.Generator, words: tuple[str, ...]
) -> list[tuple[str, NDArray[np.uint8], NDArray[np.float64]]]:
    """The pictures of a head in one light, with their words and landmarks."""
    scene = HeadScene(head, _draw_light(rng, settings), _place_camera(head, settings, rng), _draw_teeth(rng))
    size, pixel = scene.camera.size, scene.camera.width / scene.camera.size
    rest = scene.trace({}, settings.samples, int(rng.integers(1 << 20)))
    face = np.s_[size * 4 // 10 : size * 7 // 10, size * 3 // 10 : size * 7 // 10]
    albedo = float(np.median(rest.albedo[face].mean(axis=2)))
    brightness = max(float(np.median(rest.radiance[face].mean(axis=2))), 1e-3)
    exposure = float(np.clip((0.16 + 0.55 * albedo) / brightness, 0.4, 3)) * rng.uniform(0.85, 1.2)
    colours = tuple(tuple(rng.uniform(0.05, 0.7, 3).tolist()) for _ in range(3))
    backdrop = Backdrop(kind="gradient", colours=colours, seed=int(rng.integers(1 << 20)))  # type: ignore[arg-type]
    base = develop(rest, backdrop, pixel, exposure).astype(np.float64)
    side = round(_LOWER_FACE * settings.size)
    left, top = (size - side) // 2, size - side - size // 40
    part = np.s_[top : top + side, left : left + side]
    ends = np.clip(np.minimum(np.arange(side), np.arange(side)[::-1]) / _FEATHER, 0, 1)
    share = np.minimum(ends[:, None], ends)[..., None]
    found = []
    for word, expression in draw_expressions(rng).items():
        seed, grain = int(rng.integers(1 << 20)), rng.uniform(0, 1.5)
        if words and word not in words:
            continue
        traced = scene.trace(expression, settings.samples, seed, (left, top, side))
        lower = np.where(traced.alpha[..., None] > 0.5, develop(traced, backdrop, pixel, exposure), base[part])
        picture = base.copy()
        picture[part] += share * (lower - picture[part])
        picture += np.random.default_rng(seed).normal(0, grain, (size, size, 1))
        found.append((word, np.rint(picture.clip(0, 255)).astype(np.uint8), scene.project(expression)))
    return found


def _place_camera(head: TexturedHead, settings: HeadSettings, rng: np.random.Generator) -> Camera:
    """A camera whose picture is the crop around the face at rest, with its margin."""
    size = stored_size(settings.size, _MARGIN)
    yaw = float(np.clip(rng.normal(0, settings.yaw / 2), -settings.yaw, settings.yaw))
    pitch = rng.uniform(-settings.pitch, settings.pitch)
    camera = Camera(tuple(head.eyes), yaw, pitch, 0.0, _FIRST_WIDTH, size)
    points = head.meshes["H_DDS_HighRes"].vertices[head.landmarks]
    for _ in range(3):  # the closer, the larger noses are: it converges in two
        crop = Crop.around(camera.project(points))
        metre = camera.width / size
        right, up = camera.axes[0], camera.axes[1]
        target = np.array(camera.target) + ((crop.x - size / 2) * right - (crop.y - size / 2) * up) * metre
        camera = Camera(tuple(target), yaw, pitch, 0.0, camera.width * crop.side / settings.size, size)
    return camera


def _draw_light(rng: np.random.Generator, settings: HeadSettings) -> Light:
    warm = rng.uniform(-0.06, 0.08)
    return Light(
        azimuth=rng.uniform(-60, 60),
        height=rng.uniform(0, 50),
        soft=rng.uniform(15, 50),
        key=(1 + warm, 1.0, 1 - warm),
        ambient=(1 - warm / 2, 1.0, 1 + warm / 2),
        fill=rng.uniform(*settings.fill),
        rim=rng.uniform(0, 0.4),
        rim_azimuth=rng.uniform(120, 240),
    )


def _draw_teeth(rng: np.random.Generator) -> tuple[float, float]:
    return rng.uniform(1.0, 1.45), rng.uniform(0.45, 1)


def _encode(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def _claim(out: Path, settings: HeadSettings) -> None:
    """Say in `out` what the set is, or check that what is there was made with the same settings."""
    kept = json.loads(json.dumps({**vars(settings), "views": None}))
    said: Mapping[str, object] = {
        "size": settings.size,
        "margin": _MARGIN,
        "detector": "mesh",
        "licence": _LICENCE,
        "heads": kept,
    }
    file = out / DATASET
    try:
        if file.exists():
            if (there := json.loads(file.read_text(encoding="utf-8"))).get("heads") != kept:
                raise DataError(f"{out}: holds a set made otherwise ({there.get('heads')}); choose another folder")
            return
        (out / "images").mkdir(parents=True, exist_ok=True)
        write_bytes(file, (json.dumps(said, indent=2) + "\n").encode())
    except (OSError, ValueError) as error:
        raise OutputError(f"{out}: cannot be used ({error}); choose another folder") from error
