"""Pairs to train on: two images of one identity, each in any domain (Duan et al. 2020, section 3), or of any two."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import torch
from torch import Tensor

from ptk.data.augment import Changes, mirror, sampled
from ptk.data.bend_photos import Spline
from ptk.data.expression_changes import ExpressionChanges
from ptk.data.faceset import FaceSet, identity_rows, photo_rows
from ptk.errors import DataError
from ptk.faces.topologies import TOPOLOGIES
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.smooth_flow import carry_points
from ptk.recipe.schema import DataSettings
from ptk.types import Faces, Pair

__all__ = ["Pairs"]


class Pairs:
    """Batches of pairs on `device`. Batch `step` depends on data, `seed` and `step` alone: a run can go on anywhere.

    Each row takes an identity at random, then, as `settings.pairs` says, two different images of it (another
    expression, another domain, or both), two domains of one photo, or two images of one photo, in any domain each, of
    which the second (the first, where `settings.one_way`) is bent to another expression. The first is in the domain
    `start` where `one_way`, the second where that is "back". `directions` are where expressions lead; None learns them
    from `faces`. `stays` says that the run will see no others than `faces`: images that nothing changes then have a
    `key`. Of every batch only the `rows` are made: what is drawn for each of them depends on no other, so several
    processes can share a batch. Denser landmarks follow the 68 by the method of the run's `geometry`.

    "unpaired" draws the two independently, each from all images. Of exactly two domains the first of a pair is always
    in the first and the second in the second, as their `segments` say: translated both ways, a batch goes from either
    to the other (CycleGAN, Zhu et al. 2017). Of more both are in any (StarGAN, Choi et al. 2018).
    Raises DataError when no identity has two images and photos are not to be bent.
    """

    def __init__(
        self,
        faces: FaceSet,
        settings: DataSettings,
        *,
        batch: int,
        seed: int,
        device: torch.device,
        geometry: FaceGeometry,
        directions: ExpressionChanges | None = None,
        stays: bool = True,
        rows: slice = slice(None),
        start: int = 0,
    ) -> None:
        self.faces = faces
        self.start = start
        self.settings = settings
        self.topology = TOPOLOGIES[settings.topology]
        self.batch_size = batch
        self.seed = seed
        self.device = device
        self.geometry = geometry
        self.stays = stays
        self.mine = rows
        self.directions = None
        self.rows = photo_rows(faces) if settings.pairs == "photo" else identity_rows(faces)
        self._pools = _domain_pools(faces) if settings.pairs == "unpaired" else None
        if self._pools is not None:
            return
        if settings.one_way:
            self.rows = [rows for rows in self.rows if (faces.domain[rows] == start).any()]
        if settings.pairs in ("identity", "photo"):
            self.rows = [rows for rows in self.rows if len(rows) > 1]
        else:
            if directions is None:  # of each photo once, whatever it was rendered in
                photos = [torch.nonzero(faces.photo == photo)[0, 0] for photo in sorted(set(faces.photo.tolist()))]
                once = torch.stack(photos)
                directions = ExpressionChanges.learn(faces.points[once].numpy(), faces.identity[once].tolist())
            self.directions = directions
        if not self.rows and settings.pairs == "photo":
            raise DataError("the data holds no photo in two of the recipe's domains; list a domain that renders them")
        if not self.rows:
            raise DataError(
                "the data holds no identity with two images; add photos or a second domain, or set data.pairs to warp "
                "or unpaired"
            )

    @property
    def people(self) -> int:
        """How many identities there are to train on."""
        return len(self.faces.identities)

    @property
    def images(self) -> int:
        """How many images there are of them, in all domains."""
        return len(self.faces)

    @property
    def margin(self) -> float:
        """What images show on each side of the crop, as a share of its side."""
        return self.faces.pad / self.faces.size

    def batch(self, step: int) -> Pair:
        """The pairs of one step."""
        # A generator of its own for every step. torch takes 32 bits of a seed, so both numbers are mixed into those.
        mixed = hashlib.sha256(f"{self.seed}:{step}".encode()).digest()
        random = torch.Generator().manual_seed(int.from_bytes(mixed[:4], "little"))
        if self._pools is not None:
            halves = [self._alone(*pool, random) for pool in self._pools]
            return Pair(a=halves[0], b=halves[1])
        chosen, bent = zip(*(self._two(random) for _ in range(self.batch_size)), strict=True)
        a, b = torch.stack(chosen).unbind(1)
        if self.settings.one_way == "back":
            a, b = b, a
        flip = torch.rand(self.batch_size, generator=random) < 0.5
        changes = Changes.drawn(self.settings.augment, self.batch_size, random)
        first, second = (self.faces.points[rows].double() for rows in (a, b))
        if self.settings.one_way:
            first = self._goals(first, torch.tensor(bent), random)
        else:
            second = self._goals(second, torch.tensor(bent), random)
        a, b, flip, changes = a[self.mine], b[self.mine], flip[self.mine], changes.of(self.mine)
        faces = [self._faces(*each) for each in ((a, changes, first[self.mine]), (b, changes, second[self.mine]))]
        pair = changes.coloured(Pair(a=faces[0], b=faces[1]))
        if not self.settings.mirror:
            return pair
        return Pair(a=mirror(pair.a, flip, self.topology), b=mirror(pair.b, flip, self.topology))

    def _alone(self, pool: Tensor, domain: int | None, random: torch.Generator) -> Faces:
        """One half of an unpaired batch, drawn from the rows in `pool` (of one `domain`, if any), changed by itself."""
        rows = pool[torch.randint(len(pool), (self.batch_size,), generator=random)]
        flip = torch.rand(self.batch_size, generator=random) < 0.5
        changes = Changes.drawn(self.settings.augment, self.batch_size, random)
        rows, flip, changes = rows[self.mine], flip[self.mine], changes.of(self.mine)
        faces = changes.coloured_alone(self._faces(rows, changes, self.faces.points[rows]))
        faces = mirror(faces, flip, self.topology) if self.settings.mirror else faces
        return faces if domain is None else replace(faces, segments=((domain, len(rows)),))

    def _two(self, random: torch.Generator) -> tuple[Tensor, bool]:
        """Two rows of one identity, and whether one of them is to be bent."""
        rows = self.rows[int(torch.randint(len(self.rows), (), generator=random))]
        bent = self.settings.pairs == "warp"
        if self.settings.pairs == "mixed":
            bent = bool(torch.rand((), generator=random) < self.settings.bent) or len(rows) == 1
        if self.settings.one_way:  # one in the domain `start`, and another, of its photo where one is to be bent
            domain, photo = self.faces.domain[rows], self.faces.photo[rows]
            first = _one(rows[domain == self.start], random)
            kin = (photo == self.faces.photo[first]) if bent else (rows != first)
            plain = bool(torch.rand((), generator=random) < self.settings.plain)
            fit = rows[kin & ((domain == self.start) == plain)]
            return torch.stack([first, _one(fit if len(fit) else rows[kin], random)]), bent
        if not bent:
            return rows[torch.randperm(len(rows), generator=random)[:2]], False
        first = _one(rows, random)
        return torch.stack([first, _one(rows[self.faces.photo[rows] == self.faces.photo[first]], random)]), True

    def _goals(self, points: Tensor, bent: Tensor, random: torch.Generator) -> Tensor:
        """Where `points` (B, 68, 2) go: where `bent` (B,) bool to another expression, else nowhere. In float64."""
        goals = points.double()
        if self.directions is not None and bent.any():
            goals[bent] = torch.from_numpy(self.directions.displace(points[bent].numpy(), random))
        return goals

    def _faces(self, rows: Tensor, changes: Changes, goals: Tensor) -> Faces:
        """The faces at `rows` (B,), bent to the `goals` (B, 68, 2) of their landmarks, then moved."""
        points, pad = self.faces.points[rows], self.faces.pad
        bent = ((points != goals) & ~points.isnan()).flatten(1).any(1)
        numbers, images = [], []
        for bending in (False, True):
            part = torch.nonzero(bent == bending).flatten()
            if not len(part):
                continue
            spline = Spline.between(points[part], goals[part], pad / self.faces.size) if bending else None
            matrix = None if changes.matrix is None else changes.matrix[part]
            images.append(sampled(self.faces.images[rows[part]].to(self.device), pad, matrix, spline))
            numbers.append(part)
        still = self.stays and changes.matrix is None and changes.colour is None
        order = torch.cat(numbers).argsort().to(self.device)
        dense = self._dense(rows, bent, goals)
        return Faces(
            points=changes.moved(goals.float()).to(self.device),
            domain=self.faces.domain[rows].to(self.device),
            image=torch.cat(images)[order],
            key=torch.where(bent, -1, 2 * rows) if still else None,  # even as they are; mirrored ones get the odd keys
            dense=None if dense is None else changes.moved(dense).to(self.device),
        )

    def _dense(self, rows: Tensor, bent: Tensor, goals: Tensor) -> Tensor | None:
        """All landmarks of another topology than the 68, which follow those where a face is `bent` to its `goals`."""
        if self.faces.dense is None:
            return None
        dense = self.faces.dense[rows]
        if bent.any():
            start, goal = (points[bent].double().numpy() for points in (dense, goals))
            followed = carry_points(start, goal, self.topology, self.geometry)
            dense[bent] = torch.from_numpy(followed).float()
        return dense


def _domain_pools(faces: FaceSet) -> list[tuple[Tensor, int | None]]:
    """What each half of an unpaired pair is drawn from: the rows, and their domain where it is one.

    Of two domains one each, of any other number all rows.
    """
    everything = torch.arange(len(faces))
    if sorted(set(faces.domain.tolist())) != [0, 1]:
        return [(everything, None), (everything, None)]
    return [(everything[faces.domain == domain], domain) for domain in (0, 1)]


def _one(rows: Tensor, random: torch.Generator) -> Tensor:
    return rows[torch.randint(len(rows), (), generator=random)]
