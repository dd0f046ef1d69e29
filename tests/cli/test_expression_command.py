"""``ptk expression``: saved in words or from a photo, shown, and taken over by ``ptk edit``."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ptk.dataset.manifest import SAMPLE
from ptk.faces.images import read_photo

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    return Path(shutil.copy(SAMPLE / "images" / "p02_surprise.jpg", tmp_path / "other.jpg"))


def test_words_are_saved_and_shown(ptk: Run, tmp_path: Path) -> None:
    file, picture = tmp_path / "grin.json", tmp_path / "grin.png"
    assert ptk("expression", "save", "smile=0.7,yaw=5", "-o", file) == (0, f"{file}\n", "")
    assert ptk("expression", "show", file) == (0, "turn=5.00, smile=0.70\n", "")
    assert ptk("expression", "show", file, "--picture", picture) == (0, f"turn=5.00, smile=0.70\n{picture}\n", "")
    assert read_photo(picture).width == 512


def test_a_photo_and_what_was_saved_of_it_give_the_same_edit(
    ptk: Run, photo: Path, other: Path, weights: Path, tmp_path: Path
) -> None:
    file = tmp_path / "hers.json"
    code, printed, said = ptk("expression", "save", "--from", f"{other}:mouth", "-o", file)
    assert (code, printed) == (0, f"{file}\n")
    assert "open_mouth=" in said
    assert ptk("expression", "show", file)[1].splitlines()[1] == "only mouth=1.00"
    results = []
    for number, source in enumerate((f"{other}:mouth=1", file, f"{file}:brows")):
        out = tmp_path / f"{number}.png"
        assert ptk("edit", photo, "--expression-from", source, "--weights", weights, "-o", out)[0] == 0
        results.append(out.read_bytes())
    assert results[0] == results[1] != results[2]


def test_mistakes_are_told_in_a_line_and_nothing_is_written(ptk: Run, photo: Path, other: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    for arguments, reason in (
        (("save", "-o", tmp_path / "a.json"), "an expression is either in WORDS, such as smile=0.7, or --from a photo"),
        (("save", "smile", "--from", photo, "-o", tmp_path / "a.json"), "an expression is either in WORDS"),
        (("save", "smiel", "-o", tmp_path / "a.json"), "WORDS smiel: there is no such word; did you mean smile"),
        (("save", "smile", "-o", photo), f"{photo}: expressions are JSON; name it {photo.name}.json"),
        (("save", "--from", f"{other}:nose", "-o", tmp_path / "a.json"), f"--from {other}:nose: there is no part nose"),
        (("save", "--from", tmp_path / "no.jpg", "-o", tmp_path / "a.json"), f"{tmp_path / 'no.jpg'}: no such file"),
        (("show", photo), f"{photo}: is not text; save it again (ptk expression save)"),
    ):
        code, printed, said = ptk("expression", *arguments)
        assert (code, printed) == (1, "")
        assert said.startswith(f"ptk: {reason}"), said
        assert said.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before
