"""The learning rate held constant, for all of a run or for the first half."""

from __future__ import annotations

__all__ = ["Constant", "Linear"]


class Constant:
    """Keep the learning rate as it is at the start."""

    def factor(self, step: int, steps: int) -> float:  # noqa: ARG002 every schedule is asked so
        """1 for every step."""
        return 1.0


class Linear:
    """Keep the learning rate for half of the steps, then decrease it linearly to 0. Source: pix2pixHD."""

    def factor(self, step: int, steps: int) -> float:
        """1 to half of `steps`, 0 after all of them."""
        return min(1.0, max(0.0, (steps - step) / (steps / 2)))
