"""What an exported network says of itself, checked before an edit leans on it: files come from strangers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ptk.editing.exported.planes import PLANES
from ptk.errors import WeightsError
from ptk.motion.face_geometry.record import NewerGeometry, read_geometry
from ptk.plain import is_text, parse_json, show

__all__ = ["SCHEMA", "read_metadata"]

SCHEMA = "ptk.exported/3"
# The first drew all planes inside, and made every style in one go; the second made mouths with the rest of the face.
_LATER = re.compile(r"ptk\.exported/\d{1,9}")
_SCHEMAS = ("ptk.exported/1", "ptk.exported/2", SCHEMA)
_MAX_METADATA = 1 << 20
_LONGEST_NAME = 255  # bytes, of a file
_MAX_SIZE = 2048  # as in recipes

_Check = Callable[[Any], bool]


def _is_share(value: Any) -> bool:
    """Whether it can be a reach, a noise or a sigma."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 1e-6 <= value <= 1e3


_PLANES: Mapping[str, Mapping[str, _Check]] = {
    "motion_field": {"reach": _is_share, "noise": _is_share},
    "landmark_map": {"sigma": _is_share, "of": lambda value: value in ("target", "both")},
}
_FLOW: Mapping[str, _Check] = {
    "reach": _is_share,
    "noise": _is_share,
    "lips": lambda value: isinstance(value, bool),
}


def read_metadata(path: Path, said: str) -> dict[str, Any]:
    """Parse what the network in `path` says of itself, JSON. Raises WeightsError, in one line, for what no edit bears.

    `size` and `domains` are there; `plain` is one of these, `geometry` can be read, `planes` and `face_flow` have the
    options that their functions take, and `styles` names a file beside `path`.
    """
    try:
        metadata = parse_json(said, _MAX_METADATA)
    except ValueError:
        metadata = {}
    schema = metadata.get("schema") if isinstance(metadata, dict) else None
    if isinstance(schema, str) and _LATER.fullmatch(schema) and schema not in _SCHEMAS:
        raise WeightsError(f"{path}: a later ptk exported it ({schema}, this ptk reads {SCHEMA}); update ptk")
    if (
        not isinstance(metadata, dict)
        or metadata.get("schema") not in _SCHEMAS
        or not {"size", "domains"} <= metadata.keys()
    ):
        raise WeightsError(f"{path}: a network, but not one of ptk ({SCHEMA}); make it with `export`")
    try:
        wrong = next(_find_wrong(path, metadata), None)
        read_geometry(metadata.get("geometry"))
    except NewerGeometry as error:
        raise WeightsError(f"{path}: a later ptk exported it ({error}); update ptk") from error
    except ValueError as error:
        wrong = str(error)
    if wrong:
        raise WeightsError(f"{path}: its metadata is damaged ({wrong}); export it again")
    return metadata


def _find_wrong(path: Path, metadata: Mapping[str, Any]) -> Iterator[str]:
    """What an edit could not do with in `metadata`; only the first is sure, for others may follow from it."""
    size, domains, styles = metadata["size"], metadata["domains"], metadata.get("styles")
    hears, multiple = metadata.get("hears_landmarks", True), metadata.get("multiple", 0)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= _MAX_SIZE:
        yield f"size is {show(size)}, not pixels up to {_MAX_SIZE}"
    if not isinstance(domains, list) or not domains or not all(map(is_text, domains)):
        yield "domains is no list of names"
    if len(set(domains)) < len(domains):
        yield "two domains have one name"
    if not isinstance(metadata.get("data", {}), dict):
        yield "data is no object"
    if styles is not None and not _is_beside(path, styles):
        yield f"styles is {show(styles)}, not the name of a {path.suffix} file beside it"
    if wrong := _wrong_planes(metadata.get("planes", {})) or _wrong_flow(path, metadata):
        yield wrong
    if not isinstance(hears, bool):
        yield f"hears_landmarks is {show(hears)}, not true or false"
    if isinstance(multiple, bool) or not isinstance(multiple, int) or not 0 <= multiple <= _MAX_SIZE:
        yield f"multiple is {show(multiple)}, not pixels up to {_MAX_SIZE}"
    if metadata.get("plain", domains[0]) not in domains:
        yield f"plain is {show(metadata['plain'])}, none of the domains"


def _is_beside(path: Path, name: Any) -> bool:
    """Whether `name` is that of another file of the same kind in its folder; a path would lead to any file."""
    if not is_text(name) or "\0" in name or len(name.encode()) > _LONGEST_NAME:
        return False
    return Path(name).name == name and name not in ("..", path.name) and name.endswith(path.suffix)


def _wrong_planes(planes: Any) -> str | None:
    if not isinstance(planes, dict):
        return "planes is no object"
    for name, options in planes.items():
        if name not in PLANES:
            return f"there are no planes {show(name)}, only {', '.join(PLANES)}"
        if wrong := _wrong_options(options, _PLANES[name]):
            return f"planes.{name} {wrong}"
        if missing := [option for option in _PLANES[name] if option not in options]:
            return f"planes.{name} has no {missing[0]}"
    return None


def _wrong_flow(path: Path, metadata: Mapping[str, Any]) -> str | None:
    """What an edit could not do with in the flow of faces, and in the network for mouths that needs it, or None."""
    flow = metadata.get("face_flow")
    if flow is not None:
        if wrong := _wrong_options(flow, _FLOW):
            return f"face_flow {wrong}"
        if flow.get("lips") and "motion_field" not in metadata.get("planes", {}):
            return "face_flow has lips, which need the planes motion_field"
    if "mouth" not in metadata:
        return None
    wrong = _wrong_options(
        metadata["mouth"], {"file": lambda name: _is_beside(path, name), "margin": lambda value: value in range(1, 64)}
    )
    if wrong or len(metadata["mouth"]) < 2:
        return f"mouth {wrong or 'lacks its file or its margin'}"
    lips = flow is not None and flow.get("lips") is True
    return None if lips else "mouth has a file, which needs a face_flow with lips"


def _wrong_options(given: Any, known: Mapping[str, _Check]) -> str | None:
    if not isinstance(given, dict):
        return "is no object"
    for name, value in given.items():
        if name not in known:
            return f"has no option {show(name)}, only {', '.join(known)}"
        if not known[name](value):
            return f"has {show(value)} as {name}"
    return None
