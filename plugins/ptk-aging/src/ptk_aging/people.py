"""``ptk-aging``: renders people who do not exist, each at their own age, young and old."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import ptk
from ptk_synth import AGES, EXPRESSIONS, Person, aged, draw_person, portraits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Settings", "main", "render"]

SEED = 72  # not that of ptk's own sample: its people stay strangers
_CLAIM = ".ptk-aging.json"


@dataclass(frozen=True)
class Settings:
    """What the pictures depend on beside the people's numbers; ages in years, `size` in pixels."""

    young: float = 20
    old: float = 72
    size: int = 160
    samples: int = 12
    seed: int = SEED

    def ages(self, index: int) -> dict[str, Person]:
        """Person number `index` in each domain; "photo" is their own age."""
        person = draw_person(index, self.seed)
        own = min(max(person.years, AGES[0]), AGES[1])
        years = {"photo": own, "young": self.young, "old": self.old}
        return {domain: aged(person, each) for domain, each in years.items()}


def render(
    out: Path, people: int, expressions: Sequence[str], settings: Settings, workers: int | None = None
) -> Iterator[tuple[int, int]]:
    """Render what is missing of ``out/p07/old_neutral.jpg`` and so on; each file appears when it is whole.

    Yields how many pictures are there and how many there will be, before the first and after each.

    Raises ptk.PtkError when `out` holds pictures of other settings or cannot be written, or where the libraries of
    ptk-synth are missing.
    """
    try:
        _claim(out, settings)
        missing = list(_missing(out, people, expressions, settings))
        wanted = [(person, [name for name, _ in files]) for person, files in missing]
        paths = [path for _, files in missing for _, path in files]
        total = 3 * people * len(expressions)
        done = total - len(paths)
        yield done, total
        if not paths:
            return
        for portrait, path in zip(portraits(wanted, settings.size, settings.samples, workers), paths, strict=True):
            path.parent.mkdir(exist_ok=True)
            _write(path, _jpeg(portrait.picture))
            done += 1
            yield done, total
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ptk.PtkError(f"{out}: cannot be written ({reason}); choose another place or free space") from error


def _missing(
    out: Path, people: int, expressions: Sequence[str], settings: Settings
) -> Iterator[tuple[Person, list[tuple[str, Path]]]]:
    for index in range(people):
        for domain, person in settings.ages(index).items():
            files = [(name, out / person.name / f"{domain}_{name}.jpg") for name in expressions]
            yield person, [(name, path) for name, path in files if not path.exists()]


def _claim(out: Path, settings: Settings) -> None:
    """Say in `out` what the pictures are, or check that those that are there were made with the same settings."""
    file, said = out / _CLAIM, asdict(settings)
    there = None
    out.mkdir(parents=True, exist_ok=True)
    if file.exists():
        with suppress(ValueError):
            there = json.loads(file.read_text(encoding="utf-8"))
        if there != said:
            raise ptk.PtkError(f"{out}: holds people made otherwise ({there}); choose another folder")
        return
    _write(file, (json.dumps(said) + "\n").encode())


def _write(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _run(
    out: Annotated[Path, typer.Argument(help="The folder; an unfinished one is gone on with.")],
    people: Annotated[int, typer.Option(min=1, help="How many people, each at three ages.")] = 40,
    expressions: Annotated[str, typer.Option(help=f"Of {', '.join(EXPRESSIONS)}.")] = "neutral,happiness",
    young: Annotated[float, typer.Option(min=AGES[0], max=AGES[1], help="Years of the young.")] = 20,
    old: Annotated[float, typer.Option(min=AGES[0], max=AGES[1], help="Years of the old.")] = 72,
    size: Annotated[int, typer.Option(min=16, max=2048, help="Width of the pictures in pixels.")] = 160,
    samples: Annotated[int, typer.Option(min=1, help="Light paths a pixel: more are slower, with less grain.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Whom to draw.")] = SEED,
    workers: Annotated[int, typer.Option(min=0, help="Processes that render; 0 for one a core.")] = 0,
) -> None:
    """Render people who do not exist at their own age, young and old: OUT/p07/old_neutral.jpg."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    names = list(dict.fromkeys(word.strip() for word in expressions.split(",") if word.strip()))
    for name in names:
        if name not in EXPRESSIONS:
            raise ptk.PtkError(f"--expressions {name}: there is none; there are {', '.join(EXPRESSIONS)}")
    settings = Settings(young, old, size, samples, seed)
    columns = (TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("rendering")
        steps = render(out, people, names, settings, workers or None)
        kept, total = next(steps)
        bar.update(task, completed=kept, total=total)
        for done, _ in steps:
            bar.update(task, completed=done)
    typer.echo(f"{out}: {people} people, {total - kept} pictures rendered, {kept} were there")


def main() -> None:
    """Run ``ptk-aging``; what ptk raises on purpose becomes a line on stderr and exit status 1."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(_run)
    try:
        app()
    except ptk.PtkError as error:
        typer.echo(f"ptk-aging: {error}", err=True)
        raise SystemExit(1) from None
