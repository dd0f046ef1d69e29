"""Kinds of stages of which ptk's own weights are made: data, trainings, averages, export. And how a stage is made."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from run_ptk import ptk

from ptk.dataset.manifest import SAMPLE
from ptk.files import replacing_folder, write_bytes
from ptk.recipe.load import find_recipe, load_recipe
from ptk.recipe.weights import read_metadata, read_tensors, write_weights

LONDON = "london"
DRAWINGS = "drawings"
STYLES = "sketch,watercolor,wave,poster"
MOTION = ("generator.head.weight", "generator.head.bias")  # of which the first two channels correct the motion


@dataclass(frozen=True)
class Place:
    """Where things are: the people's photos, VGG16's weights, the folder for all stages, and the share of all steps.

    `portraits` are others' photos, from which the way back from drawings learns, too.
    """

    london: Path
    vgg: Path | None
    out: Path
    share: float
    size: int
    portraits: Path | None = None

    def scale(self, steps: int) -> int:
        """Scale a count of steps."""
        return max(2, round(steps * self.share))


@dataclass(frozen=True)
class Stage:
    """One stage, called `name`, made of the stages in `after` by `make`, in a folder of its own.

    `key` is all that decides its result beside those, and beside the `recipe` of a training of so many `steps`, with
    other `settings`; a stage is made again when any of it changes.
    """

    name: str
    after: tuple[str, ...]
    key: str
    make: Callable[[Place, Path], None]
    recipe: str = ""
    steps: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)


def is_done(stage: Stage, place: Place, stages: Mapping[str, Stage]) -> bool:
    """Whether a stage is done as it would be made now."""
    done = place.out / stage.name / "done.json"
    return done.exists() and json.loads(done.read_text())["digest"] == digest_stage(stage, place, stages)


def make_stage(stage: Stage, place: Place, stages: Mapping[str, Stage]) -> None:
    """Make one stage, unless it is done as it would be made now. Writes done.json last: its digest and seconds."""
    folder, digest = place.out / stage.name, digest_stage(stage, place, stages)
    done, begun = folder / "done.json", folder.with_name(f"{stage.name}.begun")
    if is_done(stage, place, stages):
        print(f"{stage.name}: done", flush=True)
        return
    if folder.exists() and (not begun.exists() or begun.read_text() != digest):
        print(f"{stage.name}: made of something else before; made again", flush=True)
        shutil.rmtree(folder)
    write_bytes(begun, digest.encode())
    start = time.monotonic()
    print(f"\n{stage.name}:", flush=True)
    stage.make(place, folder)
    seconds = round(time.monotonic() - start)
    write_bytes(done, json.dumps({"digest": digest, "seconds": seconds}).encode())
    print(f"{stage.name}: {seconds} s", flush=True)


def digest_stage(stage: Stage, place: Place, stages: Mapping[str, Stage]) -> str:
    """Digest what decides a stage's result: itself and its recipe, those before it, and what the user gave."""
    known = [stage.key, str(place.size)]
    known += [digest_stage(stages[name], place, stages) for name in stage.after]
    if stage.recipe:
        known += [find_recipe(stage.recipe).read_text(), str(place.vgg), str(place.share)]
    for name, folder in ((LONDON, place.london), (DRAWINGS, place.portraits)):
        if stage.name == name and folder is not None:
            known += [f"{file.name} {file.stat().st_size}" for file in sorted(folder.rglob("*")) if file.is_file()]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()


# Stages of data


def prepare(name: str, source: str, *options: str, styles: str = STYLES) -> Stage:
    """Prepare photos in `styles`: those of London, or those of the bundled sample that match, by default all."""

    def make(place: Place, folder: Path) -> None:
        images = SAMPLE / "images"
        files = [place.london] if source == LONDON else sorted(images.glob(source)) if source else [images]
        ptk("prepare", *files, "--out", folder, "--size", place.size, "--styles", styles, *options)

    others = "" if styles == STYLES else f" {styles}"
    return Stage(name, (), f"prepare {source} {' '.join(options)}{others}", make)


def choose(name: str, of: str, every: int, first: int) -> Stage:
    """Take the people to train on of a data set, and hold out each `every`-th of them, from the `first`."""

    def make(place: Place, folder: Path) -> None:
        source = place.out / of
        lines = [json.loads(line) for line in (source / "manifest.jsonl").open()]
        known = sorted({line["identity"] for line in lines if line["split"] == "train"})
        held = set(known[first::every])
        kept = [
            json.dumps({**line, "split": "test" if line["identity"] in held else "train"})
            for line in lines
            if line["identity"] in known
        ]
        with replacing_folder(folder) as new:
            shutil.copytree(source, new, dirs_exist_ok=True, ignore=shutil.ignore_patterns("done.json"))
            (new / "manifest.jsonl").write_text("\n".join(kept) + "\n")

    return Stage(name, (of,), f"choose {every} {first}", make)


def join(name: str, parts: Sequence[str], *, train: Sequence[str]) -> Stage:
    """Join data sets; everybody in those named in `train` is to train on."""

    def make(place: Place, folder: Path) -> None:
        options = [word for part in train for word in ("--all-train", place.out / part)]
        ptk("data", "join", *(place.out / part for part in parts), *options, "--out", folder)

    return Stage(name, tuple(parts), f"join {' '.join(train)}", make)


# Stages of weights


def train(
    name: str,
    recipe: str,
    data: str,
    start: str | None = None,
    *,
    steps: int | None = None,
    keep: int = 0,
    half: bool = False,
    **settings: object,
) -> Stage:
    """Train a recipe from the weights of the stage `start`; `keep` is a step whose weights are kept beside the last.

    With `half` pictures have half the side; `settings` are what else differs from the recipe.
    """

    def make(place: Place, folder: Path) -> None:
        size = place.size // 2 if half else place.size
        sets: dict[str, object] = {"training.steps": place.scale(steps), "data.size": size, **settings}
        if place.vgg is not None:
            sets["losses.generator.perceptual.weights"] = place.vgg
        options: list[object] = ["--data", place.out / data, "--out", folder]
        options += [word for each, value in sets.items() for word in ("--set", f"{each}={value}")]
        begin = [] if start is None else ["--start-from", place.out / start / "weights.safetensors"]
        early = folder / f"weights-{keep}.safetensors"
        if keep and not early.exists():
            ptk("train", recipe, *options, *_go_on(folder, begin), "--steps", place.scale(keep))
            shutil.copyfile(folder / "weights.safetensors", early)
        ptk("train", recipe, *options, *_go_on(folder, begin))

    steps = load_recipe(recipe).training.steps if steps is None else steps
    key = f"train {steps} {keep} {json.dumps(settings, sort_keys=True)}{' half' * half}"
    return Stage(name, tuple(filter(None, (data, start))), key, make, recipe, steps, settings)


def average(name: str, parts: dict[str, float], motion: float = 1.0) -> Stage:
    """Average the weights of stages, each times its share, and take what they add to the motion times `motion`.

    A part is a stage, or ``stage@step`` for the weights that it kept.
    """

    def make(place: Place, folder: Path) -> None:
        files = [place.out / _file_of(part) for part in parts]
        read = [read_tensors(file) for file in files]
        shares = list(parts.values())
        mean = {key: sum(w * each[key] for w, each in zip(shares, read, strict=True)) for key in read[-1]}
        for key in MOTION:
            mean[key][:2] *= motion
        folder.mkdir(parents=True, exist_ok=True)
        write_weights(folder / "weights.safetensors", mean, read_metadata(files[-1]))

    return Stage(name, tuple(part.split("@")[0] for part in parts), f"average {parts} {motion}", make)


def export(name: str, of: str) -> Stage:
    """Export weights in half precision, and what edits without torch, as they ship."""

    def make(place: Place, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        half = folder / "portraits.safetensors"
        ptk("export", place.out / of / "weights.safetensors", "--format", "safetensors", "--out", half)
        ptk("export", half, "--out", folder / "portraits.onnx")

    return Stage(name, (of,), "export", make)


def _go_on(folder: Path, begin: list[object]) -> list[object]:
    """Options of a run that resumes where it has a checkpoint, or else begins."""
    return ["--resume"] if any(folder.glob("checkpoints/[0-9]*")) else begin


def _file_of(part: str) -> str:
    name, _, step = part.partition("@")
    return f"{name}/weights-{step}.safetensors" if step else f"{name}/weights.safetensors"
