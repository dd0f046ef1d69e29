"""Pictures that ptk made, given as photos: which edits of them make sense, and what their results are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ptk.editing.rendered import PHOTO_STYLE
from ptk.errors import ImageError
from ptk.faces.image_files.metadata import EditRecord

if TYPE_CHECKING:
    from ptk.faces.images import Photo

__all__ = ["check_not_styled", "record_edit"]


def check_not_styled(photo: Photo, style: str) -> str | None:
    """Return a warning where `photo` is in another style than photo already, or None.

    Only pictures whose record says so are known. Raises ImageError for one that is in `style` itself, which applied
    twice burns out.
    """
    own = _style(photo)
    if own == PHOTO_STYLE:
        return None
    if own == style:
        raise ImageError(f"{photo.path}: is in the style {own} already, made by ptk; give the photo it was made of")
    return f"is in the style {own}, made by ptk, not a photo; no way back is known, so it is edited as it is"


def record_edit(
    photo: Photo, style: str, made_by: Literal["rendered", "learned"] = "learned", *, moved: bool, anew: bool = False
) -> EditRecord:
    """Return the record of a result of `photo` in `style`, with an expression `moved` or not.

    Of a style only the name is kept, not its options, which may be files. In the style photo a picture stays what it
    was: a sketch that smiles is a sketch, unless its photo was made `anew`.
    """
    before = photo.edit
    moved = moved or (before is not None and before.moved)
    if before is not None and style == PHOTO_STYLE and not anew:
        return EditRecord(before.style, before.made_by, moved)
    return EditRecord(style.partition(":")[0], made_by, moved)


def _style(photo: Photo) -> str:
    return PHOTO_STYLE if photo.edit is None else photo.edit.style
