"""The photos that are open: their files, who is in them, and how long they stay."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.editing.known_faces import KnownFaces
from ptk.faces.choose import number_faces
from ptk.faces.images import open_image, read_photo
from ptk.faces.pose import check_upright
from ptk.studio.live import Part, cut_part, find_region
from ptk.studio.memory import Memory
from ptk.studio.refusals import Gone, Refusal

if TYPE_CHECKING:
    from ptk.editing.editor import Editor
    from ptk.editing.session import Session
    from ptk.types import Landmarks

__all__ = ["LIVE_SIDE", "Limits", "OpenPhoto", "Photos"]

LIVE_SIDE = 640
"""Pixels a side of live pictures, unless the page asks for others; up to so many they are kept with their photo."""

_PARTS = 2


@dataclass(frozen=True)
class Limits:
    """What the studio takes and keeps.

    A file may have `file_bytes` and its picture `pixels`; `photos` are open at most, whose files have `all_bytes`
    together, each until nothing was asked of it for `idle` seconds. Decoded photos and renders take `memory` bytes.
    """

    file_bytes: int = 40 << 20
    pixels: int = 50_000_000
    photos: int = 96
    all_bytes: int = 512 << 20
    idle: float = 30 * 60.0
    memory: int = 256 << 20


@dataclass(eq=False)
class OpenPhoto:
    """A photo that is open: the `content` of its file, which is called `name`, and the `faces` in it, by number.

    `source` is what the picture is, None where it is taken for what it looks like; a `drawing` is edited over its
    photo. `warnings` were told when it was opened, once `is_read`; `upside_down` are lines about faces that stand on
    their head, by their index. `parts` are small pictures of faces, last asked for live, by face and side.
    """

    name: str
    content: bytes
    source: str | None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    width: int = 0
    height: int = 0
    drawing: bool = False
    faces: list[Landmarks] = field(default_factory=list)
    is_read: bool = False
    warnings: list[str] = field(default_factory=list)
    upside_down: dict[int, str] = field(default_factory=dict)
    parts: OrderedDict[tuple[int, int], Part] = field(default_factory=OrderedDict)
    used: float = field(default_factory=time.monotonic)


class Photos:
    """The photos that are open in a studio whose `editor` opens them, within `limits`; any thread may ask.

    `busy` says of a photo by its id that something waits for it: it is not let go of for others.
    """

    def __init__(self, editor: Editor, limits: Limits, busy: Callable[[str], bool] = lambda _: False) -> None:
        self.editor, self.limits, self._busy = editor, limits, busy
        self.memory = Memory(limits.memory)
        self._open: OrderedDict[str, OpenPhoto] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._open)

    def open(self, name: str, content: bytes, source: str | None) -> OpenPhoto:
        """Open the file `content`, called `name`: its header is looked at first, then who is in it.

        Raises ImageError for what is no photo, or too large, and PtkError for a `source` from which there is no way.
        """
        self.sweep()
        opened = OpenPhoto(name, content, source)
        self.make_room_for(name, content)
        session = self._read(opened)
        opened.width, opened.height = session.photo.width, session.photo.height
        opened.drawing = session.drawing is not None
        opened.faces = number_faces(self.editor.detector.detect(session.photo.pixels))
        opened.is_read = True
        for index, face in enumerate(opened.faces):
            standing = check_upright(session.photo.pixels, face, self.editor.detector, name, force=True)
            if standing:
                opened.upside_down[index] = standing[0]
        known = replace(session, detector=KnownFaces(opened.faces), upright=True)
        self.memory.put(("photo", opened.id), known, _weigh(session))
        if opened.faces:  # while it is decoded
            self.find_part(opened, 0, LIVE_SIDE)
        with self._lock:
            self._open[opened.id] = opened
            gone = self._make_room()
        self._forget(gone)
        return opened

    def get(self, photo: str) -> OpenPhoto:
        """The photo of that id, which was used now. Raises Gone."""
        with self._lock:
            opened = self._open.get(photo)
            if opened is None or time.monotonic() - opened.used > self.limits.idle:
                raise Gone
            opened.used = time.monotonic()
            self._open.move_to_end(photo)
            return opened

    def make_room_for(self, name: str, content: bytes) -> None:
        """Look at the header of a picture, and make room for its pixels. Raises ImageError, also for too many."""
        with open_image(name, content, most=self.limits.pixels) as image:
            self.memory.make_room(image.width * image.height * 3)

    def session(self, opened: OpenPhoto) -> Session:
        """The session of an open photo, all of whose faces are meant; decoded again where it was let go of."""
        from ptk.editing.session import Session

        session = self.memory.get(("photo", opened.id), Session)
        if session is not None:
            return session
        self.memory.make_room(opened.width * opened.height * 3)
        session = self._read(opened)
        session = replace(session, detector=KnownFaces(opened.faces), upright=True)
        self.memory.put(("photo", opened.id), session, _weigh(session))
        return session

    def find_part(self, opened: OpenPhoto, face: int, side: int) -> Part:
        """The small picture around a face, by its index, at most `side` pixels a side: kept, or cut now; quick."""
        key, large = (face, side), ("part", opened.id, face, side)
        kept = opened.parts.get(key) or self.memory.get(large, Part)
        if kept is None:
            region = find_region(opened.faces[face].points, opened.width, opened.height)
            kept = cut_part(self.session(opened), region, side, quick=True)
        if side > LIVE_SIDE:
            self.memory.put(large, kept, kept.session.photo.pixels.nbytes)
        else:
            opened.parts[key] = kept
            opened.parts.move_to_end(key)
            while len(opened.parts) > _PARTS:
                opened.parts.popitem(last=False)
        return kept

    def close(self, photo: str) -> None:
        """Forget a photo, and all that was made of it."""
        with self._lock:
            self._open.pop(photo, None)
        self._forget([photo])

    def sweep(self) -> None:
        """Forget the photos of which nothing was asked for too long."""
        now = time.monotonic()
        with self._lock:
            gone = [each.id for each in self._open.values() if now - each.used > self.limits.idle]
            for photo in gone:
                del self._open[photo]
        self._forget(gone)

    def _read(self, opened: OpenPhoto) -> Session:
        photo = read_photo(Path(opened.name), opened.content)
        warn = (lambda _: None) if opened.is_read else opened.warnings.append
        source = opened.source
        if opened.is_read:  # what it was taken for once, it is taken for again
            source = source or (None if opened.drawing else "photo")
        return replace(self.editor, source=source, warn=warn).open(photo)

    def _make_room(self) -> list[str]:
        """Let go of the photos that were idle longest, until the others are within the limits; their ids."""
        gone: list[str] = []
        total = sum(len(each.content) for each in self._open.values())
        newest = next(reversed(self._open))
        for photo in list(self._open):
            if len(self._open) <= self.limits.photos and total <= self.limits.all_bytes:
                break
            if photo != newest and not self._busy(photo):
                total -= len(self._open.pop(photo).content)
                gone.append(photo)
        if len(self._open) > self.limits.photos or total > self.limits.all_bytes:
            del self._open[newest]
            raise Refusal(503, "too many photos are open; try again in a moment", {"Retry-After": "5"})
        return gone

    def _forget(self, photos: Iterable[str]) -> None:
        gone = set(photos)
        if gone:
            self.memory.forget(lambda key: isinstance(key, tuple) and key[1] in gone)


def _weigh(session: Session) -> int:
    """Bytes of a session's pixels."""
    photos = [session.photo] if session.drawing is None else [session.photo, session.drawing]
    return sum(each.pixels.nbytes + (0 if each.alpha is None else each.alpha.nbytes) for each in photos)
