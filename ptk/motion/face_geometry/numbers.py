"""The record of tuned numbers by which faces move and are painted: what each of them is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = [
    "CurveGeometry",
    "DrawingGeometry",
    "EyelidGeometry",
    "FaceGeometry",
    "FlowGeometry",
    "LipGeometry",
    "MouthFrameGeometry",
    "MouthNetworkGeometry",
    "PaintGeometry",
]

_Range = tuple[float, float]


@dataclass(frozen=True)
class FlowGeometry:
    """The smooth flow between landmarks (`ptk.motion.smooth_flow`).

    It is computed in `grid` rows and columns, and interpolated between them. `reach` and `noise` are those of
    `motion_field` where a recipe does not set them.
    """

    grid: int
    reach: float
    noise: float


@dataclass(frozen=True)
class CurveGeometry:
    """Lines through landmarks (`ptk.motion.curves`): knots are `narrow` apart at least, in units of the frame.

    `steep` is the largest slope of a curve at a knot.
    """

    narrow: float
    steep: float


@dataclass(frozen=True)
class EyelidGeometry:
    """How lids close (`ptk.motion.eyelids`), in widths of the eye.

    Lids are `least` apart at least, and corners of an eye `apart` pixels. An eye that stays open by less than the first
    share of `closing` moves its lids, by more than the second as the face does. From the share `shut` on lids move
    further than their landmarks, in the end by `lashes`. Their motion goes over into the face's `above`, `below` and
    `beside` them. The line of lashes is at most `line` thick. At the edge of a lid places follow each other `edge`
    times as fast as elsewhere. Without torch all that is computed `around` an eye alone.
    """

    apart: float
    least: float
    closing: _Range
    shut: float
    lashes: float
    above: float
    below: float
    beside: float
    line: float
    edge: float
    around: float


@dataclass(frozen=True)
class LipGeometry:
    """How lips move (`ptk.motion.lips`), in widths of the mouth.

    Over `fade` beyond the lips their motion goes over into the face's. A mouth that closes counts as shut when it is
    open by twice `shut`, and shows teeth `teeth` into its lips. `height` is how many times its own a tooth may have.
    Lips no further apart than the first `slit` show nothing of the inside, from the second on teeth. `edge` is how soft
    the edge of what was not seen is. `closed` is how far apart detectors see lips that are closed, and not any more.
    Slopes are compared over `step`, and lines run down between the slopes `steep`; there are `samples` of them up to
    `beside` from the middle. What is less than `thin` is nothing. Without torch all that is computed `around` the
    mouth's landmarks alone.
    """

    fade: float
    shut: float
    teeth: float
    height: _Range
    slit: _Range
    edge: float
    closed: _Range
    step: float
    steep: _Range
    samples: int
    beside: float
    thin: float
    around: float


@dataclass(frozen=True)
class MouthFrameGeometry:
    """The rectangle around a mouth (`ptk.motion.mouth_frame`), `wide` and `high` in widths of it.

    It is cut out in `columns` x `rows` pixels, multiples of 4. A mouth is at least as wide as `round` of its heights,
    and, as the eyes are apart, `least` pixels. Smiles that are open wider than `open`, in widths of the mouth, are
    squeezed; lips that are further apart than `smiles`, in widths of the mouth times that in eye distances, are none.
    """

    wide: float
    high: float
    columns: int
    rows: int
    round: float
    open: float
    smiles: _Range
    least: float


@dataclass(frozen=True)
class MouthNetworkGeometry:
    """What the network for mouths is conditioned on, and where it counts (`warp_and_paint`), in widths of the mouth.

    It repaints `margin` beyond the lips, and fades over `fade` more. Lines of lips are `edge` soft, and distances to
    them are told `distance` times as large. Its texture covers `across` of the outer eye distance to each side, and
    `down` of it below the upper lip. `stretch` is the log2 of how far a flow stretches or squeezes at most.
    """

    margin: float
    fade: float
    edge: float
    distance: float
    across: float
    down: float
    stretch: float


@dataclass(frozen=True)
class PaintGeometry:
    """The scales of what `warp_and_paint` predicts.

    One unit of its head is `flow` of the side, or `colour`. Logits of the visibility are told from `visibility` on.
    `cavity` is the colour of a disoccluded mouth, in [-1, 1].
    """

    visibility: float
    flow: float
    colour: float
    cavity: tuple[float, float, float]


@dataclass(frozen=True)
class DrawingGeometry:
    """How conditioners draw landmarks, in pixels: spots have at least the sigma `spot`, lines the width `line`.

    Without torch a spot is not drawn where it is fainter than `faint`.
    """

    spot: float
    line: float
    faint: float


@dataclass(frozen=True)
class FaceGeometry:
    """All numbers that act in the forward pass of ptk's conditioners and of `warp_and_paint`, and are not learned.

    Weights hold the record they were trained with. Those of before it was written have `VERSION_1`. To tune a number
    change `CURRENT`, with a version of its own: weights that there are go on doing what they did.
    """

    version: int
    flow: FlowGeometry
    curves: CurveGeometry
    eyelids: EyelidGeometry
    lips: LipGeometry
    mouth_frame: MouthFrameGeometry
    mouth_network: MouthNetworkGeometry
    paint: PaintGeometry
    drawing: DrawingGeometry

    def document(self) -> dict[str, Any]:
        """The record as plain data, for JSON."""
        return asdict(self)
