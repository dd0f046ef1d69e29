"""Weights: one safetensors file with the tensors of a generator and, as metadata, all that is needed to use them.

The metadata has one key, ``ptk``, with JSON: ``schema`` ("ptk.weights/1"), ``recipe``, ``domains`` and ``channels`` in
the order of the generator's input, ``plain`` and ``geometry`` (see `write_record`), ``data`` (source,
sha256 of the manifest, licence, detector), ``licence``, ``plugins`` and, of those, ``editing_plugins`` (which editing
needs), ``losses`` (which texture weights were really used), ``versions`` and ``step``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ptk.errors import WeightsError
from ptk.files import replacing
from ptk.motion.face_geometry.record import NewerGeometry, read_geometry
from ptk.plain import is_text, parse_json, quote_error, show
from ptk.recipe.schema import Recipe

__all__ = ["adopt_record", "check_fit", "read_metadata", "read_tensors", "write_record", "write_weights"]

_SCHEMA = "ptk.weights/1"
_MAX_METADATA = 1 << 20
_KINDS: dict[str, type] = {"recipe": dict, "domains": list, "plugins": list, "data": dict, "channels": dict}


def write_weights(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Write a weights file, whole or not at all. Raises OutputError."""
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with replacing(path) as temporary:
        save_file(stored, temporary, {"format": "pt", "ptk": json.dumps({"schema": _SCHEMA, **metadata})})


def read_metadata(path: Path) -> dict[str, Any]:
    """What a weights file says of itself. Raises WeightsError when it is not one, or not whole."""
    try:
        with safe_open(path, framework="pt") as file:
            stored = (file.metadata() or {}).get("ptk", "")
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error
    try:
        metadata = parse_json(stored, _MAX_METADATA)
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict) or metadata.get("schema") != _SCHEMA or not metadata.get("recipe"):
        raise WeightsError(f"{path}: safetensors, but not weights of ptk ({_SCHEMA}); give a run's weights.safetensors")
    for name, kind in _KINDS.items():
        if not isinstance(metadata.get(name, kind()), kind):
            raise WeightsError(f"{path}: its metadata is damaged ({name} is no {kind.__name__}); copy the file again")
    for name in ("domains", "plugins"):
        if not all(map(is_text, metadata.get(name, ()))):
            raise WeightsError(f"{path}: its metadata is damaged ({name} are not all text); copy the file again")
    return metadata


def check_fit(path: Path, wanted: Mapping[str, torch.Size]) -> None:
    """Compare the shapes in the header of a weights file with those `wanted` by name, before memory is taken for them.

    Raises WeightsError when the file is damaged, and RuntimeError, as torch would, when they differ.
    """
    try:
        with safe_open(path, framework="pt") as file:
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error
    for name in sorted({*shapes, *wanted}):
        if name not in shapes or name not in wanted:
            raise RuntimeError(f"{name} is {'in the recipe' if name in wanted else 'in the file'} alone")
        if shapes[name] != tuple(wanted[name]):
            raise RuntimeError(f"{name} is {shapes[name]}, not {tuple(wanted[name])}")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file, on the CPU, in float32 where they are stored in half. Raises WeightsError."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 it is no mapping
            return {name: one.float() if one.dtype == torch.float16 else one for name, one in tensors.items()}
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def write_record(recipe: Recipe) -> dict[str, Any]:
    """Write what decides what networks do beside recipe and tensors: the plain domain and the geometry, as plain data.

    Metadata of weights and records of runs hold it.
    """
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


def _damaged(path: Path, error: Exception) -> WeightsError:
    if path.is_dir():
        return WeightsError(f"{path}: is a folder; give the weights.safetensors of a run")
    if isinstance(error, FileNotFoundError):
        return WeightsError(f"{path}: no such file; give the weights.safetensors of a run")
    reason = quote_error(error)
    return WeightsError(f"{path}: not a whole safetensors file ({reason}); give a run's weights.safetensors")
