"""Coordinates of a part of a face, level with its corners."""

from __future__ import annotations

from dataclasses import dataclass

from ptk.arrays import Array, array_namespace, constant, pixel_centres

__all__ = ["Frame", "dot", "move_on", "sampling_grid", "turn_down"]


@dataclass(frozen=True, eq=False)
class Frame:
    """Coordinates in each picture of a batch: `middle` (B, 2), and units to the right and downwards, in pixels (B, 2).

    In the frame a place is x times `along` and y times `down` from `middle`.
    """

    middle: Array
    along: Array
    down: Array

    @classmethod
    def between(cls, left: Array, right: Array, least: float) -> Frame:
        """The frame around the middle of two places (B, 2) in pixels; its unit is their distance, `least` at least.

        Landmarks that are all in one place are no face.
        """
        xp = array_namespace(left, right)
        across = right - left
        wide = xp.linalg.vector_norm(across, axis=-1, keepdims=True)
        along = xp.where(wide > least, across, constant([least, 0.0], left))
        return cls((left + right) / 2, along, turn_down(along))

    def inside(self, places: Array) -> Array:
        """Convert places (B or 1, N, 2) of the picture, in pixels, to (B, N, 2) in the frame."""
        return dot(places - self.middle[:, None, :], *self._shares())

    def pixels(self, height: int, width: int) -> Array:
        """Where all pixels of a picture of that size are in the frame, (B, height * width, 2)."""
        xp = array_namespace(self.middle)
        columns, rows = pixel_centres(height, width, self.middle)
        x = columns[None, None, :] - self.middle[:, :1, None]
        y = rows[None, :, None] - self.middle[:, 1:, None]
        found = [x * axis[:, 0, None, None] + y * axis[:, 1, None, None] for axis in self._shares()]
        return xp.reshape(xp.stack(found, axis=-1), (self.middle.shape[0], height * width, 2))

    def outside(self, places: Array) -> Array:
        """Convert places (B or 1, N, 2) in the frame to (B, N, 2) of the picture, in pixels."""
        across, down = self.along[:, None, :], self.down[:, None, :]
        return self.middle[:, None, :] + places[..., :1] * across + places[..., 1:] * down

    def _shares(self) -> tuple[Array, Array]:
        """The two axes (B, 2) whose scalar product with an offset in pixels is its coordinate in the frame."""
        xp = array_namespace(self.along)
        along, down = (axis / xp.sum(axis * axis, axis=-1, keepdims=True) for axis in (self.along, self.down))
        return along, down


def turn_down(along: Array) -> Array:
    """`along` (B, 2), turned from right to down."""
    return array_namespace(along).stack([-along[:, 1], along[:, 0]], axis=-1)


def dot(offsets: Array, along: Array, down: Array) -> Array:
    """The scalar products of offsets (B, N, 2) with `along` and with `down` (B, 2), (B, N, 2)."""
    xp = array_namespace(offsets, along)
    # Written out: a sum over an axis of two is several times as slow.
    x, y = offsets[..., 0], offsets[..., 1]
    found = [x * axis[:, 0, None] + y * axis[:, 1, None] for axis in (along, down)]
    return xp.stack(found, axis=-1)


def sampling_grid(flow: Array) -> Array:
    """Where each pixel comes from (B, H * W, 2), in pixels, by a flow (B, 2, H, W) in shares of the sides."""
    xp = array_namespace(flow)
    height, width = flow.shape[-2:]
    x, y = pixel_centres(height, width, flow)
    places = xp.stack([flow[:, 0] * width + x, flow[:, 1] * height + y[:, None]], axis=-1)
    return xp.reshape(places, (flow.shape[0], height * width, 2))


def move_on(flow: Array, change: Array) -> Array:
    """`flow` (B, 2, H, W), in shares of the sides, with pixels from `change` (B, H * W, 2), in pixels, further on."""
    xp = array_namespace(flow, change)
    height, width = flow.shape[-2:]
    shares = xp.permute_dims(change / constant([width, height], flow), (0, 2, 1))
    return flow + xp.reshape(shares, flow.shape)
