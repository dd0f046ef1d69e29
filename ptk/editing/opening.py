"""Everything that edits need, opened: weights, the detector that they learned from, and who renders which style."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ptk.editing.edit import check_style
from ptk.editing.editor import Editor
from ptk.editing.learned import find_untrained, learned_goals
from ptk.editing.loading import DeferredTranslator, load_translator, shipped
from ptk.editing.rendered import PHOTO_STYLE
from ptk.errors import PtkError

if TYPE_CHECKING:
    import numpy as np

    from ptk.editing.edit import Detector
    from ptk.editing.rendered import Translates
    from ptk.editing.styles import Area, Renders
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["DETECTOR", "choose_detector", "choose_style", "open_editor"]

DETECTOR = "mediapipe68"
"""The detector that found the landmarks which ptk's own weights learned from."""

_NOBODY = ("mesh", "unknown")
"""What weights say that learned from landmarks which no detector found; no plug-in is asked for one of that name."""


def open_editor(
    weights: Path | None = None,
    device: str = "auto",
    *,
    style: str | None = None,
    learned: bool = False,
    area: Area | None = None,
    detector: str | None = None,
    face: Choice = None,
    strengths: Mapping[str, float] | None = None,
    moving: Sequence[str] = (),
    source: str | None = None,
    force: bool = False,
    warn: Callable[[str], None] = lambda _: None,
) -> Editor:
    """Open an editor with the network in `weights`, by default ptk's own, which is loaded when it is first needed.

    It renders `style`, as it is `learned` rather than rendered by a domain, over the whole photo or the head (`area`);
    by default photo, or the one style of weights that only translate. `detector` finds faces, by default that of the
    landmarks which the weights learned from. A picture in the style `source` is edited over its photo; None takes it
    for what it says it is, or looks like. `moving` are the names of those parameters that ask faces to move.
    `ptk.editing.editor.Editor` has the others. Raises PtkError, with the parameter's name, for what does not go
    together, WeightsError for weights, PluginError and MissingExtra for detectors and domains that cannot be had.
    """
    from ptk.recipe.one_part import build_one

    asked = {"`face`": face is not None, "`area=head`": area == "head", "`source`": source is not None}
    translator, style = _open_translator(weights, device, style, moving, asked)
    own = weights is None
    styles = cache(partial(choose_style, translator=translator, own=own, learned=learned, area=area, warn=warn))
    renderer = styles(style)
    if style == PHOTO_STYLE and (learned or area is not None):
        raise PtkError(f"{'`learned`' if learned else '`area`'}: belongs to a style; name one with `style`")
    pictures = not own and bool(translator.multiple)
    if pictures and renderer is None:
        detector = "nobody"
    detector = detector or (DETECTOR if own else choose_detector(translator))
    finder = _NoDetector() if detector == "nobody" else cast("Detector", build_one("detector", detector, {}, {}))

    def develop(picture: Photo, style: str | None) -> Photo:
        from ptk.editing.drawings.photographs import make_photo

        return picture if pictures else make_photo(picture, finder, style, warn)

    return Editor(
        translator,
        finder,
        detector,
        style,
        face,
        strengths or {},
        renderer=renderer,
        force=force,
        warn=warn,
        styles=styles,
        pictures=pictures,
        source=source,
        develop=develop,
    )


def choose_detector(translator: Translates) -> str:
    """The detector that found the landmarks which weights learned from; ptk's own where nobody has it here."""
    from ptk.registry.registry import load_registry

    name = translator.detector
    return name if name not in _NOBODY and load_registry().offers("detector", name) else DETECTOR


def choose_style(
    style: str,
    translator: Translates,
    *,
    own: bool,
    learned: bool = False,
    area: Area | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Renders | None:
    """Who renders `style`; None where `translator` gives it: a photo, or a style that it learned.

    Weights that somebody named lead with what they learned, then those of plug-ins do; ptk's `own` follow domains that
    render, unless the style is wanted as `learned`. Raises PtkError and WeightsError for a style, or an `area`, that
    cannot be had so.
    """
    from ptk.registry.registry import load_registry
    from ptk.registry.styles import find_weights

    if style == PHOTO_STYLE:
        if not own:
            check_style(translator, style)
        return None
    untrained = not own and style in find_untrained(translator.metadata)
    if untrained and not learned and load_registry().offers("domain", style):
        warn(f"`style` {style}: these weights were never trained in it; the domain {style} renders it")
    elif (not own and style in translator.domains) or (learned and find_weights(load_registry(), style) is None):
        check_style(translator, style)
        if area == "photo" and not translator.multiple:
            mend = "`learned`" if learned else "`weights`"
            raise PtkError(f"`area=photo`: these weights learned {style} of heads only; leave out {mend}")
        return None
    elif found := find_weights(load_registry(), style):
        from ptk.editing.weights_styles import open_style

        renderer = open_style(*found)
        if area == "photo" and renderer.needs_face:
            raise PtkError(f"`area=photo`: the weights of {found[1].origin} paint heads only; leave it out")
        return renderer
    from ptk.editing.styles import choose_renderer

    return choose_renderer(style, area or "photo")


def _open_translator(
    weights: Path | None, device: str, style: str | None, moving: Sequence[str], asked: Mapping[str, bool]
) -> tuple[Translates, str]:
    """Open `weights`, by default ptk's own, which load while faces are sought; return the style they are to give, too.

    Raises what `_choose_translation` does, and PtkError where weights of whole pictures are `asked` for a face.
    """
    if weights is None:
        deferred = DeferredTranslator(shipped(device), device)
        if moving:
            deferred.start()
        return deferred, style or PHOTO_STYLE
    translator = load_translator(weights, device)
    style = _choose_translation(translator, weights, style, moving)
    named = [parameter for parameter, is_asked in asked.items() if is_asked]
    if translator.multiple and named:
        raise PtkError(f"{named[0]}: {weights} learned whole pictures, not faces; leave it out")
    return translator, style or PHOTO_STYLE


class _NoDetector:
    """Finds nobody: whole pictures are translated, whoever they show."""

    def detect(self, image: np.ndarray) -> list[Landmarks]:  # noqa: ARG002
        """No face."""
        return []


def _choose_translation(translator: Translates, weights: Path, style: str | None, moving: Sequence[str]) -> str | None:
    """The style that weights are to give, the only one where they have but one.

    Raises PtkError where weights that hear no landmarks are asked to move some, or not told which style of several.
    """
    if translator.hears_landmarks:
        return style
    if moving:
        raise PtkError(
            f"`{moving[0]}`: {weights} hear no landmarks, so no face moves; leave it out, and name a `style`"
        )
    goals = learned_goals(translator.metadata, translator.domains)
    if style in translator.domains and style not in goals:
        raise PtkError(f"`style` {style}: {weights} translate from {style} only, to {', '.join(goals)}")
    if style is not None or len(goals) == 1:
        return style or goals[0]
    other = f"{goals[0]} or {goals[1]}, the one that the picture is not in" if len(goals) == 2 else ", ".join(goals)
    raise PtkError(f"{weights}: hear no landmarks, they only translate; say where to with `style`: {other}")
