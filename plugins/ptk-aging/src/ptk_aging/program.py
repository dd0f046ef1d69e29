"""The program ``ptk-aging``, which says what to install where nobody can be rendered."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["main"]


def main() -> None:
    """Run ``ptk-aging``; exit status 1, with a line on stderr, where ptk-synth is not installed."""
    if find_spec("ptk_synth") is None:
        raise SystemExit("ptk-aging: rendering people needs ptk-synth, which is not installed: pip install ptk-synth")
    from ptk_aging.people import main as run

    run()
