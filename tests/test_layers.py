"""Imports point down only, floor by floor, and files, functions and folders stay small."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import ptk
from ptk.registry.kinds import KINDS

PACKAGE = Path(ptk.__file__).parent
LAYERS = f"""\
errors types arrays layers plain random_states safe_path threads faces.topology \
faces.topologies
events files device timing compat html module_state rendering synth motion registry.failures registry.hookspecs \
registry.kinds registry.parts
faces registry
{" ".join(kind.plural for kind in KINDS.values())} recipe dataset scaffold
data prepare curate
training editing
cost evaluation bench studio testing video
doctor
cli
"""
"""The floors of the house, the lowest first. What stands on one floor never imports its neighbours."""

FLOORS = {name: number for number, line in enumerate(LAYERS.strip().splitlines()) for name in line.split()}
FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem not in ("__init__", "__main__")
)


def floor(module: str) -> int:
    """The floor of "registry.parts" or "faces.crop": of the longest name that the list has."""
    for name in (module, module.split(".", maxsplit=1)[0]):
        if name in FLOORS:
            return FLOORS[name]
    raise AssertionError(f"ptk.{module} stands on no floor")


def imports(path: Path, *, for_types: bool = True) -> set[str]:
    """Modules of ptk that a file imports, anywhere in it, without their "ptk."; may be not those for types alone."""
    found = set()
    tree = ast.parse(path.read_text())
    if not for_types:
        tree.body = [
            one for one in tree.body if not (isinstance(one, ast.If) and "TYPE_CHECKING" in ast.dump(one.test))
        ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    modules = {name.removeprefix("ptk.") for name in found if name.startswith("ptk.")}
    return {module for module in modules if _is_module(module)}


def _is_module(name: str) -> bool:
    path = PACKAGE.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    own = name_of(path)
    for module in imports(path):
        at_home = module.split(".")[0] == own.split(".")[0] and floor(module) == floor(own)
        assert at_home or floor(module) < floor(own), f"ptk.{own} imports ptk.{module}, which stands no lower"


def test_the_house_has_nine_floors_at_most():
    assert len(LAYERS.strip().splitlines()) <= 9


def test_no_imports_go_in_a_circle():
    graph = {name_of(path): imports(path, for_types=False) - {name_of(path)} for path in FILES}
    TopologicalSorter(graph).prepare()  # raises CycleError, which lists the circle


def test_folders_hold_eighteen_files_at_most():
    for folder in {path.parent for path in PACKAGE.rglob("*.py")}:
        assert len(list(folder.glob("*.py"))) <= 18, f"{folder}: over 18 files"


def test_files_and_functions_have_one_job():
    for path in FILES:
        text = path.read_text()
        assert len(text.splitlines()) <= 300, f"{path}: over 300 lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                length = node.end_lineno - node.lineno + 1
                assert length <= 60, f"{path}:{node.lineno}: {node.name} has {length} lines"
