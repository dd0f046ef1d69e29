"""Writing files so that a reader sees the old content or the new, never a half."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ptk.errors import InputError, OutputError

__all__ = ["parse_json_object", "read_json_object", "replacing", "replacing_folder", "shorten_json", "write_bytes"]

_MOST_JSON = 1 << 20  # bytes; what people edit by hand has a few thousand


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is flushed to disk and takes the name `path`.

    Raises OutputError when the folder is missing, not writable, or the disk is full; `path` is then untouched.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _flush(temporary)
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner can read
        os.replace(temporary, path)
        _flush(path.parent)
    except Exception as error:
        refused = _refusal(error)
        if refused is None:
            raise
        raise _output_error(path, refused) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Like `replacing`, for a folder that must not exist yet: it appears whole or not at all."""
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        yield temporary
        for file in temporary.rglob("*"):
            _flush(file)
        temporary.chmod(0o777 & ~_umask())
        os.replace(temporary, path)
        _flush(path.parent)
    except Exception as error:
        refused = _refusal(error)
        if refused is None:
            raise
        raise _output_error(path, refused) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all. Raises OutputError."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def hash_file(path: str | Path) -> str:
    """The sha256 of a file, in hexadecimal. Raises OSError."""
    import hashlib

    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json_object(
    path: Path, schema: str, what: str, number: str, fix: str, error: type[InputError]
) -> dict[str, Any]:
    """Read the JSON object in a small file that people edit: see `parse_json_object`."""
    try:
        if path.stat().st_size > _MOST_JSON:
            raise error(f"is larger than 1 MiB, which no {what} is")
        content = path.read_bytes()
    except OSError as cause:
        raise error(f"cannot be read ({(cause.strerror or str(cause)).lower()})") from cause
    return parse_json_object(content, schema, what, number, fix, error)


def parse_json_object(
    content: bytes, schema: str, what: str, number: str, fix: str, error: type[InputError]
) -> dict[str, Any]:
    """Parse the JSON object that is the `content` of a small file that people edit, whose "schema" is `schema`.

    `what` such a file is, what a `number` in it is and how to `fix` it are told in the `error` that is raised for all
    else, without the path: damaged files, foreign ones, ones larger than 1 MiB, and what is no finite number.
    """

    def refuse(name: str) -> NoReturn:
        raise error(f"holds {name}, which is no {number}")

    if len(content) > _MOST_JSON:
        raise error(f"is larger than 1 MiB, which no {what} is")
    try:
        read = json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except UnicodeDecodeError as cause:
        raise error(f"is not text; {fix}") from cause
    except json.JSONDecodeError as cause:
        raise error(f"line {cause.lineno} is not JSON ({cause.msg}); mend it or {fix}") from cause
    except (RecursionError, ValueError) as cause:  # nested a thousand deep, or a number of thousands of digits
        raise error(f"is not JSON that ptk reads; {fix}") from cause
    if not isinstance(read, dict):
        raise error(f'holds no JSON object with "schema": "{schema}"; {fix}')
    if read.get("schema") != schema:
        raise error(f'its "schema" is {shorten_json(read.get("schema"))}, not "{schema}"; {fix}')
    return read


def shorten_json(value: Any) -> str:
    """Write `value` as JSON, at most 60 characters of it: for messages."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _refusal(error: Exception) -> OSError | None:
    """What the system refused: an OSError, or what a library in Rust (safetensors) makes of one; None for others."""
    if isinstance(error, OSError):
        return error
    number = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else None


def _output_error(path: Path, error: OSError) -> OutputError:
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"{path}: cannot be written ({reason}); nothing was changed, choose another place or free space")
