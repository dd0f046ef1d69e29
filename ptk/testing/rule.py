"""What a check consists of: rules, and what came of each."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ptk.errors import MissingExtra, PluginError
from ptk.random_states import keep_random_states

__all__ = ["Check", "NotHere", "Outcome", "Rule", "raised_at", "told_of", "where"]


class NotHere(Exception):
    """A rule has nothing to hold a part to, or cannot be tried here; the message says why."""


@dataclass(frozen=True)
class Rule:
    """One thing that a part must hold: `hold` is given the `Trial` and raises PluginError for a breach, or NotHere.

    `at` is the method in which a breach is to be mended, "" for the class, None for what does the work of the kind.
    """

    name: str
    hold: Callable[[Any], None]
    at: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one rule: `message` is the breach or why it was skipped, `where` is the "file:line" to look at."""

    subject: str
    rule: str
    status: Literal["pass", "fail", "skip"]
    message: str = ""
    where: str = ""


@dataclass(frozen=True)
class Check:
    """One rule, ready to be tried on one subject: a part such as "domain beard", or a plug-in as a whole.

    `hold` tries it; `look` says where the mend of what it raised is to be made.
    """

    subject: str
    rule: str
    hold: Callable[[], None] = field(repr=False)
    look: Callable[[BaseException], str] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.subject}: {self.rule}"

    def run(self, missing: Callable[[MissingExtra], object] | None = None) -> Outcome:
        """Try the rule. Raises nothing, whatever the part does; torch's random state is left as it was.

        Without an extra that the part needs it is skipped, and `missing` is told.
        """
        try:
            with keep_random_states(), redirect_stdout(sys.stderr):
                self.hold()
        except (NotHere, MissingExtra) as why:
            if missing and isinstance(why, MissingExtra):
                missing(why)
            return Outcome(self.subject, self.rule, "skip", told_of(why))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a part may raise anything, SystemExit too
            return Outcome(self.subject, self.rule, "fail", told_of(error), self.look(error))
        return Outcome(self.subject, self.rule, "pass")


def where(factory: Any, at: str = "") -> str:
    """ "file:line" of the method `at` where the author wrote it, or else of the class; "" where that cannot be said."""
    method = inspect.unwrap(getattr(factory, at, factory)) if inspect.isclass(factory) else factory
    ours = _package(method) == _package(factory) and inspect.isfunction(method)
    found = method if ours else factory
    try:
        return f"{inspect.getsourcefile(found)}:{inspect.getsourcelines(found)[1]}"
    except (OSError, TypeError):
        return getattr(factory, "__module__", "") or ""


def raised_at(error: BaseException, factory: Any) -> str:
    """ "file:line" of the innermost frame of a traceback that is in the folder of `factory`, "" when none is."""
    try:
        folder = Path(inspect.getsourcefile(factory) or "?").parent
    except (OSError, TypeError):
        return ""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).parent == folder]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def told_of(error: BaseException) -> str:
    """An error in one line, with its type where it is not about a contract."""
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, PluginError | NotHere | MissingExtra) else f"raised {type(error).__name__}: {text}"


def _package(thing: Any) -> str:
    return (getattr(thing, "__module__", "") or "").split(".")[0]
