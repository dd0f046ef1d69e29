"""Pictures of people that one has described: for data sets that ptk does not make itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptk.errors import PtkError
from ptk_synth.expressions import EXPRESSIONS, GESTURES
from ptk_synth.workers import open_studio, renderers, require_renderer

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float64, UInt8

    from ptk_synth.people import Person
    from ptk_synth.portrait import Sitting, Studio

__all__ = ["Portrait", "portraits"]


@dataclass(frozen=True, eq=False)
class Portrait:
    """A rendered picture, sRGB, of `person` with `expression`, and where the 68 landmarks are in it, in its pixels."""

    person: Person
    expression: str
    picture: UInt8[np.ndarray, "size size 3"]
    points: Float64[np.ndarray, "68 2"]


def portraits(
    wanted: Iterable[tuple[Person, Sequence[str]]], size: int = 256, samples: int = 16, workers: int | None = None
) -> Iterator[Portrait]:
    """Render people with the expressions that are wanted of each, `size` pixels wide, in the order they are wanted.

    More `samples` (light paths a pixel) are slower, with less grain; `workers` processes render, one for every core
    unless given. The same person and settings give the same picture, whatever else is wanted. Scripts that call this
    stand behind ``if __name__ == "__main__"``: the processes import them.

    Raises MissingExtra at once without anny and mitsuba, ValueError for an expression that is none of `EXPRESSIONS` and
    `GESTURES`, and PtkError when a process that renders was ended.
    """
    require_renderer("ptk_synth.portraits")
    return _rendered(wanted, size, samples, workers or os.cpu_count() or 1)


def _rendered(
    wanted: Iterable[tuple[Person, Sequence[str]]], size: int, samples: int, workers: int
) -> Iterator[Portrait]:
    pool, studio = renderers(workers), None
    pending: deque[tuple[Sitting, Future[UInt8[np.ndarray, "size size 3"]]]] = deque()
    try:
        for person, expressions in wanted:
            studio = studio or open_studio()
            for sitting in _sittings(studio, person, size, samples, expressions):
                pending.append((sitting, pool.submit(_take, sitting)))
            while len(pending) > 2 * workers:  # a sitting holds some 15 MB: not all of them at once
                yield _portrait(*pending.popleft())
        while pending:
            yield _portrait(*pending.popleft())
    except BrokenProcessPool as error:
        why = "a process that renders was ended from outside (out of memory?); run again with fewer workers"
        raise PtkError(why) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _sittings(studio: Studio, person: Person, size: int, samples: int, expressions: Sequence[str]) -> Sequence[Sitting]:
    for name in expressions:
        if name not in EXPRESSIONS + GESTURES:
            raise ValueError(f"no such expression: {name}; there are {', '.join(EXPRESSIONS + GESTURES)}")
    return studio.sittings(person, size, samples, expressions) if expressions else ()


def _portrait(sitting: Sitting, picture: Future[UInt8[np.ndarray, "size size 3"]]) -> Portrait:
    return Portrait(sitting.person, sitting.expression, picture.result(), sitting.points)


def _take(sitting: Sitting) -> UInt8[np.ndarray, "size size 3"]:
    from ptk_synth.portrait import take

    return take(sitting)
