"""Make a study: a page of groups of pictures without a word of who made them, and the key that tells."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from ptk.errors import OutputError, PtkError
from ptk.evaluation.comparison.trials import Plan, Trial
from ptk.evaluation.people import spread
from ptk.evaluation.study.answers import ANSWERS, KEY
from ptk.files import replacing_folder
from ptk.html.pages import render_page

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.evaluation.comparison.members import Member

__all__ = ["VERB", "make_study"]

VERB = "ptk study new"
"""The command that makes the page."""

SECONDS = 5
_CHECKS = 10  # one group in so many is a question for attention
_GRAIN = 0.9  # of its noise, in [-1, 1]: nobody who looks takes it for the better one
_QUALITY = 92


def make_study(
    out: Path,
    members: Sequence[Member],
    plans: Sequence[Plan],
    size: int,
    *,
    groups: int,
    seed: int = 1,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> int:
    """Write a study of at most so many `groups`, each a source and what all able `members` make of it, to `out`.

    `out` is a new folder: `page`, which is whole by itself and names nobody, and key.json, which stays with whoever
    asks. Pictures have `size` pixels. Returns the number of groups, those for attention among them. Raises OutputError
    where `out` is there already, PtkError where no two members can be asked for the same.
    """
    if out.exists():
        raise OutputError(f"{out}: is there already, and people may have answered it; name another folder with `out`")
    trials = [(trial, plan.members) for plan in plans if len(plan.members) > 1 for trial in plan.trials]
    if not trials:
        raise PtkError("no two of these weights can be asked for the same, so nothing can be ranked; give others")
    rng = np.random.default_rng(seed)
    chosen = [trials[number] for number in sorted(rng.permutation(len(trials))[: groups or None])]
    checks = spread(chosen, max(1, len(chosen) // _CHECKS))
    asked = [*((trial, names, False) for trial, names in chosen), *((trial, names, True) for trial, names in checks)]
    key: dict[str, Any] = {"schema": KEY, "study": secrets.token_hex(8), "groups": {}, "checks": {}}
    key["names"] = [member.name for member in members if any(member.name in names for _, names in chosen)]
    shown = []
    with replacing_folder(out) as place:
        (place / "page" / "images").mkdir(parents=True)
        for number, at in enumerate(rng.permutation(len(asked))):
            trial, names, is_check = asked[at]
            group = secrets.token_hex(4)  # says nothing, not even which are for attention
            able = [member for member in members if member.name in names]
            made = [(member.name, member.make(trial, size)[0]) for member in able]
            if is_check:
                spoilt = int(rng.integers(len(made)))
                grain = torch.from_numpy(rng.normal(scale=_GRAIN, size=made[spoilt][1].shape)).float()
                made[spoilt] = made[spoilt][0], (made[spoilt][1].cpu() + grain).clamp(-1, 1)
            pictures = {secrets.token_hex(6) + ".jpg": one for one in made}
            for file, (_, image) in pictures.items():
                _save(image, place / "page" / "images" / file)
            source = secrets.token_hex(6) + ".jpg"
            Image.fromarray(trial.source.crop(trial.start)).save(place / "page" / "images" / source, quality=_QUALITY)
            key["groups"][group] = {file: name for file, (name, _) in pictures.items()}
            if is_check:
                key["checks"][group] = list(pictures)[spoilt]
            shown.append({"group": group, "source": source, "pictures": sorted(pictures), "asked": _ask(trial)})
            progress("making pictures", number + 1, len(asked))
        said = {"schema": ANSWERS, "study": key["study"], "seconds": SECONDS, "groups": shown}
        page = render_page("study.html", VERB, "Which pictures are better?", study=said, seconds=SECONDS)
        (place / "page" / "index.html").write_text(page, encoding="utf-8")
        (place / "key.json").write_text(json.dumps(key, indent=1), encoding="utf-8")
    return len(asked)


def _ask(trial: Trial) -> str:
    """What the pictures of a group should show, for people who know no words of the field."""
    words: Mapping[str, str] = {"photo": "a photo"}
    goal = words.get(trial.domain, f"a picture in the style {trial.domain}")
    wish = f"{trial.target.expression or 'another expression'}, as " if trial.source is not trial.target else ""
    return f"The same person: {wish}{goal}."


def _save(image: Tensor, file: Path) -> None:
    levels = image[0].float().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    Image.fromarray(np.ascontiguousarray(levels)).save(file, quality=_QUALITY)
