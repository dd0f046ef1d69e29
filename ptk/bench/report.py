"""What a benchmark found, as values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ptk.timing import Spread

__all__ = ["Ceilings", "Report", "Step"]


@dataclass(frozen=True)
class Ceilings:
    """What nothing else goes beyond here: FLOP/s of a matrix product and a convolution, bytes/s of a copy."""

    matmul: float
    convolution: float
    convolution_shape: str
    copy: float


@dataclass(frozen=True)
class Step:
    """A training step: `seconds` of it, its `pairs`, its `flops` by torch's counter, `memory` in bytes at its peak."""

    name: str
    seconds: Spread
    pairs: int
    flops: int
    memory: int

    @property
    def rate(self) -> float:
        """FLOP/s."""
        return self.flops / self.seconds.median


@dataclass(frozen=True)
class Report:
    """All that was measured.

    `share` is the step's FLOP/s in those of the matrix product of the same round. `sections` are seconds of a step by
    part. `edit` is one face through the network, `waiting` what a step waits for its data, in seconds. `faster` is how
    many times as fast as `against` it was.
    """

    machine: Mapping[str, str]
    ceilings: Ceilings
    step: Step
    share: Spread
    sections: Mapping[str, float]
    edit: Spread
    waiting: float
    against: Step | None
    faster: Spread | None

    def plain(self) -> dict[str, Any]:
        """As plain data, to be written as JSON."""
        return dataclasses.asdict(self)
