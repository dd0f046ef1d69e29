"""What translators are, what they give, a face and where its pixels came from, and the steps in which they make it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ptk.editing.learned import check_known
from ptk.errors import WeightsError
from ptk.faces.topologies import IBUG68, Topology
from ptk.types import PHOTO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float, Float32, UInt8

    from ptk.motion.face_geometry import FaceGeometry
    from ptk.motion.flow_options import FaceFlow

__all__ = ["PHOTO_STYLE", "Rendered", "StagedTranslator", "Translates"]

PHOTO_STYLE = PHOTO
"""The style in which the face blends with the photo around it."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """A face that a network made: `image` (S, S, 3) in [0, 255].

    Of networks that move pixels also `flow` (S, S, 2), where in the cut each pixel comes from, as a displacement in
    shares of the side, and `visibility` (S, S) in [0, 1], how much of that pixel is still to be seen.
    """

    image: Float32[np.ndarray, "size size 3"]
    flow: Float32[np.ndarray, "size size 2"] | None = None
    visibility: Float32[np.ndarray, "size size"] | None = None


class Translates(Protocol):
    """What edits a face: `ptk.editing.translator.Translator`, or an exported network without torch."""

    @property
    def size(self) -> int:
        """The side in pixels of the faces that it takes and gives."""
        ...

    @property
    def domains(self) -> tuple[str, ...]:
        """The styles that it knows."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What its file says of itself: recipe, data, licence."""
        ...

    @property
    def detector(self) -> str:
        """Who found the landmarks that it learned from."""
        ...

    @property
    def face_flow(self) -> FaceFlow | None:
        """How its flow is made of landmarks; None where results tell no flow."""
        ...

    @property
    def topology(self) -> Topology:
        """The landmarks that it learned, and is told in `render`."""
        ...

    @property
    def geometry(self) -> FaceGeometry:
        """The tuned numbers that it was trained with."""
        ...

    @property
    def hears_landmarks(self) -> bool:
        """Whether it is told landmarks; else no face moves, and every style is another domain than the photo's."""
        ...

    @property
    def multiple(self) -> int:
        """What sides of whole pictures are multiples of, where it learned from such; 0 where from faces."""
        ...

    def render(
        self,
        cut: UInt8[np.ndarray, "size size 3"],
        start: Float[np.ndarray, "count 2"],
        goal: Float[np.ndarray, "count 2"],
        style: str,
        *,
        quick: bool = False,
    ) -> Rendered:
        """The face in `cut`, whose landmarks `start` (in [0, 1] of it) move to `goal`, in `style`.

        They are all those of its `topology`. A `quick` photo may do without what the network paints on skin: its
        pixels move, and its mouth is made.
        """
        ...

    def translate(
        self, picture: UInt8[np.ndarray, "height width 3"], style: str
    ) -> Float32[np.ndarray, "height width 3"]:
        """A whole picture, its sides multiples of `multiple`, in `style`, in [0, 255]."""
        ...


class StagedTranslator(ABC):
    """A translator whose network makes photos first, and other styles of these.

    `size` is the side of its images in pixels, `domains` the styles that it knows, `plain` the index of the plain one,
    `face_flow` how its flow is made of landmarks, None where it has none, `topology` which landmarks it learned,
    `geometry` the tuned numbers it was trained with.
    Without `hears_landmarks` nothing moves. `multiple`, of weights that learned from whole pictures, is what the sides
    of pictures are multiples of; 0 of those that learned from faces. Subclasses say how each step is computed.
    """

    size: int
    domains: tuple[str, ...]
    geometry: FaceGeometry
    plain: int = 0
    face_flow: FaceFlow | None = None
    topology: Topology = IBUG68
    hears_landmarks: bool = True
    multiple: int = 0
    restyles: bool = False
    _last: tuple[bytes, Rendered, bool] | None = None

    def render(
        self,
        cut: UInt8[np.ndarray, "size size 3"],
        start: Float[np.ndarray, "count 2"],
        goal: Float[np.ndarray, "count 2"],
        style: str,
        *,
        quick: bool = False,
    ) -> Rendered:
        """The face in `cut`, whose landmarks `start` (in [0, 1] of it) move to `goal`, in `style`; see `Translates`.

        The last photo is remembered: another style of it costs that style alone. Raises WeightsError for a `style`
        that the weights do not know, and for landmarks of another topology than theirs.
        """
        check_known(style, self.domains)
        if self.hears_landmarks and not len(start) == len(goal) == self.topology.count:
            name, count = self.topology.name, self.topology.count
            raise WeightsError(f"these weights learned {name}; give them its {count} landmarks, not {len(goal)}")
        start, goal = (np.asarray(points, dtype=np.float32)[None] for points in (start, goal))
        plain = style == self.domains[self.plain]
        whole = not (plain and self._leaves_out(start, goal))
        if quick and plain and self._is_quick_without_paint:
            return self._render(cut, start, goal, style, whole=whole, paints=False)
        if not self.restyles:
            return self._render(cut, start, goal, style, whole=whole)
        key = b"".join(np.ascontiguousarray(each).tobytes() for each in (cut, start, goal))
        if self._last is None or self._last[0] != key or (whole and not self._last[2]):
            self._last = key, self._render(cut, start, goal, self.domains[self.plain], whole=whole), whole
        photo = self._last[1]
        return photo if plain else Rendered(self._restyle(photo.image, start, goal, style))

    @property
    def _is_quick_without_paint(self) -> bool:
        """Whether photos can do without what the network paints on skin, and are made faster then."""
        return False

    def _leaves_out(self, start: np.ndarray, goal: np.ndarray) -> bool:  # noqa: ARG002
        """Whether a step could be left out of a photo for these landmarks: it would make what keeps its own pixels."""
        return False

    def translate(
        self, picture: UInt8[np.ndarray, "height width 3"], style: str
    ) -> Float32[np.ndarray, "height width 3"]:
        """A whole `picture`, its sides multiples of `multiple`, in `style`, in [0, 255]. There are no landmarks.

        Raises WeightsError for a `style` that the weights do not know.
        """
        check_known(style, self.domains)
        nowhere = np.full((1, self.topology.count, 2), np.nan, dtype=np.float32)
        return self._render(picture, nowhere, nowhere, style, whole=True).image

    @abstractmethod
    def _render(
        self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str, *, whole: bool, paints: bool = True
    ) -> Rendered:
        """What the network makes of landmarks (1, count, 2): in the plain style alone where it restyles.

        Unless it is to be `whole`, what `_leaves_out` speaks of is left out. Where it `_is_quick_without_paint` it can
        be told that it `paints` no skin.
        """

    @abstractmethod
    def _restyle(self, photo: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> np.ndarray:
        """`photo` (S, S, 3) in [0, 255], of a network that restyles, in `style`."""
