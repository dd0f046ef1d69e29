"""One person, eight faces: puts shape, colours, hair, camera and light together and takes the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.aging import sagging
from ptk_synth.camera import Camera
from ptk_synth.creases import creases
from ptk_synth.develop import develop
from ptk_synth.expressions import EXPRESSIONS, expression_units
from ptk_synth.facial_hair import FacialHair
from ptk_synth.hair import scalp_hair
from ptk_synth.landmarks68 import contour_paths, landmarks
from ptk_synth.mesh import vertex_normals
from ptk_synth.noise import smooth_step
from ptk_synth.scene import Strands, Surface, trace
from ptk_synth.skin import paint, shaded_furrows, upper_teeth
from ptk_synth.tailor import Tailor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.head import HeadModel
    from ptk_synth.people import Person

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Sitting", "Studio", "take"]


@dataclass(frozen=True, eq=False)
class Sitting:
    """One picture to be taken: plain arrays only, so that it can go to another process."""

    person: Person
    expression: str
    surfaces: Sequence[Surface]
    strands: Sequence[Strands]
    camera: Camera
    points: Floats
    samples: int


class Studio:
    """Prepares sittings. Loads anny once; what it prepares needs only mitsuba."""

    def __init__(self, head: HeadModel) -> None:
        self.head = head
        self.paths = contour_paths(head)
        self.tailor = Tailor(head)
        inner = np.maximum(head.masks["inside-mouth"], smooth_step(head.masks["lips"], 0.1, 0.5))
        self.open_skin = 1 - np.clip(inner, 0, 1)  # where wrinkles can be

    def sittings(
        self, person: Person, size: int, samples: int, expressions: Sequence[str] = EXPRESSIONS
    ) -> list[Sitting]:
        """The pictures of `person`, `size` pixels wide, with exact landmarks, one for each of `expressions`."""
        units = [self._units(person, name) for name in ("neutral", *expressions)]
        bases = self.head.shapes(person.phenotype, sagging(person), units)
        camera = self._camera(person, bases[0], size)
        colours = paint(self.head, person)
        facial_hair, on_scalp = FacialHair(self.head, person), scalp_hair(self.head, person, bases[0])
        return [
            Sitting(
                person=person,
                expression=name,
                surfaces=self._surfaces(person, base, colours, unit),
                strands=(*on_scalp, *facial_hair.posed(base)),
                camera=camera,
                points=landmarks(self.head, base, camera, self.paths),
                samples=samples,
            )
            for name, base, unit in zip(expressions, bases[1:], units[1:], strict=True)
        ]

    def _units(self, person: Person, expression: str) -> dict[str, float]:
        units = expression_units(expression, person.strength, person.left, person.laugh)
        # Eyes go to the camera, not where the head points
        right = person.view.yaw / 30
        for side, inner in (("Left", right < 0), ("Right", right > 0)):
            units[f"eyeLook{'In' if inner else 'Out'}{side}"] = min(1.0, abs(right))
        return units

    def _camera(self, person: Person, base: Floats, size: int) -> Camera:
        """Frame the neutral face as the person's view says."""
        view = person.view
        middle = self.head.parts["eyes"].pose(base).mean(axis=0)
        camera = Camera(tuple(middle), view.yaw, view.pitch, view.roll, width=0.28, size=size)
        for _ in range(3):  # perspective makes each step a little inexact
            points = landmarks(self.head, base, camera, self.paths)
            wider = float(np.linalg.norm(points[45] - points[36]) / size / view.eyes)
            low, high = points.min(axis=0), points.max(axis=0)
            off = ((low + high) / 2 / size - [0.5, view.height]) * camera.width
            target = np.asarray(camera.target) + off[0] * camera.axes[0] - off[1] * camera.axes[1]
            camera = replace(camera, width=camera.width * wider, target=tuple(target))
        return camera

    def _surfaces(
        self, person: Person, base: Floats, colours: Mapping[str, Floats], units: Mapping[str, float]
    ) -> list[Surface]:
        placed = {kind: self.head.parts[kind].pose(base) for kind in colours}
        skin = self.head.parts["skin"]
        relief = creases(skin.template, person.years, units, person.skin.seed, person.weathered) * self.open_skin
        placed["skin"] = placed["skin"] + relief[:, None] * vertex_normals(placed["skin"], skin.triangles)
        if person.weathered:
            colours = {**colours, "skin": shaded_furrows(colours["skin"], relief, person.weathered)}
        # MakeHuman's upper teeth end level with the closed lips; people show two millimetres of theirs
        upper = upper_teeth(self.head.parts["teeth"])
        placed["teeth"] = placed["teeth"] - upper[:, None] * np.array([0.0, 0.0022, 0.0])
        placed["shirt"] = self.tailor.cut(placed["shirt"], placed["skin"], person.outfit, 0.003 * person.weathered)
        return [Surface(kind, placed[kind], self.head.parts[kind].triangles, colours[kind]) for kind in colours]


def take(sitting: Sitting) -> NDArray[np.uint8]:
    """Render one sitting: an sRGB picture (size, size, 3)."""
    person, camera = sitting.person, sitting.camera
    traced = trace(sitting.surfaces, sitting.strands, person.light, camera, sitting.samples, shine=person.skin.shine)
    # A photographer opens up for dark skin, though not all the way
    exposure = 1.2 * (0.42 / person.skin.tone[0]) ** 0.35
    return develop(traced, person.backdrop, camera.width / camera.size, exposure)
