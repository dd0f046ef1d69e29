"""Weights that hear no landmarks: every held-out image in every other domain, beside the true one where it is known."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ptk.data.faceset import FaceSet, find_truths
from ptk.data.source import open_source
from ptk.dataset.manifest import PHOTO
from ptk.editing.learned import check_known, leads_back, learned_goals
from ptk.errors import DataError
from ptk.evaluation.candidates import face_box, within
from ptk.evaluation.evaluate import Metrics, measure_images
from ptk.evaluation.people import Shot, spread
from ptk.evaluation.sets import ImageSets
from ptk.recipe.load import parse_editing_recipe

if TYPE_CHECKING:
    from ptk.editing.rendered import Translates
    from ptk.registry.registry import Registry
    from ptk.types import Faces

__all__ = ["CANDIDATES", "Images", "Translated", "Translations", "choose_metrics", "read_images", "translate_all"]

CANDIDATES = ("result", "unchanged", "true")
"""What the weights made; the source as it was; the true image, where the data has it."""

_Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Images:
    """The images of a split of the data in `folder`, in the domains of weights; `most` goals of each identity, 0: all.
    `styles` are the domains to go to, () stands for all.

    Without `has_faces` there are no landmarks; `one_way` leads from the first domain alone, `back` to it alone;
    `of_photos` are photographs in all domains.
    """

    folder: Path
    split: str
    faces: FaceSet
    domains: tuple[str, ...]
    has_faces: bool
    of_photos: bool
    one_way: bool
    back: bool
    licence: str
    detector: str
    most: int = 0
    styles: tuple[str, ...] = ()

    @property
    def goals(self) -> list[tuple[int, int, int | None]]:
        """(row of the source, domain to go to, row of the true image or None), of many of an identity spread evenly."""
        each: dict[int, list[tuple[int, int, int | None]]] = defaultdict(list)
        for row, identity in enumerate(self.faces.identity.tolist()):
            if not self.one_way or (int(self.faces.domain[row]) == 0) != self.back:
                goals = find_truths(self.faces, row, len(self.domains))
                wanted = self.styles or self.domains[: 1 if self.back else None]
                each[identity] += [(row, *goal) for goal in goals if self.domains[goal[0]] in wanted]
        return [goal for goals in each.values() for goal in spread(goals, self.most)]


@dataclass(frozen=True, eq=False)
class Translated:
    """One image in another domain: `values` are metric -> candidate -> value, nan where a metric found no face."""

    identity: str
    photo: str
    source: str
    domain: str
    values: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Translations:
    """All cases; `sets` is metric -> domain -> candidate -> its set of images compared with the true ones there."""

    cases: Sequence[Translated]
    metrics: Metrics
    sets: Mapping[str, Mapping[str, Mapping[str, float]]]
    skipped: Mapping[str, str]

    @property
    def domains(self) -> list[str]:
        """The domains that were gone to."""
        return list(dict.fromkeys(case.domain for case in self.cases))

    def means(self, domain: str) -> dict[str, dict[str, float]]:
        """Metric -> candidate -> mean over identities of the mean over each one's cases, of values that are numbers."""
        found: dict[str, Any] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for case in (one for one in self.cases if one.domain == domain):
            for name, values in case.values.items():
                for candidate, value in values.items():
                    if np.isfinite(value):
                        found[name][candidate][case.identity].append(value)
        means = {
            name: {candidate: fmean(map(fmean, people.values())) for candidate, people in of.items()}
            for name, of in found.items()
        }
        compared = {name: dict(domains.get(domain, {})) for name, domains in self.sets.items()}
        return means | {name: of for name, of in compared.items() if not np.isnan(list(of.values())).all()}


def read_images(
    translator: Translates,
    source: str,
    split: str,
    progress: _Progress = lambda *_: None,
    *,
    most: int = 0,
    styles: Sequence[str] = (),
) -> Images:
    """The images of `source` in the domains of `translator`, rendered where its recipe renders them.

    Raises RecipeError and DataError where the data has not what the weights know, WeightsError for `styles` that
    they do not.
    """
    for style in styles:
        check_known(style, learned_goals(translator.metadata, translator.domains), "`style`")
    recipe = parse_editing_recipe(translator.metadata.get("recipe", {}), "weights")
    options = recipe.data.model_copy(update={"source": source, "size": translator.size})
    recipe = dataclasses.replace(recipe, data=options)
    data = open_source(recipe)
    data.check()
    if split not in ("train", "test"):
        raise DataError(f"{source}: images are read from one split, train or test, not from {split}")
    described = data.description
    return Images(
        folder=Path(source),
        split=split,
        faces=data.load(split, progress),
        domains=recipe.domain_names,
        has_faces=data.available.faces,
        of_photos=recipe.data.domains == "expressions",
        back=leads_back(translator.metadata),
        one_way=len(learned_goals(translator.metadata, recipe.domain_names)) < len(recipe.domains),
        licence=described["licence"],
        detector=described["detector"],
        most=most,
        styles=tuple(styles),
    )


def choose_metrics(registry: Registry, names: Sequence[str], images: Images) -> Metrics:
    """The metrics called `names`, or all; of images without faces none that looks at landmarks, and why."""
    lost = {} if names else {origin: f"broken: {error}" for origin, error in registry.broken.items()}
    for name in (names or registry.names("metric")) if not images.has_faces else ():
        if getattr(registry.part("metric", name.partition(":")[0]).load(), "needs_landmarks", False):
            lost[name] = "skipped: looks at faces, and the data has none"
    kept = [name for name in names or registry.names("metric") if name not in lost]
    built = Metrics.built(registry, kept, images.detector) if kept else Metrics({})
    return dataclasses.replace(built, skipped={**built.skipped, **lost})


@torch.inference_mode()
def translate_all(
    translator: Translates,
    images: Images,
    metrics: Metrics,
    progress: _Progress = lambda *_: None,
    shown: Callable[[Translated, Mapping[str, Tensor]], None] = lambda *_: None,
) -> Translations:
    """Have `translator` send every image to the other domains. Raises PtkError where a metric fails.

    `shown` is given each case with its candidates, images (1, 3, S, S) in [-1, 1].
    """
    sets, cases, goals, faces = ImageSets(metrics.sets), [], images.goals, images.faces
    reached = {domain for _, domain, _ in goals}
    for row, domain in enumerate(faces.domain.tolist()):
        if domain in reached:
            _see(sets, images, images.domains[domain], "true", faces.faces(torch.tensor([row])))
    for number, (row, domain, true) in enumerate(goals, 1):
        source = faces.faces(torch.tensor([row]))
        goal = faces.faces(torch.tensor([row if true is None else true]))
        goal = dataclasses.replace(goal, domain=torch.tensor([domain]))
        result = _render(translator, images, row, domain)
        shown_images = {"result": result, "unchanged": source.image} | ({} if true is None else {"true": goal.image})
        values = dict(_values(metrics, images, source, goal, shown_images))
        case = Translated(
            identity=faces.identities[int(faces.identity[row])],
            photo=faces.photos[int(faces.photo[row])],
            source=images.domains[int(faces.domain[row])],
            domain=images.domains[domain],
            values=values,
        )
        for name in ("result", "unchanged"):
            _see(sets, images, case.domain, name, dataclasses.replace(goal, image=shown_images[name]))
        cases.append(case)
        shown(case, shown_images)
        progress("evaluating", number, len(goals))
    told = {name for case in cases for name in case.values}
    untold = {
        name: "skipped: compares with a true image, and the data has none"
        for name, metric in metrics.parts.items()
        if name not in told and getattr(metric, "needs_truth", True)
    }
    return Translations(cases, metrics, sets.compare(), {**metrics.skipped, **untold})


def _see(sets: ImageSets, images: Images, domain: str, candidate: str, faces: Faces) -> None:
    plain = images.of_photos or domain == PHOTO or not images.has_faces
    sets.see(domain, candidate, faces.image, _cut_boxes(images, faces)[0].image, plain=plain)


def _render(translator: Translates, images: Images, row: int, domain: int) -> Tensor:
    faces, inside = images.faces, slice(images.faces.pad, images.faces.pad + images.faces.size)
    cut = np.ascontiguousarray(faces.images[row, :, inside, inside].permute(1, 2, 0).numpy())
    points = faces.points[row].numpy()
    style = int(faces.domain[row]) if images.back else domain  # those that lead back are told where from
    made = translator.render(cut, points, points, images.domains[style]).image
    return torch.tensor(made).permute(2, 0, 1)[None].float().div(127.5).sub(1)


def _values(
    metrics: Metrics, images: Images, source: Faces, goal: Faces, shown: Mapping[str, Tensor]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Each metric that makes sense here, of each candidate."""
    plain = images.of_photos or images.domains[int(goal.domain)] == PHOTO
    for name, metric in metrics.parts.items():
        boxed, finds = (getattr(metric, attribute, False) for attribute in ("of_face_box", "finds_faces"))
        if images.has_faces and not (plain or boxed or finds):
            continue  # who somebody is, or how old, is a question to photos
        if "true" not in shown and getattr(metric, "needs_truth", True):
            continue
        values = {}
        for candidate, image in shown.items():
            parts = [source, goal, dataclasses.replace(goal, image=image)]
            if boxed and images.has_faces:
                parts = _cut_boxes(images, *parts, around=goal)
            values[candidate] = measure_images(name, metric, parts[:2], parts[2].image)[0]
        yield name, values


def _cut_boxes(images: Images, *faces: Faces, around: Faces | None = None) -> list[Faces]:
    """The parts of `faces` in the face box of `around`, or of the first of them; all of them without faces."""
    if not images.has_faces:
        return list(faces)
    points = (around or faces[0]).points[0].numpy()
    box = face_box(Shot("", "", "", points, images.faces.size, {}))
    return [within(one, box) for one in faces]
