"""How much memory the images of a recipe take while it trains."""

from __future__ import annotations

from collections import Counter

from ptk.data.faceset import source_folder
from ptk.data.manifest import PHOTO, read_description, read_manifest, stored_size
from ptk.data.shards import is_shards
from ptk.data.streams import _WINDOW_BYTES
from ptk.recipe.build import build_domains
from ptk.recipe.schema import Recipe

__all__ = ["data_bytes"]


def data_bytes(recipe: Recipe) -> int:
    """Bytes of pixels in main memory: of the images to train on and of those held out, in the recipe's domains.

    Of shards the window in use and the next one. Raises DataError when the data is not there, or damaged.
    """
    if is_shards(recipe.data.source):
        return 2 * _WINDOW_BYTES
    folder = source_folder(recipe.data.source)
    counts = Counter((entry.split, entry.domain) for entry in read_manifest(folder))
    domains = build_domains(recipe)
    images = 0
    for name, domain in domains.items():
        splits = ("train", "test") if name == PHOTO or recipe.metrics or PHOTO not in domains else ("train",)
        for split in splits:
            rendered = counts[split, PHOTO] if domain.stylise is not None else 0
            images += max(counts[split, name], rendered)
    side = stored_size(recipe.data.size, read_description(folder).margin)
    return images * 3 * side * side
