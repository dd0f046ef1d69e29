"""What the doctor finds, as values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Check", "Finding", "Group", "State", "checked", "one_line"]

State = Literal["good", "remark", "broken"]


@dataclass(frozen=True)
class Finding:
    """One line: `name`, what is so (`text`), and, where it could be better, how (`mend`).

    A "remark" is something optional that is missing, or odd; with `core` a "broken" thing is one without which ptk does
    not work. `values` are for machines: bytes, seconds, versions.
    """

    name: str
    text: str
    state: State = "good"
    mend: str = ""
    core: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As plain data, to be written as JSON."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Group:
    """Findings under one title."""

    title: str
    findings: tuple[Finding, ...]


Check = Callable[[], Iterable[Finding]]


def checked(name: str, check: Check, *, core: bool = False) -> Iterator[Finding]:
    """The findings of `check`; whatever it raises is one more, broken, with `name`."""
    try:
        yield from check()
    except Exception as error:
        yield Finding(name, f"cannot be checked: {one_line(error)}", "broken", core=core)


def one_line(error: BaseException) -> str:
    """An error's kind and words in a line of moderate length."""
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
