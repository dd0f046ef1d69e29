"""Writes docs/hooks.md, the reference of everything that a plug-in can implement, from the code itself.

Run it after a hook, an event or a value changed: ``python docs/make_hooks.py``. A test holds the page to its output.
"""

import dataclasses
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, cast, get_args

from ptk import types
from ptk.events import Event, Observer
from ptk.registry import builtins, hookspecs
from ptk.registry.kinds import KINDS, Kind
from ptk.registry.parts import API, Part
from ptk.testing.contracts import RULES, SET_RULES

PAGE = Path(__file__).with_name("hooks.md")
VALUES = (
    types.Faces,
    types.Target,
    types.Planes,
    types.Translation,
    types.Verdict,
    types.Networks,
    types.Landmarks,
    types.MediaFile,
    types.Skipped,
    types.Domain,
    types.Weights,
)

HEAD = f"""<!-- written by docs/make_hooks.py: change the code, then run it -->
# Hooks

A plug-in implements any of these functions, marked with `@ptk.hookimpl`, in the module that its entry point names. Each
takes no argument and returns a list of `ptk.Part`; it must be quick, and import nothing heavy. This is version {API} of
the hooks: a module that needs a newer one says `PTK_API = {API + 1}`, and is refused by name where that is not there.

`ptk plugins new NAME --kind KIND` writes a whole plug-in, `ptk plugins check NAME` holds it to the rules below.
"""


def page() -> str:
    """The whole page."""
    hooks = "\n".join(_hook(kind) for kind in KINDS.values())
    methods = "\n".join(_event(event) for event in get_args(Event))
    values = "\n".join(_value(value) for value in VALUES)
    events = f"## Events\n\n{_prose(Observer)}\n\n{methods}\n"
    return f"{HEAD}\n{_part()}\n{hooks}\n{events}\n## Values that travel\n\n{values}".rstrip() + "\n"


def _part() -> str:
    shown = [field for field in dataclasses.fields(Part) if field.name != "origin"]
    fields = "".join(f"- `{field.name}`: {_type(field)}\n" for field in shown)
    return f"## `ptk.Part`\n\n{_prose(Part)}\n\n{fields}"


def _hook(kind: Kind) -> str:
    given = "".join(f"- `{name}`: {what}\n" for name, what in kind.given.items())
    told = f"ptk fills in these parameters of the constructor, where it has them:\n\n{given}\n" if given else ""
    preset = "".join(f"- `{name}`: {what}\n" for name, what in kind.preset.items())
    told += f"And these, unless the recipe sets them as options of the part:\n\n{preset}\n" if preset else ""
    own = ", ".join(f"[{part.name}](../{_file(part)})" for part in getattr(builtins, kind.hook)())
    checked = "".join(f"- {rule.name}\n" for rule in RULES[kind.name])
    said = f"## `{kind.hook}`\n\n{_prose(getattr(hookspecs, kind.hook))}\n\n{told}"
    if kind.name == "metric":
        own_rules = "".join(f"- {rule.name}\n" for rule in SET_RULES if rule not in RULES[kind.name])
        checked += f"\nOf one that compares sets, beside what is said of all parts:\n\n{own_rules}"
    return f"{said}Checked:\n\n{checked}\nptk's own, to read: {own}.\n"


def _event(event: type) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()
    method: Callable[..., None] = getattr(Observer, name)
    fields = "".join(f"- `{field.name}`: {_type(field)}\n" for field in dataclasses.fields(event))
    return f"### `{name}(event: {event.__name__})`\n\n{_prose(method)} {_prose(event)}\n\n{fields}"


def _value(value: type) -> str:
    fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    rows = "".join(f"- `{field.name}`: {_type(field)}\n" for field in fields)
    methods = "".join(
        f"- `{name}{_signature(member)}`: {_prose(member).partition(chr(10))[0]}\n"
        for name, member in vars(value).items()
        if isinstance(member, FunctionType | property) and not name.startswith("_") and member.__doc__
    )
    return f"### `ptk.{value.__name__}`\n\n{_prose(value)}\n\n{rows}{methods}".rstrip() + "\n"


def _signature(member: Callable[..., Any] | property) -> str:
    if isinstance(member, property):
        return f": {inspect.signature(cast('Any', member.fget)).return_annotation}"
    return str(inspect.signature(member)).replace("(self, ", "(").replace("(self)", "()").replace("'", "")


def _type(field: "dataclasses.Field[Any]") -> str:
    return f"`{field.type}`".replace('"', "'")


def _prose(thing: object) -> str:
    """A docstring with its paragraphs in one line each; lists stay lists."""
    text = inspect.getdoc(thing) or ""
    return re.sub(r"(?<!\n)\n(?![\n-])", " ", text)


def _file(part: Part) -> str:
    return str(part.factory).partition(":")[0].replace(".", "/") + ".py"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
