"""Write what `make paper` measured to its page: tables, what of the paper's order holds, and pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ptk.errors import PtkError
from ptk.files import write_bytes

MEASURED = ("<!-- measured -->", "<!-- end -->")
BETTER = {"mse": -1, "ssim": 1}  # the paper's two, and the sign of a difference for the better
_SHOWN = {"expressions": 4, "styles": 4, "both": 6, "back": 4}  # rows of a picture
_HEAD = 22  # pixels of a picture's heading


def write_page(template: Path, page: Path, comparison: Path) -> list[Path]:
    """Write what stands in the folder of a `comparison` between the marks of `template`, as `page`; its pictures, too.

    Returns the files that were written. Raises PtkError for a template without marks.
    """
    numbers = json.loads((comparison / "comparison.json").read_text(encoding="utf-8"))
    pictures = {}
    for table in numbers["tables"]:
        strips = sorted((comparison / "images").glob(f"{table['kind']}-*.jpg"))[: _SHOWN[table["kind"]]]
        if strips:
            pictures[table["kind"]] = page.parent / "img" / f"paper-{table['kind']}.jpg"
            pictures[table["kind"]].parent.mkdir(parents=True, exist_ok=True)
            write_bytes(pictures[table["kind"]], join_strips(strips, ["source", *table["means"]]))
    parts = ["### What of the paper's order holds", ""]
    if any(weights["trainings"] == 1 for weights in numbers["weights"]):
        parts += [
            "Trained once each, the intervals are over people alone: how far another seed would come is not in them.",
            "",
        ]
    parts += [*[f"- {line}" for line in find_order(numbers)], ""]
    parts += [(comparison / "comparison.md").read_text(encoding="utf-8")]
    for table in numbers["tables"]:
        if table["kind"] in pictures:
            parts += [f"![{table['title']}](img/{pictures[table['kind']].name})", ""]
    write_bytes(page, fill(template.read_text(encoding="utf-8"), "\n".join(parts)).encode())
    return [page, *pictures.values()]


def fill(text: str, content: str) -> str:
    """Put `content` between the marks of a page. Raises PtkError for one without."""
    before, begun, rest = text.partition(MEASURED[0])
    _, ended, after = rest.partition(MEASURED[1])
    if not begun or not ended:
        raise PtkError(f"paper.md: has no {MEASURED[0]} and {MEASURED[1]}; put them around what is measured")
    return f"{before}{MEASURED[0]}\n\n{content.strip()}\n\n{MEASURED[1]}{after}"


def find_order(numbers: Mapping[str, Any]) -> list[str]:
    """Say of each member and table whether it is worse than the first row, as Table 1 has it, by the paper's two."""
    lines = []
    for table in numbers["tables"]:
        for row, differences in table["differences"].items():
            if row in ("unchanged", "warp"):
                continue
            said = []
            for metric, sign in BETTER.items():
                found = differences.get(metric)
                if found is not None and found["mean"] is not None:
                    said.append(f"{metric} {_judge(found, sign)} ({_span(found)})")
            if said:
                lines.append(f"{table['title'].lower()}: {row} is, beside {table['reference']}, {'; '.join(said)}")
    return lines


def _judge(found: Mapping[str, float | None], sign: int) -> str:
    low, high = found["low"], found["high"]
    if low is None or high is None or low <= 0 <= high:
        return "not to be told apart"
    return "better" if (low > 0) == (sign > 0) else "worse"


def _span(found: Mapping[str, float | None]) -> str:
    said = f"{found['mean']:+.4f}"
    return said if found["low"] is None else f"{said}, {found['low']:+.4f} to {found['high']:+.4f}"


def join_strips(strips: list[Path], columns: list[str]) -> bytes:
    """A JPEG of strips, one below the other, with the names of their columns on top."""
    opened = [Image.open(file).convert("RGB") for file in strips]
    width, height = opened[0].size
    picture = Image.new("RGB", (width, _HEAD + height * len(opened)), "white")
    draw, tile = ImageDraw.Draw(picture), width / len(columns)
    for number, column in enumerate(columns):
        draw.text((number * tile + 3, 4), column, fill="black", font=ImageFont.load_default(max(8, min(12, tile / 9))))
    for number, strip in enumerate(opened):
        picture.paste(strip, (0, _HEAD + number * height))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()
