"""The sample grid: held-out people by rows; source, target landmarks and every domain by columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn

from ptk.data.faceset import FaceSet
from ptk.faces.landmarks import draw_landmarks
from ptk.recipe.build import Conditioners
from ptk.types import Faces, Target

__all__ = ["GridRow", "draw_grid", "grid_rows"]

_HEADER = 20
_DIM = 0.45


class GridRow:
    """One held-out person: the `source` row of the face set, and the `target` row with another expression."""

    def __init__(self, source: int, target: int) -> None:
        self.source = source
        self.target = target


def grid_rows(faces: FaceSet, domains: Sequence[str], people: int = 6) -> list[GridRow]:
    """A row for each of the first `people`: a neutral (or the first) photo, and another shot where there is one.

    The shots asked for go round, so the grid shows as many expressions as it has rows.
    """
    rows = []
    photos = faces.domain == (domains.index("photo") if "photo" in domains else -1)
    asked = photos if photos.any() else torch.ones_like(photos)  # weights may know no photographs
    for number, identity in enumerate(sorted(set(faces.identity[asked].tolist()))[:people]):
        shots: dict[int, int] = {}
        for row in torch.nonzero((faces.identity == identity) & asked).flatten().tolist():
            shots.setdefault(int(faces.photo[row]), row)
        neutral = [photo for photo in shots if faces.expressions[photo] == "neutral"]
        source = neutral[0] if neutral else next(iter(shots))
        others = [photo for photo in shots if photo != source] or [source]
        rows.append(GridRow(shots[source], shots[others[number % len(others)]]))
    return rows


@torch.inference_mode()
def draw_grid(
    generator: nn.Module, conditioners: Conditioners, faces: FaceSet, rows: Sequence[GridRow], domains: Sequence[str]
) -> Image.Image:
    """Translate every row into every domain and lay the results out, with the names of the columns above them."""
    device = next(generator.parameters()).device
    source = faces.faces(torch.tensor([row.source for row in rows])).to(device)
    target = faces.faces(torch.tensor([row.target for row in rows])).to(device)
    columns = [_pixels(source.image), _landmarks(target)]
    for index in range(len(domains)):
        wanted = Target(points=target.points, domain=torch.full_like(target.domain, index))
        results = [_one(generator, conditioners, source, wanted, row) for row in range(len(rows))]
        columns.append(np.concatenate(results))
    return _sheet(columns, ["source", "target", *domains])


def _one(generator: nn.Module, conditioners: Conditioners, source: Faces, wanted: Target, row: int) -> np.ndarray:
    """One translation: a row at a time, so that a grid never needs more memory than a step."""
    face = Faces(
        points=source.points[row : row + 1], domain=source.domain[row : row + 1], image=source.image[row : row + 1]
    )
    goal = Target(points=wanted.points[row : row + 1], domain=wanted.domain[row : row + 1])
    return _pixels(generator(face.image, conditioners(face, goal))[0])


def _pixels(images: Tensor) -> np.ndarray:
    """(B, 3, H, W) in [-1, 1] -> uint8 (B, H, W, 3)."""
    clean = torch.nan_to_num(images.float()).clamp(-1, 1).add(1).mul(127.5).round().byte()
    return np.asarray(clean.permute(0, 2, 3, 1).cpu().numpy())


def _landmarks(target: Faces) -> np.ndarray:
    """The target landmarks over the dimmed true target: what was asked for, and what is right."""
    images = _pixels(target.image)
    height, width = images.shape[1:3]
    points = target.points.cpu().numpy() * np.asarray([width, height])
    dimmed = (images * _DIM).astype(np.uint8)
    return np.stack([draw_landmarks(image, face) for image, face in zip(dimmed, points, strict=True)])


def _sheet(columns: Sequence[np.ndarray], titles: Sequence[str]) -> Image.Image:
    body = np.concatenate([np.concatenate(list(column)) for column in columns], axis=1)
    sheet = Image.new("RGB", (body.shape[1], body.shape[0] + _HEADER), "white")
    sheet.paste(Image.fromarray(body), (0, _HEADER))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    width = columns[0].shape[2]
    for index, title in enumerate(titles):
        draw.text((index * width + 4, 1), title, fill="black", font=font)
    return sheet
