"""Importing openvino without its telemetry."""

from __future__ import annotations

import sys
from typing import Any

from ptk.errors import MissingExtra

__all__ = ["import_openvino"]

_TELEMETRY = "openvino_telemetry"


def import_openvino(what: str) -> Any:
    """Import openvino so that it contacts nobody; `what` needs it.

    Its import alone looks up an analytics host and keeps a client id in ~/intel, unless the package that does so
    cannot be imported: then openvino takes a stub of its own. So that package is hidden meanwhile. Raises MissingExtra.
    """
    hidden = _TELEMETRY not in sys.modules
    if hidden:
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        import openvino
    except ImportError as error:
        raise MissingExtra("openvino", what) from error
    finally:
        if hidden:
            del sys.modules[_TELEMETRY]
    return openvino
