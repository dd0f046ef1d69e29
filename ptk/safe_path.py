"""Where the Pythons that ptk starts look for modules: not in the current folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import ptk

__all__ = ["leave_out_current_folder"]


def leave_out_current_folder() -> None:
    """Let Pythons that this one starts from now on find modules where this one does; call it before starting one.

    With -c and -m Python looks in the current folder first: a folder `ptk` there (a clone of ptk stands in one), or a
    file `random.py`, would be imported instead. Sets PYTHONSAFEPATH (Python 3.11), and PYTHONPATH where ptk itself was
    found in the current folder.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    root = str(Path(ptk.__file__).resolve().parents[1])
    searched = os.environ.get("PYTHONPATH", "")
    if sys.path and sys.path[0] in ("", root) and root not in searched.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, searched]))
