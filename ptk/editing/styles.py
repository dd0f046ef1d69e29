"""Styles of whole photos: a domain renders them, at the photo's own resolution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from ptk.domains.canvas import carry_change
from ptk.domains.filters import REFERENCE
from ptk.domains.tiles import cut_tiles, scale_pixels
from ptk.errors import LandmarksError, PartError, PtkError, WeightsError
from ptk.faces.crop import Crop
from ptk.faces.mask import head_mask
from ptk.plain import nearest
from ptk.recipe.one_part import build_one, parse_options
from ptk.registry.failures import describe_part, name_failures
from ptk.registry.registry import load_registry
from ptk.registry.styles import list_styles, strip_distribution

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.types import Domain

    Pixels = UInt8[np.ndarray, "height width 3"]
    Points = Float[np.ndarray, "68 2"]

__all__ = ["Area", "MadeBy", "Renders", "StyleRenderer", "choose_renderer", "measure_scale"]

Area = Literal["photo", "head"]
MadeBy = Literal["rendered", "learned"]

_LARGEST = 16_000_000
"""Pixels of a photo that a domain without `render` is given: tensors take 12 bytes for each."""


class Renders(Protocol):
    """Who makes a style of a photo whose faces have moved already: a domain, or weights of a plug-in."""

    @property
    def name(self) -> str:
        """What the style is called in the record of a result."""
        ...

    @property
    def made_by(self) -> MadeBy:
        """Whether a domain rendered it, or weights learned it."""
        ...

    @property
    def needs_face(self) -> bool:
        """Whether it can be had of one face only."""
        ...

    def paint(self, pixels: Pixels, faces: Sequence[Points], icc: bytes | None = None) -> Pixels:
        """Render `pixels`, in the space of the profile `icc`, with `faces` in their pixels."""
        ...


@dataclass(frozen=True, eq=False)
class StyleRenderer:
    """The style `name` that a `domain` renders, over the whole photo or over the head alone."""

    domain: Domain
    area: Area = "photo"
    name: str = ""
    made_by: MadeBy = "rendered"

    @property
    def needs_face(self) -> bool:
        """Whether it can be had of one face only, rather than of a photo without any, or with several."""
        return self.area == "head" or self.domain.needs_face

    def paint(self, pixels: Pixels, faces: Sequence[Points], icc: bytes | None = None) -> Pixels:  # noqa: ARG002
        """Render `pixels`, in which `faces` are, in their pixels; exactly one where the rendering needs one."""
        height, width = pixels.shape[:2]
        points = faces[0] / (width, height) if len(faces) == 1 else None
        painted = _render(self.domain, pixels, points, measure_scale(faces, height, width))
        return painted if self.area == "photo" else _cover_head(pixels, painted, faces[0])


def choose_renderer(word: str, area: Area = "photo") -> StyleRenderer:
    """The rendering for ``NAME``, ``NAME:option=value,...`` of a domain, or one of the 26 neural styles' names.

    ``DISTRIBUTION:`` before it says whose domain is meant. Raises PtkError for a style that is not there, WeightsError
    where no photo can be rendered in it, PluginError and MissingExtra where its domain cannot be built.
    """
    registry = load_registry()
    name, _, said = strip_distribution(registry, word).partition(":")
    called = name
    if registry.offers("domain", name):
        chosen = parse_options("domain", name, said, f"style {name}")
    elif name in _list_neural() and not said:
        name, chosen = "neural_style", {"style": name}
    else:
        raise PtkError(_say_unknown(word))
    domain = build_one("domain", name, chosen, {})
    if domain.render is None and domain.stylise is None:
        raise WeightsError(f"style {name}: no photo can be rendered in it; only weights that learned it have it")
    return StyleRenderer(domain, area, called)


def measure_scale(faces: Sequence[Points], height: int, width: int) -> float:
    """How many pixels a reference pixel has: 256 are the crop around a face, or without any the shorter side.

    Of several faces the smallest counts that is at least half as large as the largest: strokes that suit it suit all,
    and people far behind make no difference.
    """
    sides = []
    for points in faces:
        try:
            sides.append(Crop.around(points).side)
        except LandmarksError:  # smaller than anything that can be drawn
            continue
    largest = max(sides, default=float(min(height, width)))
    return min((side for side in sides if side >= largest / 2), default=largest) / REFERENCE


def _list_neural() -> tuple[str, ...]:
    from ptk.domains.neural import STYLES

    return STYLES


def _say_unknown(word: str) -> str:
    from ptk.recipe.schema import IMAGES

    registry = load_registry()
    offered = [name for name in registry.names("domain") if name != IMAGES]
    more = [name for name in _list_neural() if name not in offered]
    offered += [style for style, _ in list_styles(registry.plugins)]
    near = nearest(word, [*offered, *more])
    near = near if "did you mean" in near else ""
    listed = f"there are {', '.join(offered)}, and of neural_style {', '.join(more)}"
    return f"style {word}: no such style{near or ';'} {listed}{registry.describe_broken()}"


def _render(domain: Domain, pixels: Pixels, points: Points | None, scale: float) -> Pixels:
    if domain.render is None:
        return _render_through_torch(domain, pixels, points)
    with name_failures(domain, "render"):
        painted = domain.render(pixels, points, scale)
    if not isinstance(painted, np.ndarray) or painted.shape != pixels.shape or painted.dtype != np.uint8:
        got = f"{painted.dtype} {painted.shape}" if isinstance(painted, np.ndarray) else type(painted).__name__
        which = describe_part(domain, f"domain {domain.title}")
        raise PartError(f"{which}: render must return uint8 {pixels.shape}, it returned {got}")
    return painted


def _render_through_torch(domain: Domain, pixels: Pixels, points: Points | None) -> Pixels:
    """What `stylise` makes of the photo; of one that is larger than `_LARGEST` its changes, enlarged."""
    import torch

    from ptk.dataset.renderings import stylise

    height, width = pixels.shape[:2]
    factor = min(1.0, math.sqrt(_LARGEST / (height * width)))
    canvas = scale_pixels(pixels, round(height * factor), round(width * factor))
    placed = np.full((68, 2), 0.5) if points is None else points
    painted = stylise(canvas[None], placed[None], domain, torch.device("cpu"))[0]
    return painted if factor == 1 else carry_change(painted, canvas, pixels)


def _cover_head(pixels: Pixels, painted: Pixels, points: Points) -> Pixels:
    """`pixels` with the head of `painted`: with most of its hair, ending in a wide feather."""
    crop = Crop.around(points)
    unit = crop.to_unit(points)
    mask = head_mask(unit, unit, grow=0.06, feather=0.16)
    white = np.full((*mask.shape, 3), 255, dtype=np.uint8)
    cover = crop.paste(np.zeros_like(pixels), white, mask)[..., :1]
    result = pixels.copy()
    for tile, _ in cut_tiles(pixels.shape[:2], 0):
        share = cover[tile].astype(np.float32) / 255
        if share.any():
            result[tile] = np.rint(pixels[tile] + share * (painted[tile].astype(np.float32) - pixels[tile]))
    return result
