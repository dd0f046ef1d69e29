"""The styles that the studio offers: names alone, for options may be files."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from ptk.editing.opening import choose_style
from ptk.editing.rendered import PHOTO_STYLE
from ptk.registry import styles
from ptk.registry.registry import load_registry
from ptk.studio.refusals import Refusal

if TYPE_CHECKING:
    from ptk.editing.editor import Editor
    from ptk.editing.styles import Area, Renders

__all__ = ["Styles", "list_styles"]

_NEURAL = "neural"
_LEFT_OUT = ("images", "neural_style", "picture")
"""Domains that render nothing by themselves: real images, and those that are told which style."""


def list_styles() -> list[dict[str, str]]:
    """The styles by name, in groups: ptk's own, neural ones, and those of each plug-in's distribution.

    Those that weights make come before domains of the same name, which they make in their place. Domains of real images
    only, which nothing renders, are left out.
    """
    from ptk.domains.neural import STYLES

    made = styles.list_styles(load_registry().plugins)
    listed: list[dict[str, str]] = []
    for plugin in load_registry().plugins:
        own = [(word, part) for word, part in made if part.origin == plugin.origin]
        listed += [{"name": word, "summary": part.summary, "group": part.distribution} for word, part in own]
        by_weights = {word.rpartition(":")[2] for word, _ in own}
        for kind, part in plugin.parts:
            if kind != "domain" or part.name in (*_LEFT_OUT, *by_weights) or "real images only" in part.summary:
                continue
            group = _NEURAL if "neural style" in part.summary and part.distribution == "ptk" else part.distribution
            listed.append({"name": part.name, "summary": part.summary, "group": group or "ptk"})
    named = {each["name"] for each in listed}
    neural = [name for name in STYLES if name not in named]
    return listed + [{"name": name, "summary": f"the neural style {name}", "group": _NEURAL} for name in neural]


class Styles:
    """Who renders which style over which area: built when it is first asked for, and kept."""

    def __init__(self, editor: Editor) -> None:
        self.names = frozenset(each["name"] for each in list_styles())
        self._heads = frozenset(word for word, _ in styles.list_styles(load_registry().plugins))
        self._choose = partial(choose_style, translator=editor.translator, own=True)
        self._built: dict[tuple[str, str], Renders | None] = {}
        self._lock = threading.Lock()

    def __call__(self, style: str, area: str) -> Renders | None:
        """Who renders `style` over the "photo" or the "head"; None for the style photo.

        Raises Refusal for a style that is not offered, so that none with options, which may be files, gets further.
        """
        if style not in self.names:
            raise Refusal(422, f"there is no style {style}")
        if style == PHOTO_STYLE:
            return None
        with self._lock:
            if (style, area) not in self._built:
                whole: Area | None = None if style in self._heads else "photo"  # weights say what they cover
                self._built[style, area] = self._choose(style, area="head" if area == "head" else whole)
            return self._built[style, area]
