"""How many images a recipe trains on, and how much memory they take."""

from __future__ import annotations

from collections import Counter

from ptk.data.streams import WINDOW_BYTES
from ptk.dataset.manifest import PHOTO, entries_by, read_description, read_manifest, source_folder, stored_size
from ptk.dataset.shards import is_shards
from ptk.errors import PtkError
from ptk.recipe.build import build_domains
from ptk.recipe.schema import AugmentSettings, Recipe

__all__ = ["data_bytes", "images_that_return"]


def data_bytes(recipe: Recipe) -> int:
    """Bytes of pixels in main memory: of the images to train on and of those held out, in the recipe's domains.

    Of shards the window in use and the next one. Raises DataError when the data is not there, or damaged.
    """
    if is_shards(recipe.data.source):
        return 2 * WINDOW_BYTES
    counted = _images(recipe)
    tested = recipe.metrics or PHOTO not in counted or recipe.data.pairs == "unpaired"
    images = sum(train + (test if tested or name == PHOTO else 0) for name, (train, test) in counted.items())
    margin = read_description(source_folder(recipe.data.source)).margin
    side = stored_size(recipe.data.size, margin)
    return images * 3 * side * side


def images_that_return(recipe: Recipe) -> int:
    """How many different images training sees over and over, as they are or mirrored; 0 where each is changed anew."""
    if is_shards(recipe.data.source) or recipe.data.augment != AugmentSettings():
        return 0
    try:
        images = sum(train for train, _ in _images(recipe).values())
    except PtkError:  # the data or a domain's extra is not there yet: who needs it says so
        return 0
    return images * (2 if recipe.data.mirror else 1)


def _images(recipe: Recipe) -> dict[str, tuple[int, int]]:
    """The images of every domain, to train on and held out, those included that will be rendered."""
    entries = entries_by(recipe.data.domains, read_manifest(source_folder(recipe.data.source)))
    counts = Counter((entry.split, entry.domain) for entry in entries)
    found = {}
    for name, domain in build_domains(recipe).items():
        rendered = {split: counts[split, PHOTO] if domain.stylise is not None else 0 for split in ("train", "test")}
        train, test = (max(counts[split, name], photos) for split, photos in rendered.items())
        found[name] = train, test
    return found
