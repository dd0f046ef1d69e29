"""The sample grid: held-out images by rows; the source, landmarks where they count, and domains by columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn

from ptk.data.faceset import FaceSet
from ptk.faces.landmarks import draw_landmarks
from ptk.recipe.agreement import hears_landmarks
from ptk.recipe.build import Conditioners
from ptk.recipe.schema import Recipe
from ptk.types import find_plain

__all__ = ["Grid", "GridRow", "draw_grid", "plan_grid"]

_HEADER = 20
_DIM = 0.45
_ROWS = 6
_BLANK = 255  # of a cell for the domain that its source is in


@dataclass(frozen=True)
class GridRow:
    """The `source` row of the face set, and the `target` row, the same or one with another expression."""

    source: int
    target: int


@dataclass(frozen=True)
class Grid:
    """What is shown. With `moves` every row goes to the target's landmarks, in every domain; else to other domains."""

    rows: tuple[GridRow, ...]
    domains: tuple[str, ...]
    moves: bool


def plan_grid(faces: FaceSet, recipe: Recipe) -> Grid:
    """Up to six rows of held-out `faces`: people with another expression, or images of every domain in turn.

    The latter where the generator hears no landmarks, or pairs show no one person twice.
    """
    moves = hears_landmarks(recipe) and recipe.data.pairs != "unpaired"
    rows = _people(faces, recipe.domain_names) if moves else _images(faces)
    return Grid(tuple(rows[:_ROWS]), recipe.domain_names, moves)


def _people(faces: FaceSet, domains: Sequence[str]) -> list[GridRow]:
    """A row for each person: a neutral (or the first) photo, and another shot where there is one.

    The shots asked for go round, so the grid shows as many expressions as it has rows.
    """
    rows = []
    plain = find_plain(domains)
    photos = faces.domain == (-1 if plain is None else plain)
    asked = photos if photos.any() else torch.ones_like(photos)  # weights may know no photographs
    for number, identity in enumerate(sorted(set(faces.identity[asked].tolist()))[:_ROWS]):
        shots: dict[int, int] = {}
        for row in torch.nonzero((faces.identity == identity) & asked).flatten().tolist():
            shots.setdefault(int(faces.photo[row]), row)
        neutral = [photo for photo in shots if faces.expressions[photo] == "neutral"]
        source = neutral[0] if neutral else next(iter(shots))
        others = [photo for photo in shots if photo != source] or [source]
        rows.append(GridRow(shots[source], shots[others[number % len(others)]]))
    return rows


def _images(faces: FaceSet) -> list[GridRow]:
    """The images of every domain in turn, each of another identity as far as there are any."""
    waiting = []
    for number, domain in enumerate(sorted(set(faces.domain.tolist()))):
        rows = torch.nonzero(faces.domain == domain).flatten().tolist()
        seen: dict[int, list[int]] = {}
        for row in rows:
            seen.setdefault(int(faces.identity[row]), []).append(row)
        ordered = [row for turn in zip_longest(*seen.values()) for row in turn if row is not None]
        begin = number % len(ordered)
        waiting.append(ordered[begin:] + ordered[:begin])
    return [GridRow(row, row) for turn in zip_longest(*waiting) for row in turn if row is not None]


@torch.inference_mode()
def draw_grid(generator: nn.Module, conditioners: Conditioners, faces: FaceSet, grid: Grid) -> Image.Image:
    """Translate every row into its domains and lay the results out, with the names of the columns above them."""
    device = next(generator.parameters()).device
    source = faces.faces(torch.tensor([row.source for row in grid.rows])).to(device)
    target = faces.faces(torch.tensor([row.target for row in grid.rows])).to(device)
    columns, titles = [_pixels(source.image)], ["source"]
    if grid.moves:
        # the target landmarks over the dimmed true target: what was asked for, and what is right
        images = _pixels(target.image)
        points = target.all_points.cpu().numpy() * np.asarray([images.shape[2], images.shape[1]])
        dimmed = (images * _DIM).astype(np.uint8)
        columns.append(np.stack([draw_landmarks(image, face) for image, face in zip(dimmed, points, strict=True)]))
        titles.append("target")
    for index in range(len(grid.domains)):
        cells = []
        for row in range(len(grid.rows)):
            if not grid.moves and int(source.domain[row]) == index:
                cells.append(np.full_like(columns[0][:1], _BLANK))
            else:
                # a row at a time, so that a grid never needs more memory than a step
                only = slice(row, row + 1)
                face, there = source.rows(only), target.goal.rows(only)
                goal = replace(there, domain=torch.full_like(face.domain, index), segments=((index, 1),))
                cells.append(_pixels(generator(face.image, conditioners(face, goal))[0]))
        columns.append(np.concatenate(cells))
    return _sheet(columns, [*titles, *grid.domains])


def _pixels(images: Tensor) -> np.ndarray:
    """(B, 3, H, W) in [-1, 1] -> uint8 (B, H, W, 3)."""
    clean = torch.nan_to_num(images.float()).clamp(-1, 1).add(1).mul(127.5).round().byte()
    return np.asarray(clean.permute(0, 2, 3, 1).cpu().numpy())


def _sheet(columns: Sequence[np.ndarray], titles: Sequence[str]) -> Image.Image:
    body = np.concatenate([np.concatenate(list(column)) for column in columns], axis=1)
    sheet = Image.new("RGB", (body.shape[1], body.shape[0] + _HEADER), "white")
    sheet.paste(Image.fromarray(body), (0, _HEADER))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    width = columns[0].shape[2]
    for index, title in enumerate(titles):
        draw.text((index * width + 4, 1), title, fill="black", font=font)
    return sheet
