"""Training from shards: a window of them is in memory at a time, the next one is read meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate

import torch

from ptk.data.faceset import FaceSet, assemble
from ptk.data.pairs import Pairs
from ptk.dataset.manifest import stored_size
from ptk.dataset.shards import Shard, Shards
from ptk.errors import DataError
from ptk.recipe.schema import Recipe
from ptk.types import Domain, Pair

__all__ = ["WINDOW_BYTES", "StreamedPairs", "Window", "read_shards", "windows"]

WINDOW_BYTES = 1 << 30
"""Of pixels in memory, once for the window in use and once for the next one."""


@dataclass(frozen=True)
class Window:
    """Shards to draw pairs from, `start` to `end` of an epoch's steps."""

    shards: tuple[Shard, ...]
    start: int
    end: int


def windows(shards: tuple[Shard, ...], epoch: int, *, batch: int, photos: int, seed: int) -> list[Window]:
    """The windows of an epoch: the shards in an order of their own for every epoch, `photos` at a time.

    A window lasts so many steps that a photo is drawn once in an epoch, on average, as the first of a pair. Depends on
    its arguments alone, so a run can go on in any step.
    """
    ordered = sorted(shards, key=lambda shard: hashlib.sha256(f"{seed}:{epoch}:{shard.name}".encode()).digest())
    groups: list[list[Shard]] = [[]]
    for shard in ordered:
        if groups[-1] and sum(each.photos for each in groups[-1]) + shard.photos > photos:
            groups.append([])
        groups[-1].append(shard)
    ends = [max(1, total // batch) for total in accumulate(sum(each.photos for each in group) for group in groups)]
    starts = [0, *ends]
    return [Window(tuple(group), start, end) for group, start, end in zip(groups, starts, ends, strict=False)]


class StreamedPairs:
    """Batches of pairs from shards, as `ptk.data.pairs.Pairs` gives them from a folder.

    Batch `step` depends on the shards' content, seed and step alone: a run that goes on reads the window of that step.
    Raises DataError when there is nothing to train on, or a shard is damaged.
    """

    def __init__(
        self,
        source: Shards,
        recipe: Recipe,
        domains: Mapping[str, Domain],
        device: torch.device,
        rows: slice = slice(None),
    ) -> None:
        self.source = source
        self.recipe = recipe
        self.domains = domains
        self.device = device
        self.rows = rows
        self.shards = self.source.of("train")
        if not self.shards:
            raise DataError(f"{self.source.url}: no train shards; write them again")
        side = stored_size(recipe.data.size, source.margin)
        self.photos = max(1, WINDOW_BYTES // (len(recipe.domains) * 3 * side * side))  # in a window, of all domains
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="shards")
        self._windows: dict[tuple[int, int], Future[Pairs]] = {}
        self._plans: dict[int, list[Window]] = {}
        self._steps = self._planned(0)[-1].end

    @property
    def people(self) -> int:
        """How many identities there are to train on."""
        return sum(shard.identities for shard in self.shards)

    @property
    def images(self) -> int:
        """How many images the shards hold of them."""
        return sum(shard.images for shard in self.shards)

    @property
    def margin(self) -> float:
        """What images show on each side of the crop, as a share of its side."""
        return self.source.margin

    def batch(self, step: int) -> Pair:
        """The pairs of one step, on the device."""
        epoch, rest = divmod(step, self._steps)
        plan = self._planned(epoch)
        number = next(index for index, window in enumerate(plan) if rest < window.end)
        after = (epoch, number + 1) if number + 1 < len(plan) else (epoch + 1, 0)
        wanted = {key: self._windows.get(key) or self._begin(key) for key in ((epoch, number), after)}
        self._windows = wanted  # what lies behind is let go
        return wanted[epoch, number].result().batch(step)

    def _begin(self, key: tuple[int, int]) -> Future[Pairs]:
        epoch, number = key
        return self._reader.submit(self._load, self._planned(epoch)[number])

    def _planned(self, epoch: int) -> list[Window]:
        """The windows of an epoch; those of this one and the next are kept."""
        if epoch not in self._plans:
            training = self.recipe.training
            plan = windows(self.shards, epoch, batch=training.batch, photos=self.photos, seed=training.seed)
            self._plans = {known: kept for known, kept in self._plans.items() if known == epoch - 1} | {epoch: plan}
        return self._plans[epoch]

    def _load(self, window: Window) -> Pairs:
        training = self.recipe.training
        return Pairs(
            read_shards(self.source, window.shards, self.recipe, self.domains),
            self.recipe.data,
            batch=training.batch,
            seed=training.seed,
            device=self.device,
            stays=False,
            rows=self.rows,
            start=self.recipe.start_domain,
            geometry=self.recipe.geometry,
        )


def read_shards(source: Shards, shards: tuple[Shard, ...], recipe: Recipe, domains: Mapping[str, Domain]) -> FaceSet:
    """Read whole `shards` of `source` in `domains`. Raises DataError where one is damaged, or nothing is in them."""
    size, by = recipe.data.size, recipe.data.domains
    decoded = [face for shard in shards for face in source.read(shard, size, tuple(domains), by)]
    if not decoded:
        raise DataError(f"{source.url}: nothing in the domains {', '.join(domains)}")
    return assemble(source.url, decoded, recipe, domains, lambda *_: None)
