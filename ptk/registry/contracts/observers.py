"""What observers must hold: they can be told everything that happens."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ptk.events import CheckpointWritten, EditMade, GridDrawn, Measured, Observer, RunEnded, RunStarted
from ptk.registry.contracts.expect import expect
from ptk.types import Tick

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_observer"]


def check_observer(make: Callable[[], Any]) -> None:
    """A `ptk.Observer` that can be told of a run and of an edit."""
    observer = make()
    expect(isinstance(observer, Observer), f"must be a ptk.Observer, it is a {type(observer).__name__}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        picture = folder / "grid.png"
        Image.fromarray(np.zeros((64, 96, 3), np.uint8)).save(picture)
        weights = folder / "weights.safetensors"
        weights.touch()
        observer.run_started(RunStarted(folder=folder, step=0, steps=2, parameters=9, record={"recipe": "portraitgan"}))
        observer.tick(Tick(step=1, losses={"generator.lsgan": 0.5}, images_per_second=2.0))
        observer.measured(Measured(step=2, values={"mse": 0.1}))
        observer.grid_drawn(GridDrawn(step=2, path=picture))
        observer.checkpoint_written(CheckpointWritten(step=2, path=folder, weights=weights))
        observer.run_ended(RunEnded(step=2, how="finished"))
        make().edit_made(EditMade(photo=picture, out=picture, style="sketch", weights=weights))
