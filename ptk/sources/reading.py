"""What a source read from the names of files, to be looked at: a wrong reading splits people, or joins them, unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ptk.sources.names import EXPRESSIONS, VIDEOS
from ptk.types import MediaFile

__all__ = ["describe_reading", "warn_of_reading"]

_WORDS = frozenset(EXPRESSIONS) | frozenset(
    "afraid angry contemptuous disgusted fearful happy laughing sad scared smiling surprised".split()
)
_SHOWN = 3
_FEW = 4
"""Below so many photos nobody can tell a pattern."""


def describe_reading(media: Sequence[MediaFile]) -> str:
    """Say in a line who and what the first few files were read to show; "" without any."""
    lines = []
    for each in media[:_SHOWN]:
        expression = f", expression {each.expression}" if each.expression else ""
        lines.append(f"{each.path.name} -> person {each.identity}{expression}")
    more = ", ..." if len(media) > _SHOWN else ""
    return f"read from names: {'; '.join(lines)}{more}" if lines else ""


def warn_of_reading(media: Sequence[MediaFile]) -> Iterator[str]:
    """Warn where names look misread: an expression in people's names, or nearly every photo a person of its own."""
    photos = [each for each in media if each.path.suffix.lower() not in VIDEOS]
    people = {each.identity for each in photos}
    if len(photos) < _FEW:
        return
    mend = "lay each person's photos into a folder, or say how names are made, such as `pattern`"
    misread = {}  # name -> the name without the expression at its end
    for name in sorted(people):
        head, _, last = name.rpartition("_")
        if head and last.lower() in _WORDS:
            misread[name] = head
    if misread:
        example, heads = next(iter(misread)), set(misread.values())
        yield (
            f"{len(misread)} of {len(people)} people are called as an expression is, such as {example}: if they are "
            f'{len(heads)}, {mend} "{{identity}}_{{expression}}_{{shot}}"; one person taken for several may be in '
            "training and in test"
        )
    elif len(people) >= 0.8 * len(photos):
        yield (
            f"{len(people)} people in {len(photos)} photos: nearly every photo is a person of its own; if they are "
            f'fewer, {mend} "{{identity}}_{{shot}}"; one person taken for several may be in training and in test'
        )
