"""Where landmarks go when an expression changes, learned from people who were seen with several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import torch

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.faces.align import aligned, expression_distance, posed
from ptk.faces.topology import ABOVE, INNER_LIP_PAIRS, LEFT_OF
from ptk.types import PHOTO

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["ExpressionChanges"]

_DIFFERENT = 0.015  # outer eye distances: a little over half of what is between neutral and smile
_ENOUGH = 8  # changes of expression; of fewer, no direction is learned
_MOST = 64  # changes of one person: somebody filmed for an hour is not more of a teacher than others
_VARIANCE = 0.95  # what the kept components explain; the rest is mostly the detector's noise
_RIDGE = 0.1  # of the mean variance between people: few people say little of their rarer differences
_NEAREST = 1 / 8  # share of the changes to choose from: those that begin with an expression like the photo's
_AMPLITUDE = (0.5, 1.5)
_FARTHEST = 0.11  # outer eye distances that a point moves at most: about what the corner of the mouth does in a smile
_SHRUNK = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)

_OPENS = 0.03  # outer eye distances: how far closed lips may part; what is seen behind them cannot be warped in
_CLEAR = 0.015  # outer eye distances: closer than that, the order of two points is the detector's noise
_LEAST, _GREATEST = 0.45, 2.0  # what neighbours' distance may become, as a share of what it was


@dataclass(frozen=True, eq=False)
class ExpressionChanges:
    """Changes of expression between aligned landmarks: from `starts` (N, 68, 2) by `changes` (N, 68, 2).

    `components` (K, 136) tell expressions apart: along each of them people vary by about one; `opening` (68, 2) is how
    a face moves, on average, when its inner lips part by one. All in outer eye distances.
    """

    starts: Float64[np.ndarray, "changes 68 2"]
    changes: Float64[np.ndarray, "changes 68 2"]
    components: Float64[np.ndarray, "components 136"]
    opening: Float64[np.ndarray, "68 2"]

    @classmethod
    def learn(cls, points: Float[np.ndarray, "photos 68 2"], identity: Sequence[int | str]) -> ExpressionChanges:
        """From photos' landmarks in any unit, each of the person `identity`.

        From those of the bundled sample where nobody, or next to nobody, has two expressions that differ.
        """
        shapes = aligned(points)
        pairs = _differing(shapes, identity)
        if len(pairs) < _ENOUGH:
            entries = [entry for entry in read_manifest(SAMPLE) if entry.split == "train" and entry.domain == PHOTO]
            people = [entry.identity for entry in entries]
            return cls.learn(np.array([entry.landmarks for entry in entries]), people)
        first, second = np.array(pairs).T
        changes = shapes[second] - shapes[first]
        flat = changes.reshape(len(changes), -1)
        _, strength, axes = np.linalg.svd(flat, full_matrices=False)
        explained = np.cumsum(strength**2) / np.sum(strength**2)
        axes = axes[: int(np.searchsorted(explained, _VARIANCE)) + 1]
        smooth = (flat @ axes.T @ axes).reshape(changes.shape)
        components = _discriminating(axes, shapes, identity)
        parted = _gaps(smooth).mean(axis=-1)
        opening = np.tensordot(parted, smooth, axes=1) / max(float(parted @ parted), 1e-12)
        return cls(shapes[first], smooth, components, opening)

    def displace(self, points: Float[np.ndarray, "batch 68 2"], random: torch.Generator) -> Float64[np.ndarray, "..."]:
        """Each face of `points` (B, 68, 2), in any unit, with another expression; its pose, place and size stay.

        The change is one of a person who looked like this before it, more or less of it, and never so much that lips,
        lids or their corners pass each other; where no change at all would do, the face stays as it is.
        """
        chance = torch.rand(len(points), 2, generator=random, dtype=torch.float64).numpy()
        shapes = aligned(points)
        flat = shapes.reshape(len(shapes), -1) @ self.components.T
        known = self.starts.reshape(len(self.starts), -1) @ self.components.T
        near = np.linalg.norm(flat[:, None] - known, axis=-1).argsort(axis=-1, kind="stable")
        among = max(_ENOUGH, round(len(known) * _NEAREST))
        chosen = near[np.arange(len(shapes)), (chance[:, 0] * among).astype(int)]
        low, high = _AMPLITUDE
        changes = self.changes[chosen] * (low + (high - low) * chance[:, 1])[:, None, None]
        changes = self._without_parting(shapes, changes)
        farthest = np.linalg.norm(changes, axis=-1).max(axis=-1)
        moved = shapes + changes * (_FARTHEST / np.maximum(farthest, _FARTHEST))[:, None, None]
        faces = []
        for shape, goal in zip(shapes, moved, strict=True):  # as far towards the goal as it stays a face
            tried = (shape + part * (goal - shape) for part in _SHRUNK)
            faces.append(next((face for face in tried if _in_order(shape, face)), shape))
        return posed(np.stack(faces), points)

    def _without_parting(self, shapes: np.ndarray, changes: np.ndarray) -> np.ndarray:
        """The same expressions with lips no further apart, nor closer, than a warp of these faces can show.

        First all that goes with an open mouth, such as the chin, then what is left at each point of the inner lips.
        """
        excess = _excess(_gaps(shapes).mean(axis=-1), _gaps(changes).mean(axis=-1))
        changes = changes - excess[:, None, None] * self.opening
        upper, lower = np.array(INNER_LIP_PAIRS).T
        excess = _excess(_gaps(shapes), _gaps(changes))
        changes[:, upper, 1] += excess / 2
        changes[:, lower, 1] -= excess / 2
        return changes


def _differing(shapes: np.ndarray, identity: Sequence[int | str]) -> list[tuple[int, int]]:
    """Ordered pairs of photos of one person whose expressions differ."""
    photos: dict[int | str, list[int]] = {}
    for number, person in enumerate(identity):
        photos.setdefault(person, []).append(number)
    pairs = []
    for own in photos.values():
        seen = own[:: -(-len(own) // _MOST)]
        found = [pair for pair in permutations(seen, 2) if expression_distance(*shapes[list(pair)]) > _DIFFERENT]
        pairs += found[:: -(-len(found) // _MOST)] if found else []
    return pairs


def _discriminating(axes: np.ndarray, shapes: np.ndarray, identity: Sequence[int | str]) -> np.ndarray:
    """`axes` (K, 136) turned and scaled by how people differ along them, as in Fisher's discriminant (1936).

    A thin-lipped person is else taken for somebody who presses the lips together.
    """
    own = np.array([str(person) for person in identity])
    people = np.array([shapes[own == person].mean(axis=0).ravel() @ axes.T for person in sorted(set(own))])
    if len(people) < 2:
        return axes
    spread = np.atleast_2d(np.cov(people.T))
    spread += max(_RIDGE * np.trace(spread) / len(spread), 1e-12) * np.eye(len(spread))
    return np.asarray(np.linalg.solve(np.linalg.cholesky(spread), axes))


def _gaps(shapes: np.ndarray) -> np.ndarray:
    """How far the inner lips are apart (..., 3), or, of changes, by how much further."""
    upper, lower = np.array(INNER_LIP_PAIRS).T
    return np.asarray(shapes[..., lower, 1] - shapes[..., upper, 1])


def _excess(gaps: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """By how much too far lips would part that are `gaps` apart; less than 0 where they would close too far."""
    wanted, open_by = gaps + changes, np.maximum(gaps, 0)
    return np.asarray(wanted - np.clip(wanted, _LEAST * open_by, _GREATEST * open_by + _OPENS))


def _in_order(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether everything of a face (68, 2) is still above or left of what it was, at a distance like before."""
    for pairs, axis in ((ABOVE, 1), (LEFT_OF, 0)):
        first, second = np.array(pairs).T
        apart, now = (shape[second, axis] - shape[first, axis] for shape in (before, after))
        clear = apart > _CLEAR
        if not ((now >= _LEAST * apart) & (now <= _GREATEST * apart))[clear].all():
            return False
    return True
