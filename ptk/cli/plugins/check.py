"""``ptk plugins check``: does a plug-in, or a part, keep what ptk relies on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptk.cli.flags import spell_flags

if TYPE_CHECKING:
    from ptk.testing.contracts import Outcome

__all__ = ["check"]


def check(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A plug-in (ptk-beard) or one part (beard, domain:beard).")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[PART.]OPTION=VALUE", help="Build parts with this option; may be repeated."),
    ] = None,
    photo: Annotated[Path | None, typer.Option(help="A photo of a face for detectors to find.")] = None,
    place: Annotated[Path | None, typer.Option(help="A folder in which sources find photos.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The outcomes for machines.")] = False,
) -> None:
    """Try a plug-in's parts, rule by rule; exit status 1 when a rule is broken."""
    from rich.console import Console
    from rich.text import Text

    from ptk.dataset.example import portrait
    from ptk.errors import InputError
    from ptk.faces.images import read_photo
    from ptk.testing.contracts import checks

    if place is not None and not place.exists():
        raise InputError(f"{place}: no such file or folder; give one that the source knows")
    picture = portrait() if photo is None else read_photo(photo).pixels
    started = time.monotonic()
    tried = (one.run() for one in checks(name, _options(name, settings or []), picture, place))
    running = (replace(one, message=spell_flags(one.message, context.command)) for one in tried)
    outcomes = list(running) if as_json else _shown(running)
    seconds = time.monotonic() - started
    counts = {status: sum(one.status == status for one in outcomes) for status in ("pass", "fail", "skip")}
    if as_json:
        typer.echo(json.dumps({**counts, "seconds": round(seconds, 1), "outcomes": [asdict(one) for one in outcomes]}))
    else:
        said = f"{counts['pass']} rules hold, {counts['fail']} broken, {counts['skip']} skipped, in {seconds:.1f} s"
        Console(soft_wrap=True).print(Text(said, style="bold red" if counts["fail"] else "bold green"))
    if counts["fail"]:
        raise typer.Exit(1)


def _shown(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Print each outcome as it comes, below its part."""
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    styles = {"pass": ("  ok    ", "green"), "fail": ("  FAIL  ", "bold red"), "skip": ("  skip  ", "dim")}
    seen: list[Outcome] = []
    for one in outcomes:
        if not seen or seen[-1].subject != one.subject:
            console.print(Text(one.subject, style="bold cyan"))
        console.print(Text(*styles[one.status]) + Text(one.rule, style="dim" if one.status == "skip" else ""))
        if one.message:
            console.print(Text(f"        {one.message}", style="red" if one.status == "fail" else "dim"))
        if one.where:
            console.print(Text(f"        {one.where}", style="dim"))
        seen.append(one)
    return seen


def _options(name: str, settings: Sequence[str]) -> dict[str, dict[str, Any]]:
    """``PART.OPTION=VALUE`` by part; without a part it is for every part of `name` that has the option."""
    from ptk.errors import PluginError
    from ptk.plain import nearest
    from ptk.registry.parts import options
    from ptk.testing.contracts import parts_of

    if not settings:
        return {}
    known = {f"{kind}:{part.name}": options(part.load(), kind) for kind, part in parts_of(name)}
    chosen: dict[str, dict[str, Any]] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        part, _, option = key.rpartition(".")
        taking = [each for each in known if option in known[each] and part in ("", each, each.partition(":")[2])]
        if taking and not equals:
            raise PluginError(f"--set {setting}: has no value; say {key}=...")
        if not taking:
            there = [each for those in known.values() for each in those]
            raise PluginError(f"--set {setting}: no such option: {key}{nearest(option, there)}")
        for each in taking:
            annotation = known[each][option].annotation
            chosen.setdefault(each, {})[option] = _cast(value, annotation, f"--set {setting}")
    return chosen


def _cast(value: str, annotation: Any, said: str) -> Any:
    """`value` as a recipe would read it."""
    import inspect

    from pydantic import TypeAdapter, ValidationError

    from ptk.errors import PluginError
    from ptk.recipe.yaml_nodes import BadYaml, compose, plain_value

    try:
        node = compose(value)
        plain = None if node is None else plain_value(node)
        return plain if annotation is inspect.Parameter.empty else TypeAdapter(annotation).validate_python(plain)
    except (BadYaml, ValidationError) as error:
        why = error.errors()[0]["msg"].lower() if isinstance(error, ValidationError) else "it is no YAML"
        raise PluginError(f"{said}: {why}") from error
