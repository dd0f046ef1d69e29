"""The folder that an evaluation leaves: a page, the pictures on it, and all numbers as JSON."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ptk.dataset.manifest import PHOTO
from ptk.evaluation.page import VERB, Strip, page
from ptk.evaluation.report import as_json, ranked
from ptk.files import replacing_folder
from ptk.html.pages import check_page_folder

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.evaluation.evaluate import Case, Evaluation
    from ptk.evaluation.people import People

__all__ = ["Book"]

_SHOWN = 6  # of the worst, the median and the best
_TILE = 160  # CSS pixels of an image on the page
_QUALITY = 92
_ORDER = ("result", "true", "warp")


class Book:
    """Keeps what was made, a picture for each case, and writes them with a page and all numbers to `out`.

    `out` appears whole; an earlier evaluation there is replaced. Raises OutputError at once where it is something else.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        check_page_folder(out, VERB)
        self._drafts = tempfile.TemporaryDirectory(prefix="ptk-eval-")
        self._files: dict[int, Path] = {}
        self._styles: dict[tuple[str, str], list[Image.Image]] = {}

    def see(self, case: Case, images: Mapping[str, Tensor]) -> None:
        """Keep the pictures of `case`."""
        result = _picture(images["result"])
        pair = (case.source.photo, case.target.photo)
        self._styles.setdefault(pair, [Image.fromarray(case.source.crop(PHOTO))]).append(result)
        if case.domain == PHOTO:
            strip = [Image.fromarray(case.source.crop(PHOTO)), *(_picture(images[name]) for name in _ORDER)]
            self._files[id(case)] = Path(self._drafts.name) / f"{len(self._files):05d}.jpg"
            _joined(strip).save(self._files[id(case)], quality=_QUALITY)

    def write(
        self,
        evaluation: Evaluation,
        people: People,
        weights: Mapping[str, Any],
        fine: Evaluation | None = None,
    ) -> None:
        """Write all that was kept; `fine` are the same pairs composed at the data's own size."""
        order = ranked(evaluation, PHOTO)
        shown = {"worst": order[:_SHOWN], "median": _median(order), "best": order[::-1][:_SHOWN]}
        count = f"{len(people.shots)} people of the split {people.split}, {len(people.pairs)} pairs of photos"
        with replacing_folder(self.out) as place:
            (place / "images").mkdir()
            sections = {
                f"The {kind}: source, result, true image, warp": [self._strip(case, place, kind) for case in cases]
                for kind, cases in shown.items()
                if cases
            }
            names = ", ".join(evaluation.domains)
            sections[f"Everybody: source, {names}"] = [
                self._sheet(place, number, pair) for number, pair in enumerate(self._styles)
            ]
            html = page(str(weights["name"]), count, evaluation, sections, fine)
            (place / "index.html").write_text(html, encoding="utf-8")
            said = json.dumps(as_json(evaluation, people, weights, fine), indent=1, ensure_ascii=False)
            (place / "evaluation.json").write_text(said, encoding="utf-8")
            if self.out.exists():
                shutil.rmtree(self.out)  # not before there is another
        self._drafts.cleanup()

    def _strip(self, case: Case, place: Path, kind: str) -> Strip:
        file = f"images/{kind}-{self._files[id(case)].name}"
        shutil.copyfile(self._files[id(case)], place / file)
        values = {name: of["result"] for name, of in case.values.items() if name in ("lpips", "ssim", "mse")}
        said = ", ".join(f"{name} {value:.3g}" for name, value in values.items())
        caption = f"{case.source.title} to {case.target.title}; {said}"
        return Strip(file, _TILE * (1 + len(_ORDER)), _TILE, case.source.identity, caption)

    def _sheet(self, place: Path, number: int, pair: tuple[str, str]) -> Strip:
        file, images = f"images/pair-{number:05d}.jpg", self._styles[pair]
        _joined(images).save(place / file, quality=_QUALITY)
        return Strip(file, _TILE * len(images), _TILE, pair[0], f"to {pair[1]}")


def _median(order: Sequence[Case]) -> Sequence[Case]:
    start = max(0, (len(order) - _SHOWN) // 2)
    return order[start : start + _SHOWN]


def _picture(image: Tensor) -> Image.Image:
    levels = image[0].float().add(1).mul(127.5).round().clamp(0, 255).byte()
    return Image.fromarray(np.ascontiguousarray(levels.permute(1, 2, 0).numpy()))


def _joined(images: Sequence[Image.Image]) -> Image.Image:
    side = images[0].height
    strip = Image.new("RGB", (side * len(images), side))
    for number, image in enumerate(images):
        strip.paste(image, (side * number, 0))
    return strip
