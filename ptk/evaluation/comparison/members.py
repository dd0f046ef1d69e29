"""The weights that are compared: what each hears, what it can be asked, and why some cannot be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import interpolate

from ptk.editing.learned import find_untrained, leads_back, learned_goals
from ptk.editing.loading import load_translator
from ptk.errors import PtkError
from ptk.evaluation.candidates import CANDIDATES
from ptk.evaluation.comparison.trials import BACK, EXPRESSIONS, STYLES, Trial
from ptk.types import PHOTO

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.editing.rendered import Translates

__all__ = ["Member", "read_members"]

LANDMARKS, WORDS, DOMAINS = "landmarks", "words", "domains"


@dataclass(frozen=True, eq=False)
class Member:
    """A row of the tables: weights, or those of several trainings of one recipe with other seeds.

    `note` says what a reader should know of them, "" where nothing.
    """

    name: str
    files: tuple[Path, ...]
    translators: tuple[Translates, ...]
    note: str = ""

    @property
    def first(self) -> Translates:
        """The translator of the first training, with which all others agree in what they can do."""
        return self.translators[0]

    @cached_property
    def hears(self) -> str:
        """What it is told: LANDMARKS (and a style), WORDS for expressions alone, or DOMAINS alone."""
        if self.first.hears_landmarks:
            return LANDMARKS
        return WORDS if _data_of(self.first.metadata).get("domains") == "expressions" else DOMAINS

    @cached_property
    def goals(self) -> tuple[str, ...]:
        """The domains, or words, to which it was trained to go."""
        metadata = self.first.metadata
        untrained = find_untrained(metadata)
        return tuple(name for name in learned_goals(metadata, self.first.domains) if name not in untrained)

    @property
    def parameters(self) -> int | None:
        """The number of the generator's parameters, those of all its networks; None of exported networks."""
        generator = getattr(self.first, "generator", None)
        return None if generator is None else sum(each.numel() for each in generator.parameters())

    def does(self, trial: Trial) -> bool:
        """Whether `trial` can be asked of it, by what it was trained for."""
        comes_back = trial.kind == BACK and PHOTO in self.goals and trial.start in self.first.domains
        if self.hears == WORDS:
            words = trial.source.expression, trial.target.expression
            return trial.kind == EXPRESSIONS and words[1] in self.goals and words[0] != words[1]
        if self.hears == DOMAINS:
            leaves = trial.kind == STYLES and trial.domain in self.goals and PHOTO in self.first.domains
            return comes_back or leaves
        if trial.kind == BACK:  # pairs that led one way began with photos
            return comes_back and not _data_of(self.first.metadata).get("one_way")
        return trial.domain in self.goals

    def refuse(self, kind: str) -> str:
        """Say why nothing of a `kind` can be asked of it."""
        if self.hears == WORDS:
            known = ", ".join(self.goals)
            return f"knows words alone: {known}" if kind == EXPRESSIONS else "is told words for expressions, no style"
        if kind == BACK:
            return "learned no way back to photos"
        if kind == STYLES or self.hears == LANDMARKS:
            return f"leads to none of these: it knows {', '.join(self.goals)}"
        return "hears no landmarks: no face moves"

    def make(self, trial: Trial, size: int) -> list[Tensor]:
        """What each training makes of `trial`: images (1, 3, size, size) in [-1, 1], scaled where its own size differs.

        Raises what its networks raise.
        """
        images = []
        for number in range(len(self.translators)):
            image = torch.tensor(self.render(trial, number)).permute(2, 0, 1)[None].float().div(127.5).sub(1)
            if image.shape[-1] != size:
                image = interpolate(image, (size, size), mode="bicubic", antialias=True).clamp(-1, 1)
            images.append(image)
        return images

    def render(self, trial: Trial, number: int = 0) -> np.ndarray:
        """The image of one training at its own size, (S, S, 3) in [0, 255]: see `make`."""
        translator = self.translators[number]
        cut = trial.source.crop(trial.start)
        if len(cut) != translator.size:
            side = (translator.size, translator.size)
            cut = np.asarray(Image.fromarray(cut).resize(side, Image.Resampling.LANCZOS))
        start, goal = (each.points_of(translator.topology) for each in (trial.source, trial.target))
        style = trial.target.expression if self.hears == WORDS else trial.domain
        if leads_back(translator.metadata):
            style = trial.start  # such weights are told where from
        made: np.ndarray = translator.render(cut, start, goal, style).image
        return made


def read_members(words: Sequence[str], device: str) -> tuple[list[Member], dict[str, str]]:
    """Open the weights that `words` name: FILE, the folder of a run, or NAME=FILE; those of one NAME are one member.

    Gives the members in their order, and name -> why of those that cannot be opened. Raises PtkError where weights of
    one NAME were not trained for the same, two files without one would be called alike, or one as another row is.
    """
    files = _name_files(words)
    members, missing = [], dict[str, str]()
    for name, paths in files.items():
        opened, lost = dict[Path, Any](), []
        for path in paths:
            try:
                opened[path] = load_translator(_find_weights(path), device)
            except PtkError as error:
                lost.append(str(error).splitlines()[0])
        if not opened:
            missing[name] = "; ".join(lost)
            continue
        notes = [f"{len(lost)} of {len(paths)} trainings are missing: {'; '.join(lost)}"] * bool(lost)
        notes += sorted({note for each in opened.values() if (note := _describe_progress(each.metadata))})
        member = Member(name, tuple(opened), tuple(opened.values()), "; ".join(notes))
        for path, each in opened.items():
            alone = Member(name, (path,), (each,))
            if (alone.hears, alone.goals, each.size) != (member.hears, member.goals, member.first.size):
                raise PtkError(
                    f"{name}: {path} was not trained for what {paths[0]} was, domains and size; give it another name"
                )
        members.append(member)
    return members, missing


def _name_files(words: Sequence[str]) -> dict[str, list[Path]]:
    """Name -> files, in the order of `words`."""
    files: dict[str, list[Path]] = {}
    named = dict[str, bool]()
    for word in words:
        name, equals, rest = word.partition("=")
        said = bool(equals and name and rest) and not Path(word).exists()
        path = Path(rest if said else word)
        if not said:
            name = path.parent.name if path.name == "weights.safetensors" and path.parent.name else path.stem
        if name in CANDIDATES:
            raise PtkError(f"{path}: {name} is what another row is called; name it, such as one={path}")
        if name in files and not (said and named[name]):
            raise PtkError(
                f"{path}: would be called {name}, as {files[name][0]} is; name both, such as one={path}, or both alike "
                "where they are trainings of one recipe"
            )
        if path in files.get(name, ()):
            raise PtkError(f"{path}: is named twice; a row is of different trainings")
        named[name] = said
        files.setdefault(name, []).append(path)
    return files


def _find_weights(path: Path) -> Path:
    """The weights at `path`, a file or the folder of a run. Raises PtkError for a run without any."""
    if not path.is_dir():
        return path
    weights = path / "weights.safetensors"
    if not weights.is_file():
        steps = [int(each.name) for each in path.glob("checkpoints/*") if each.name.isdigit()]
        reached = f"its last checkpoint is of step {max(steps)}" if steps else "it has no checkpoint either"
        raise PtkError(f"{path}: has no weights.safetensors, {reached}; train it to its end")
    return weights


def _describe_progress(metadata: Mapping[str, Any]) -> str:
    """How far a training has come that is not at its end; "" of those that are, and where nothing says it."""
    recipe, step = metadata.get("recipe"), metadata.get("step")
    training = recipe.get("training") if isinstance(recipe, Mapping) else None
    steps = training.get("steps") if isinstance(training, Mapping) else None
    unfinished = isinstance(step, int) and isinstance(steps, int) and step < steps
    return f"step {step} of {steps}" if unfinished else ""


def _data_of(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the recipe of weights says of its data."""
    recipe = metadata.get("recipe")
    data = recipe.get("data") if isinstance(recipe, Mapping) else None
    return data if isinstance(data, Mapping) else {}
