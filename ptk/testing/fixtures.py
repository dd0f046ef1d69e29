"""Rules as pytest tests, and fixtures with faces: the public names of `ptk.testing`. Needs pytest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    from ptk.testing.contracts import Check
    from ptk.types import Faces

__all__ = ["RuleTest", "ptk_faces", "ptk_people", "ptk_portrait", "rules"]


@dataclass(frozen=True)
class RuleTest:
    """One rule for one part or plug-in; call it inside a test. As text it is "domain beard: has a title"."""

    check: Check

    def __str__(self) -> str:
        return str(self.check)

    def __call__(self) -> None:
        """Pass, skip with the reason why it cannot be tried, or fail with what was expected, what came, and where."""
        __tracebackhide__ = True
        outcome = self.check.run()
        if outcome.status == "skip":
            pytest.skip(outcome.message)
        if outcome.status == "fail":
            pytest.fail(f"{self}: {outcome.message}\n{outcome.where}", pytrace=False)


def rules(
    name: str,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    photo: UInt8[np.ndarray, "height width 3"] | None = None,
    place: Path | None = None,
) -> list[RuleTest]:
    """Every rule for a plug-in, or for the part "NAME" or "KIND:NAME", to parametrize a test with.

    `name` of a plug-in is that of its entry point or distribution. `options` to build parts with are by part,
    ``{"beard": {"length": 2.0}}``, where they have no defaults or make them too large to try. Detectors are to find the
    face in `photo`, a portrait of the bundled sample unless it is given, and sources something in `place`.
    Raises PluginError when there is no such plug-in or part.
    """
    from ptk.dataset.example import portrait
    from ptk.testing.contracts import checks

    return [RuleTest(check) for check in checks(name, options, portrait() if photo is None else photo, place)]


@pytest.fixture
def ptk_faces() -> Faces:
    """Two seeded faces of 96 x 128 px: smooth noise in [-1, 1], points anywhere in the middle; domains 0 and 1."""
    from ptk.testing.assertions import faces

    return faces(2, 96, 128)


@pytest.fixture
def ptk_people() -> Faces:
    """Four people of the bundled sample with their landmarks, as 96 px crops; domain 0 all."""
    from ptk.dataset.example import people

    return people()


@pytest.fixture
def ptk_portrait() -> UInt8[np.ndarray, "height width 3"]:
    """A photo of one person of the bundled sample, uint8 (384, 384, 3)."""
    from ptk.dataset.example import portrait

    return portrait()
