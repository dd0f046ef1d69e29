"""Frames between two photos of one person: each is rendered from both, and goes over from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ptk.editing.composite.ramp import ramp
from ptk.editing.known_faces import KnownFaces
from ptk.errors import FaceError
from ptk.faces.colour import to_srgb
from ptk.faces.landmarks import eye_distance
from ptk.faces.topology import RIGID
from ptk.motion.head_roll import fit_similarity
from ptk.video.morph import ease, place_frames

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.editor import Editor
    from ptk.editing.session import Session
    from ptk.faces.images import Photo

    Pixels = UInt8[np.ndarray, "height width 3"]
    Points = Float32[np.ndarray, "68 2"]

__all__ = ["WAYS", "Way", "align_photo", "morph_photos"]

Way = Literal["landmarks", "recursion"]
WAYS: tuple[Way, ...] = ("landmarks", "recursion")
_SEAM = 0.04  # of the shorter side: how wide the second photo's border goes over into the first
_TURNED = 0.05  # outer eye distances that rigid points may lie apart: of heads turned by 25 degrees


def align_photo(editor: Editor, photo: Photo, first: Session) -> Session:
    """Open a second `photo` of the person in `first`, laid over that by a similarity of what no expression moves.

    Beyond its borders it is what `first` shows. Raises NoFaceError, and FaceError where both heads are turned so
    differently that no similarity lays one over the other.
    """
    import cv2

    like, face = first.faces[0], editor.open(photo).faces[0]
    here, there = face.points[list(RIGID)], like.points[list(RIGID)]
    matrix = fit_similarity(here, there)
    apart = np.linalg.norm(here @ matrix[:, :2].T + matrix[:, 2] - there, axis=1).mean() / eye_distance(like.points)
    if apart > _TURNED:
        raise FaceError(
            f"{photo.path}: the head is turned otherwise than in {first.photo.path} ({apart:.2f} of the eye distance "
            f"apart, {_TURNED} at most); take two photos from one side"
        )
    size = first.photo.width, first.photo.height
    pixels = to_srgb(photo.pixels, photo.icc)
    laid = cv2.warpAffine(
        pixels.astype(np.float32), matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT
    )
    inside = cv2.warpAffine(np.ones(pixels.shape[:2], np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    far = cv2.distanceTransform(np.pad(inside, 1), cv2.DIST_L2, 3)[1:-1, 1:-1] if not inside.all() else None
    seen = np.float32(1) if far is None else ramp(far, 1, _SEAM * min(size))[..., None]
    below = to_srgb(first.photo.pixels, first.photo.icc)
    whole = np.rint(seen * laid + (1 - seen) * below).clip(0, 255).astype(np.uint8)
    opened = editor.open(replace(photo, pixels=whole, alpha=None, icc=None))
    points = (face.points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    known = replace(face, points=points, width=size[0], height=size[1], irises=None, dense=None)
    return replace(opened, detector=KnownFaces([known]), face=None)


def morph_photos(
    first: Session,
    second: Session,
    way: Way,
    frames: int,
    once: bool = False,
    eased: bool = True,
) -> Iterator[Pixels]:
    """Render `frames`, in sRGB, of a face that goes from one photo to another that was laid over it, and back.

    By "landmarks" each is rendered of both photos, at landmarks in a straight line between theirs, and is their mean,
    weighted by how near they are. By "recursion", the paper's, the middle is made so of both ends, and then the middles
    of what lies between, down to every frame: of seven frames the fourth of 1 and 7, the second and fifth of 1, 4 and
    7, the third of 2 and 4, the sixth of 5 and 7.

    Source: PortraitGAN (Duan, Guo, Kuo 2020), Figure 5.
    """
    if way == "recursion":
        place_frames(frames, 2, once=once)  # so many are possible
        there = frames if once else frames // 2 + 1
        yield _srgb(first)
        yield from _halve(first, second, there - 1)
        yield _srgb(second)
        if not once:
            yield from _halve(second, first, frames - there + 1)
        return
    ends = [first.faces[0].points, second.faces[0].points]
    for key, share in place_frames(frames, 2, once=once):
        gone = ease(share) if eased else share
        near = gone if key == 0 else 1 - gone
        yield _blend(first, second, ends, near)


def _halve(first: Session, second: Session, steps: int) -> Iterator[Pixels]:
    """Make the frames between two that are so many steps apart, the middle first; few are held at a time."""
    if steps < 2:
        return
    near, ends = steps // 2, [first.faces[0].points, second.faces[0].points]
    pixels = _blend(first, second, ends, near / steps)
    points = ends[0] + np.float32(near / steps) * (ends[1] - ends[0])
    known = KnownFaces([replace(first.faces[0], points=points, irises=None, dense=None)])
    middle = replace(first, photo=replace(first.photo, pixels=pixels, icc=None), detector=known, face=None)
    yield from _halve(first, middle, near)
    yield pixels
    yield from _halve(middle, second, steps - near)


def _blend(first: Session, second: Session, ends: list[Points], share: float) -> Pixels:
    """Render both at the landmarks at `share` of the way, and mix them by it."""
    if share in (0, 1):
        return _srgb(second if share else first)
    goal = ends[0] + np.float32(share) * (ends[1] - ends[0])
    made = [np.float32(to_srgb(each.render(goal, preview=False), each.photo.icc)) for each in (first, second)]
    return np.asarray(np.rint(made[0] + share * (made[1] - made[0])).clip(0, 255).astype(np.uint8))


def _srgb(session: Session) -> Pixels:
    return np.asarray(np.rint(to_srgb(session.photo.pixels, session.photo.icc)).clip(0, 255).astype(np.uint8))
