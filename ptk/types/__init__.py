"""The values that travel between ptk's parts. Nothing here imports torch until a tensor is at hand.

Shapes stand in the annotations, in jaxtyping's notation; the tests check them.
"""

from ptk.types.domain import PHOTO, Domain, find_plain
from ptk.types.faces import Faces, Landmarks, MediaFile, Pair, Planes, Skipped, Target
from ptk.types.translation import Later, LossDeclaration, Networks, Tick, Translation, Verdict
from ptk.types.weights import Weights

__all__ = [
    "PHOTO",
    "Domain",
    "Faces",
    "Landmarks",
    "Later",
    "LossDeclaration",
    "MediaFile",
    "Networks",
    "Pair",
    "Planes",
    "Skipped",
    "Target",
    "Tick",
    "Translation",
    "Verdict",
    "Weights",
    "find_plain",
]
