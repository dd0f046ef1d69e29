"""A data set in memory: decoded once, at the recipe's size, in every domain of the recipe."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ptk.data.manifest import SAMPLE, Description, Entry, data_hash, entries_by, read_description, read_manifest
from ptk.data.renderings import Progress, render
from ptk.data.shards import Shards, is_shards
from ptk.errors import DataError, ImageError
from ptk.faces.formats import explain_failure
from ptk.faces.images import open_image, read_content
from ptk.recipe.schema import Recipe
from ptk.types import PHOTO, Domain, Faces

if TYPE_CHECKING:
    from jaxtyping import Float64, UInt8

__all__ = [
    "Decoded",
    "FaceSet",
    "assemble",
    "check_landmarks",
    "decode",
    "describe",
    "find_truths",
    "identity_rows",
    "load_faces",
    "photo_rows",
    "source_folder",
]

MAX_PIXELS = 36_000_000
"""Larger images are refused: of a data set's crops, which are held in memory by the thousand, the largest has 17."""

_PixelBox = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class FaceSet:
    """The images of one split, row by row.

    An image spans the crop of S pixels and `pad` more on each side: `images` (N, 3, S + 2 pad, S + 2 pad) uint8.
    `points` (N, 68, 2) are in [0, 1] of the crop, NaN in a set without faces; `domain`, `identity`, `photo` (N,) int64
    index the recipe's domains, `identities` and `photos`; `expressions` has a word a photo, "" when unknown.
    """

    images: Tensor
    points: Tensor
    domain: Tensor
    identity: Tensor
    photo: Tensor
    identities: tuple[str, ...]
    photos: tuple[str, ...]
    expressions: tuple[str, ...]
    pad: int = 0

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """The side S of the crops in pixels."""
        return self.images.shape[-1] - 2 * self.pad

    def faces(self, rows: Tensor) -> Faces:
        """The faces at `rows` (B,), images in [-1, 1]."""
        inside = slice(self.pad, self.pad + self.size)
        image = self.images[rows][..., inside, inside].float().div(127.5).sub(1)
        return Faces(points=self.points[rows], domain=self.domain[rows], image=image)


@dataclass(frozen=True, eq=False)
class Decoded:
    """An image read at the recipe's size, with its margin, and its landmarks in [0, 1] of the crop, NaN without any."""

    entry: Entry
    pixels: UInt8[np.ndarray, "side side 3"]
    points: Float64[np.ndarray, "68 2"]


def source_folder(source: str) -> Path:
    """The folder that a recipe's `data.source` means."""
    return SAMPLE if source == "sample" else Path(source)


def load_faces(recipe: Recipe, split: str, domains: dict[str, Domain], progress: Progress = lambda *_: None) -> FaceSet:
    """Load a split of the recipe's data in all of its `domains`; what the folder lacks is rendered from the photos.

    Renderings are kept in the user's cache folder. Raises DataError when the data cannot serve the recipe.
    """
    folder = source_folder(recipe.data.source)
    known = entries_by(recipe.data.domains, read_manifest(folder))
    entries = [entry for entry in known if entry.split == split and entry.domain in domains]
    if not entries:
        raise DataError(f"{folder}: no {split} images in the domains {', '.join(domains)}")
    described = read_description(folder)
    check_landmarks(folder, described, entries)
    decoded = []
    for number, entry in enumerate(entries, 1):
        decoded.append(decode(folder / entry.image, entry, recipe.data.size, described.margin))
        progress("reading images", number, len(entries))
    return assemble(str(folder), decoded, recipe, domains, progress)


def check_landmarks(folder: Path, described: Description, entries: Sequence[Entry]) -> None:
    """Raise DataError where an image of a set with faces has no landmarks: NaN would go through every network."""
    lost = next((entry for entry in entries if entry.landmarks is None), None) if described.faces else None
    if lost is not None:
        raise DataError(f"{folder}: {lost.image} has no landmarks; run ptk data check {folder} --fix")


def decode(file: Path | IO[bytes], entry: Entry, size: int, margin: float) -> Decoded:
    """Read the image of `entry` with crops of `size` pixels and round(margin * size) more on each side.

    The image in the file may be of another size, with the same share of margin. Raises DataError naming `file` (or the
    entry's image) when it is missing, damaged, of a format that photos are not read in, or of over MAX_PIXELS.
    """
    pad = round(margin * size)
    place = file if isinstance(file, Path) else entry.image
    try:
        content = read_content(file) if isinstance(file, Path) else file.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of oddities in damaged files
            image = _read_rgb(place, content)
    except ImageError as error:
        reason = "missing" if _is_missing(file) else f"damaged ({str(error).removeprefix(f'{place}: ')})"
        raise DataError(f"{place}: {reason}; prepare the data again") from error
    low, span = np.array([_crop_of(side, margin) for side in image.size]).T
    pixels = _resized(image, low - pad / size * span, low + (1 + pad / size) * span, pad, size)
    points = np.full((68, 2), np.nan) if entry.landmarks is None else np.asarray(entry.landmarks)
    return Decoded(entry, pixels, (points - low) / span)


def _read_rgb(place: str | Path, content: bytes) -> Image.Image:
    with open_image(place, content, least=1, most=MAX_PIXELS) as image:
        try:
            return image.convert("RGB")
        except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged files
            raise ImageError(f"{place}: {explain_failure(content, opened=True)}") from error


def _is_missing(file: Path | IO[bytes]) -> bool:
    try:
        return isinstance(file, Path) and not file.exists()
    except OSError:  # a name longer than any file's
        return True


def _crop_of(side: int, margin: float) -> tuple[float, float]:
    """Where the crop begins, and how long it is, in a stored image of `side` pixels: side = S + 2 round(margin S)."""
    near = round(side / (1 + 2 * margin))
    for length in (near, near - 1, near + 1):
        if length + 2 * round(margin * length) == side:
            return (side - length) / 2, length
    return margin * side / (1 + 2 * margin), side / (1 + 2 * margin)  # not stored by ptk prepare


def _resized(image: Image.Image, low: np.ndarray, high: np.ndarray, pad: int, size: int) -> np.ndarray:
    """The box from `low` to `high` (x, y) of `image`. Rounding may put it past the border, whose pixels then go on."""
    beyond = int(np.ceil(max(0.0, *-low, *(high - image.size)) - 1e-6))
    if beyond:
        image = Image.fromarray(np.pad(np.asarray(image), [(beyond, beyond)] * 2 + [(0, 0)], mode="edge"))
    left, top, right, bottom = (float(value) for value in (*(low + beyond), *(high + beyond)))
    box: _PixelBox = (max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height))
    side = size + 2 * pad
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS, box=box))


def assemble(
    place: str, decoded: Sequence[Decoded], recipe: Recipe, domains: Mapping[str, Domain], progress: Progress
) -> FaceSet:
    """Put `decoded` images of one margin together, sorted, and render what is missing of the recipe's `domains`.

    Raises DataError, which names `place`, when a domain cannot be had or a photo belongs to two people.
    """
    images = {(each.entry.photo, each.entry.domain): each.pixels for each in decoded}
    points = {each.entry.photo: each.points for each in decoded}
    photos = [each.entry.photo for each in decoded if each.entry.domain == PHOTO]
    for use in (use for use in recipe.domains if use.name in domains):
        missing = [photo for photo in photos if (photo, use.name) not in images]
        if missing and domains[use.name].stylise is not None:
            if domains[use.name].needs_face and any(np.isnan(points[photo]).any() for photo in missing):
                what = f"is rendered where the face is, and {place} has no faces; leave it out, or give real images"
                raise DataError(f"{recipe.place(f'domains.{use.name}')}: {what}")
            stack = np.stack([images[photo, PHOTO] for photo in missing])
            where = np.stack([_in_image(points[photo], stack.shape[1], recipe.data.size) for photo in missing])
            rendered = render(stack, where, use, domains[use.name], progress)
            images |= {(photo, use.name): image for photo, image in zip(missing, rendered, strict=True)}
        if not any(domain == use.name for _, domain in images):
            why = "it" if domains[use.name].stylise is not None else "real images of it, no photo can be rendered in it"
            raise DataError(f"{place}: nothing in the domain {use.name}; prepare {why}")
    return _sorted(place, [each.entry for each in decoded], images, points, recipe)


def _in_image(points: np.ndarray, stored: int, size: int) -> np.ndarray:
    """Points in [0, 1] of a crop of `size` pixels -> of its image of `stored` pixels, which shows a margin more."""
    return (points * size + (stored - size) / 2) / stored


def _sorted(
    place: str,
    entries: Sequence[Entry],
    images: Mapping[tuple[str, str], np.ndarray],
    points: Mapping[str, np.ndarray],
    recipe: Recipe,
) -> FaceSet:
    by_photo: dict[str, Entry] = {}
    for entry in entries:
        known = by_photo.setdefault(entry.photo, entry)
        if known.identity != entry.identity:
            raise DataError(f"{place}: photo {entry.photo} belongs to {known.identity} and to {entry.identity}")
    identities = sorted({entry.identity for entry in by_photo.values()})
    photos = sorted(by_photo)
    rows = sorted(images, key=lambda row: (row[0], recipe.domain_names.index(row[1])))
    stack = torch.from_numpy(np.stack([images[row] for row in rows])).permute(0, 3, 1, 2).contiguous()
    return FaceSet(
        images=stack,
        points=torch.tensor(np.stack([points[photo] for photo, _ in rows]), dtype=torch.float32),
        domain=torch.tensor([recipe.domain_names.index(domain) for _, domain in rows]),
        identity=torch.tensor([identities.index(by_photo[photo].identity) for photo, _ in rows]),
        photo=torch.tensor([photos.index(photo) for photo, _ in rows]),
        identities=tuple(identities),
        photos=tuple(photos),
        expressions=tuple(by_photo[photo].expression for photo in photos),
        pad=(stack.shape[-1] - recipe.data.size) // 2,
    )


def find_truths(faces: FaceSet, row: int, domains: int) -> list[tuple[int, int | None]]:
    """Every domain but that of the image in `row`, with the row of the true image there, None where there is none.

    That is the same photo in the domain, or another of the same identity, such as one with that expression.
    """
    found: list[tuple[int, int | None]] = []
    for domain in (one for one in range(domains) if one != int(faces.domain[row])):
        there = faces.domain == domain
        alike = [torch.nonzero(there & (names == names[row])).flatten() for names in (faces.photo, faces.identity)]
        found.append((domain, next((int(rows[0]) for rows in alike if len(rows)), None)))
    return found


def identity_rows(faces: FaceSet) -> list[Tensor]:
    """The rows of each identity, in order of identity."""
    return _group_rows(faces.identity)


def photo_rows(faces: FaceSet) -> list[Tensor]:
    """The rows of each photo, which are its renderings in all domains, in order of photo."""
    return _group_rows(faces.photo)


def _group_rows(keys: Tensor) -> list[Tensor]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, key in enumerate(keys.tolist()):
        rows[key].append(row)
    return [torch.tensor(rows[key]) for key in sorted(rows)]


def describe(recipe: Recipe) -> dict[str, str]:
    """The recipe's data set in words, for checkpoints and weights: source, hash of its manifest, licence, detector.

    A set without faces has "faces": "none", too.
    """
    source = recipe.data.source
    if is_shards(source):
        found = Shards.open(source)
        said = {"source": source, "sha256": found.data, "licence": found.licence, "detector": found.detector}
        return said if found.faces else {**said, "faces": "none"}
    folder = source_folder(source)
    described = read_description(folder)
    said = {
        "source": source,
        "sha256": data_hash(folder),
        "licence": described.licence,
        "detector": described.detector,
    }
    return said if described.faces else {**said, "faces": "none"}
