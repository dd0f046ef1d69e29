"""A generator that warps its source and predicts a residual for what warping cannot give: teeth, a style."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.errors import RecipeError
from ptk.generators.warp_and_paint.colour_blur import ColourBlur
from ptk.generators.warp_and_paint.mouth import Mouth
from ptk.generators.warp_and_paint.refiner import Refiner
from ptk.generators.warp_and_paint.styler import Styler
from ptk.layers.blocks import ConditionedConvolution, Residual
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.lips import move_lips
from ptk.motion.mouth_frame import MouthFrame
from ptk.motion.warp import warp
from ptk.rendering import Rendering

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["WarpAndPaint"]

_MAX_DOWN = 10


class WarpAndPaint(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    The conditioner `motion_field` gives a flow: where each pixel comes from. A U-Net (Ronneberger et al. 2015) sees the
    source and the warped source, both folded to 1 / `fold` of their sides with `fold`^2 times the channels (Shi et al.
    2016), conditioned on all planes at every level. It predicts a correction of the flow, a visibility and a residual:

        result = visibility * warp(image, flow + correction) + residual

    With `detail` channels a smaller network at half of the sides, `Refiner`, adds to the residual what is too fine for
    `fold`. With `chroma`, an odd number of pixels, the residual's colour (what it has beyond grey) is averaged over a
    square of that side, twice: eyes resolve colour less finely than brightness, and without it teeth come out with
    coloured dots.

    With `mouth` channels another network, `Mouth`, makes the lips and what is between, in the plain domain alone. It
    warps by the conditioner's flow made exact at the lips (`move_lips`), fills disoccluded parts of a mouth that opens
    with a dark colour, and adds its residual, but not below teeth that the source shows. It is conditioned on exact
    distances to the lips, for which folded planes are too coarse. The networks before it are frozen then, and it does
    not see their result, which is better on training people than on others.

    With `styler` channels a smaller U-Net, conditioned on the domain, turns that photo, folded to 1 / `styler_fold`,
    into the target domain, unless that is the plain one. No gradient goes from the second to the first, which learns
    from photos alone: a style changes so much more than an expression that one network for both unlearns teeth over it.
    With 0 one network does both. `plain` is the index of the plain domain, `geometry` the numbers that are not learned.

    The last layer starts near zero, so an untrained network gives the warped image. `width` channels at the first
    level, doubled at each of `down` strided convolutions; `blocks` residual blocks at the last. H and W must be
    multiples of fold * 2^down, and of 4 * styler_fold with a styler.

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
        plain: int,
        geometry: FaceGeometry,
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
        self.plain, self.geometry, self.chroma = plain, geometry, chroma
        self.fold, self.multiple = fold, math.lcm(fold * 2**down, 4 * styler_fold if styler else 1)
        self.detail = Refiner(width, detail) if detail else None
        self.mouth = Mouth(mouth, geometry) if mouth else None
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
        """Translate `image` in [-1, 1]."""
        photo = self.render(image, planes).image
        if self.styler is None:
            return [photo]
        plain = self._plain_plane(planes).float()
        return [plain * photo + (1 - plain) * self.restyle(photo.detach(), planes)]

    @property
    def moves_lips(self) -> bool:
        """Whether `render` moves lips by a flow of their own, which it can be given."""
        return self.mouth is not None

    @property
    def restyles(self) -> bool:
        """Whether `render` makes the plain domain alone, and `restyle` the others from it."""
        return self.styler is not None

    def render_face(self, image: Tensor, planes: Planes) -> Rendering:
        """Render all but the mouth."""
        self._check(*image.shape[-2:])
        return self._render_face(image, planes["motion_field"], self._stack(planes), ColourBlur(image, self.chroma))

    def render_mouth(
        self, image: Tensor, points: Tensor, lips: tuple[Tensor, Tensor, Tensor], corner: Tensor
    ) -> tuple[Rendering, Tensor]:
        """Render lips and what is between, in a window of the image, and the mask of what counts (B, 1, h, w).

        `points` (B, 68, 2) are the target's, in [0, 1] of the image; `lips` is `move_lips`' result in the window,
        (B, C, h, w), in shares of the image; `corner` (B, 2) the window's left and top in pixels. The window holds the
        mouth's frame, as far as that is inside of the image, and `mouth_margin` pixels around it.
        """
        flow = lips[0]
        frame = self._frame(points, image)
        frame = replace(frame, middle=frame.middle - corner)
        warped = warp(image, flow, "bicubic", corner)
        return self._compose_mouth(warped, lips, flow[:, 1:] * image.shape[-2], frame)

    @property
    def mouth_margin(self) -> int:
        """Pixels around a mouth's frame that its residual is averaged over, and that are sampled beside it."""
        return self.chroma + 3

    def restyle(self, photo: Tensor, planes: Planes) -> Tensor:
        """Turn `render`'s result into the planes' domain."""
        assert self.styler is not None
        return cast("Tensor", self.styler(photo, planes.stacked))

    def render(self, image: Tensor, planes: Planes, lips: tuple[Tensor, Tensor, Tensor] | None = None) -> Rendering:
        """Render the image and its flow, in the plain domain if a styler makes the others, else in the planes' domain.

        `lips` is `move_lips`' result for the planes' flow and landmarks, where it is known already.
        """
        self._check(*image.shape[-2:])
        flow, blur = planes["motion_field"], ColourBlur(image, self.chroma)
        if self.mouth is None:
            return self._render_face(image, flow, self._stack(planes), blur)
        if planes.source is None or planes.target is None:
            raise ValueError("warp_and_paint: the planes do not say where mouths are; give Planes source and target")
        with torch.no_grad():
            face = self._render_face(image, flow, self._stack(planes), blur)
            points = planes.source.points.float(), planes.target.points.float()
            lips = move_lips(flow.float(), *points, self.geometry) if lips is None else lips
        frame = self._frame(planes.target.points, image)
        rows = lips[0][:, 1:].float() * image.shape[-2]
        mouth, mask = self._compose_mouth(warp(image, lips[0], "bicubic"), lips, rows, frame, blur)
        mask = mask if self.restyles else mask * self._plain_plane(planes)
        return Rendering(
            image=torch.lerp(face.image, mouth.image, mask),
            flow=torch.lerp(face.flow, mouth.flow, mask),
            visibility=torch.lerp(face.visibility, mouth.visibility, mask),
        )

    def _frame(self, points: Tensor, image: Tensor) -> MouthFrame:
        height, width = image.shape[-2:]
        return MouthFrame.around(points.float(), height, width, self.geometry).narrowed()

    def _plain_plane(self, planes: Planes) -> Tensor:
        """Return the plane (B, 1, H, W) that is 1 where rows go to the plain domain."""
        return planes["domain_planes"][:, self.plain : self.plain + 1]

    def _stack(self, planes: Planes) -> Tensor:
        """Stack all planes (B, C, H, W): with a styler, those of the plain domain."""
        domains = planes["domain_planes"]
        if self.restyles:
            plain = torch.zeros_like(domains)
            plain[:, self.plain] = 1
            domains = plain
        return torch.cat([domains if name == "domain_planes" else planes[name] for name in planes], dim=1)

    def _compose_mouth(
        self,
        warped: Tensor,
        lips: tuple[Tensor, Tensor, Tensor],
        rows: Tensor,
        frame: MouthFrame,
        blur: ColourBlur | None = None,
    ) -> tuple[Rendering, Tensor]:
        """Compose lips and inside on the image `warped` by their flow; and the mask of what counts (B, 1, H, W)."""
        assert self.mouth is not None
        by = self.geometry.paint
        flow, disocclusion, below = lips
        dark = torch.tensor(by.cavity, device=warped.device).reshape(1, 3, 1, 1)
        base = torch.lerp(warped, dark, disocclusion)
        logits, residual, mask = self.mouth.predict_mouth(base, rows, frame)
        residual = (ColourBlur(base, self.chroma) if blur is None else blur)(residual)
        visibility = torch.sigmoid(by.visibility + logits)
        mouth = torch.lerp((visibility * base + by.colour * residual).clamp(-1, 1), dark, below)
        visibility = visibility * (1 - disocclusion) * (1 - below)
        return Rendering(image=mouth, flow=flow, visibility=visibility), mask

    def _render_face(self, image: Tensor, flow: Tensor, stacked: Tensor, blur: ColourBlur) -> Rendering:
        planes = functional.avg_pool2d(stacked, self.fold)
        warped = warp(image, flow)
        x = self.stem(functional.pixel_unshuffle(torch.cat([image, warped], dim=1), self.fold), planes)
        skips: list[tuple[Tensor, Tensor]] = []
        for strided, block in zip(self.strided, self.encoder, strict=True):
            skips.append((x, planes))
            x = block(strided(x, planes))
            planes = functional.avg_pool2d(planes, 2)
        x = self.blocks(x)
        for merge, block in zip(self.merges, self.decoder, strict=True):
            skip, planes = skips.pop()
            x = block(merge(torch.cat([functional.interpolate(x, scale_factor=2.0), skip], dim=1), planes))
        return self._compose(image, flow, self.finish(x, planes), blur)

    def _compose(self, image: Tensor, flow: Tensor, features: Tensor, blur: ColourBlur) -> Rendering:
        by, predicted = self.geometry.paint, self.head(features)
        correction, logits, residual = torch.split(predicted, [2, self.fold**2, 3 * self.fold**2], dim=1)
        # Coordinates are float32: half precision cannot tell pixels apart.
        correction = functional.interpolate(correction.float(), image.shape[-2:], mode="bilinear")
        flow = flow + by.flow * correction
        warped = warp(image, flow, "bicubic")
        visibility = torch.sigmoid(by.visibility + functional.pixel_shuffle(logits.float(), self.fold))
        picture = visibility * warped + by.colour * functional.pixel_shuffle(residual.float(), self.fold)
        if self.detail is not None:
            picture = picture + by.colour * self.detail(picture, warped, features).float()
        picture = warped + blur(picture - warped)
        return Rendering(image=picture.clamp(-1, 1), flow=flow, visibility=visibility)

    def _check(self, height: int, width: int) -> None:
        if height % self.multiple or width % self.multiple:
            raise RecipeError(
                [
                    f"generator.warp_and_paint: images of {width} x {height} pixels cannot be folded and halved so "
                    f"often; make both sides a multiple of {self.multiple} (data.size), or lower `down` or a fold"
                ]
            )
