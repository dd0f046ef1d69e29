"""What happens while ptk trains and edits, told to observers.

Events are plain values, copies of what ptk works with: an observer can look at everything in them, and touch nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ptk.types import Tick

__all__ = ["CheckpointWritten", "EditMade", "Event", "GridDrawn", "Measured", "Observer", "RunEnded", "RunStarted"]


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """A run begins, or goes on, after `step` of `steps`; `parameters` counts what it trains.

    `record` is what is stored with its weights: recipe, data and its licence, plug-ins, versions, device, precision.
    """

    folder: Path
    step: int
    steps: int
    parameters: int
    record: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GridDrawn:
    """The sample grid of `step` is in the PNG file `path`."""

    step: int
    path: Path


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The recipe's metrics after `step`, by name: means over the people of the sample grid, who are held out."""

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class CheckpointWritten:
    """The checkpoint of `step` is in the folder `path`, and the averaged generator in the file `weights`."""

    step: int
    path: Path
    weights: Path


@dataclass(frozen=True, kw_only=True)
class RunEnded:
    """No more is told of the run: it reached its end, was stopped to go on later, or failed."""

    step: int
    how: Literal["finished", "stopped", "failed"]


@dataclass(frozen=True, kw_only=True)
class EditMade:
    """The edit of `photo` in `style` with `weights` is in the file `out`."""

    photo: Path
    out: Path
    style: str
    weights: Path


Event = RunStarted | Tick | GridDrawn | Measured | CheckpointWritten | RunEnded | EditMade


class Observer:
    """Told what happens, in order, in the thread that trains: be quick. Subclass it and override what you want to hear.

    An observer that raises is told nothing more; the run goes on, and says so. Random states are put back after every
    call, so a run that is observed gives the same weights as one that is not.
    """

    def run_started(self, event: RunStarted) -> None:
        """Once, before the first step."""

    def tick(self, event: Tick) -> None:
        """About twice a second: losses and speed."""

    def measured(self, event: Measured) -> None:
        """With each sample grid, when the recipe names metrics."""

    def grid_drawn(self, event: GridDrawn) -> None:
        """When a sample grid is written."""

    def checkpoint_written(self, event: CheckpointWritten) -> None:
        """When a checkpoint is written."""

    def run_ended(self, event: RunEnded) -> None:
        """Once, last, however the run ended, unless its process was killed."""

    def edit_made(self, event: EditMade) -> None:
        """When `ptk edit` has written a picture."""
