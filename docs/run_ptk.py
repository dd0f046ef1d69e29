"""Run commands of ptk from the scripts of this folder, as anybody would type them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path


def ptk(*arguments: object) -> None:
    """Print and run one command; stop where it stops."""
    words = ["ptk", *map(str, arguments)]
    print(f"\n$ {shlex.join(words)}", flush=True)
    done = subprocess.run([sys.executable, "-m", *words], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def run(program: Path, *arguments: object) -> None:
    """Print and run a program of this folder; stop where it stops."""
    words = list(map(str, arguments))
    print(f"$ python {program} {shlex.join(words[:6])}{' ...' * (len(words) > 6)}", flush=True)
    done = subprocess.run([sys.executable, str(program), *words], check=False)
    if done.returncode:
        sys.exit(done.returncode)
