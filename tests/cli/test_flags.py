"""The library names parameters, and the command line spells those of the verb that runs as flags."""

import click

from ptk.cli.flags import spell_flags
from ptk.cli.main import main

EDIT = click.Command(
    "edit", params=[click.Option(["--style"]), click.Option(["--all-train", "every"]), click.Option(["--half/--full"])]
)


def test_options_of_the_verb_become_flags():
    assert spell_flags("name another `style`", EDIT) == "name another --style"


def test_an_option_is_known_by_its_name_in_the_code_and_by_its_flag():
    assert spell_flags("`every`, `all_train`", EDIT) == "--all-train, --all-train"


def test_values_are_written_behind_their_flags():
    assert (
        spell_flags("take `style=sketch`, `half=False` or `half=True`", EDIT) == "take --style sketch, --full or --half"
    )


def test_what_is_no_option_of_the_verb_keeps_its_quotes():
    assert spell_flags("lower `down` or give `out`", EDIT) == "lower `down` or give `out`"


def test_options_of_verbs_below_are_known():
    assert spell_flags("take `style`", click.Group("data", commands={"edit": EDIT})) == "take --style"


def test_functions_become_the_verbs_that_call_them():
    assert spell_flags("make one with `prepare`", EDIT) == "make one with ptk prepare"
    assert spell_flags("run `fix` on faces", EDIT) == "run ptk data check --fix on faces"


def test_an_option_of_the_verb_that_runs_is_no_function():
    assert spell_flags("`fix` drops it", click.Command("check", params=[click.Option(["--fix"])])) == "--fix drops it"


def test_options_of_a_verb_that_the_message_names_are_known():
    assert spell_flags("`prepare` it with `size` 64, `down` 2", EDIT) == "ptk prepare it with --size 64, `down` 2"


def test_an_error_of_the_library_is_printed_with_flags(tmp_path, monkeypatch, capsys):
    weights = tmp_path / "old.pt"
    weights.write_bytes(b"")
    monkeypatch.setattr(
        "sys.argv", ["ptk", "domains", "add", str(weights), "beard", "--out", str(tmp_path / "new.yaml")]
    )
    try:
        main()
    except SystemExit as error:
        assert error.code == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "name a file with --out" in said
    assert "`" not in said


def test_what_verbs_do_is_named_by_its_verb():
    assert spell_flags("make it with `export`", EDIT) == "make it with ptk export"
    assert spell_flags("run `examine(measure=True)` again", EDIT) == "run ptk doctor --measure again"
    assert spell_flags("`add_domain(WEIGHTS, beard, out=it)`", EDIT) == "ptk domains add WEIGHTS beard --out it"


def test_what_is_neither_option_nor_verb_keeps_its_quotes():
    assert (
        spell_flags("`forward(x=1)` gives `style(2)`, `width=3`", EDIT) == "`forward(x=1)` gives `style(2)`, `width=3`"
    )
