"""A generator that moves pixels first, and paints only what moving cannot give: teeth, wrinkles, a style."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.convolution import Border
from ptk.errors import RecipeError

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["WarpAndPaint", "warped"]

_GROUPS = 8
_KEPT = 5.0  # a sigmoid of minus this is what an untrained network takes away from the warped picture: under 1 %
# What 1 of the last layer means. An optimiser's step moves all of its outputs together, by a tenth and more: with
# larger units the picture jitters so much from step to step that nothing is learned at rates above 1e-4.
_STRIDE = 0.02  # of the side, of the motion's correction
_STROKE = 0.3  # of the paint


class WarpAndPaint(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    The conditioner `motion_field` says where each pixel comes from. A U-Net (Ronneberger et al. 2015) sees the source
    and the source so warped, both folded to 1 / `fold` of their sides with `fold`^2 times the channels (Shi et al.
    2016), and all planes at every level. It predicts a correction of the motion, the share of the warped picture that
    stays, and what is added to it:

        result = stays * warp(image, motion + correction) + paint

    With `styler` channels a smaller U-Net, told the domain, turns that photo, folded to 1 / `styler_fold`, into the
    domain asked for, unless it is the recipe's first. No gradient goes from the second to the first, which learns from
    photos alone: a style changes so much more than an expression that one network for both unlearns teeth over it. With
    0 one network does both.

    The last layer starts near zero, so that an untrained network gives the warped picture: what can be copied is.
    `width` channels at the first level, doubled at each of `down` strided convolutions; `blocks` residual blocks at the
    last. H and W must be multiples of fold * 2^down, and of 4 * styler_fold.

    Raises ValueError for options that do not fit, RecipeError for images of a size that does not fit.

    Source: flow and occlusion mask of the first order motion model (Siarohin et al. 2019), section 3.2.
    """

    needs = ("motion_field", "domain_planes")
    last_layers = ("head", "finish", "styler.head", "styler.finish")
    may_be_new = ("styler",)

    def __init__(
        self,
        plane_channels: int,
        *,
        width: int = 32,
        down: int = 3,
        blocks: int = 2,
        fold: int = 2,
        styler: int = 0,
        styler_fold: int = 2,
    ) -> None:
        super().__init__()
        if min(width, down, fold, styler_fold) < 1 or min(blocks, styler) < 0:
            said = f"{width}, {down}, {fold}, {styler_fold}, {blocks}, {styler}"
            raise ValueError(f"width, down, fold and styler_fold start at 1, blocks and styler at 0; got {said}")
        self.fold, self.multiple = fold, math.lcm(fold * 2**down, 4 * styler_fold if styler else 1)
        self.styler = Styler(plane_channels, styler, styler_fold) if styler else None
        widths = [width * 2**level for level in range(down + 1)]
        self.stem = _Told(6 * fold**2, plane_channels, width)
        self.strided = nn.ModuleList(_Told(a, plane_channels, b, stride=2) for a, b in pairwise(widths))
        self.encoder = nn.ModuleList(_Residual(each) for each in widths[1:])
        self.blocks = nn.Sequential(*(_Residual(widths[-1]) for _ in range(blocks)))
        narrowing = list(pairwise(widths))[::-1]
        self.merges = nn.ModuleList(_Told(a + b, plane_channels, a) for a, b in narrowing)
        self.decoder = nn.ModuleList(_Residual(a) for a, _ in narrowing)
        self.finish = _Told(width, plane_channels, width)
        self.head = nn.Conv2d(width, 2 + 4 * fold**2, 3, padding=1)
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """One image (B, 3, H, W) in [-1, 1] from one in [-1, 1]."""
        self._check(*image.shape[-2:])
        if self.styler is None:
            return [self._painted(image, planes["motion_field"], planes.stacked)]
        domains = planes["domain_planes"]
        first = torch.zeros_like(domains)
        first[:, 0] = 1
        as_photo = [first if name == "domain_planes" else planes[name] for name in planes]
        photo = self._painted(image, planes["motion_field"], torch.cat(as_photo, dim=1))
        plain = domains[:, :1].float()
        styled: Tensor = self.styler(photo.detach(), planes.stacked)
        return [plain * photo + (1 - plain) * styled]

    def _painted(self, image: Tensor, motion: Tensor, stacked: Tensor) -> Tensor:
        told = functional.avg_pool2d(stacked, self.fold)
        moved = warped(image, motion)
        x = self.stem(functional.pixel_unshuffle(torch.cat([image, moved], dim=1), self.fold), told)
        seen: list[tuple[Tensor, Tensor]] = []
        for strided, block in zip(self.strided, self.encoder, strict=True):
            seen.append((x, told))
            x = block(strided(x, told))
            told = functional.avg_pool2d(told, 2)
        x = self.blocks(x)
        for merge, block in zip(self.merges, self.decoder, strict=True):
            fine, told = seen.pop()
            x = block(merge(torch.cat([functional.interpolate(x, scale_factor=2.0), fine], dim=1), told))
        return self._composed(image, motion, self.head(self.finish(x, told)))

    def _composed(self, image: Tensor, motion: Tensor, predicted: Tensor) -> Tensor:
        correction, kept, paint = torch.split(predicted, [2, self.fold**2, 3 * self.fold**2], dim=1)
        # What is multiplied with coordinates is float32: half precision cannot tell pixels apart.
        finer = functional.interpolate(correction.float(), image.shape[-2:], mode="bilinear")
        moved = warped(image, motion + _STRIDE * finer, "bicubic")
        stays = torch.sigmoid(_KEPT + functional.pixel_shuffle(kept.float(), self.fold))
        return (stays * moved + _STROKE * functional.pixel_shuffle(paint.float(), self.fold)).clamp(-1, 1)

    def _check(self, height: int, width: int) -> None:
        if height % self.multiple or width % self.multiple:
            raise RecipeError(
                [
                    f"generator.warp_and_paint: images of {width} x {height} pixels cannot be folded and halved so "
                    f"often; make both sides a multiple of {self.multiple} (data.size), or lower `down` or a fold"
                ]
            )


class Styler(nn.Module):
    """(photo (B, 3, H, W), planes (B, P, H, W)) -> the photo in the style that the planes tell, of the same shape.

    A U-Net of three levels on the photo folded to 1 / `fold`, that predicts what is added to it. Beyond the border its
    convolutions see the border again: zeros there would show, as dots along the edges of a sketch. The backward pass of
    that is not deterministic on CUDA.
    """

    def __init__(self, plane_channels: int, width: int, fold: int) -> None:
        super().__init__()
        self.fold = fold
        self.stem = _Told(3 * fold**2, plane_channels, width, border="replicate")
        self.fine = _Residual(width, "replicate")
        self.halved = _Told(width, plane_channels, 2 * width, stride=2, border="replicate")
        self.middle = _Residual(2 * width, "replicate")
        self.quartered = _Told(2 * width, plane_channels, 3 * width, stride=2, border="replicate")
        self.coarse = nn.Sequential(_Residual(3 * width, "replicate"), _Residual(3 * width, "replicate"))
        self.merge_middle = _Told(5 * width, plane_channels, 2 * width, border="replicate")
        self.merge_fine = _Told(3 * width, plane_channels, width, border="replicate")
        self.finish = _Residual(width, "replicate")
        self.head = nn.Conv2d(width, 3 * fold**2, 3, padding=1, padding_mode="replicate")
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, photo: Tensor, stacked: Tensor) -> Tensor:
        """The styled photo."""
        folded = functional.avg_pool2d(stacked, self.fold)
        half = functional.avg_pool2d(folded, 2)
        fine = self.fine(self.stem(functional.pixel_unshuffle(photo, self.fold), folded))
        middle = self.middle(self.halved(fine, folded))
        x = self.coarse(self.quartered(middle, half))
        x = self.merge_middle(torch.cat([functional.interpolate(x, scale_factor=2.0), middle], dim=1), half)
        x = self.merge_fine(torch.cat([functional.interpolate(x, scale_factor=2.0), fine], dim=1), folded)
        paint = functional.pixel_shuffle(self.head(self.finish(x)).float(), self.fold)
        return (photo.float() + paint).clamp(-1, 1)


def warped(image: Tensor, motion: Tensor, mode: str = "bilinear") -> Tensor:
    """`image` (B, C, H, W) with the pixel at each place taken from `motion` (B, 2, H, W) away, in shares of the sides.

    Beyond the border the border's pixels go on. `mode` "bicubic" keeps fine detail, which "bilinear" blurs: LPIPS of 16
    warped photos at 256 pixels was .066 and .072.
    """
    height, width = image.shape[-2:]
    x = (torch.arange(width, device=image.device, dtype=torch.float32) + 0.5) / width
    y = (torch.arange(height, device=image.device, dtype=torch.float32) + 0.5) / height
    motion = motion.float()
    places = torch.stack([motion[:, 0] + x, motion[:, 1] + y[:, None]], dim=-1)
    return functional.grid_sample(image.float(), places * 2 - 1, mode=mode, padding_mode="border", align_corners=False)


class _Told(nn.Module):
    """A convolution that is told the planes: (B, C, h, w) and planes of that size -> (B, D, h / stride, w / stride)."""

    def __init__(
        self, channels: int, plane_channels: int, wider: int, stride: int = 1, border: Border = "zeros"
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            channels + plane_channels, wider, 3, stride=stride, padding=1, padding_mode=border, bias=False
        )
        self.norm = _norm(wider)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        return functional.silu(self.norm(self.convolution(torch.cat([x, told.to(x.dtype)], dim=1))), inplace=True)


class _Residual(nn.Module):
    """Two convolutions added to what came in: (B, C, h, w) -> (B, C, h, w)."""

    def __init__(self, channels: int, border: Border = "zeros") -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode=border, bias=False),
            _norm(channels),
            nn.SiLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode=border),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(math.gcd(_GROUPS, channels), channels)
