"""Keeping the notices of C++ libraries off the terminal, and nothing else."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

__all__ = ["without_notices"]


@contextmanager
def without_notices(notices: re.Pattern[bytes]) -> Iterator[None]:
    """Hold back what is written to the process's stderr meanwhile; afterwards pass on the lines `notices` misses.

    Libraries that log before their logging is set up heed no environment variable, so the file descriptor itself is
    diverted. Does nothing where the process has no stderr.
    """
    try:
        sys.stderr.flush()
        terminal = os.dup(2)
    except (AttributeError, OSError, ValueError):  # started without one, or closed since
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            held.seek(0)
            for line in held:
                if not notices.match(line):
                    os.write(2, line)
