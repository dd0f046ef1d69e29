"""A generator that moves pixels first, and paints only what moving cannot give: teeth, wrinkles, a style."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.errors import RecipeError
from ptk.generators.blocks import ConditionedConvolution, Residual
from ptk.generators.colour_blur import ColourBlur
from ptk.generators.detail import Detail
from ptk.generators.mouth import Mouth
from ptk.generators.styler import Styler
from ptk.motion.lips import move_lips
from ptk.motion.mouth_frame import MouthFrame
from ptk.motion.warp import warp
from ptk.rendering import Rendering

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["WarpAndPaint"]

_MAX_DOWN = 10

_KEPT = 5.0  # a sigmoid of minus this is what an untrained network takes away from the warped picture: under 1 %
# What 1 of the last layer means. An optimiser's step moves all of its outputs together, by a tenth and more: with
# larger units the picture jitters so much from step to step that nothing is learned at rates above 1e-4.
_STRIDE = 0.02  # of the side, of the motion's correction
_STROKE = 0.3  # of the paint
_INSIDE = (-0.65, -0.85, -0.85)  # the colour of a mouth where nothing of it is known: teeth have to be painted


class WarpAndPaint(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    The conditioner `motion_field` says where each pixel comes from. A U-Net (Ronneberger et al. 2015) sees the source
    and the source so warped, both folded to 1 / `fold` of their sides with `fold`^2 times the channels (Shi et al.
    2016), and all planes at every level. It predicts a correction of the motion, the share of the warped picture that
    stays, and what is added to it:

        result = stays * warp(image, motion + correction) + paint

    With `detail` channels a smaller network, at half of the sides, adds to that paint what is too fine for `fold`. With
    `chroma`, an odd number of pixels, the colour of the paint (what it has beyond grey) is averaged over a square of
    that side, twice: eyes see colour less finely than brightness, and without it teeth come out with coloured dots.

    With `mouth` channels another network (`Mouth`) makes the lips and what is between, in the recipe's first domain
    alone: some of the source stays, moved by the conditioner's motion made exact at the lips (`move_lips`), dark where
    it shows nothing of a mouth that opens, and paint is added, but not below teeth that the source shows. It is told
    exactly where lips are, for which folded planes are too coarse. Nothing before it learns then, and it does not see
    what that makes, which is better of the people it was learned from than of others.

    With `styler` channels a smaller U-Net, told the domain, turns that photo, folded to 1 / `styler_fold`, into the
    domain asked for, unless it is the recipe's first. No gradient goes from the second to the first, which learns from
    photos alone: a style changes so much more than an expression that one network for both unlearns teeth over it. With
    0 one network does both.

    The last layer starts near zero, so that an untrained network gives the warped picture: what can be copied is.
    `width` channels at the first level, doubled at each of `down` strided convolutions; `blocks` residual blocks at the
    last. H and W must be multiples of fold * 2^down, and of 4 * styler_fold with a styler.

    Raises ValueError for options that do not fit, RecipeError for images of a size that does not fit.

    Source: flow and occlusion mask of the first order motion model (Siarohin et al. 2019), section 3.2.
    """

    needs = ("motion_field", "domain_planes")
    needs_landmarks = True
    last_layers = ("head", "finish", "detail.head", "mouth.head", "styler.head", "styler.finish")
    may_be_new = ("detail", "mouth", "styler")

    def __init__(
        self,
        plane_channels: int,
        *,
        width: int = 32,
        down: int = 3,
        blocks: int = 2,
        fold: int = 2,
        detail: int = 0,
        chroma: int = 0,
        mouth: int = 0,
        styler: int = 0,
        styler_fold: int = 2,
    ) -> None:
        super().__init__()
        if min(width, down, fold, styler_fold) < 1 or min(blocks, detail, mouth, styler) < 0:
            said = f"{width}, {down}, {fold}, {styler_fold}, {blocks}, {detail}, {mouth}, {styler}"
            raise ValueError(f"width, down and folds start at 1, blocks, detail, mouth and styler at 0; got {said}")
        if down > _MAX_DOWN:
            raise ValueError(f"down is at most {_MAX_DOWN}, for sides of {2 << _MAX_DOWN} pixels, not {down}")
        if chroma < 0 or (chroma and chroma % 2 == 0):
            raise ValueError(f"chroma is 0 or an odd number of pixels; got {chroma}")
        self.chroma = chroma
        self.fold, self.multiple = fold, math.lcm(fold * 2**down, 4 * styler_fold if styler else 1)
        self.detail = Detail(width, detail) if detail else None
        self.mouth = Mouth(mouth) if mouth else None
        self.styler = Styler(plane_channels, styler, styler_fold) if styler else None
        widths = [width * 2**level for level in range(down + 1)]
        self.stem = ConditionedConvolution(6 * fold**2, plane_channels, width)
        self.strided = nn.ModuleList(
            ConditionedConvolution(a, plane_channels, b, stride=2) for a, b in pairwise(widths)
        )
        self.encoder = nn.ModuleList(Residual(each) for each in widths[1:])
        self.blocks = nn.Sequential(*(Residual(widths[-1]) for _ in range(blocks)))
        narrowing = list(pairwise(widths))[::-1]
        self.merges = nn.ModuleList(ConditionedConvolution(a + b, plane_channels, a) for a, b in narrowing)
        self.decoder = nn.ModuleList(Residual(a) for a, _ in narrowing)
        self.finish = ConditionedConvolution(width, plane_channels, width)
        self.head = nn.Conv2d(width, 2 + 4 * fold**2, 3, padding=1)
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """One image (B, 3, H, W) in [-1, 1] from one in [-1, 1]."""
        photo = self.render(image, planes).image
        if self.styler is None:
            return [photo]
        plain = planes["domain_planes"][:, :1].float()
        return [plain * photo + (1 - plain) * self.restyle(photo.detach(), planes)]

    @property
    def moves_lips(self) -> bool:
        """Whether `render` moves lips by a flow of their own, which it can be given."""
        return self.mouth is not None

    @property
    def restyles(self) -> bool:
        """Whether `render` makes the plain domain alone and `restyle` the others of it."""
        return self.styler is not None

    def render_face(self, image: Tensor, planes: Planes) -> Rendering:
        """What `render` gives but for the mouth."""
        self._check(*image.shape[-2:])
        return self._face(image, planes["motion_field"], self._told(planes), ColourBlur(image, self.chroma))

    def render_mouth(
        self, image: Tensor, points: Tensor, lips: tuple[Tensor, Tensor, Tensor], corner: Tensor
    ) -> tuple[Rendering, Tensor]:
        """What `render` makes of lips and between, in a window of the image, and how much of it counts (B, 1, h, w).

        `points` (B, 68, 2) are the target's, in [0, 1] of the image; `lips` what of `move_lips`, in shares of the
        image, is in the window, (B, C, h, w), whose left and top `corner` (B, 2) has, in pixels. The window holds the
        mouth's frame, as far as that is inside of the image, and `mouth_margin` pixels around it.
        """
        flow, unseen, below = lips
        frame = MouthFrame.around(points.float(), *image.shape[-2:]).narrowed()
        frame = replace(frame, middle=frame.middle - corner)
        moved = warp(image, flow, "bicubic", corner)
        return self._mouth(moved, (flow, unseen, below), flow[:, 1:] * image.shape[-2], frame)

    @property
    def mouth_margin(self) -> int:
        """Pixels around a mouth's frame that its paint takes part in, and what is sampled beside it."""
        return self.chroma + 3

    def restyle(self, photo: Tensor, planes: Planes) -> Tensor:
        """What `render` made, in the domain that the planes tell."""
        assert self.styler is not None
        return cast("Tensor", self.styler(photo, planes.stacked))

    def render(self, image: Tensor, planes: Planes, lips: tuple[Tensor, Tensor, Tensor] | None = None) -> Rendering:
        """The image in the plain domain if another network makes the others, else in that asked for, and its flow.

        `lips` is what `move_lips` makes of the planes' motion field and landmarks, where it is known already.
        """
        self._check(*image.shape[-2:])
        flow, blur = planes["motion_field"], ColourBlur(image, self.chroma)
        if self.mouth is None:
            return self._face(image, flow, self._told(planes), blur)
        if planes.source is None or planes.target is None:
            raise ValueError("warp_and_paint: the planes do not say where mouths are; give Planes source and target")
        with torch.no_grad():
            face = self._face(image, flow, self._told(planes), blur)
            points = planes.source.points.float(), planes.target.points.float()
            lips = move_lips(flow.float(), *points) if lips is None else lips
        frame = MouthFrame.around(planes.target.points.float(), *image.shape[-2:]).narrowed()
        rows = lips[0][:, 1:].float() * image.shape[-2]
        mouth, share = self._mouth(warp(image, lips[0], "bicubic"), lips, rows, frame, blur)
        share = share if self.restyles else share * planes["domain_planes"][:, :1]
        return Rendering(
            image=torch.lerp(face.image, mouth.image, share),
            flow=torch.lerp(face.flow, mouth.flow, share),
            visibility=torch.lerp(face.visibility, mouth.visibility, share),
        )

    def _told(self, planes: Planes) -> Tensor:
        """All planes (B, C, H, W): where another network makes the other domains, those of the first."""
        domains = planes["domain_planes"]
        if self.restyles:
            first = torch.zeros_like(domains)
            first[:, 0] = 1
            domains = first
        return torch.cat([domains if name == "domain_planes" else planes[name] for name in planes], dim=1)

    def _mouth(
        self,
        moved: Tensor,
        lips: tuple[Tensor, Tensor, Tensor],
        rows: Tensor,
        frame: MouthFrame,
        blur: ColourBlur | None = None,
    ) -> tuple[Rendering, Tensor]:
        """What is right on lips and between, of the image `moved` by their flow, and how much counts, (B, 1, H, W)."""
        assert self.mouth is not None
        flow, unseen, below = lips
        dark = torch.tensor(_INSIDE, device=moved.device).reshape(1, 3, 1, 1)
        under = torch.lerp(moved, dark, unseen)
        kept, paint, share = self.mouth.paint(under, rows, frame)
        paint = (ColourBlur(under, self.chroma) if blur is None else blur)(paint)
        stays = torch.sigmoid(_KEPT + kept)
        mouth = torch.lerp((stays * under + _STROKE * paint).clamp(-1, 1), dark, below)
        visibility = stays * (1 - unseen) * (1 - below)
        return Rendering(image=mouth, flow=flow, visibility=visibility), share

    def _face(self, image: Tensor, flow: Tensor, stacked: Tensor, blur: ColourBlur) -> Rendering:
        told = functional.avg_pool2d(stacked, self.fold)
        moved = warp(image, flow)
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
        return self._compose(image, flow, self.finish(x, told), blur)

    def _compose(self, image: Tensor, flow: Tensor, features: Tensor, blur: ColourBlur) -> Rendering:
        predicted = self.head(features)
        correction, kept, paint = torch.split(predicted, [2, self.fold**2, 3 * self.fold**2], dim=1)
        # What is multiplied with coordinates is float32: half precision cannot tell pixels apart.
        finer = functional.interpolate(correction.float(), image.shape[-2:], mode="bilinear")
        flow = flow + _STRIDE * finer
        moved = warp(image, flow, "bicubic")
        stays = torch.sigmoid(_KEPT + functional.pixel_shuffle(kept.float(), self.fold))
        picture = stays * moved + _STROKE * functional.pixel_shuffle(paint.float(), self.fold)
        if self.detail is not None:
            picture = picture + _STROKE * self.detail(picture, moved, features).float()
        picture = moved + blur(picture - moved)
        return Rendering(image=picture.clamp(-1, 1), flow=flow, visibility=stays)

    def _check(self, height: int, width: int) -> None:
        if height % self.multiple or width % self.multiple:
            raise RecipeError(
                [
                    f"generator.warp_and_paint: images of {width} x {height} pixels cannot be folded and halved so "
                    f"often; make both sides a multiple of {self.multiple} (data.size), or lower `down` or a fold"
                ]
            )
