"""TensorBoard: losses, speed, metrics and sample grids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptk.events import Observer

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

    from ptk.events import GridDrawn, Measured, RunEnded, RunStarted
    from ptk.types import Tick

__all__ = ["TensorBoard"]


class TensorBoard(Observer):
    """Writes events into the run's folder, below ``tensorboard``; see them with ``tensorboard --logdir runs``.

    Where a run goes on, what was written of later steps is hidden.
    """

    _board: SummaryWriter | None = None

    def run_started(self, event: RunStarted) -> None:
        """Open the file of events."""
        from torch.utils.tensorboard import SummaryWriter

        self._board = SummaryWriter(str(event.folder / "tensorboard"), purge_step=event.step)

    def tick(self, event: Tick) -> None:
        """Losses by side and name, and images a second."""
        self._scalars(event.step, {f"loss/{name}": value for name, value in event.losses.items()})
        self._scalars(event.step, {"images_per_second": event.images_per_second})

    def measured(self, event: Measured) -> None:
        """Metrics on people held out."""
        self._scalars(event.step, {f"held_out/{name}": value for name, value in event.values.items()})

    def grid_drawn(self, event: GridDrawn) -> None:
        """The sample grid."""
        import numpy as np
        from PIL import Image

        if self._board is not None:
            with Image.open(event.path) as image:
                self._board.add_image("grid", np.asarray(image), event.step, dataformats="HWC")

    def run_ended(self, event: RunEnded) -> None:  # noqa: ARG002
        """Close the file."""
        if self._board is not None:
            self._board.close()

    def _scalars(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            if self._board is not None:
                self._board.add_scalar(name, value, step)
