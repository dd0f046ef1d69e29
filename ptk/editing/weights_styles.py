"""Styles that the weights of a plug-in make: found by name, checked when they are loaded, and painted on heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.detail import find_kept_detail
from ptk.editing.learned import find_untrained, learned_goals
from ptk.editing.loading import load_translator
from ptk.editing.pictures import translate_picture
from ptk.errors import WeightsError
from ptk.faces.crop import Crop
from ptk.faces.mask import head_mask
from ptk.files import hash_file
from ptk.recipe.one_part import build_offered
from ptk.registry.failures import name_failures

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.editing.rendered import Translates
    from ptk.editing.styles import MadeBy
    from ptk.registry.parts import Part
    from ptk.types import Weights

    Pixels = UInt8[np.ndarray, "height width 3"]
    Points = Float[np.ndarray, "68 2"]

__all__ = ["WeightsStyle", "check_declared", "check_files", "load_network", "open_style"]


@dataclass(frozen=True, eq=False)
class WeightsStyle:
    """The style `name` as `translator` makes it, which calls it `domain`: painted on the head of the photo.

    Weights that learned from whole pictures paint all of the photo.
    """

    name: str
    translator: Translates
    domain: str
    made_by: MadeBy = "learned"

    @property
    def needs_face(self) -> bool:
        """Whether it can be had of one face only."""
        return not self.translator.multiple

    def paint(self, pixels: Pixels, faces: Sequence[Points], icc: bytes | None = None) -> Pixels:
        """Paint the head at the points of `faces` (exactly one) in `pixels`, in the space of the profile `icc`.

        What the network changes in the crop at its size is enlarged and added to the photo's own pixels, so detail
        stays wherever the network shows some of it, too; outside of the head nothing changes to the last bit.
        """
        from ptk.faces.colour import from_srgb, is_srgb, to_srgb

        if not self.needs_face:
            return translate_picture(pixels, self.translator, self.domain, icc)
        crop = Crop.around(faces[0])
        points = crop.to_unit(faces[0])
        cut = crop.cut(pixels, self.translator.size)
        colours = cut.astype(np.float32) if is_srgb(icc) else to_srgb(cut.astype(np.float32), icc)
        seen = np.rint(colours.clip(0, 255)).astype(np.uint8)
        made = self.translator.render(seen, points, points, self.domain).image
        if not np.isfinite(made).all():
            raise WeightsError(f"`style` {self.name}: its network gives no image, but values that are no numbers")
        painted = made + (colours - seen)  # what was rounded, and what sRGB lacks
        painted = painted if is_srgb(icc) else from_srgb(painted, icc)
        mask = head_mask(points, points, grow=0.06, feather=0.16)
        return crop.paste(pixels, painted, mask, keep=find_kept_detail(made, seen), cut=cut)


def open_style(style: str, part: Part) -> WeightsStyle:
    """Load the weights of `part`, which offers `style`. Raises WeightsError, which names both, and what to do.

    Raises PluginError where the part cannot be built.
    """
    weights: Weights = build_offered("weights", part, {}, {})
    try:
        with name_failures(weights, "files"):  # what it declares may be anything
            translator = load_network(weights)
            check_declared(weights, (style,), translator)
    except WeightsError as error:
        raise WeightsError(f"`style` {style} ({part.origin}): {error}") from error
    return WeightsStyle(style, translator, weights.find_domain(style))


def load_network(weights: Weights) -> Translates:
    """Load the network of `weights`, on the CPU, without torch.

    Raises WeightsError, in a line with the file and what to do, for files that are missing, damaged or of a later ptk.
    """
    check_files(weights)
    return load_translator(weights.find_file(next(iter(weights.files))), "cpu")


def check_files(weights: Weights) -> None:
    """Raise WeightsError where a file of `weights` is missing, or is not the one that was declared."""
    if not weights.files:
        raise WeightsError(f"{type(weights).__name__}: declares no `files`; name what `export` wrote, with its sha256")
    for name, declared in weights.files.items():
        file = weights.find_file(name)
        if not file.is_file():
            raise WeightsError(f"{file}: is missing; install the plug-in again")
        try:
            found = hash_file(file)
        except OSError as error:
            raise WeightsError(f"{file}: cannot be read ({error.strerror}); install the plug-in again") from error
        if found != declared.lower():
            raise WeightsError(
                f"{file}: is not the file that was declared, its sha256 is {found}; install the plug-in again"
            )


def check_declared(weights: Weights, styles: Sequence[str], translator: Translates) -> None:
    """Raise WeightsError where the network says otherwise than the plug-in about its size and the `styles`."""
    file = weights.find_file(next(iter(weights.files)))
    said = translator.metadata
    if translator.size != weights.size:
        what = f"takes faces of {translator.size} pixels, declared are {weights.size}; declare what it takes"
        raise WeightsError(f"{file}: {what}")
    goals = learned_goals(said, translator.domains)
    for style in styles:
        domain = weights.find_domain(style)
        if domain not in translator.domains or domain in find_untrained(said):
            what = f"has not learned {domain}, it knows {', '.join(translator.domains)}"
            raise WeightsError(f"{file}: {what}; say in `domains` what it calls {style}")
        if domain not in goals:
            raise WeightsError(f"{file}: leads from {domain}, not to it; offer {', '.join(goals)} instead")
    beside = [said.get("styles"), said.get("mouth", {}).get("file")]
    if lacking := [name for name in beside if name and name not in weights.files]:
        raise WeightsError(f"{file}: needs {lacking[0]} beside it, which is not declared; add it to `files`")
