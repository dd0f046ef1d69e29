"""Imports point down only: errors, types < faces.topology < motion < hookspecs, parts, faces < parts < ... < cli."""

import ast
from pathlib import Path

import pytest

import ptk

PACKAGE = Path(ptk.__file__).parent
PART_FOLDERS = (
    "detectors",
    "conditioners",
    "domains",
    "generators",
    "discriminators",
    "losses",
    "optimisers",
    "sources",
    "observers",
)
LAYERS = [
    (
        "errors",
        "types",
        "events",
        "files",
        "device",
        "instance_norm",
        "convolution",
        "arrays",
        "rendering",
        "hidden_modules",
        "module_state",
        "openvino_import",
        "plain",
        "random_states",
        "safe_path",
        "threads",
        "torchvision_import",
    ),
    ("faces.topology",),
    ("motion",),
    ("registry.alive", "registry.hookspecs", "registry.kinds", "registry.parts", "faces"),
    PART_FOLDERS,
    ("registry",),
    ("metrics",),
    ("recipe",),
    ("data", "training", "editing", "scaffold", "synth", "testing", "bench", "doctor"),
    ("evaluation",),
    ("cli",),
]
FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem not in ("__init__", "__main__")
)


def layer(module: str) -> int:
    """The layer of "registry.parts" or "faces.crop": of the longest name that the list has."""
    for name in (module, module.split(".", maxsplit=1)[0]):
        for number, names in enumerate(LAYERS):
            if name in names:
                return number
    raise AssertionError(f"ptk.{module} stands in no layer")


def imports(path: Path) -> set[str]:
    """Modules of ptk that a file imports, anywhere in it, without their "ptk."."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    modules = {name.removeprefix("ptk.") for name in found if name.startswith("ptk.")}
    return {module for module in modules if _is_module(module)}


def _is_module(name: str) -> bool:
    path = PACKAGE.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    own = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    for module in imports(path):
        if module.split(".")[0] == own.split(".")[0] and layer(module) == layer(own):
            continue
        assert layer(module) <= layer(own), f"ptk.{own} imports ptk.{module}, which stands above it"
        both_parts = module.split(".")[0] in PART_FOLDERS and own.split(".")[0] in PART_FOLDERS
        assert not both_parts, f"ptk.{own} imports ptk.{module}: part folders never import each other"


def test_files_and_functions_have_one_job():
    for path in FILES:
        text = path.read_text()
        assert len(text.splitlines()) <= 300, f"{path}: over 300 lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                length = node.end_lineno - node.lineno + 1
                assert length <= 60, f"{path}:{node.lineno}: {node.name} has {length} lines"
