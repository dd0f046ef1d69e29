"""Styles that weights make: which plug-in offers which, and which is meant by a word. Names are asked, nothing is read.

A style that several distributions offer, as weights or as a domain, is asked for as ``DISTRIBUTION:STYLE``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ptk.errors import PluginError
from ptk.registry.discovery import Plugin, plain_name
from ptk.registry.parts import Part
from ptk.registry.registry import Registry

__all__ = ["find_weights", "list_styles", "strip_distribution"]


def list_styles(plugins: Iterable[Plugin]) -> list[tuple[str, Part]]:
    """The styles that weights of `plugins` make, each by the word that asks for it, with the part."""
    parts = [each for plugin in plugins for each in plugin.parts]
    offered = [(style, part) for part in _outsiders(parts) for style in part.styles]
    rivals = {style: _rivals(parts, style) for style, _ in offered}
    return [(f"{part.distribution}:{style}" if len(rivals[style]) > 1 else style, part) for style, part in offered]


def find_weights(registry: Registry, word: str) -> tuple[str, Part] | None:
    """The style that `word` asks for, and the weights that make it; None where none of plug-ins' do.

    A style of ptk's own is its domain's, and imports no plug-in; ``ptk:STYLE`` is what ptk's own weights learned of it.
    ``NAME:option=value`` is a domain's, too. Raises PluginError, with all of them, where several distributions offer
    the style.
    """
    first, colon, style = word.partition(":")
    if registry.offers_own("domain", first):
        return None
    if colon:
        parts = registry.parts("weights", own=plain_name(first) == "ptk")
        offers = [each for each in parts if plain_name(each.distribution) == plain_name(first) and style in each.styles]
        return (style, offers[0]) if offers else None
    all_parts = [each for plugin in registry.plugins for each in plugin.parts]
    offers = [part for part in _outsiders(all_parts) if word in part.styles]
    rivals = _rivals(all_parts, word)
    if offers and len(rivals) > 1:
        named, ways = " and ".join(rivals.values()), " or ".join(f"{name}:{word}" for name in rivals)
        raise PluginError(f"`style` {word}: offered by {named}; say whose: {ways}")
    return (word, offers[0]) if offers else None


def strip_distribution(registry: Registry, word: str) -> str:
    """The word without the distribution before a style that one of its domains renders; others as they are."""
    first, _, rest = word.partition(":")
    name = rest.partition(":")[0]
    if registry.offers_own("domain", first) or not registry.offers("domain", name):
        return word
    return rest if plain_name(registry.part("domain", name).distribution) == plain_name(first) else word


def _outsiders(parts: Iterable[tuple[str, Part]]) -> list[Part]:
    """The weights of plug-ins. Those of ptk's own make styles that its domains have, too."""
    return [part for kind, part in parts if kind == "weights" and part.distribution != "ptk"]


def _rivals(parts: Iterable[tuple[str, Part]], style: str) -> dict[str, str]:
    """The distributions that offer a style, as weights or as a domain: name -> with version."""
    offering = [part for kind, part in parts if style in part.styles or (kind == "domain" and part.name == style)]
    return {part.distribution: part.origin for part in offering if part.distribution != "ptk"}
