"""Spells Python as commands: the library's messages say `style` and `prepare(out=faces)` in backquotes, users read
--style and ptk prepare --out faces."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Any

__all__ = ["running", "spell_flags", "spell_here"]

running: ContextVar[Any] = ContextVar("running", default=None)
"""The verb that runs, a command of typer: typer has a click of its own, whose context is private."""

_QUOTED = re.compile(r"`([a-z][a-z_]*)(?:=([^`]*)|\((.*?)\))?`")

_VERBS = {
    "add_domain": "ptk domains add",
    "check": "ptk data check",
    "check_recipe": "ptk recipes check",
    "edit": "ptk edit",
    "evaluate": "ptk eval",
    "examine": "ptk doctor",
    "export": "ptk export",
    "fix": "ptk data check --fix",
    "list_recipes": "ptk recipes",
    "prepare": "ptk prepare",
    "save_expression": "ptk expression save",
    "survey_plugins": "ptk plugins",
    "synth": "ptk synth",
    "train": "ptk train",
    "write_landmarks": "ptk landmarks",
}
"""Functions that messages name, and the verbs that call them."""


def spell_flags(text: str, command: Any) -> str:
    """Write what stands in backquotes in `text` as it is typed: options of `command`, or of one below it, as flags,
    `half=False` as --full, and calls of what verbs do as these: `train(x.yaml, resume=True)` as ptk train x.yaml
    --resume.

    Functions become the verbs that call them; options of a verb that is named in this way are spelled, too. Others,
    such as options of a recipe's parts, keep their backquotes.
    """
    named = {found[1] for found in _QUOTED.finditer(text)}
    if not named:
        return text
    from ptk.registry.builtins import ptk_commands
    from ptk.registry.parts import load_verb

    own, others = _collect_flags(command), dict[str, tuple[str, str]]()
    for function in sorted(named & (_VERBS.keys() - own.keys())):
        verb = _VERBS[function].split()[1]
        others |= _collect_flags(next((load_verb(part) for part in ptk_commands() if part.name == verb), None))

    def spell(found: re.Match[str]) -> str:
        name, value, arguments = found.groups()
        if arguments is None and name in own:
            return _spell_option(value, *own[name])
        if value is None and name in _VERBS:
            words = [_VERBS[name]]
            for argument in filter(None, (arguments or "").split(", ")):
                parameter, equals, given = argument.partition("=")
                flag = f"--{parameter.replace('_', '-')}"
                words.append(_spell_option(given, flag) if equals else argument)
            return " ".join(words)
        return _spell_option(value, *others[name]) if arguments is None and name in others else found[0]

    return _QUOTED.sub(spell, text)


def spell_here(text: str) -> str:
    """`spell_flags` for the verb that runs: for lines that a verb prints itself."""
    return spell_flags(text, running.get())


def _spell_option(value: str | None, flag: str, off: str = "") -> str:
    if value == "False" and off:
        return off
    return flag if value in (None, "True") else f"{flag} {value}"


def _collect_flags(command: Any) -> dict[str, tuple[str, str]]:
    """Each option's flag, and the one that turns it off ("" for none), by its name in the code and by its flag's."""
    flags: dict[str, tuple[str, str]] = {}
    for below in getattr(command, "commands", {}).values():
        flags.update(_collect_flags(below))
    for option in getattr(command, "params", ()):
        long = next((word for word in option.opts if word.startswith("--")), None)
        if long:
            off = next(iter(option.secondary_opts), "")
            flags[option.name] = flags[long[2:].replace("-", "_")] = long, off
    return flags
