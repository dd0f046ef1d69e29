"""A data set in memory: decoded once, at the recipe's size, in every domain of the recipe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ptk.data.manifest import SAMPLE, Entry, data_hash, read_description, read_manifest
from ptk.data.renderings import Progress, render
from ptk.errors import DataError
from ptk.recipe.schema import Recipe
from ptk.types import Domain, Faces

__all__ = ["FaceSet", "describe", "identity_rows", "load_faces", "source_folder"]


@dataclass(frozen=True, eq=False)
class FaceSet:
    """The images of one split, row by row.

    `images` (N, 3, S, S) uint8; `points` (N, 68, 2) in [0, 1] of the image; `domain`, `identity`, `photo` (N,) int64,
    which index the recipe's domains, `identities` and `photos`; `expressions` has a word a photo, "" when unknown.
    """

    images: Tensor
    points: Tensor
    domain: Tensor
    identity: Tensor
    photo: Tensor
    identities: tuple[str, ...]
    photos: tuple[str, ...]
    expressions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def faces(self, rows: Tensor) -> Faces:
        """The faces at `rows` (B,), images in [-1, 1]."""
        return Faces(
            points=self.points[rows], domain=self.domain[rows], image=self.images[rows].float().div(127.5).sub(1)
        )


def source_folder(source: str) -> Path:
    """The folder that a recipe's `data.source` means."""
    return SAMPLE if source == "sample" else Path(source)


def load_faces(recipe: Recipe, split: str, domains: dict[str, Domain], progress: Progress = lambda *_: None) -> FaceSet:
    """Load a split of the recipe's data in all of its `domains`; what the folder lacks is rendered from the photos.

    Renderings are kept in the user's cache folder. Raises DataError when the data cannot serve the recipe.
    """
    folder = source_folder(recipe.data.source)
    entries = [entry for entry in read_manifest(folder) if entry.split == split and entry.domain in domains]
    photos = [entry for entry in entries if entry.domain == "photo"]
    if not entries:
        raise DataError(f"{folder}: no {split} images in the domains {', '.join(domains)}")
    images: dict[tuple[str, str], np.ndarray] = {}
    points: dict[str, np.ndarray] = {}
    for number, entry in enumerate(entries, 1):
        images[entry.photo, entry.domain], points[entry.photo] = _read(folder, entry, recipe.data.size)
        progress("reading images", number, len(entries))
    for use in (use for use in recipe.domains if use.name in domains):
        missing = [entry for entry in photos if (entry.photo, use.name) not in images]
        if missing and use.part != "photo":
            stack = np.stack([images[entry.photo, "photo"] for entry in missing])
            rendered = render(stack, use, domains[use.name], progress)
            images |= {(entry.photo, use.name): image for entry, image in zip(missing, rendered, strict=True)}
        if not any(domain == use.name for _, domain in images):
            raise DataError(f"{folder}: nothing in the domain {use.name}; prepare it with --styles {use.name}")
    return _assemble(folder, entries, images, points, recipe)


def _read(folder: Path, entry: Entry, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The image as uint8 (size, size, 3), and its landmarks (68, 2) in [0, 1] of it."""
    path = folder / entry.image
    try:
        with Image.open(path) as image:
            points = np.asarray(entry.landmarks) / np.asarray(image.size)
            pixels = image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = "missing" if isinstance(error, FileNotFoundError) else f"damaged ({error})"
        raise DataError(f"{path}: {reason}; prepare the data again") from error
    return np.asarray(pixels), points


def _assemble(
    folder: Path,
    entries: Sequence[Entry],
    images: Mapping[tuple[str, str], np.ndarray],
    points: Mapping[str, np.ndarray],
    recipe: Recipe,
) -> FaceSet:
    by_photo: dict[str, Entry] = {}
    for entry in entries:
        known = by_photo.setdefault(entry.photo, entry)
        if known.identity != entry.identity:
            raise DataError(f"{folder}: photo {entry.photo} belongs to {known.identity} and to {entry.identity}")
    identities = sorted({entry.identity for entry in by_photo.values()})
    photos = sorted(by_photo)
    rows = sorted(images, key=lambda row: (row[0], recipe.domain_names.index(row[1])))
    return FaceSet(
        images=torch.from_numpy(np.stack([images[row] for row in rows])).permute(0, 3, 1, 2).contiguous(),
        points=torch.tensor(np.stack([points[photo] for photo, _ in rows]), dtype=torch.float32),
        domain=torch.tensor([recipe.domain_names.index(domain) for _, domain in rows]),
        identity=torch.tensor([identities.index(by_photo[photo].identity) for photo, _ in rows]),
        photo=torch.tensor([photos.index(photo) for photo, _ in rows]),
        identities=tuple(identities),
        photos=tuple(photos),
        expressions=tuple(by_photo[photo].expression for photo in photos),
    )


def identity_rows(faces: FaceSet) -> list[Tensor]:
    """The rows of each identity that has at least two images, in order of identity."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, identity in enumerate(faces.identity.tolist()):
        rows[identity].append(row)
    return [torch.tensor(rows[identity]) for identity in sorted(rows) if len(rows[identity]) > 1]


def describe(recipe: Recipe) -> dict[str, str]:
    """The recipe's data set in words, for checkpoints and weights: source, hash of its manifest, licence, detector."""
    folder = source_folder(recipe.data.source)
    described = read_description(folder)
    return {
        "source": recipe.data.source,
        "sha256": data_hash(folder),
        "licence": described.licence,
        "detector": described.detector,
    }
