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
        result = _to_picture(images["result"])
        pair = (case.source.photo, case.target.photo)
        self._styles.setdefault(pair, [Image.fromarray(case.source.crop(PHOTO))]).append(result)
        if case.domain == PHOTO:
            strip = [Image.fromarray(case.source.crop(PHOTO)), *(_to_picture(images[name]) for name in _ORDER)]
            self._files[id(case)] = Path(self._drafts.name) / f"{len(self._files):05d}.jpg"
            _join(strip).save(self._files[id(case)], quality=_QUALITY)

    def write(
        self,
        evaluation: Evaluation,
        people: People,
        weights: Mapping[str, Any],
        fine: Evaluation | None = None,
    ) -> None:
        """Write all that was kept; `fine` are the same pairs composed at the data's own size."""
        order = ranked(evaluation, PHOTO)
        middle = max(0, (len(order) - _SHOWN) // 2)
        median = order[middle : middle + _SHOWN]
        shown = {"worst": order[:_SHOWN], "median": median, "best": order[::-1][:_SHOWN]}
        count = f"{len(people.shots)} people of the split {people.split}, {len(people.pairs)} pairs of photos"
        with replacing_folder(self.out) as place:
            (place / "images").mkdir()
            sections = self._write_strips(place, shown, evaluation.domains)
            html = page(str(weights["name"]), count, evaluation, sections, fine)
            (place / "index.html").write_text(html, encoding="utf-8")
            numbers = json.dumps(as_json(evaluation, people, weights, fine), indent=1, ensure_ascii=False)
            (place / "evaluation.json").write_text(numbers, encoding="utf-8")
            if self.out.exists():
                shutil.rmtree(self.out)  # not before there is another
        self._drafts.cleanup()

    def _write_strips(
        self, place: Path, shown: Mapping[str, Sequence[Case]], domains: Sequence[str]
    ) -> dict[str, list[Strip]]:
        """Write the pictures of the page to `place`: of cases `shown` by kind, and of everybody in all domains."""
        sections: dict[str, list[Strip]] = {}
        for kind, cases in shown.items():
            strips = []
            for case in cases:
                file = f"images/{kind}-{self._files[id(case)].name}"
                shutil.copyfile(self._files[id(case)], place / file)
                values = {name: of["result"] for name, of in case.values.items() if name in ("lpips", "ssim", "mse")}
                numbers = ", ".join(f"{name} {value:.3g}" for name, value in values.items())
                caption = f"{case.source.title} to {case.target.title}; {numbers}"
                strips.append(Strip(file, _TILE * (1 + len(_ORDER)), _TILE, case.source.identity, caption))
            if strips:
                sections[f"The {kind}: source, result, true image, warp"] = strips
        everybody = []
        for number, ((source, target), images) in enumerate(self._styles.items()):
            file = f"images/pair-{number:05d}.jpg"
            _join(images).save(place / file, quality=_QUALITY)
            everybody.append(Strip(file, _TILE * len(images), _TILE, source, f"to {target}"))
        return {**sections, f"Everybody: source, {', '.join(domains)}": everybody}


def _to_picture(image: Tensor) -> Image.Image:
    levels = image[0].float().add(1).mul(127.5).round().clamp(0, 255).byte()
    return Image.fromarray(np.ascontiguousarray(levels.permute(1, 2, 0).numpy()))


def _join(images: Sequence[Image.Image]) -> Image.Image:
    side = images[0].height
    strip = Image.new("RGB", (side * len(images), side))
    for number, image in enumerate(images):
        strip.paste(image, (side * number, 0))
    return strip
