"""Pictures that ptk made, given as photos again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ptk.editing.drawings.styled import check_not_styled, record_edit
from ptk.editing.editor import Editor
from ptk.editing.rendered import Rendered
from ptk.errors import ImageError
from ptk.faces.expressions import vocabulary
from ptk.faces.image_files.metadata import EditRecord
from ptk.faces.images import Photo, read_photo, write_photo
from ptk.types import Landmarks

FACE = (vocabulary().rest * 60 + (100, 80)).astype(np.float32)
PLAIN = Photo(np.full((200, 200, 3), 90, np.uint8), None, None, None, "", Path("me.png"), "PNG")
SKETCH = replace(PLAIN, edit=EditRecord("sketch", "rendered", moved=False))
SMILING = replace(PLAIN, edit=EditRecord("photo", "learned", moved=True))


class Network:
    """Paints faces grey in two styles."""

    size = 64
    domains = ("photo", "sketch", "watercolor")

    face_flow = None

    def render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        return Rendered(np.full(cut.shape, 128.0, np.float32))


class Finds:
    def detect(self, image: np.ndarray) -> list[Landmarks]:
        return [Landmarks(points=FACE, width=200, height=200)]


@pytest.mark.parametrize("photo", [PLAIN, SMILING])
@pytest.mark.parametrize("style", ["photo", "sketch"])
def test_photos_are_edited_without_a_word(photo: Photo, style: str) -> None:
    assert check_not_styled(photo, style) is None


def test_a_style_is_not_applied_twice() -> None:
    with pytest.raises(ImageError) as caught:
        check_not_styled(SKETCH, "sketch")
    assert str(caught.value) == ("me.png: is in the style sketch already, made by ptk; give the photo it was made of")


@pytest.mark.parametrize("style", ["photo", "watercolor"])
def test_a_sketch_is_told_from_a_photo(style: str) -> None:
    said = check_not_styled(SKETCH, style)
    assert said == "is in the style sketch, made by ptk, not a photo; no way back is known, so it is edited as it is"


def test_results_are_what_they_are_made_of() -> None:
    assert record_edit(PLAIN, "photo", moved=False) == EditRecord("photo", "learned", False)
    assert record_edit(PLAIN, "sketch", moved=True) == EditRecord("sketch", "learned", True)
    assert record_edit(SMILING, "sketch", moved=False) == EditRecord("sketch", "learned", True)
    assert record_edit(SKETCH, "photo", moved=True) == EditRecord("sketch", "rendered", True)
    assert record_edit(SKETCH, "watercolor", moved=False) == EditRecord("watercolor", "learned", False)


def test_an_edit_says_what_it_made_and_warns_of_what_it_got(tmp_path: Path) -> None:
    warnings: list[str] = []
    editor = Editor(Network(), Finds(), "finds", style="sketch", warn=warnings.append)
    sketch, deep = tmp_path / "sketch.png", replace(PLAIN, depth=16)
    editor.edit(deep, sketch)
    assert warnings == ["me.png: has 16 bits a channel, the result has 8"]
    made = read_photo(sketch)
    assert made.edit == EditRecord("sketch", "learned", False)
    with pytest.raises(ImageError, match="is in the style sketch already"):
        editor.edit(made, tmp_path / "twice.png")
    assert not (tmp_path / "twice.png").exists()
    replace(editor, style="photo", strengths={"smile": 1}).edit(made, tmp_path / "smile.png")
    assert warnings[1:] == [f"{sketch}: {check_not_styled(made, 'photo')}"]
    assert read_photo(tmp_path / "smile.png").edit == EditRecord("sketch", "learned", True)


def test_an_editor_without_a_listener_edits(tmp_path: Path) -> None:
    write_photo(tmp_path / "sketch.png", PLAIN.pixels, PLAIN, record=SKETCH.edit)
    Editor(Network(), Finds(), "finds").edit(read_photo(tmp_path / "sketch.png"), tmp_path / "out.png")
    assert (tmp_path / "out.png").exists()
