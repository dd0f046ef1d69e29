"""Importing openvino without its telemetry."""

from __future__ import annotations

from typing import Any

from ptk.errors import MissingExtra
from ptk.hidden_modules import hide_module

__all__ = ["import_openvino"]


def import_openvino(what: str) -> Any:
    """Import openvino so that it contacts nobody; `what` needs it.

    Its import alone looks up an analytics host and keeps a client id in ~/intel, unless the package that does so
    cannot be imported: then openvino takes a stub of its own. Raises MissingExtra.
    """
    try:
        with hide_module("openvino_telemetry"):
            import openvino
    except ImportError as error:
        raise MissingExtra("openvino", what) from error
    return openvino
