"""The photograph itself."""

from __future__ import annotations

from ptk.types import PHOTO, Domain

__all__ = ["Photo"]


class Photo(Domain):
    """Photographs. There is no `stylise`: the images of this domain are the real ones."""

    title = PHOTO
