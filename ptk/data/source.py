"""A recipe's data, opened once: asked for pairs to train on, faces held out, its description and its size."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate

import torch

from ptk.data.faceset import FaceSet, assemble
from ptk.data.fit import Available, check_fit
from ptk.data.pairs import Pairs
from ptk.data.streams import WINDOW_BYTES, StreamedPairs, read_shards
from ptk.dataset.images import decode
from ptk.dataset.manifest import (
    PHOTO,
    Description,
    Entry,
    Manifest,
    entries_by,
    find_entries_topology,
    load_manifest,
    read_description,
    source_folder,
    stored_size,
)
from ptk.dataset.renderings import Progress
from ptk.dataset.shards import Shards, is_shards
from ptk.errors import DataError, PtkError
from ptk.faces.topologies import TOPOLOGIES
from ptk.recipe.build import build_parts
from ptk.recipe.schema import AugmentSettings, Recipe
from ptk.types import Domain

__all__ = ["DataSource", "FolderSource", "ShardSource", "open_source"]

_HELD_OUT_PHOTOS = 256
"""Sample grids and measurements need no more of the test split."""

_EVERYTHING = slice(None)


def open_source(recipe: Recipe) -> DataSource:
    """Open the data that `recipe` names: a prepared folder, the bundled sample, or shards. Nothing is read yet."""
    return ShardSource(recipe) if is_shards(recipe.data.source) else FolderSource(recipe)


class DataSource(ABC):
    """The data of `recipe`. Its lists are read when they are first needed, and once.

    Whatever is asked for raises DataError where the data is not there, damaged, or cannot serve the recipe.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe

    @cached_property
    def domains(self) -> dict[str, Domain]:
        """The recipe's domains by name, built."""
        return build_parts(self.recipe, "domain")

    @property
    @abstractmethod
    def available(self) -> Available:
        """What the data holds, before anything is rendered from it."""

    @property
    @abstractmethod
    def description(self) -> dict[str, str]:
        """The data in words, for checkpoints and weights: source, hash of its manifest, licence, detector.

        A set without faces has "faces": "none", too.
        """

    @abstractmethod
    def training_pairs(
        self, device: torch.device, progress: Progress = lambda *_: None, rows: slice = _EVERYTHING
    ) -> Pairs | StreamedPairs:
        """Load the pairs to train on; of every batch only its `rows` are made."""

    @abstractmethod
    def load(self, split: str, progress: Progress = lambda *_: None) -> FaceSet:
        """Load a split in all of the recipe's domains; what the data lacks is rendered from the photos, and cached."""

    @abstractmethod
    def held_out(self, progress: Progress = lambda *_: None) -> FaceSet | None:
        """Load the test split, None without any. Of pairs that is its photographs, unless metrics measure more."""

    @abstractmethod
    def count_bytes(self) -> int:
        """Bytes of pixels that training keeps in main memory, of images to train on and of those held out."""

    @abstractmethod
    def count_recurring(self) -> int:
        """How many different images training sees over and over, as they are or mirrored; 0 where each is changed."""

    @abstractmethod
    def explain_missing(self) -> str:
        """Why nothing can be read where the data should be; "" where it is there, or only reading it all could tell."""

    def check(self) -> None:
        """Raise RecipeError, a line each, where the data has no landmarks for a part, or not the recipe's domains."""
        check_fit(self.recipe, self.available)

    def _shown(self) -> Mapping[str, Domain]:
        """The domains in which held-out images are needed."""
        if self.recipe.metrics or self.recipe.data.pairs == "unpaired":
            return self.domains
        return {name: domain for name, domain in self.domains.items() if name == PHOTO} or self.domains


class FolderSource(DataSource):
    """A prepared folder, or the bundled sample; training holds it in memory."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.folder = source_folder(recipe.data.source)

    @cached_property
    def manifest(self) -> Manifest:
        """What manifest.jsonl lists."""
        return load_manifest(self.folder)

    @cached_property
    def described(self) -> Description:
        """What dataset.json says."""
        return read_description(self.folder)

    @property
    def available(self) -> Available:
        """See `DataSource`."""
        entries = self.manifest.entries
        words = sorted({entry.expression for entry in entries if entry.domain == PHOTO} - {""})
        domains = tuple(dict.fromkeys(entry.domain for entry in entries))
        return Available(domains, tuple(words), self.described.faces, find_entries_topology(entries))

    @property
    def description(self) -> dict[str, str]:
        """See `DataSource`."""
        described = self.described
        said = {
            "source": self.recipe.data.source,
            "sha256": self.manifest.sha256,
            "licence": described.licence,
            "detector": described.detector,
        }
        return said if described.faces else {**said, "faces": "none"}

    def training_pairs(
        self, device: torch.device, progress: Progress = lambda *_: None, rows: slice = _EVERYTHING
    ) -> Pairs:
        """See `DataSource`."""
        training, faces = self.recipe.training, self.load("train", progress)
        return Pairs(
            faces,
            self.recipe.data,
            batch=training.batch,
            seed=training.seed,
            device=device,
            rows=rows,
            start=self.recipe.start_domain,
            geometry=self.recipe.geometry,
        )

    def load(self, split: str, progress: Progress = lambda *_: None) -> FaceSet:
        """See `DataSource`."""
        return self._load(split, self.domains, progress)

    def held_out(self, progress: Progress = lambda *_: None) -> FaceSet | None:
        """See `DataSource`."""
        shown = self._shown()
        try:
            return self._load("test", shown, progress)
        except DataError:
            return None

    def _load(self, split: str, domains: Mapping[str, Domain], progress: Progress) -> FaceSet:
        recipe, folder = self.recipe, self.folder
        entries = [entry for entry in self._entries() if entry.split == split and entry.domain in domains]
        if not entries:
            raise DataError(f"{folder}: no {split} images in the domains {', '.join(domains)}")
        described = self.described
        lost = next((entry for entry in entries if entry.landmarks is None), None) if described.faces else None
        if lost is not None:  # NaN would go through every network
            raise DataError(f"{folder}: {lost.image} has no landmarks; run `fix` on {folder}")
        decoded = []
        for number, entry in enumerate(entries, 1):
            decoded.append(decode(folder / entry.image, entry, recipe.data.size, described.margin))
            progress("reading images", number, len(entries))
        return assemble(str(folder), decoded, recipe, domains, progress)

    def count_bytes(self) -> int:
        """See `DataSource`."""
        counted = self._count_images()
        tested = self.recipe.metrics or PHOTO not in counted or self.recipe.data.pairs == "unpaired"
        images = sum(train + (test if tested or name == PHOTO else 0) for name, (train, test) in counted.items())
        side = stored_size(self.recipe.data.size, self.described.margin)
        return images * 3 * side * side

    def count_recurring(self) -> int:
        """See `DataSource`."""
        if self.recipe.data.augment != AugmentSettings():
            return 0
        try:
            images = sum(train for train, _ in self._count_images().values())
        except PtkError:  # the data or a domain's extra is not there yet: who needs it says so
            return 0
        return images * (2 if self.recipe.data.mirror else 1)

    def _count_images(self) -> dict[str, tuple[int, int]]:
        """The images of every domain, to train on and held out, those included that will be rendered."""
        counts = Counter((entry.split, entry.domain) for entry in self._entries())
        found = {}
        for name, domain in self.domains.items():
            rendered = {split: counts[split, PHOTO] if domain.stylise is not None else 0 for split in ("train", "test")}
            train, test = (max(counts[split, name], photos) for split, photos in rendered.items())
            found[name] = train, test
        return found

    def explain_missing(self) -> str:
        """See `DataSource`."""
        try:
            _ = self.manifest
        except DataError as error:
            return str(error)
        return ""

    def _entries(self) -> Sequence[Entry]:
        return entries_by(self.recipe.data.domains, self.manifest.entries)


class ShardSource(DataSource):
    """Shards in a folder or at an address, streamed: training holds the window in use, and the next one."""

    @cached_property
    def shards(self) -> Shards:
        """The index of the shards."""
        return Shards.open(self.recipe.data.source)

    @property
    def available(self) -> Available:
        """See `DataSource`."""
        shards = self.shards
        return Available(shards.domains, shards.expressions, shards.faces, TOPOLOGIES[shards.topology])

    @property
    def description(self) -> dict[str, str]:
        """See `DataSource`."""
        shards = self.shards
        said = {
            "source": self.recipe.data.source,
            "sha256": shards.data,
            "licence": shards.licence,
            "detector": shards.detector,
        }
        return said if shards.faces else {**said, "faces": "none"}

    def training_pairs(
        self,
        device: torch.device,
        progress: Progress = lambda *_: None,  # noqa: ARG002 (nothing is read before the first step)
        rows: slice = _EVERYTHING,
    ) -> StreamedPairs:
        """See `DataSource`."""
        return StreamedPairs(self.shards, self.recipe, self.domains, device, rows)

    def load(self, split: str, progress: Progress = lambda *_: None) -> FaceSet:  # noqa: ARG002
        """Raise DataError: shards are not loaded whole."""
        raise DataError(f"{self.recipe.data.source}: shards hold no images to evaluate on; give the prepared folder")

    def held_out(self, progress: Progress = lambda *_: None) -> FaceSet | None:  # noqa: ARG002
        """The first few hundred photos of the test split."""
        shown = self._shown()
        try:
            test = self.shards.of("test")
            ends = accumulate(shard.photos for shard in test)
            first = tuple(shard for shard, end in zip(test, ends, strict=True) if end <= _HELD_OUT_PHOTOS)
            return read_shards(self.shards, first or test[:1], self.recipe, shown)
        except DataError:
            return None

    def count_bytes(self) -> int:
        """See `DataSource`."""
        return 2 * WINDOW_BYTES

    def count_recurring(self) -> int:
        """None: images come and go."""
        return 0

    def explain_missing(self) -> str:
        """Nothing is looked for: shards may be anywhere."""
        return ""
