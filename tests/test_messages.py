"""The library speaks Python: no message outside of the command line names a flag or a verb, as `ptk edit --style`."""

import ast
import re
from pathlib import Path

import pytest

import ptk
from ptk.registry.builtins import ptk_commands

PACKAGE = Path(ptk.__file__).parent
LEFT_OUT = ("cli", "scaffold")
"""The command line, and what writes READMEs and the commands to type next."""

VERBS = "|".join([*(part.name for part in ptk_commands()), "synth"])
FLAG = re.compile(rf"(?<![\w(-])--[a-z][\w-]*|\bptk ({VERBS})\b")
MARKS = ("ptk eval", "ptk compare", "ptk study new", "ptk data show")  # by which the pages of these verbs are known
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in LEFT_OUT]


def messages(text):
    """The literals of a file with their lines: without docstrings, words of commands to run, and calls of pip."""
    tree = ast.parse(text)
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(node.value)
        if isinstance(node, ast.List | ast.Tuple):
            left_out |= {each for each in node.elts if isinstance(each, ast.Constant) and " " not in str(each.value)}
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and node not in left_out else None
        if isinstance(said, str) and said not in MARKS and not said.startswith("pip install "):
            yield node.lineno, said


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_message_names_a_flag_or_a_verb(path):
    named = [f"{line}: {said}" for line, said in messages(path.read_text()) if FLAG.search(said)]
    assert not named, "write parameters and functions in backquotes, as ptk.cli.flags spells them"


def test_flags_and_verbs_are_found_and_others_are_not():
    text = '''"""ptk edit."""
f"{path}: give another --out"
raise Error("make it with ptk export")
command = ["--device", "auto"]
css = "color: var(--dim)"
again = "pip install --force-reinstall torch"
said = "give another `out`"
'''
    assert [line for line, said in messages(text) if FLAG.search(said)] == [2, 3]
