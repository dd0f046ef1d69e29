"""What decides what networks do beside recipe and tensors: kept in metadata of weights and records of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ptk.errors import WeightsError
from ptk.motion.geometry_record import NewerGeometry, read_geometry
from ptk.plain import show
from ptk.recipe.schema import Recipe

__all__ = ["adopt_record", "write_record"]


def write_record(recipe: Recipe) -> dict[str, Any]:
    """Write the plain domain and the geometry of `recipe` as plain data."""
    return {"plain": recipe.domain_names[recipe.plain], "geometry": recipe.geometry.document()}


def adopt_record(recipe: Recipe, said: Mapping[str, Any], path: Path, mend: str = "copy the file again") -> Recipe:
    """Return `recipe` with the plain domain and the geometry that `path`, weights or a run, says it was made with.

    Before these were recorded the first domain was taken for plain, whatever its name, and `VERSION_1` was all there
    was: so it stays for such files. Raises WeightsError, which ends with `mend`, for a damaged record.
    """
    plain, names = said.get("plain"), recipe.domain_names
    try:
        if plain is not None and plain not in names:
            raise ValueError(f"plain is {show(plain)}, none of the domains {', '.join(names)}")
        geometry = read_geometry(said.get("geometry"))
    except NewerGeometry as error:
        raise WeightsError(f"{path}: a later ptk wrote it ({error}); update ptk") from error
    except ValueError as error:
        raise WeightsError(f"{path}: its metadata is damaged ({error}); {mend}") from error
    return replace(recipe, geometry=geometry, base=0 if plain is None else names.index(plain))
