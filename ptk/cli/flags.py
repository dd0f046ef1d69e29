"""Spells parameters as flags: the library's messages say `style` in backquotes, the command line prints --style."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["spell_flags"]

_PARAMETER = re.compile(r"`([a-z][a-z_]*)`")


def spell_flags(text: str, command: Any) -> str:
    """Write each backquoted parameter in `text` that is an option of `command`, or of one below it, as its flag.

    Others, such as options of a recipe's parts, keep their backquotes.
    """
    flags = _collect_flags(command)
    return _PARAMETER.sub(lambda found: flags.get(found[1], found[0]), text)


def _collect_flags(command: Any) -> dict[str, str]:
    flags: dict[str, str] = {}
    for below in getattr(command, "commands", {}).values():
        flags.update(_collect_flags(below))
    for option in getattr(command, "params", ()):
        long = next((word for word in option.opts if word.startswith("--")), None)
        if long:
            flags[option.name] = flags[long[2:].replace("-", "_")] = long
    return flags
