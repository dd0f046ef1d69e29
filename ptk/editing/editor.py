"""What is wished of photos, one or many: whom it is about, how their expressions change, and in which style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.editing.composite.irises import find_moved_irises
from ptk.editing.rendered import PHOTO_STYLE
from ptk.editing.session import Session
from ptk.errors import FaceError, NoFaceError, PtkError
from ptk.faces.choose import main_face
from ptk.faces.expressions import told, vocabulary
from ptk.faces.gaze import LOOKS
from ptk.faces.plausibility import check_reading, moves
from ptk.faces.topologies import IBUG68
from ptk.faces.topology import LEFT_EYE
from ptk.faces.words.expression import Expression

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float32

    from ptk.editing.edit import Detector
    from ptk.editing.rendered import Translates
    from ptk.editing.styles import Renders
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.faces.words.source import ExpressionSource
    from ptk.types import Landmarks

    Points = Float32[np.ndarray, "68 2"]
    Irises = Float32[np.ndarray, "2 3"]

__all__ = ["Editor"]


@dataclass(frozen=True, eq=False)
class Editor:
    """What is the same for all photos: who translates, who finds faces, and what to change.

    `strengths` are words for the expression (`ptk.faces.expressions`), `like` is one that is taken over, `face` which
    face of a photo is meant (`ptk.faces.choose`). `renderer` renders the `style` once the face has moved; without one
    the translator gives the style, of whole `pictures` where it learned from such. `styles` chooses who renders others,
    which sessions may be asked for. `develop` makes the photo of a drawing in the style `source`, or of what it takes
    for one where that is None, and returns a photo as it is. `warn` is told, in a line that names the photo, what is
    odd about it and may spoil a result; what certainly does is an error, or with `force` such a line.
    """

    translator: Translates
    detector: Detector
    detector_name: str
    style: str = PHOTO_STYLE
    face: Choice = None
    strengths: Mapping[str, float] = field(default_factory=dict)
    like: Expression | None = None
    renderer: Renders | None = None
    force: bool = False
    warn: Callable[[str], None] = lambda _: None
    styles: Callable[[str], Renders | None] = lambda _: None
    pictures: bool = False
    source: str | None = None
    develop: Callable[[Photo, str | None], Photo] = lambda photo, _: photo

    def open(self, photo: Photo, target: Landmarks | None = None) -> Session:
        """Open `photo` to render it often; of several faces those are meant that this edits, or that at `target`."""
        made = self.develop(photo, self.source)
        return Session(
            made,
            self.translator,
            self.detector,
            self.detector_name,
            face=self.face,
            near=target,
            choose=lambda style: self.renderer if style == self.style else self.styles(style),
            pictures=self.pictures,
            drawing=None if made is photo else photo,
            warn=self.warn,
            force=self.force,
        )

    def edit(self, photo: Photo, out: Path, target: Landmarks | None = None) -> bool:
        """Write the edit of `photo` to `out`; whether its face was found, rather than assumed to be at `target`.

        A photo without a face, or with several, is rendered where no face is to move and the style needs none.
        Raises ImageError for a photo that is in the style already; NoFaceError, FaceError, LandmarksError, WeightsError
        and OutputError as what it calls does.
        """
        session = self.open(photo, target)
        session.check_photo(self.style)
        if session.takes_pictures(self.style):
            session.finish(None, self.style, out)
            return True
        wanted = target is not None or self.like is not None or any(self.strengths.values()) or self.face is not None
        if self.renderer is not None and not wanted and not self.renderer.needs_face:
            session.finish(None, self.style, out)
            return bool(session.all_faces)
        goals, irises = self.find_goals(session, target)
        session.finish(goals, self.style, out, irises)
        return session.faces[0] is not target

    def take_over(self, source: ExpressionSource) -> tuple[Editor, str]:
        """This editor, taking over the expression of a `source`, and which it is, as a line.

        Raises PtkError where its detector sees faces otherwise than the words are measured, and what `read_expression`
        raises for a photo.
        """
        words = vocabulary()
        if words.detector not in (self.detector_name, getattr(self.detector, "anatomy", "")):
            others = getattr(self.translator, "topology", IBUG68) is not IBUG68  # weights that need their own detector
            mend = "say it in words, `expression`" if others else f"add `detector={words.detector}`"
            raise PtkError(
                f"`expression_from` {source.path}: expressions are read as {words.detector} sees faces, "
                f"not {self.detector_name}; {mend}"
            )
        like = source.content
        if not isinstance(like, Expression):
            like = Expression(self.read_expression(like)[1])
        like = replace(like, parts=source.parts or like.parts)
        said = told(like.words) or "no expression, as far as landmarks tell"
        share, strengths = float(like.shares[LEFT_EYE].mean()), dict(self.strengths)
        for look in LOOKS.keys() & like.words.keys():  # nobody's irises are read: these are added as words are
            strengths[look] = strengths.get(look, 0.0) + share * like.words[look]
        words_left = {name: strength for name, strength in like.words.items() if name not in LOOKS}
        return replace(self, like=replace(like, words=words_left), strengths=strengths), said

    def read_expression(self, photo: Photo) -> tuple[Landmarks, dict[str, float]]:
        """The one face in `photo` and which words it shows, each up to its limit.

        Raises NoFaceError, and FaceError where what is seen is not to be believed.
        """
        session, words = replace(self, source=None).open(photo), vocabulary()
        face = self.only_face(session.photo)
        session.check_face(face)
        seen = words.seen(face.points)
        session.tell(check_reading(seen, words.words, str(photo.path), force=self.force))
        return face, words.shown(face.points)

    def only_face(self, photo: Photo) -> Landmarks:
        """The face in a photo that shows one person, or one large before others. Raises NoFaceError."""
        found = self.detector.detect(photo.pixels)
        main = main_face(found)
        if main is None:
            many = f"{len(found)} faces" if found else "no face"
            raise NoFaceError(
                f"{photo.path}: {many} found (tried {self.detector_name}); crop it to the one that is meant"
            )
        return main

    def find_goals(
        self, session: Session, target: Landmarks | None = None
    ) -> tuple[dict[int, Points], dict[int, Irises]]:
        """Find where landmarks go, and irises that do not go along with them, by the number of their face.

        Of several faces one that is turned too far is left out, told; raises FaceError where all are.
        """
        goals: dict[int, Points] = {}
        irises: dict[int, Irises] = {}
        refused: list[FaceError] = []
        for index in range(len(session.faces)):
            try:
                goals[index], there = self.find_goal(session, index, target)
                if there is not None:
                    irises[index] = there
            except FaceError as error:
                refused.append(error)
        if refused and not goals:
            raise refused[0]
        session.tell(map(str, refused))
        return goals, irises

    def find_goal(self, session: Session, index: int, target: Landmarks | None = None) -> tuple[Points, Irises | None]:
        """Find where the landmarks of a face go, and its irises where they do not go along with them.

        `index` is its place in `session.faces`. Raises FaceError where it would be spoilt, and LandmarksError for a
        `target` that no face moves to.
        """
        source, strengths = session.faces[index], self._seen_words(session, index)
        goal = source.points
        if target is not None:
            session.check_target(source, target)
            goal = target.points
        elif self.like is not None or self.strengths:
            goal = vocabulary().moved(goal, strengths, self.like)
        if moves(source.points, goal):
            turn = strengths.get("turn", 0.0) + (self.like.words.get("turn", 0.0) if self.like else 0.0)
            session.check_face(source, turn)
            session.check_eyes(index, goal)
        return goal, find_moved_irises(source, goal, target, self._add_taken(strengths))

    def _seen_words(self, session: Session, index: int) -> Mapping[str, float]:
        """The words for a face: without those of its irises, which is told, where these are not seen."""
        looks = [name for name, strength in self._add_taken(self.strengths).items() if name in LOOKS and strength]
        missing = session.find_why_no_gaze(index) if looks else ""
        if not missing:
            return self.strengths
        session.tell([f"{session.photo.path}: {', '.join(looks)}: {missing}"])
        return {name: strength for name, strength in self.strengths.items() if name not in LOOKS}

    def _add_taken(self, strengths: Mapping[str, float]) -> Mapping[str, float]:
        """Add to `strengths` where the eyes look in the expression that is taken over, as far as eyes take it over."""
        if self.like is None:
            return strengths
        share = self.like.parts.get("eyes", 0.0 if self.like.parts else 1.0)
        taken = {name: share * self.like.words.get(name, 0.0) for name in LOOKS}
        return {**strengths, **{name: strengths.get(name, 0.0) + each for name, each in taken.items()}}
