"""The library names parameters, and the command line spells those of the verb that runs as flags."""

import click

from ptk.cli.flags import spell_flags
from ptk.cli.main import main

EDIT = click.Command("edit", params=[click.Option(["--style"]), click.Option(["--all-train", "every"])])


def test_options_of_the_verb_become_flags():
    assert spell_flags("name another `style`", EDIT) == "name another --style"


def test_an_option_is_known_by_its_name_in_the_code_and_by_its_flag():
    assert spell_flags("`every`, `all_train`", EDIT) == "--all-train, --all-train"


def test_what_is_no_option_of_the_verb_keeps_its_quotes():
    assert spell_flags("lower `down` or give `out`", EDIT) == "lower `down` or give `out`"


def test_options_of_verbs_below_are_known():
    assert spell_flags("take `style`", click.Group("data", commands={"edit": EDIT})) == "take --style"


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
