"""One table owns every landmark index: nothing else in ptk numbers a landmark."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

import ptk
from ptk.faces import topology
from ptk.faces.align import FACE

PACKAGE = Path(ptk.__file__).parent
OWNER = "faces/topology.py"
MESHES = "faces/topologies/__init__.py"
"""Numbers the points of other sets, and where the 68 lie among them."""

OTHER_POINTS = {"synth": "points of the renderer's head, in three dimensions"}
"""Folders of ptk whose points are others, and which."""

OTHER_NUMBERS = {
    "__main__.py": {"(3, 11)"},  # the version of Python
    "prepare/video.py": {"(16, 18)"},  # transfer functions of ITU-T H.273
    "domains/networks.py": {"[10, 2, 8, 1]", "[10, 2, 8, 3]"},  # bytes of a protobuf
    "domains/watercolor.py": {"(40, 24)"},  # taps of filters
    "editing/exported/metadata.py": {"range(1, 64)"},  # pixels of a margin
    "faces/image_files/formats.py": {"(8, 9, 10)"},  # colour spaces of TIFF
    "faces/drawing/number_plates.py": {"(25, 25, 25)"},  # a colour
    "generators/warp_and_paint/mouth.py": {"(12, 16, 48)"},  # sides of a texture
    "metrics/lpips.py": {"(11, 2)"},  # kernel and stride
    "testing/contracts/detectors.py": {"(9, 40)"},  # sides of an image
    "testing/assertions.py": {"(1, 64, 64)"},  # sides of an image
    "testing/contracts/generators.py": {"change[..., 20:44, 20:44]"},  # pixels
}
"""What looks like indices of landmarks and is none."""

# Arrays (..., 68, 2) or of the mouth's landmarks go by such names.
LANDMARKS = re.compile(
    r"^_?(\w+_)?(points|landmarks|shapes?|faces?|lips|start|goal|here|there|moved|field|changes?|before|after|rest|gaps)$"
    r"|^(places|source|target|asked)$"
)
MANY, HIGHEST = 2, 67
LEAST_RUN = 9  # below it runs of small numbers are shapes and channels; a run of a jaw's first points is found as index


def numbers(node: ast.AST) -> list[int]:
    """Whole numbers that stand in an expression."""
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and type(each.value) is int]


def name_of(node: ast.expr) -> str:
    """The last name of what is indexed: "points" of `face.points[3]` and of `self.points(x)[3]`."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return "" if node.attr == "shape" else node.attr  # sizes of arrays
    return node.id if isinstance(node, ast.Name) else ""


def constants(tree: ast.Module) -> set[str]:
    """Names that modules, classes and functions give to whole numbers above 1, alone or in runs."""
    named = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            calls = [each for each in ast.walk(node.value) if isinstance(each, ast.Call)]
            plain = all(name_of(each) in ("range", "slice", "list", "tuple", "array") for each in calls)
            if plain and max(numbers(node.value), default=0) >= MANY and not _computed(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    named |= {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
    return named


def _computed(node: ast.AST) -> bool:
    return any(isinstance(each, ast.BinOp | ast.Compare | ast.Subscript | ast.Lambda) for each in ast.walk(node))


def bare_indices(text: str) -> list[tuple[int, str]]:
    """Lines, and what stands there, where a file numbers landmarks.

    It does where an array of landmarks is indexed by a number above 1 (0 and 1 are coordinates, but for the last axis
    but one), or by a name for such numbers, and where two or more numbers up to 67, one above 8, stand in a run: a
    tuple, list or set, a slice or a range.
    """
    tree = ast.parse(text)
    named, found = constants(tree), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and LANDMARKS.match(name_of(node.value)):
            names = {name_of(each) for each in ast.walk(node.slice) if isinstance(each, ast.Name | ast.Attribute)}
            if _numbered(node.slice) or names & named:
                found.append((node.lineno, ast.unparse(node)))
        elif _run(node):
            found.append((node.lineno, ast.unparse(node)))
    return found


def _numbered(index: ast.expr) -> bool:
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    ends = [number for part in parts if isinstance(part, ast.Slice) for number in numbers(part)]
    single = [number for part in parts if not isinstance(part, ast.Slice) for number in numbers(part)]
    of_points = parts[-2] if len(parts) > MANY else None
    first = isinstance(of_points, ast.Constant) and type(of_points.value) is int
    return first or max(single, default=0) >= MANY or max(ends, default=0) > MANY


def _run(node: ast.AST) -> bool:
    highest = HIGHEST
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        parts = node.elts
    elif isinstance(node, ast.Call) and name_of(node) in ("slice", "range"):
        parts, highest = node.args, HIGHEST + 1
    else:
        return False
    whole = [each.value for each in parts if isinstance(each, ast.Constant) and type(each.value) is int]
    return MANY <= len(whole) == len(parts) and min(whole) >= 0 and LEAST_RUN <= max(whole) <= highest


FILES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if (own := path.relative_to(PACKAGE).as_posix()) not in (OWNER, MESHES) and own.split("/")[0] not in OTHER_POINTS
]


def test_no_other_file_numbers_landmarks():
    found = {}
    for path in FILES:
        own = path.relative_to(PACKAGE).as_posix()
        lines = bare_indices(path.read_text())
        texts = {text for _, text in lines}
        assert OTHER_NUMBERS.get(own, set()) <= texts, f"{own}: nothing like {OTHER_NUMBERS[own]} is there any more"
        bare = [f"{line}: {text}" for line, text in lines if text not in OTHER_NUMBERS.get(own, set())]
        found |= {own: bare} if bare else {}
    assert not found, "give these a name in ptk/faces/topology.py"


@pytest.mark.parametrize(
    "planted",
    [
        "x = points[45]",
        "x = face.points[..., 45, :] - face.points[..., 36, :]",
        "x = points[48:60].mean(axis=0)",
        "x = points[48:]",
        "x = lips[:, 0, :1]",
        "x = here.lips[:, 6, :1]",
        "x = self.find(photo).points[8]",
        "x = target[:, [61, 62, 63]]",
        "RIGHT, LEFT = 36, 45\nx = places[:, LEFT]",
        "NOSE: int = 33\ndef nose(points):\n    return points[NOSE]",
        "MOUTH = slice(48, 68)",
        "MOUTH = builtins.slice(48, 68)",
        "LIDS = ((37, 41), (38, 40))",
        "LIDS = {37, 41}",
        "JAW = tuple(range(0, 17))",
        "EAR = (0, 1, 2)\nx = points[list(EAR)]",
        "EAR = list(range(3))\nx = shapes[..., EAR, 1]",
        "class Brows:\n    part = range(5, 8)\n    def __call__(self, gaps):\n        return gaps[:, self.part]",
    ],
)
def test_planted_indices_are_found(planted):
    assert bare_indices(f"import numpy as np\n{planted}\n")


@pytest.mark.parametrize(
    "harmless",
    [
        "x = points[..., 0], points[:, 1], points[0]",
        "x = points[:, :2], pixels.shape[2:], points.shape[-2:]",
        "x = points[:, MOUTH], points[CHIN], lips[:, RIGHT : RIGHT + 1, :]",
        "x = flow[:, 3:], (2, 3, 4), np.zeros((68, 2))",
        "LEAST = 12\nx = pixels[LEAST]",
        "for _ in range(17):\n    pass",
    ],
)
def test_other_numbers_are_not_taken_for_indices(harmless):
    assert not bare_indices(harmless)


def test_the_table_needs_no_library():
    tree = ast.parse((PACKAGE / OWNER).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "collections.abc", "itertools", "types"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


def test_groups_fit_together():
    every = topology.indices(*topology.REGIONS.values())
    assert every == topology.indices(topology.ALL) == tuple(range(topology.POINTS))
    for whole, parts in (
        (topology.JAW, (topology.RIGHT_JAW, topology.LEFT_JAW)),
        (topology.BROWS, (topology.RIGHT_BROW, topology.LEFT_BROW)),
        (topology.NOSE, (topology.NOSE_BRIDGE, topology.NOSE_BASE)),
        (topology.EYES, (topology.RIGHT_EYE, topology.LEFT_EYE)),
        (topology.MOUTH, (topology.OUTER_LIPS, topology.INNER_LIPS)),
        (topology.EYES_AND_MOUTH, (topology.EYES, topology.MOUTH)),
    ):
        without = {topology.CHIN} if whole is topology.JAW else set()
        assert set(topology.indices(whole)) - without == set(topology.indices(*parts))
    assert {point for eye in topology.EYELIDS for lid in eye for point in lid} == set(topology.indices(topology.EYES))
    assert {point for line in topology.LIP_LINES for point in line} == set(topology.indices(topology.MOUTH))
    assert topology.in_mouth(topology.indices(topology.MOUTH)) == tuple(range(20))
    assert set(topology.STILL) < set(topology.RIGID)
    assert not set(topology.RIGID) & set(topology.MOVING)


def mirror(points):
    return {topology.MIRROR[point] for point in points}


def test_both_sides_are_alike():
    half = set(topology.RIGHT_HALF)
    assert half | mirror(half) == set(range(topology.POINTS))
    assert half & mirror(half) == {point for point in range(topology.POINTS) if topology.MIRROR[point] == point}
    for group in (topology.RIGID, topology.STILL, topology.MOVING, topology.EAR_OUTLINE, topology.LOWER_JAW):
        assert mirror(group) == set(group)
    for group in (topology.OUTER_EYE_CORNERS, topology.MOUTH_CORNERS, topology.AROUND_MOUTH, topology.LOWER_LIP):
        assert mirror(group) == set(group)
    for line in topology.LIP_LINES:
        assert tuple(topology.MIRROR[point] for point in reversed(line)) == line
    right, left = topology.CHEEKS
    assert tuple(topology.MIRROR[point] for point in right) == left
    for right_lid, left_lid in zip(*topology.EYELIDS, strict=True):
        assert tuple(topology.MIRROR[point] for point in reversed(right_lid)) == left_lid
    above = set(topology.ABOVE)
    assert {(topology.MIRROR[first], topology.MIRROR[second]) for first, second in above} == above
    left_of = set(topology.LEFT_OF)
    assert {(topology.MIRROR[second], topology.MIRROR[first]) for first, second in left_of} == left_of


def test_order_holds_in_a_mean_face():
    for first, second in topology.ABOVE:
        assert FACE[first, 1] < FACE[second, 1], f"{first} above {second}"
    for first, second in topology.LEFT_OF:
        assert FACE[first, 0] < FACE[second, 0], f"{first} left of {second}"
    for line in (*topology.LIP_LINES, *(lid for eye in topology.EYELIDS for lid in eye)):
        assert all(FACE[first, 0] < FACE[second, 0] for first, second in pairwise(line))
    assert FACE[list(topology.EYE_CORNERS), 0].tolist() == sorted(FACE[list(topology.EYE_CORNERS), 0])
