"""Real images of the data set."""

from __future__ import annotations

from ptk.types import Domain

__all__ = ["Images"]


class Images(Domain):
    """Images that the data set holds. There is no `stylise`: nothing is rendered, so the set must have them."""

    title = "images of the data set"
