"""Distributions as pip leaves them: metadata, files, and a record of these with their hashes."""

import hashlib
from base64 import urlsafe_b64encode
from pathlib import Path


def lay_out(
    folder: Path, name: str, version: str = "1.0", needs: tuple[str, ...] = (), files: dict[str, bytes] | None = None
) -> None:
    """NAME VERSION in `folder`, with what it `needs` (as Requires-Dist) and its `files` (path -> content)."""
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    extras = sorted({line.split("'")[1] for line in needs if "extra" in line})
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras] + [f"Requires-Dist: {line}" for line in needs]
    (about / "METADATA").write_text("\n".join(lines) + "\n")
    record = []
    for path, content in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        digest = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record.append(f"{path},sha256={digest},{len(content)}\n")
    (about / "RECORD").write_text("".join(record))
