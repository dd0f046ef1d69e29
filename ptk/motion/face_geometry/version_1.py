"""The first version of the tuned numbers: what weights do whose metadata holds no record."""

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

__all__ = ["VERSION_1"]

VERSION_1 = FaceGeometry(
    version=1,
    flow=FlowGeometry(grid=64, reach=0.2, noise=0.01),
    curves=CurveGeometry(narrow=1e-3, steep=3.0),
    eyelids=EyelidGeometry(
        apart=1.0,
        least=0.02,
        closing=(0.5, 0.7),
        shut=0.4,
        lashes=0.05,  # detectors are no nearer, and else white shows at lashes
        above=0.55,
        below=0.35,
        beside=0.15,
        line=0.1,
        edge=4.0,  # a step would have corners
        around=0.7,
    ),
    lips=LipGeometry(
        fade=0.12,
        shut=0.03,  # detectors see shut ones so
        teeth=0.02,  # detectors are no nearer
        height=(0.7, 1.3),  # landmarks are not exact, and heads nod
        slit=(0.06, 0.09),
        edge=0.015,
        closed=(0.02, 0.035),
        step=0.02,
        steep=(3.5, 6.0),
        samples=1025,
        beside=0.6,
        thin=1e-4,
        around=0.15,
    ),
    mouth_frame=MouthFrameGeometry(
        wide=1.5,
        high=1.0,
        columns=120,
        rows=80,
        round=1.2,  # lips of an open one stay inside
        open=0.17,  # few smiles are open wider
        smiles=(0.44, 0.5),
        least=1.0,
    ),
    mouth_network=MouthNetworkGeometry(
        margin=0.06, fade=0.06, edge=0.015, distance=3.0, across=0.4, down=0.3, stretch=4.0
    ),
    # An untrained network hides under 1 % of the warped image. Larger scales made training unstable above a learning
    # rate of 1e-4. Over the dark colour of a cavity teeth have to be painted.
    paint=PaintGeometry(visibility=5.0, flow=0.02, colour=0.3, cavity=(-0.65, -0.85, -0.85)),
    # A narrower spot that falls between four pixel centres fades: this one still reaches 0.6 there.
    drawing=DrawingGeometry(spot=0.7, line=1.0, faint=1e-7),
)
"""What weights do whose metadata holds no record. It never changes: a test holds it."""
