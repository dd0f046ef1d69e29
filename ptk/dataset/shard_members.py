"""What a shard's tar file holds, member by member: nothing is unpacked, linked or unfolded."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

from ptk.dataset.manifest import Entry, parse_entry
from ptk.plain import parse_json, show

__all__ = ["read_members"]


def read_members(content: bytes, where: str) -> Iterator[tuple[Entry, bytes]]:
    """The entries of a shard with their image files."""
    said: dict[str, Any] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        for member in tar:
            key, _, suffix = member.name.partition(".")
            file = _content_of(content, member)
            if suffix == "json":
                fields = parse_json(file)
                if not isinstance(fields, dict):
                    raise ValueError(f"{show(member.name)} holds no object")
                said = {"key": key, **fields}
            elif said.get("key") != key:
                raise ValueError(f"{show(member.name)} comes before its JSON")
            else:
                fields = {**said, "image": member.name, "domain": suffix.removesuffix(".jpg")}
                yield parse_entry(json.dumps(fields).encode(), f"{where}/{show(key)[1:-1]}.json"), file


def _content_of(content: bytes, member: tarfile.TarInfo) -> bytes:
    """The bytes of a member as they lie in the tar file. Raises ValueError for links, devices and sparse files.

    A sparse file of a few bytes unfolds to any length, and a link leads to any other member.
    """
    if not member.isreg() or member.issparse():
        raise ValueError(f"{show(member.name)} is no plain file")
    end = member.offset_data + member.size
    if member.size < 0 or end > len(content):
        raise ValueError(f"{show(member.name)} is longer than the tar file")
    return content[member.offset_data : end]
