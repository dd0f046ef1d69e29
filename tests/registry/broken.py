"""Ways for a plug-in to be broken: the source of a module each, installed for real by `install`."""

import subprocess
import sys
import zipfile

from ptk import __version__
from ptk.registry.parts import API

MARKED = """
import os, pathlib
pathlib.Path(os.environ["IMPORTED"], __name__).touch()
import ptk
"""
"""Every module begins so: whether it was imported can be seen, in any process."""


def offering(parts, hook="ptk_domains"):
    """The source of a module whose hook returns the expression `parts`."""
    return f"\n@ptk.hookimpl\ndef {hook}():\n    return {parts}\n"


def part(name, factory="ptk_good_parts:Negative"):
    return f"ptk.Part({name!r}, 'a summary', {factory!r})"


BROKEN = {
    # Name -> (source of the module, what is said of it).
    "raises": ("print('hello'); raise ValueError('no luck')", "ValueError: no luck"),
    "leaves": ("raise SystemExit(3)", "SystemExit: 3"),
    "interrupts": ("raise KeyboardInterrupt", "raises KeyboardInterrupt"),
    "ends": ("os._exit(3)", "ends Python when it is imported (status 3): it must not call os._exit or os.abort"),
    "aborts": ("os.abort()", "ends Python when it is imported (SIGABRT)"),
    "ends-in-a-try": (
        "try:\n    os._exit(0)\nexcept BaseException:\n    pass",
        "ends Python when it is imported (status 0)",
    ),
    "ends-in-its-hook": (offering("os._exit(4)"), "ends Python when it is imported (status 4)"),
    "lacks": ("import ptk_has_no_such_package", "ModuleNotFoundError: No module named 'ptk_has_no_such_package'"),
    "syntax": ("def", "SyntaxError: invalid syntax"),
    "twice": (offering(f"[{part('doubled')}, {part('doubled')}]"), "domain doubled: offered twice by ptk-twice 1.0"),
    "takes": (
        offering(f"[{part('sketch')}]"),
        f"domain sketch: offered by ptk {__version__} and ptk-takes 1.0; rename",
    ),
    "no-list": (offering("'beard'"), "ptk_domains must return a list of ptk.Part, it returned 'beard'"),
    "no-parts": (offering("['beard']"), "ptk_domains must return a list of ptk.Part, it returned ['beard']"),
    "no-factory": (offering("[ptk.Part('odd', '', 42)]"), 'factory of odd must be "package.module:Class", not 42'),
    "no-name": (offering(f"[{part('two words')}]"), "must be one word that recipes can use, not 'two words'"),
    "signature": ("@ptk.hookimpl\ndef ptk_domains(registry): return []", "'registry'"),
    "hook-raises": (offering("1 / 0"), "ZeroDivisionError: division by zero"),
    "half": (offering(f"[{part('half')}]") + offering("1 / 0", "ptk_losses"), "ZeroDivisionError: division by zero"),
    "newer": ("PTK_API = 99" + offering("[]"), f"needs version 99 of ptk's hooks, this ptk has {API}: upgrade ptk"),
    "no-hook": ("", "implements no hook: mark its functions with @ptk.hookimpl"),
    "misspelt": (offering("[]", "ptk_domain"), "'ptk_domain'"),
    "no-return": (
        "@ptk.hookimpl\ndef ptk_domains():\n    [ptk.Part('quiet', '', 'a:B')]\n",
        "ptk_domains must return a list of ptk.Part, it returned None; has it no return?",
    ),
    "half-returns": (
        offering(f"[{part('returned')}]") + "\n@ptk.hookimpl\ndef ptk_losses():\n    []\n",
        "ptk_losses must return a list of ptk.Part, it returned None; has it no return?",
    ),
    "hangs": ("import threading; threading.Event().wait()", "was not imported within 5 s"),
}

NEGATIVE = """
import ptk

class Negative(ptk.Domain):
    '''A photographic negative.'''

    title = 'negative'

    def stylise(self, faces):
        return -faces.image
"""

LAZY = {
    # Name -> (factory of a part that cannot be had when it is used, what is said of it).
    "name": ("ptk_lazy:Missing", "AttributeError: module 'ptk_lazy' has no attribute 'Missing'"),
    "module": ("ptk_nowhere:Style", "ModuleNotFoundError: No module named 'ptk_nowhere'"),
    "raises": ("ptk_raises:Style", "ValueError: no luck"),
    "leaves": ("ptk_leaves:Style", "SystemExit: 3"),
    "ends": ("ptk_ends:Style", "ends Python when it is imported (status 3): it must not call os._exit or os.abort"),
    "thing": ("ptk_lazy:__name__", "cannot be called"),
}

WELL = {
    "good": offering(f"[{part('negative')}]"),
    "lazy": offering(f"[{', '.join(part(f'lazy_{name}', factory) for name, (factory, _) in LAZY.items())}]"),
    "left": offering(f"[{part('shared')}, {part('of_left')}]"),
    "right": offering(f"[{part('shared')}, {part('of_right')}]"),
    "damaged": offering(f"[{part('of_damaged')}]"),
    "loud": (
        "import logging, sys, warnings\nprint('out', 1)\nprint('err', 2, file=sys.stderr)\n"
        "logging.getLogger('loud').warning('logged')\nwarnings.warn('warned')\n" + offering(f"[{part('of_loud')}]")
    ),
}
"""Modules that can be imported; what is wrong with some of them shows elsewhere."""


def install(place, target):
    """Write a wheel of ptk-NAME 1.0 each into `place`, and install them all into the folder `target` with pip."""
    sources = {name: source for name, (source, _) in BROKEN.items()} | WELL | {"absent": None}
    wheels = [_write(place, name, source) for name, source in sources.items()]
    flags = ["-q", "--disable-pip-version-check", "--no-deps", "--no-compile", "--no-index"]
    command = [sys.executable, "-m", "pip", "install", *flags, "--target", target, *wheels]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [said] = target.glob("ptk_damaged-*/entry_points.txt")
    said.write_bytes(b"\xff\xfe[ptk\n\x80 = broken")


def _write(place, name, source):
    """The wheel of one plug-in, a module; without a source its entry point leads nowhere."""
    module = f"ptk_{name.replace('-', '_')}"
    entry = "side" if name in ("left", "right") else name
    said = f"{module}-1.0.dist-info"
    files = {
        f"{said}/METADATA": f"Metadata-Version: 2.1\nName: ptk-{name}\nVersion: 1.0\n",
        f"{said}/WHEEL": "Wheel-Version: 1.0\nGenerator: ptk\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{said}/entry_points.txt": f"[ptk]\n{entry} = {module}\n",
        f"{said}/RECORD": "",
    }
    if source is not None:
        files[f"{module}.py"] = MARKED + source
    if name == "good":
        files["ptk_good_parts.py"] = NEGATIVE
    wheel = place / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel
