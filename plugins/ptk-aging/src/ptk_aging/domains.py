"""Two ages as domains. They have no `stylise`: an age cannot be painted over a photo, so their images are real ones."""

from __future__ import annotations

import ptk

__all__ = ["Old", "Young"]


class Young(ptk.Domain):
    """The same person at about 20."""

    title = "young"


class Old(ptk.Domain):
    """The same person at about 72."""

    title = "old"
