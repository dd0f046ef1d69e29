"""From traced light to a photograph: skin lets light through, noise goes, the background comes in, a film responds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.noise import smooth_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.scene import Traced
    from ptk_synth.traits import Backdrop

    Floats = NDArray[np.float64]

__all__ = ["backdrop_image", "develop"]

# How far red, green and blue light wander under skin, in metres (after Jensen et al., 2001, made a little smaller
# because the blur below is on the screen, not on the skin).
_SCATTER = (0.0030, 0.0014, 0.0009)
_NOISE_REACH = 0.0008


def develop(traced: Traced, backdrop: Backdrop, pixel: float, exposure: float) -> NDArray[np.uint8]:
    """An sRGB photo (H, W, 3) from what was traced; `pixel` is a pixel's size on the face in metres.

    The light that falls on a surface is divided from its albedo and blurred along the surface (not over edges of
    albedo or shape), by the scattering of each colour on skin and by little elsewhere; details of colour stay sharp.
    """
    alpha = np.maximum(traced.alpha, 1e-3)[..., None]
    # The albedo's own coverage: where nothing was hit it is black, and normals are zero
    covered = np.maximum(np.linalg.norm(traced.normals, axis=2, keepdims=True), 0.05)
    albedo = np.clip(traced.albedo / alpha, 0.004, 1.0)
    normals = traced.normals / covered
    falling = traced.radiance / alpha / albedo
    falling = np.minimum(falling, 40.0)
    redness = (albedo[..., 0] - albedo[..., 2]) / albedo.max(axis=2)
    skin = smooth_step(redness, 0.12, 0.3) * smooth_step(albedo[..., 0], 0.05, 0.09)
    wide, near = _along_surface(
        falling, albedo, normals, traced.alpha, [np.array(_SCATTER) / pixel, np.full(3, _NOISE_REACH) / pixel]
    )
    light = near + skin[..., None] * (wide - near)
    face = light * albedo
    behind = backdrop_image(backdrop, traced.alpha.shape[0])
    linear = exposure * face * traced.alpha[..., None] + behind * (1 - traced.alpha[..., None])
    return _film(linear)


def _along_surface(
    values: Floats, albedo: Floats, normals: Floats, alpha: Floats, sigmas: Sequence[Floats]
) -> list[Floats]:
    """Blur `values` (H, W, 3) with neighbours weighted by how alike their surface is.

    Each of `sigmas` holds a standard deviation in pixels for every channel, and gives one blurred image.
    """
    reach = int(np.ceil(2.2 * max(float(sigma.max()) for sigma in sigmas)))
    # What makes surfaces unlike, scaled so that its squared distance is the exponent
    kind = np.concatenate([np.log(albedo) / np.sqrt(0.12), normals / np.sqrt(0.10)], axis=2).astype(np.float32)
    height, width = alpha.shape
    edges = [(reach, reach), (reach, reach), (0, 0)]
    padded = np.pad(values.astype(np.float32), edges, mode="edge")
    padded_kind, padded_alpha = np.pad(kind, edges, mode="edge"), np.pad(alpha.astype(np.float32), reach)
    totals = [np.full((height, width, 3), 1e-6, dtype=np.float32) * values.astype(np.float32) for _ in sigmas]
    weights = [np.full((height, width, 3), 1e-6, dtype=np.float32) for _ in sigmas]
    for down in range(2 * reach + 1):
        for across in range(2 * reach + 1):
            squared = (down - reach) ** 2 + (across - reach) ** 2
            if squared > (reach + 0.5) ** 2:
                continue
            window = np.s_[down : down + height, across : across + width]
            unlike = padded_kind[window] - kind
            alike = np.exp(-np.einsum("hwc,hwc->hw", unlike, unlike)) * padded_alpha[window]
            for number, sigma in enumerate(sigmas):
                fall_off = np.exp(-0.5 * squared / np.maximum(sigma, 0.05) ** 2).astype(np.float32)
                if fall_off.max() < 0.01:
                    continue
                share = alike[..., None] * fall_off
                totals[number] += share * padded[window]
                weights[number] += share
    return [(total / weight).astype(np.float64) for total, weight in zip(totals, weights, strict=True)]


def backdrop_image(backdrop: Backdrop, size: int) -> Floats:
    """The background, linear RGB (size, size, 3)."""
    rng = np.random.default_rng(backdrop.seed)
    first, second, third = (np.array(colour) for colour in backdrop.colours)
    y, x = np.mgrid[0:size, 0:size] / size
    if backdrop.kind == "gradient":
        angle = rng.uniform(0, 2 * np.pi)
        at = np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0, 1)
        image: Floats = first + (second - first) * at[..., None]
        return image
    middle = rng.uniform([0.2, 0.15], [0.8, 0.6])
    spot = np.exp(-0.5 * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / 0.35**2)
    image = second + (first - second) * spot[..., None]
    if backdrop.kind == "blurred":
        for _ in range(int(rng.integers(8, 18))):
            place, radius = rng.uniform(-0.1, 1.1, 2), rng.uniform(0.04, 0.16)
            away = np.sqrt((x - place[0]) ** 2 + (y - place[1]) ** 2)
            disc = smooth_step(away, radius * 1.25, radius * 0.7) * rng.uniform(0.08, 0.4)
            image = image + (third - image) * disc[..., None] * rng.choice([1.0, 0.6])
    return image


def _film(linear: Floats) -> NDArray[np.uint8]:
    """Linear light to 8-bit sRGB, with a soft shoulder above 0.7 in place of a hard clip."""
    knee = 0.7
    over = np.maximum(linear - knee, 0)
    soft = np.where(linear > knee, knee + (1 - knee) * (1 - np.exp(-over / (1 - knee))), np.maximum(linear, 0))
    encoded = np.where(soft <= 0.0031308, 12.92 * soft, 1.055 * np.maximum(soft, 1e-9) ** (1 / 2.4) - 0.055)
    shown: NDArray[np.uint8] = np.round(255 * np.clip(encoded, 0, 1)).astype(np.uint8)
    return shown
