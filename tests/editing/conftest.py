"""An album to edit."""

from pathlib import Path

import pytest
from stand_ins import photo


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three photos of faces in two folders, one without anybody, one that is damaged, and what is no photo."""
    folder = tmp_path / "album"
    photo(folder / "a.png")
    photo(folder / "b.bmp")
    photo(folder / "trip" / "a.png")
    photo(folder / "nobody.jpg", 0)
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    (folder / "notes.txt").write_text("no photo")
    photo(folder / ".trash" / "old.png")
    return folder
