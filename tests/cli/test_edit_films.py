"""`ptk edit` with a film to play: what does not go with it is a line, and nothing is left behind."""

import pytest

from ptk.dataset.manifest import SAMPLE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--expression-from", "nothere.mp4"], "nothere.mp4: no such file"),
        (["--expression-from", "film.mp4", "--face", "all"], "--face all: one face plays film.mp4"),
        (["--expression-from", "film.mp4", "-o", "x.jpg"], "films are written as MP4"),
        (["--expression-from", "film.mp4:nose"], "there is no part nose"),
        (["--expression-from", "film.mp4", "--from", "sketch"], "films are made of photos"),
        (["--expression-from", "film.mp4"], "film.mp4: cannot be read as a video"),
    ],
)
def test_what_a_film_to_play_does_not_go_with(ptk, tmp_path, monkeypatch, words, said):
    pytest.importorskip("av", reason="videos need an extra")
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes((SAMPLE / "images" / "p00_neutral.jpg").read_bytes())
    (tmp_path / "film.mp4").write_bytes(b"\0" * 2000)
    code, printed, line = ptk("edit", "photo.jpg", *words)
    assert (code, printed) == (1, "")
    assert said in line and line.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"photo.jpg", "film.mp4"}
