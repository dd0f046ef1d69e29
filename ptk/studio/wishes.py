"""What the page asks for, as it comes: checked to the last number, for anybody may send anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ptk.faces.expressions import vocabulary
from ptk.faces.topology import POINTS
from ptk.faces.words.expression import MOST_SHARE, PARTS
from ptk.studio.refusals import Refusal

__all__ = ["Edit", "FaceWish", "Like", "RenderWish", "ResultWish", "Wish", "parse"]

_Number = Annotated[float, Field(allow_inf_nan=False)]
_Pixels = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
_FACES = 64
"""Of so many faces in a photo at most an edit is taken."""

Model = TypeVar("Model", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _check_words(words: Mapping[str, float]) -> Mapping[str, float]:
    known = vocabulary().strengths
    for name, strength in words.items():
        if name not in known:
            raise ValueError(f"there is no word {name[:40]}")
        if not known[name].least <= strength <= known[name].most:
            raise ValueError(f"{name} goes from {known[name].least:g} to {known[name].most:g}")
    return words


class Like(_Strict):
    """An expression that is taken over: `words` with their strengths, and how far `parts` of the face do so."""

    words: dict[str, _Number]
    parts: dict[str, _Number] = {}

    @field_validator("words")
    @classmethod
    def check_words(cls, words: dict[str, float]) -> Mapping[str, float]:
        """Raise ValueError for an unknown word, or one out of its range."""
        return _check_words(words)

    @field_validator("parts")
    @classmethod
    def check_parts(cls, parts: dict[str, float]) -> dict[str, float]:
        """Raise ValueError for an unknown part, or a share out of its range."""
        for name, share in parts.items():
            if name not in PARTS:
                raise ValueError(f"there is no part {name[:40]}; there are {', '.join(PARTS)}")
            if not 0 <= share <= MOST_SHARE:
                raise ValueError(f"the share of {name} goes from 0 to {MOST_SHARE:g}")
        return parts


class FaceWish(_Strict):
    """What a face is to do: by `words`, `like` another, and points that are `moved` from there, in photo pixels."""

    words: dict[str, _Number] = {}
    like: Like | None = None
    moved: dict[str, tuple[_Pixels, _Pixels]] = {}

    @field_validator("words")
    @classmethod
    def check_words(cls, words: dict[str, float]) -> Mapping[str, float]:
        """Raise ValueError for an unknown word, or one out of its range."""
        return _check_words(words)

    @field_validator("moved")
    @classmethod
    def check_points(cls, moved: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        """Raise ValueError for a number that is no point's."""
        for name in moved:
            if not (name.isascii() and name.isdecimal() and str(int(name[:3])) == name and int(name) < POINTS):
                raise ValueError(f"there is no point {name[:10]}; there are 0 to {POINTS - 1}")
        return moved

    @property
    def strengths(self) -> dict[str, float]:
        """The words that say something."""
        return {name: strength for name, strength in self.words.items() if strength}

    @property
    def is_dragged(self) -> bool:
        """Whether any point is moved."""
        return any(x or y for x, y in self.moved.values())

    @property
    def asks(self) -> bool:
        """Whether the face is to do anything."""
        return bool(self.strengths) or self.like is not None or self.is_dragged


class Edit(_Strict):
    """The whole wish for a photo. `face` is whose points come back; `faces` are by their number, from 1 on."""

    face: Annotated[int, Field(ge=1, le=_FACES)] = 1
    faces: dict[str, FaceWish] = {}
    style: Annotated[str, Field(min_length=1, max_length=64)] = "photo"
    area: Literal["photo", "head"] = "photo"
    force: bool = False

    @field_validator("faces")
    @classmethod
    def check_numbers(cls, faces: dict[str, FaceWish]) -> dict[str, FaceWish]:
        """Raise ValueError for what is no number of a face."""
        for name in faces:
            if not (name.isascii() and name.isdecimal() and 1 <= int(name[:3]) <= _FACES and name[0] != "0"):
                raise ValueError(f"faces are numbered from 1 on, not {name[:10]}")
        return faces

    @property
    def asked(self) -> dict[int, FaceWish]:
        """The faces that are to do something, by their index from 0 on, in order."""
        asking = {int(name) - 1: wish for name, wish in self.faces.items() if wish.asks}
        return dict(sorted(asking.items()))

    @property
    def key(self) -> str:
        """Two wishes of the same key give the same picture."""
        return self.model_dump_json(exclude={"face"})


class Wish(_Strict):
    """An edit, alone."""

    edit: Edit


class ResultWish(_Strict):
    """An edit as a file of a `suffix`."""

    edit: Edit
    suffix: Annotated[str, Field(max_length=8)]


class RenderWish(_Strict):
    """An edit as a picture: `side` pixels at most a side, of a `region` (x, y, width, height) of the photo."""

    edit: Edit
    want: Literal["live", "draft", "whole"] = "live"
    side: Annotated[int, Field(ge=16, le=4096)] | None = None
    region: tuple[_Pixels, _Pixels, _Pixels, _Pixels] | None = None


def parse(model: type[Model], content: bytes) -> Model:
    """Read a wish from JSON. Raises Refusal (422) with the first mistake in one line."""
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise Refusal(422, _describe(error.errors(include_url=False, include_input=False)[0])) from error


def _describe(mistake: Any) -> str:
    place = ".".join(str(part)[:40] for part in mistake["loc"])
    said = str(mistake["msg"]).removeprefix("Value error, ")
    line = " ".join((f"{place}: {said}" if place else said).replace("`", "").split())
    return "".join(each for each in line if each.isprintable())[:300]
