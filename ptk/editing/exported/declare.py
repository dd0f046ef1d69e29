"""Writes what was exported into the module of a plug-in that declares it, a `ptk.Weights`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.errors import OutputError
from ptk.files import hash_file, write_bytes

if TYPE_CHECKING:
    from ptk.editing.rendered import Translates

__all__ = ["declare", "name_network"]

_FILE = re.compile(r'"([\w.-]+\.onnx)": "[0-9a-f]{64}"')
_SIZE = re.compile(r"^( +size(?:: [\w\[\]]+)? = )\d+", re.MULTILINE)
_DOMAIN = re.compile(r'"([\w.-]+)": "([\w.-]+)"')


def name_network(module: Path) -> Path:
    """Name the file that a module declares first, beside it: where an export for it goes.

    Raises OutputError where the module cannot be read, or declares none.
    """
    found = _FILE.search(_read(module))
    if found is None:
        raise OutputError(f'{module}: declares no file: add `files` with "weights.onnx" and a sha256, 64 digits')
    return module.with_name(found[1])


def declare(module: Path, files: Sequence[Path], network: Translates) -> None:
    """Write into `module` the sha256 of the exported `files` beside it, and the size of the `network`.

    A style that the module says is called otherwise gets its own name where the network knows that. Raises OutputError
    where a file is not declared there, or the module cannot be read or written.
    """
    text = _read(module)
    declared = {found[1] for found in _FILE.finditer(text)}
    for file in files:
        if file.name not in declared:
            line = f'"{file.name}": "{hash_file(file)}"'
            raise OutputError(f"{module}: does not declare {file.name}; add to its `files`: {line}")
    digests = {file.name: hash_file(file) for file in files}
    text = _FILE.sub(lambda found: f'"{found[1]}": "{digests[found[1]]}"' if found[1] in digests else found[0], text)
    text = _SIZE.sub(lambda found: f"{found[1]}{network.size}", text)
    known = network.domains
    text = _DOMAIN.sub(
        lambda found: f'"{found[1]}": "{found[1]}"' if found[1] in known and found[2] not in known else found[0], text
    )
    write_bytes(module, text.encode())


def _read(module: Path) -> str:
    try:
        return module.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(
            f"{module}: cannot be read ({error}); name the module with the `Weights` of a plug-in"
        ) from error
