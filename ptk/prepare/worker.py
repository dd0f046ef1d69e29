"""What one process does with one photo or video: find the faces, cut them out, render them in every style."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from ptk.dataset.images import encode
from ptk.dataset.manifest import stored_size
from ptk.dataset.renderings import stylise
from ptk.device import resolve_device
from ptk.errors import DataError, ImageError, LandmarksError, NoFaceError, PartError, PtkError
from ptk.faces.choose import main_face
from ptk.faces.crop import Crop
from ptk.faces.images import read_photo, to_srgb
from ptk.faces.topologies import find_anatomy
from ptk.faces.topology import POINTS
from ptk.prepare.messages import Face, Outcome, Settings, Task
from ptk.recipe.build import build_part
from ptk.recipe.one_part import DomainUse, PartUse
from ptk.sources.names import VIDEOS
from ptk.types import PHOTO, Domain

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.prepare.keyframes import ChosenFrame
    from ptk.types import Landmarks

__all__ = ["Worker"]


class Worker:
    """Does tasks, one after the other. Detector and styles are built when they are first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._seconds: dict[str, float] = {}
        self._note = ""

    def run(self, task: Task) -> Outcome:
        """Whatever is wrong with the file becomes the outcome's `reason`; nothing is raised."""
        self._seconds, self._note = {}, ""
        path = task.media.path
        result: dict[str, Any] = {}
        try:
            faces = task.cut or tuple(self._cut(task))
            result["faces"] = tuple(self._rendered(face, task.missing) for face in faces)
        except (ImageError, LandmarksError) as error:
            result["reason"] = str(error).removeprefix(f"{path}: ")
        except PartError as error:  # it may take the next file, and be mended before the next run
            result |= {"reason": str(error), "passing": True}
        except PtkError as error:
            result["fatal"] = str(error)
        except MemoryError:
            result |= {"reason": "does not fit into memory; scale it down first", "passing": True}
        except Exception as error:  # decoders raise anything on damaged files; one file must not stop the others
            what = " ".join(str(error).split()) or "no message"
            result |= {"reason": f"cannot be used ({type(error).__name__}: {what})", "passing": True}
        return Outcome(number=task.number, note=self._note, seconds=self._seconds, **result)

    @cached_property
    def _finder(self) -> Any:
        return build_part("detector", PartUse(self.settings.detector), {})

    @cached_property
    def _domains(self) -> dict[str, Domain]:
        return {use.name: _domain(use, self.settings.faces) for use in self.settings.styles}

    @cached_property
    def _device(self) -> torch.device:
        return resolve_device(self.settings.device)

    def _cut(self, task: Task) -> Iterator[Face]:
        if not self.settings.faces:
            yield self._whole(task)
            return
        with self._timed("starting"):
            finder = _Timed(self._finder, self._timed)
        if task.media.path.suffix.lower() in VIDEOS:
            yield from self._cut_video(task, finder)
            return
        with self._timed("decoding"):
            photo = read_photo(task.media.path, task.content)
        found = finder.detect(photo.pixels)
        if not found:
            raise NoFaceError(f"no face found (tried {self.settings.detector}); crop closer")
        main = main_face(found)
        if main is None:
            raise NoFaceError(f"{len(found)} faces found; crop it to the one that is meant")
        with self._timed("cropping"):
            cut, points, side = self._crop(photo.pixels, main)
            if photo.icc is not None:  # a data set keeps no profiles
                cut = np.array(to_srgb(Image.fromarray(cut), photo.icc))
        yield self._face(task.media.photo, task.media.domain, cut, points, side)

    def _whole(self, task: Task) -> Face:
        """The largest square in the middle of a picture; a margin is a part of it."""
        if task.media.path.suffix.lower() in VIDEOS:
            raise ImageError("is a video; without faces there are pictures only")
        with self._timed("decoding"):
            photo = read_photo(task.media.path, task.content)
        with self._timed("cropping"):
            side = min(photo.width, photo.height)
            left, top = (photo.width - side) // 2, (photo.height - side) // 2
            stored = stored_size(self.settings.size, self.settings.margin)
            square = Image.fromarray(photo.pixels[top : top + side, left : left + side])
            cut = square.resize((stored, stored), Image.Resampling.LANCZOS)
            cut = cut if photo.icc is None else to_srgb(cut, photo.icc)
        return self._face(task.media.photo, task.media.domain, np.array(cut), None, side * self.settings.size / stored)

    def _cut_video(self, task: Task, finder: _Timed) -> Iterator[Face]:
        from ptk.prepare.keyframes import choose_frames

        looked = self._seconds.get("detecting", 0.0)
        with self._timed("decoding"):
            chosen = choose_frames(task.media.path, finder, count=self.settings.frames, content=task.content)
        self._seconds["decoding"] -= self._seconds.get("detecting", 0.0) - looked
        self._note = f"{len(chosen.frames)} frames; {chosen.counts}"
        frames = iter(chosen.frames)
        while (frame := self._next(frames)) is not None:
            with self._timed("cropping"):
                cut, points, side = self._crop(frame.pixels, frame.landmarks)
            yield self._face(f"{task.media.photo}-{frame.number:06d}", task.media.domain, cut, points, side)

    def _next(self, frames: Iterator[ChosenFrame]) -> ChosenFrame | None:
        with self._timed("decoding"):
            return next(frames, None)

    def _crop(self, pixels: np.ndarray, face: Landmarks) -> tuple[np.ndarray, np.ndarray, float]:
        """The stored image, all points in it, and the side of the crop without its margin in photo pixels."""
        crop = Crop.around(face.points)
        stored = stored_size(self.settings.size, self.settings.margin)
        whole = Crop(crop.x, crop.y, crop.side * stored / self.settings.size, crop.angle)
        return whole.cut(pixels, stored), whole.to_unit(face.all_points) * stored, crop.side

    def _face(
        self,
        photo: str,
        domain: str,
        pixels: UInt8[np.ndarray, "size size 3"],
        points: Float[np.ndarray, "count 2"] | None,
        side: float,
    ) -> Face:
        with self._timed("encoding"):
            image = encode(pixels)
        rounded = () if points is None else tuple((round(float(x), 2), round(float(y), 2)) for x, y in points)
        return Face(photo, rounded, round(side, 1), {domain: image})

    def _rendered(self, face: Face, names: tuple[str, ...]) -> Face:
        """The face in more domains. They are made from the photo image as it is written, so they can be made again."""
        if not names:
            return face
        with self._timed("starting"):
            domains, device = self._domains, self._device
        with self._timed("decoding"):
            pixels = np.array(Image.open(io.BytesIO(face.images[PHOTO])).convert("RGB"))
        points = find_anatomy(np.array(face.points or np.full((POINTS, 2), np.nan))[None]) / pixels.shape[0]
        images = dict(face.images)
        for name in names:
            with self._timed("stylising"):
                styled = stylise(pixels[None], points, domains[name], device)[0]
            with self._timed("encoding"):
                images[name] = encode(styled)
        return Face(face.photo, face.points, face.side, images)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            self._seconds[what] = self._seconds.get(what, 0) + perf_counter() - started


class _Timed:
    """A detector that notes how long it looks."""

    def __init__(self, finder: Any, timed: Callable[[str], Any]) -> None:
        self._finder = finder
        self._timed = timed

    def detect(self, image: np.ndarray) -> Any:
        with self._timed("detecting"):
            return self._finder.detect(image)


def _domain(use: DomainUse, faces: bool) -> Domain:
    domain: Domain = build_part("domain", use.offered, {})
    if domain.stylise is None:
        raise DataError(f"`styles`: {use.name} cannot be made from photos; its images come from folders of real ones")
    if domain.needs_face and not faces:
        raise DataError(f"`styles`: {use.name} is rendered where the face is; leave it out, or prepare with faces")
    return domain
