"""A plug-in as pip leaves it: a module with hooks, and its metadata, in a folder of packages."""

import hashlib
from pathlib import Path

from ptk.scaffold.outline import TEMPLATES

LICENSED = "License-Expression: Apache-2.0"


def install(folder: Path, name: str, hooks: str, metadata: str = LICENSED, **modules: str) -> Path:
    """Lay out ptk-NAME 1.0 in `folder`: the package ptk_NAME with `hooks` in its __init__.py, and other `modules`."""
    package = folder / f"ptk_{name}"
    package.mkdir(parents=True)
    for module, text in {"__init__": hooks, **modules}.items():
        (package / f"{module}.py").write_text(text)
    about = folder / f"ptk_{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: ptk-{name}\nVersion: 1.0\n{metadata}\n")
    (about / "entry_points.txt").write_text(f"[ptk]\n{name} = ptk_{name}\n")
    (about / "RECORD").write_text(f"ptk_{name}-1.0.dist-info/METADATA,,\n")
    return package


def hooks_of(name: str, kind: str = "domain", target: str = "parts:Oil", above: str = "") -> str:
    """Hooks that offer one part."""
    return f"""{above}
import ptk

@ptk.hookimpl
def ptk_{kind}s():
    return [ptk.Part("{name}", "made for a test", "ptk_{name}.{target}")]
"""


OIL = '''
import ptk

class Oil(ptk.Domain):
    """Oil paintings, `strength` times as bright."""

    title = "Oil"

    def __init__(self, strength: float = 1.0) -> None:
        self.strength = strength

    def stylise(self, faces):
        return faces.image * self.strength
'''

WEIGHTS = '''
import ptk

class Brown(ptk.Weights):
    """Faces in brown."""

    files = {{"brown.onnx": "{digest}"}}
    size = 256
    domains = {{"{style}": "sepia"}}
    licence = "CC0-1.0"
    card = "CARD.md"
'''


def install_weights(folder: Path, name: str, style: str, change: tuple[bytes, bytes] = (b"", b"")) -> Path:
    """Lay out ptk-NAME 1.0 with weights NAME that make `style`: those of the template, some bytes changed to others."""
    template = TEMPLATES / "weights" / "src" / "PACKAGE"
    network = (template / "weights.onnx").read_bytes()
    assert change[0] in network
    network = network.replace(*change) if change[0] else network
    hooks = hooks_of(name, "weight", "weights:Brown").replace('Brown")', f'Brown", styles=("{style}",))')
    declared = WEIGHTS.format(digest=hashlib.sha256(network).hexdigest(), style=style)
    package = install(folder, name, hooks, weights=declared)
    (package / "brown.onnx").write_bytes(network)
    (package / "CARD.md").write_bytes((template / "CARD.md").read_bytes())
    return package
