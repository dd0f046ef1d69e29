"""``ptk morph`` as people call it: what it writes, and what it refuses in a line."""

import pytest
from typer.testing import CliRunner

from ptk.cli.main import app
from ptk.dataset.manifest import SAMPLE
from ptk.prepare.video import Video

REST, HAPPY = (str(SAMPLE / "images" / f"p02_{name}.jpg") for name in ("neutral", "happiness"))


def morph(*words):
    return CliRunner().invoke(app, ["morph", *map(str, words)])


def test_a_film_through_two_expressions(tmp_path):
    out = tmp_path / "film.mp4"
    done = morph(REST, "--expression", "smile=1", "--expression", "surprise=.8", "--frames", 6, "--fps", 12, "-o", out)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{out}\n"
    assert len(Video(out)) == 6


def test_a_film_to_somebody_elses_expression_says_which(tmp_path):
    out = tmp_path / "film.gif"
    done = morph(REST, "--expression-from", HAPPY, "--frames", 3, "--once", "-o", out)
    assert done.exit_code == 0, done.output
    assert f"{HAPPY}: " in done.stderr
    assert out.stat().st_size > 0


def test_a_film_between_two_photos(tmp_path):
    done = morph(REST, HAPPY, "--way", "recursion", "--frames", 4, "-o", tmp_path / "frames")
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "frames").iterdir())) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([REST, "-o", "a.gif"], "no expression to go to; name one by --expression smile=1"),
        ([REST, HAPPY, "--expression", "smile", "-o", "a.gif"], "two photos have their expressions; leave out"),
        ([REST, HAPPY, "--style", "sketch", "-o", "a.gif"], "--style sketch: what lies between two photos is a photo"),
        ([REST, HAPPY, REST, "-o", "a.gif"], "a film is made of one photo, or goes between two"),
        ([REST, "--expression", "smile", "-o", "a.avi"], "a.avi: is no film; name it *.mp4"),
        ([REST, "--expression", "smile", "--frames", "1", "-o", "a.gif"], "--frames 1: there must be 2 at least"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_line(words, said, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["ptk", "morph", *words])
    from ptk.cli.main import main

    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("ptk: ")
    assert said in line
    assert list(tmp_path.iterdir()) == []
