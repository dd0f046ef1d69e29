"""What ptk's own metadata requires, by extra."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = ["install_command", "read_requirements"]


def read_requirements(extra: str = "") -> list[Requirement]:
    """Read what an extra (by default the core) requires on this machine; [] where ptk is not installed."""
    from packaging.requirements import Requirement

    try:
        every = [Requirement(line) for line in requires("ptk") or []]
    except PackageNotFoundError:
        return []
    # The core's requirements hold with every extra; an extra's own are those that do not hold without it.
    without = [one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})]
    if not extra:
        return without
    return [one for one in every if one not in without and one.marker and one.marker.evaluate({"extra": extra})]


def install_command(extra: str) -> str:
    """Return the pip command that installs what `extra` requires."""
    pins = [f"{one.name}{one.specifier}" for one in read_requirements(extra)]
    return "pip install " + " ".join(pins) if pins else f"pip install 'ptk[{extra}]'"
