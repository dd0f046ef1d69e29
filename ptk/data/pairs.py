"""Pairs to train on: two images of one identity, each in any domain (Duan et al. 2020, section 3)."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from ptk.data.faceset import FaceSet, identity_rows
from ptk.errors import DataError
from ptk.faces.landmarks import MIRROR
from ptk.types import Faces, Pair

__all__ = ["Pairs", "mirror"]


class Pairs:
    """Batches of pairs. Batch number `step` depends on `seed` and `step` alone, so a run can go on from anywhere.

    Each row takes an identity at random, then two different images of it: another expression, another domain, or both.
    Raises DataError when no identity has two images.
    """

    def __init__(self, faces: FaceSet, batch: int, seed: int, mirrored: bool) -> None:
        self.faces = faces
        self.batch_size = batch
        self.seed = seed
        self.mirrored = mirrored
        self.rows = identity_rows(faces)
        if not self.rows:
            raise DataError("the data holds no identity with two images; add photos or a second domain to the recipe")

    def batch(self, step: int) -> Pair:
        """The pairs of one step, on the CPU."""
        random = _random(self.seed, step)
        chosen = [self._two(random) for _ in range(self.batch_size)]
        a, b = torch.stack(chosen).unbind(1)
        pair = Pair(a=self.faces.faces(a), b=self.faces.faces(b))
        if not self.mirrored:
            return pair
        flip = torch.rand(self.batch_size, generator=random) < 0.5
        return Pair(a=mirror(pair.a, flip), b=mirror(pair.b, flip))

    def _two(self, random: torch.Generator) -> Tensor:
        rows = self.rows[int(torch.randint(len(self.rows), (), generator=random))]
        return rows[torch.randperm(len(rows), generator=random)[:2]]


def _random(seed: int, step: int) -> torch.Generator:
    """A generator of its own for every step. torch takes 32 bits of a seed, so both numbers are mixed into those."""
    mixed = hashlib.sha256(f"{seed}:{step}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(mixed[:4], "little"))


def mirror(faces: Faces, flip: Tensor) -> Faces:
    """Mirror the rows where `flip` (B,) bool: the image, and the landmarks, which change sides."""
    points = faces.points[:, list(MIRROR)]
    points = torch.stack([1 - points[..., 0], points[..., 1]], dim=-1)
    return Faces(
        points=torch.where(flip[:, None, None], points, faces.points),
        domain=faces.domain,
        image=torch.where(flip[:, None, None, None], faces.image.flip(-1), faces.image),
    )
