"""``ptk study``: people rank what weights made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

study = typer.Typer(help="Ask people which weights are better.", no_args_is_help=True)

_Weights = Annotated[
    list[str], typer.Argument(metavar="WEIGHTS...", help="Files, or folders of runs; NAME=FILE names one.")
]
_Styles = Annotated[list[str] | None, typer.Option("--style", help="A style beside photo.", show_default="all")]
_Study = Annotated[Path, typer.Argument(metavar="STUDY", help="The folder that ptk study new made.")]


@study.command()
def new(
    weights: _Weights,
    data: Annotated[Path, typer.Option(metavar="DIR", help="A prepared folder; sample is the bundled set.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The study: a new folder.")] = Path("study"),
    groups: Annotated[int, typer.Option(min=1, help="At most so many groups of pictures.")] = 40,
    split: Annotated[str, typer.Option(help="Whom to show: test, train or all.")] = "test",
    style: Annotated[
        list[str] | None, typer.Option("--style", help="A style beside photo.", show_default="all")
    ] = None,
    size: Annotated[int | None, typer.Option(min=48, help="Pixels of pictures.", show_default="the largest's")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides which groups there are.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Make a page on which people rank what weights made, and its key, which says who made what."""
    from ptk.cli.show import progress_bars
    from ptk.dataset.manifest import source_folder
    from ptk.errors import PtkError
    from ptk.evaluation.comparison.compare import find_styles, read_people_for
    from ptk.evaluation.comparison.members import read_members
    from ptk.evaluation.comparison.trials import plan_trials
    from ptk.evaluation.study.make import make_study
    from ptk.types import PHOTO

    if split not in ("test", "train", "all"):
        raise PtkError(f"--split {split}: there are test, train and all")
    members, missing = read_members(weights, device)
    if missing:
        raise PtkError("\n".join(missing.values()))
    styles = [] if style == [PHOTO] else find_styles(members, [name for name in style or () if name != PHOTO])
    side = size or max(member.first.size for member in members)
    with progress_bars() as progress:
        people, _ = read_people_for(source_folder(str(data)), split, side, members, styles, progress)
        plans = plan_trials(people, members, styles, 0)
        made = make_study(out, members, plans, side, groups=groups, seed=seed, progress=progress)
    typer.echo(f"{made} groups, each ranked four times: hand out {out / 'page'}, keep {out / 'key.json'} to yourself")
    typer.echo(f"here: ptk study serve {out}")


@study.command()
def serve(
    folder: _Study,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0: for other machines, too.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Which port; 0: a free one.")] = 8765,
) -> None:
    """Serve a study's page, and keep what people answer in its folder answers."""
    from ptk.evaluation.study.answers import read_key
    from ptk.evaluation.study.serve import serve as serve_study
    from ptk.studio.serve import import_server, listen

    import_server()
    read_key(folder)
    opened = listen(host, port)
    typer.echo(f"http://{host}:{opened.getsockname()[1]}/ until Ctrl-C; answers go to {folder / 'answers'}")
    serve_study(folder, opened)


@study.command()
def report(
    folder: _Study,
    answers: Annotated[
        list[Path] | None,
        typer.Argument(metavar="ANSWERS...", help="Files that were sent back.", show_default="STUDY/answers"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All numbers as JSON.")] = False,
) -> None:
    """Say whom people prefer: shares of first ranks, strengths with intervals, agreement."""
    import json

    from ptk.errors import DataError
    from ptk.evaluation.study.answers import read_answers, read_key
    from ptk.evaluation.study.report import as_json as plain
    from ptk.evaluation.study.report import markdown
    from ptk.evaluation.study.report import report as find

    key = read_key(folder)
    files = answers or sorted((folder / "answers").glob("*.json"))
    if not files:
        raise DataError(f"{folder / 'answers'}: holds no answers yet; name the files that were sent back")
    read, unread = [], dict[str, str]()
    for file in files:
        try:
            read.append(read_answers(file, key))
        except DataError as error:
            unread[file.name] = str(error)
    found = find(key, read, unread)
    if not found.raters:
        raise DataError("\n".join(["nobody's answers count", *found.left_out.values()]))
    typer.echo(json.dumps(plain(found), indent=2, ensure_ascii=False) if as_json else markdown(found))
