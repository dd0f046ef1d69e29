"""A rendered face put into its photo, at the photo's own resolution: `composite`."""

from ptk.editing.composite.compose import asks_for_movement, composite

__all__ = ["asks_for_movement", "composite"]
