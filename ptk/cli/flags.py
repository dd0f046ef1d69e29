"""Spells what the library names as the command line has it: its messages say `style` and `prepare` in backquotes."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["spell_flags"]

_NAME = re.compile(r"`([a-z][a-z_]*)`")

_VERBS = {"check": "ptk data check", "fix": "ptk data check --fix", "prepare": "ptk prepare", "train": "ptk train"}
"""Functions of the library that messages name, and the verbs that call them."""


def spell_flags(text: str, command: Any) -> str:
    """Write each backquoted parameter in `text` that is an option of `command`, or of one below it, as its flag.

    Functions become the verbs that call them; options of a verb that is named in this way are spelled, too. Others,
    such as options of a recipe's parts, keep their backquotes.
    """
    names = set(_NAME.findall(text))
    if not names:
        return text
    own, others = _collect_flags(command), dict[str, str]()
    for function in sorted(names & (_VERBS.keys() - own.keys())):
        others |= _collect_flags(_load_verb(_VERBS[function].split()[1]))
    spelled = others | _VERBS | own
    return _NAME.sub(lambda found: spelled.get(found[1], found[0]), text)


def _load_verb(name: str) -> Any:
    from ptk.registry.builtins import ptk_commands
    from ptk.registry.verbs import load_verb

    return load_verb(next(part for part in ptk_commands() if part.name == name))


def _collect_flags(command: Any) -> dict[str, str]:
    flags: dict[str, str] = {}
    for below in getattr(command, "commands", {}).values():
        flags.update(_collect_flags(below))
    for option in getattr(command, "params", ()):
        long = next((word for word in option.opts if word.startswith("--")), None)
        if long:
            flags[option.name] = flags[long[2:].replace("-", "_")] = long
    return flags
