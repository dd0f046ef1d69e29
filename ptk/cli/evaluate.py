"""``ptk eval``: how well weights edit people whom they never saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptk.cli.flags import spell_here
from ptk.types import PHOTO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from ptk.editing.rendered import Translates
    from ptk.evaluation.evaluate import Evaluation
    from ptk.evaluation.people import People

__all__ = ["evaluate"]


_Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", help="A metric, or NAME:option=value; as often as you like.", show_default="all"),
]
_Styles = Annotated[
    list[str] | None,
    typer.Option("--style", help="A style beside photo, as often as you like; photo: none.", show_default="all"),
]
_Groups = Annotated[
    Path | None, typer.Option(metavar="CSV", help="A table with a column identity: means by its other columns.")
]
_Split = Annotated[str, typer.Option(help="Whom to evaluate on: test, train or all.")]
_Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="The page: a new folder.", show_default="NAME-eval here")
]


def evaluate(
    data: Annotated[Path, typer.Option(metavar="DIR", help="A prepared folder; sample is the bundled set.")],
    weights: Annotated[
        Path | None,
        typer.Argument(help="weights.safetensors of a run, or what ptk export made.", show_default="ptk's own"),
    ] = None,
    split: _Split = "test",
    pairs: Annotated[int, typer.Option(min=0, help="At most so many pairs of each person; 0: all.")] = 0,
    metric: _Metrics = None,
    style: _Styles = None,
    groups: _Groups = None,
    out: _Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="All numbers as JSON, every pair's too.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Have weights make every pair of one person's photos, beside doing nothing and a plain warp."""
    import json
    from dataclasses import replace

    from rich.console import Console

    from ptk.cli.show import progress_bars
    from ptk.dataset.manifest import source_folder
    from ptk.editing.loading import load_translator, shipped
    from ptk.errors import PtkError
    from ptk.evaluation.book import Book
    from ptk.evaluation.composed import evaluate_composed
    from ptk.evaluation.evaluate import Metrics
    from ptk.evaluation.evaluate import evaluate as evaluate_all
    from ptk.evaluation.people import read_people
    from ptk.evaluation.report import as_json as report
    from ptk.evaluation.styles import Renderers, with_styles
    from ptk.evaluation.tables import read_groups
    from ptk.registry.registry import load_registry

    if split not in ("test", "train", "all"):
        raise PtkError(f"--split {split}: there are test, train and all")
    weights = weights or shipped(device)
    book = Book(out or Path(f"{weights.stem}-eval"))
    table = read_groups(groups) if groups else {}
    translator = load_translator(weights, device)
    if not translator.hears_landmarks:
        choices = {"split": split, "most": pairs, "styles": style or ()}
        _evaluate_translations(translator, weights, data, choices, metric or (), groups, out, as_json)
        return
    domains = _choose_domains(translator.domains, style)
    renderers = Renderers.of(translator.metadata).without(set(translator.domains) - set(domains))
    with progress_bars() as progress:
        people = read_people(source_folder(str(data)), split, translator.size, domains, progress)
        people = replace(with_styles(people, renderers, progress), most=pairs)
        metrics = Metrics.built(load_registry(), metric or (), people.detector)
        evaluation = evaluate_all(translator, people, metrics, progress, book.see).without(renderers.skipped)
        fine = evaluate_composed(translator, people, metrics, progress)
    book.write(evaluation, people, named := {"name": weights.name, "size": translator.size}, fine)
    if as_json:
        typer.echo(json.dumps(report(evaluation, people, named, fine), indent=2, ensure_ascii=False))
        return
    _print(Console(), evaluation, people, table, fine)
    typer.echo(str(book.out / "index.html"))


def _evaluate_translations(
    translator: Translates,
    weights: Path,
    data: Path,
    choices: Mapping[str, Any],
    names: Sequence[str],
    groups: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Evaluate weights that hear no landmarks: every image in every other domain."""
    import json

    from rich.console import Console

    from ptk.cli.show import progress_bars
    from ptk.dataset.manifest import source_folder
    from ptk.errors import PtkError
    from ptk.evaluation.translations import choose_metrics, read_images, translate_all
    from ptk.evaluation.translations_book import TranslationBook, report, translation_table
    from ptk.registry.registry import load_registry

    if groups:
        raise PtkError(f"--groups {groups}: means by group are of people who move; these weights hear no landmarks")
    book = TranslationBook(out or Path(f"{weights.stem}-eval"))
    with progress_bars() as progress:
        images = read_images(translator, str(source_folder(str(data))), progress=progress, **choices)
        metrics = choose_metrics(load_registry(), names, images)
        made = translate_all(translator, images, metrics, progress, book.see)
    named = {"name": weights.name, "size": translator.size}
    book.write(made, images, named)
    if as_json:
        typer.echo(json.dumps(report(made, images, named), indent=2, ensure_ascii=False))
        return
    for domain in made.domains:
        Console().print(translation_table(made, domain))
    typer.echo("landmarks: these weights hear none, so nothing says how far faces moved")
    for name, why in made.skipped.items():
        typer.echo(f"{name}: {spell_here(why)}")
    typer.echo(str(book.out / "index.html"))


def _choose_domains(known: Sequence[str], styles: Sequence[str] | None) -> tuple[str, ...]:
    """All that weights know, or the photo's and the `styles`. Raises PtkError for a style that they do not know."""
    from ptk.errors import PtkError

    for name in styles or ():
        if name not in known:
            raise PtkError(f"--style {name}: these weights know {', '.join(known)}")
    return tuple(name for name in known if styles is None or name == PHOTO or name in styles)


def _print(
    console: Console,
    evaluation: Evaluation,
    people: People,
    table: Mapping[str, Mapping[str, str]],
    fine: Evaluation | None,
) -> None:
    from ptk.evaluation.tables import domain_table, group_table, style_table

    pairs = f"{len(people.shots)} people, {len(people.pairs)} pairs of photos, {people.split}"
    photos = [case for case in evaluation.cases if case.domain == PHOTO]
    if photos:
        console.print(domain_table(evaluation, PHOTO, f"photo: {pairs}"))
    if fine is not None:
        console.print(domain_table(fine, PHOTO, f"photo: the same at {fine.size} pixels, as ptk edit composes it"))
    styles = [domain for domain in evaluation.domains if domain != PHOTO]
    if styles:
        console.print(style_table(evaluation, styles))
    for column, of in table.items():
        console.print(group_table(evaluation, photos, column, of))
    for name, why in evaluation.skipped.items():
        typer.echo(f"{name}: {spell_here(why)}")
