"""The tuned numbers by which faces move and are painted: one frozen record, which weights hold in their metadata."""

from __future__ import annotations

from ptk.motion.face_geometry.numbers import (
    CurveGeometry,
    DrawingGeometry,
    EyelidGeometry,
    FaceGeometry,
    FlowGeometry,
    LipGeometry,
    MouthFrameGeometry,
    MouthNetworkGeometry,
    PaintGeometry,
)
from ptk.motion.face_geometry.version_1 import VERSION_1

__all__ = [
    "CURRENT",
    "VERSION_1",
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

CURRENT = VERSION_1
"""What new training begins with."""
