"""The tables of a comparison: for the terminal, as Markdown, and as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table as RichTable
from rich.text import Text

from ptk.evaluation.comparison.intervals import Interval
from ptk.evaluation.comparison.summary import Table, name_recipe
from ptk.evaluation.comparison.trials import BACK, BOTH
from ptk.evaluation.page import number, title

if TYPE_CHECKING:
    from ptk.evaluation.comparison.compare import Comparison

__all__ = [
    "MEMBER_COLUMNS",
    "describe",
    "label",
    "markdown",
    "member_lines",
    "member_table",
    "notes",
    "rich_table",
    "rows",
    "tex",
]

MEMBER_COLUMNS = ("recipe", "trained", "told", "pixels", "parameters", "seconds an image")
_BASELINES = {
    "unchanged": {BOTH: "true style, unmoved", BACK: "picture unchanged"},
    "warp": {BOTH: "true style, warped"},
    "true": dict[str, str](),
}
_SHORT = {"identity_distance": "identity"}


def label(table: Table, metric: str) -> str:
    """A metric's name over a column, with the way that is better."""
    return f"{_SHORT.get(metric, metric.replace('_', ' '))} {'↓' if table.lower_is_better[metric] else '↑'}"


def describe(row: str, kind: str) -> str:
    """A row's name in the table of a `kind`, for people."""
    return _BASELINES[row].get(kind, title(row)) if row in _BASELINES else row


def member_lines(comparison: Comparison) -> list[list[str]]:
    """A line for each member: its name and what MEMBER_COLUMNS say of it."""
    lines = []
    for member in comparison.members:
        taken, count = comparison.seconds.get(member.name), len(member.translators)
        lines.append(
            [
                member.name,
                name_recipe(member.first.metadata) or "–",
                f"{count} times" if count > 1 else "once",
                member.hears,
                str(member.first.size),
                "–" if member.parameters is None else f"{member.parameters / 1e6:.2f} M",
                "–" if taken is None else f"{number(taken.median)} ({number(taken.low)} to {number(taken.high)})",
            ]
        )
    return lines


def notes(comparison: Comparison) -> dict[str, str]:
    """What is said of members, of what is missing and of metrics that were skipped, by name."""
    said = {member.name: member.note for member in comparison.members if member.note}
    return {**said, **comparison.missing, **comparison.metrics.skipped}


# For the terminal


def member_table(comparison: Comparison) -> RichTable:
    """Who was compared."""
    table = RichTable(box=None, padding=(0, 2), title=Text("weights", style="bold"), title_justify="left")
    for column in ("", *MEMBER_COLUMNS):
        table.add_column(column, style="" if column else "cyan", no_wrap=True)
    for line in member_lines(comparison):
        table.add_row(*line)
    return table


def rich_table(table: Table) -> RichTable:
    """One kind of trials: a line for each row, each mean above half the width of its interval.

    Means that differ from the first row's by what 0 lies outside of are marked: ▲ for the better, ▼ for the worse.
    """
    heading = f"{table.title}: {table.lead}"
    rich = RichTable(box=None, padding=(0, 1), title=Text(heading, style="bold"), title_justify="left")
    rich.add_column("", style="cyan", no_wrap=True)
    for metric in table.lower_is_better:
        rich.add_column(label(table, metric), justify="right", no_wrap=True)
    for row in table.rows:
        cells = []
        for metric in table.lower_is_better:
            mean = table.means[row].get(metric)
            difference = table.differences.get(row, {}).get(metric)
            mark = ("", "")
            if difference is not None and difference.is_real:
                mark = (" ▲", "green") if table.is_better(metric, difference) else (" ▼", "red")
            cells.append(_stack(mean, *mark))
        rich.add_row(describe(row, table.kind), *cells)
    return rich


def _stack(mean: Interval | None, mark: str, style: str) -> Text:
    if mean is None or math.isnan(mean.mean):
        return Text("–")
    half = (mean.high - mean.low) / 2
    text = Text(number(mean.mean) + mark, style=style)
    return text if math.isnan(half) else text.append(f"\n±{number(half)}", "dim")


# For papers and pages


def markdown(comparison: Comparison, tables: Sequence[Table]) -> str:
    """All tables as Markdown; differences from the first row that 0 lies outside of are bold."""
    parts = [_lines(["", *MEMBER_COLUMNS], member_lines(comparison))]
    said = notes(comparison)
    if said:
        parts.append("\n".join(f"- {name}: {why}" for name, why in said.items()))
    for table in tables:
        heads = [label(table, metric) for metric in table.lower_is_better]
        parts += [f"### {table.title}", f"{table.lead}; 95 % intervals over people."]
        reasons = [[name, why, *[""] * (len(heads) - 1)] for name, why in table.left_out.items()]
        parts.append(_lines(["", *heads], [*rows(table, table.means), *reasons]))
        if table.differences:
            parts.append(f"What they differ from {table.reference} by, paired; bold where 0 lies outside:")
            parts.append(_lines(["", *heads], rows(table, table.differences, "**{}**")))
    return "\n\n".join(parts) + "\n"


def rows(table: Table, intervals: Mapping[str, Mapping[str, Interval]], real: str = "{}") -> list[list[str]]:
    """Lines of cells: each row's name and its `intervals`; `real` is how one is written that 0 lies outside of."""
    return [
        [describe(row, table.kind), *(_cell(of.get(metric), real) for metric in table.lower_is_better)]
        for row, of in intervals.items()
    ]


def _cell(one: Interval | None, real: str) -> str:
    if one is None or math.isnan(one.mean):
        return "–"
    said = number(one.mean)
    if not math.isnan(one.low):
        said = f"{said} ({number(one.low)} to {number(one.high)})"
    return real.format(said) if one.is_real else said


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(each.replace('|', '/') for each in line)} |" for line in lines)


def tex(comparison: Comparison, tables: Sequence[Table]) -> str:
    """All tables as LaTeX, for the package booktabs: a row's mean and, small, its interval."""
    parts = [_tabular(["", *MEMBER_COLUMNS], member_lines(comparison), "Weights", {})]
    for table in tables:
        heads = [label(table, metric) for metric in table.lower_is_better]
        caption = f"{table.title}: {table.lead}"
        parts.append(_tabular(["", *heads], rows(table, table.means), caption, table.left_out))
        if table.differences:
            less = rows(table, table.differences, "\x01{}\x02")
            parts.append(_tabular(["", *heads], less, f"{caption}, less {table.reference}", {}))
    return "% \\usepackage{booktabs}\n" + "\n".join(parts)


def _tabular(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, reasons: Mapping[str, str]) -> str:
    lines = [" & ".join(map(_escape, each)) + r" \\" for each in (heads, *rows)]
    span = len(heads) - 1
    lines += [rf"{_escape(name)} & \multicolumn{{{span}}}{{l}}{{{_escape(why)}}} \\" for name, why in reasons.items()]
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{_escape(caption)}.}}",
            rf"\begin{{tabular}}{{l{'r' * span}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


_TEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{"↓": r"$\downarrow$", "↑": r"$\uparrow$", "–": "--", "∞": r"$\infty$", "\x01": r"\textbf{", "\x02": "}"},
}


def _escape(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
