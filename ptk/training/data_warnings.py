"""What of the data a run cannot learn from, said before it trains."""

from __future__ import annotations

from ptk.data.augment import reach
from ptk.data.faceset import FaceSet
from ptk.data.pairs import Pairs
from ptk.data.streams import StreamedPairs
from ptk.recipe.schema import Recipe

__all__ = ["data_warnings"]


def data_warnings(recipe: Recipe, pairs: Pairs | StreamedPairs, held_out: FaceSet | None) -> list[str]:
    """One sentence for each thing that training on `pairs` cannot teach or show."""
    return [*_few_people(pairs), *_no_expressions(recipe, pairs), *_nobody_held_out(held_out), *_margin(recipe, pairs)]


def _few_people(pairs: Pairs | StreamedPairs) -> list[str]:
    if pairs.people > 1:
        return []
    return ["the data holds one person to train on: weights learn this face and no other; add photos of other people"]


def _no_expressions(recipe: Recipe, pairs: Pairs | StreamedPairs) -> list[str]:
    """Pairs of one photo teach domains, and no expression unless one of them is warped."""
    if isinstance(pairs, StreamedPairs) or recipe.data.pairs != "identity":
        return []
    faces = pairs.faces
    if any(len(set(faces.photo[rows].tolist())) > 1 for rows in pairs.rows):
        return []
    return [
        "the data holds one photo a person: both halves of every pair are the same photo, so nothing teaches an "
        "expression; add photos with other expressions, or set data.pairs to warp"
    ]


def _nobody_held_out(held_out: FaceSet | None) -> list[str]:
    if held_out is not None:
        return []
    return ["the data has no test images of every domain: there will be no sample grids and no metrics; prepare more"]


def _margin(recipe: Recipe, pairs: Pairs | StreamedPairs) -> list[str]:
    """Augmentation that asks for pixels that are not there."""
    asked = reach(recipe.data.augment)
    if asked < pairs.margin + 1 / recipe.data.size:
        return []
    return [
        f"data.augment reaches {asked:.3f} of the side beyond the crop, where these images show {pairs.margin:g}: "
        "border pixels are repeated; prepare them with a wider margin, or augment less"
    ]
