"""``ptk``: the command line. Each verb stands in a file of its own, which is imported when it runs."""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated

import typer

import ptk
from ptk.cli.verbs import Verbs
from ptk.errors import PtkError
from ptk.registry.failures import find_named

__all__ = ["app", "describe_error", "main"]

app = typer.Typer(
    name="ptk",
    cls=Verbs,
    help="Translate portraits: the same person, with another expression, in another style.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ptk {ptk.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which ptk.")
    ] = False,
) -> None:
    """Options of ptk itself."""


def main() -> None:
    """Run ptk. Errors become lines on stderr and exit status 1; PTK_DEBUG=1 shows tracebacks."""
    # pydantic and torch look for plug-ins of their own, of which ptk uses none, in the metadata of all that is
    # installed; one damaged file there stops them.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.setdefault("TORCH_DEVICE_BACKEND_AUTOLOAD", "0")
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # its profiler tells of its stages on stderr
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "FATAL")  # where a process is gone, the others say so themselves
    try:
        app()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        _fail(describe_error(error), error)


def describe_error(error: Exception) -> str:
    """Say in one line what an error means to the user; several lines for several mistakes."""
    if isinstance(error, PtkError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        # No room to write, wherever that was noticed.
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}cannot be written ({os.strerror(error.errno).lower()}); free space, or choose another place"
    what = f"{type(error).__name__}: {' '.join(str(error)[:2000].split())}"
    part = find_named(error)
    said = f"{part}: {what}" if part else f"unexpected {what}"
    return f"{said}; run again with PTK_DEBUG=1 and report it{' to its makers' if part else ''}"


def _fail(message: str, error: Exception) -> None:
    if os.environ.get("PTK_DEBUG"):
        raise error
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True)
    # Names of files may hold bytes that are no text, and what strangers' files say may hold halves of characters.
    for line in message.encode(errors="backslashreplace").decode().splitlines():
        console.print(Text("ptk: ", style="bold red") + Text(line))
    raise SystemExit(1)
