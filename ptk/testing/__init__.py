"""The kit for plug-in authors: the check of `ptk plugins check` as pytest tests, and faces to try parts on.

The whole test that a plug-in keeps its promises::

    import pytest
    from ptk.testing import rules

    @pytest.mark.parametrize("rule", rules("ptk-beard"), ids=str)
    def test_it_holds_every_rule(rule):
        rule()

The fixtures come with ``pytest_plugins = ["ptk.testing"]`` in the topmost conftest.py, or ``from ptk.testing import *``
in any. These names need pytest, and import it when they are first used; `ptk plugins check` has the rules without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptk.testing.fixtures import RuleTest, ptk_faces, ptk_people, ptk_portrait, rules
    from ptk.testing.painting import paint_style

__all__ = ["RuleTest", "paint_style", "ptk_faces", "ptk_people", "ptk_portrait", "rules"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ptk.testing import fixtures, painting

    return getattr(painting if name == "paint_style" else fixtures, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]  # where pytest looks for fixtures
