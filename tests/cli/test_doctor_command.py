"""`ptk doctor` says what works here, for people and for machines, on every terminal."""

import io
import json
import subprocess
import sys

from rich.console import Console

from ptk.cli.doctor import _conclusion, _show
from ptk.doctor.findings import Finding, Group

TITLES = ["ptk", "Machine", "Parts and plug-ins", "Extras", "Models", "Folders and settings", "Recipes here"]
GROUP = Group(
    "Extras",
    (
        Finding("video", "tried (for videos in ptk prepare)"),
        Finding(
            "dlib", "not installed (for [dlib68], both)", "remark", "pip install dlib-bin==20.0.1.post1 models==0.1"
        ),
        Finding("ray", "ends Python (SIGSEGV)", "broken", "pip install --force-reinstall ray==2.60.0"),
    ),
)


def printed(encoding="utf-8", color_system=None, **options):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    _show(GROUP, Console(file=stream, highlight=False, color_system=color_system, **options))
    stream.flush()
    return stream.buffer.getvalue().decode(encoding).splitlines()


def test_for_machines_and_for_people_it_says_the_same(ptk):
    status, written, said = ptk("doctor", "--quick", "--json")
    assert (status, said) == (0, "")
    everything = json.loads(written)
    assert everything["schema"] == "ptk.doctor/1"
    assert everything["works"] is True
    assert [group["title"] for group in everything["groups"]] == TITLES
    status, written, said = ptk("doctor", "--quick")
    assert (status, said) == (0, "")
    assert [line for line in written.splitlines() if line in TITLES] == TITLES
    assert written.splitlines()[-1].startswith("ptk works here: ")
    for group in everything["groups"]:
        for finding in group["findings"]:
            assert finding.keys() == {"name", "text", "state", "mend", "core", "values"}
            assert finding["state"] in ("good", "remark", "broken")
            assert finding["text"].isprintable()
            assert finding["state"] != "good" or not finding["mend"]
            if group["title"] in ("ptk", "Extras", "Models", "Recipes here"):  # what does not change meanwhile
                mend = f"; {finding['mend']}" if finding["mend"] else ""
                assert f"{finding['name']}: {finding['text']}{mend}" in written


def test_a_line_each_where_nobody_counts_columns():
    assert printed(width=40) == [
        "Extras",
        "✓ video: tried (for videos in ptk prepare)",
        "! dlib: not installed (for [dlib68], both); pip install dlib-bin==20.0.1.post1 models==0.1",
        "✗ ray: ends Python (SIGSEGV); pip install --force-reinstall ray==2.60.0",
        "",
    ]


def test_on_a_narrow_terminal_a_command_to_copy_stays_whole():
    assert printed(width=40, force_terminal=True) == [
        "Extras",
        "✓ video: tried (for videos in ptk",
        "    prepare)",
        "! dlib: not installed (for [dlib68],",
        "    both)",
        "    pip install dlib-bin==20.0.1.post1 models==0.1",
        "✗ ray: ends Python (SIGSEGV)",
        "    pip install --force-reinstall ray==2.60.0",
        "",
    ]


def test_only_the_mark_and_the_mend_are_coloured():
    for width in (40, 200):
        _, good, *_ = printed(width=width, force_terminal=True, color_system="standard")
        assert good.startswith("\x1b[32m✓ \x1b[0mvideo: tried ")


def test_marks_are_plain_where_others_cannot_be_written():
    assert [line.partition(":")[0] for line in printed("ascii", width=200)] == [
        "Extras",
        "ok video",
        "! dlib",
        "X ray",
        "",
    ]


def test_the_conclusion_counts():
    assert _conclusion([], works=True) == "ptk works here: nothing to mend"
    assert _conclusion(list(GROUP.findings), works=True) == "ptk works here: 1 broken, 1 to think about"
    assert _conclusion(list(GROUP.findings), works=False).startswith("ptk does not work here: 1 broken")


def test_help_loads_nothing_heavy():
    code = (
        "import sys, ptk.cli.main; print(sorted({'torch', 'numpy', 'rich.console', 'ptk.doctor'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
