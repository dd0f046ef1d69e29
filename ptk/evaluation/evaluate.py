"""Every pair of one person's photos, in every style: what was made, and what the metrics say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ptk.dataset.manifest import PHOTO
from ptk.editing.learned import find_untrained
from ptk.errors import MissingExtra
from ptk.evaluation.candidates import candidates, face_box, faces_of, within
from ptk.evaluation.sets import ImageSets, name_metric
from ptk.recipe.one_part import build_one, parse_options
from ptk.types import Faces

if TYPE_CHECKING:
    from ptk.editing.rendered import Translates
    from ptk.evaluation.people import People, Shot
    from ptk.registry.registry import Registry

__all__ = ["Case", "Evaluation", "Metrics", "evaluate", "measure_candidates", "measure_images"]

_ORDER = (
    *("mse", "psnr", "ssim", "lpips", "lpips_vgg", "skin_detail", "mouth_detail", "identity_distance"),
    *("mouth_error", "eyes_error", "brows_error", "jaw_error", "faces_found", "kernel_distance"),
)
_Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Case:
    """One photo sent to another of the same person, in one domain.

    `values` are metric -> candidate -> value, nan where a metric found no face. `looks_like` is the domain whose true
    image is nearest to the result, `moved` by how many of 255 levels the face box differs from what comes out when
    nothing is to move: what landmarks do.
    """

    source: Shot
    target: Shot
    domain: str
    values: Mapping[str, Mapping[str, float]]
    looks_like: str
    moved: float


@dataclass(frozen=True, eq=False)
class Metrics:
    """The metrics that can be computed here, and of the others why they cannot: "skipped: pip install ...".

    `parts` measure an image beside the true one, `sets` compare all images with all true ones.
    """

    parts: Mapping[str, Any]
    skipped: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def built(cls, registry: Registry, names: Sequence[str], detector: str) -> Metrics:
        """Those called `names`, all that there are without any; what looks for faces does so by `detector`.

        Names may come with options, ``fid:features=file``. Raises PluginError for a name, or an option, that no metric
        has.
        """
        parts: dict[str, Any] = {}
        sets: dict[str, Any] = {}
        skipped: dict[str, str] = {}
        if not names:
            skipped |= {origin: f"broken: {error}" for origin, error in registry.broken.items()}
        for word in names or sorted(registry.names("metric"), key=_rank):
            name, _, said = word.partition(":")
            part = registry.part("metric", name)
            try:
                factory = part.load()
                looks = getattr(factory, "finds_faces", False) and registry.offers("detector", detector)
                chosen = {"detector": detector} if looks else {}
                if said:
                    chosen |= parse_options("metric", name, said, f"metric {name}", "metric ")
                built = build_one("metric", name, chosen, {}, registry)
                (sets if getattr(factory, "compares_sets", False) else parts)[name] = built
            except MissingExtra as missing:
                skipped[name] = f"skipped: {missing}"
        return cls(parts, skipped, sets)

    def lower_is_better(self, name: str) -> bool:
        """Whether less of it is better."""
        return bool((self.parts.get(name) or self.sets[name]).lower_is_better)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All cases; `sets` is metric -> domain -> candidate -> its set of images compared with the true ones.

    `size` is the side in pixels at which results were measured.
    """

    cases: Sequence[Case]
    metrics: Metrics
    sets: Mapping[str, Mapping[str, Mapping[str, float]]]
    skipped: Mapping[str, str]
    size: int = 0

    @property
    def domains(self) -> list[str]:
        """The domains that were evaluated, in the order of the weights."""
        return list(dict.fromkeys(case.domain for case in self.cases))

    def without(self, skipped: Mapping[str, str]) -> Evaluation:
        """The same, where domains that were `skipped` and are not in the data either are told of."""
        lacking = {name: why for name, why in skipped.items() if name not in self.domains}
        return replace(self, skipped={**self.skipped, **lacking})


def _rank(name: str) -> int:
    """Where a metric stands in tables: what is nearest to pixels first, those of plug-ins last."""
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


@torch.inference_mode()
def evaluate(
    translator: Translates,
    people: People,
    metrics: Metrics,
    progress: _Progress = lambda *_: None,
    shown: Callable[[Case, Mapping[str, Tensor]], None] = lambda *_: None,
) -> Evaluation:
    """Have `translator` make each of the pairs of `people` in every domain that it knows and they have.

    `shown` is given each case with its candidates, images (1, 3, S, S) in [-1, 1]. Raises PtkError where a metric
    fails.
    """
    sets, cases = ImageSets(metrics.sets), []
    untrained = find_untrained(translator.metadata)
    todo = [
        (source, target, domain)
        for source, target in people.pairs
        for domain in translator.domains
        if domain not in untrained and domain in source.images and domain in target.images
    ]
    for number, (source, target, domain) in enumerate(todo, 1):
        images = candidates(translator, source, target, domain)
        rows, columns = face_box(target)
        for name, image in images.items():
            sets.see(domain, name, image, image[..., rows, columns], plain=domain == PHOTO)
        case = _measure_case(translator, metrics, source, target, domain, images)
        cases.append(case)
        shown(case, images)
        progress("evaluating", number, len(todo))
    skipped = {**metrics.skipped, **dict.fromkeys(untrained, "never trained in it since it was added")}
    return Evaluation(cases, metrics, sets.compare(), skipped, translator.size)


def _measure_case(
    translator: Translates, metrics: Metrics, source: Shot, target: Shot, domain: str, images: Mapping[str, Tensor]
) -> Case:
    """Measure the `images` of CANDIDATES, (1, 3, S, S) in [-1, 1], and how far the result depends on the landmarks."""
    box, result = face_box(target), images["result"]
    gaps = {
        other: float((faces_of(target, other).image - result)[..., box[0], box[1]].square().mean())
        for other in target.images
    }
    start = source.points_of(translator.topology)
    still = torch.from_numpy(translator.render(source.crop(PHOTO), start, start, domain).image)
    levels = (result[0].permute(1, 2, 0) + 1) * 127.5
    return Case(
        source=source,
        target=target,
        domain=domain,
        values=measure_candidates(metrics, source, target, domain, images),
        looks_like=min(gaps, key=lambda other: gaps[other]),
        moved=float((levels - still)[box].abs().mean()),
    )


def measure_candidates(
    metrics: Metrics, source: Shot, target: Shot, domain: str, images: Mapping[str, Tensor]
) -> dict[str, dict[str, float]]:
    """Measure `images`, (1, 3, S, S) in [-1, 1] by name: what was made of `source` on the way to `target` in `domain`.

    Metric -> name -> value. In styles only what sees the face box, or looks for faces, is measured. Raises PtkError
    where a metric fails.
    """
    box, count = face_box(target), len(images)
    whole = torch.cat(list(images.values()))  # one tensor, so that who looks for faces looks once
    # each face as often as there are candidates, without copies
    faces = [
        Faces(
            image=face.image.expand(count, *face.image.shape[1:]),
            points=face.points.expand(count, *face.points.shape[1:]),
            domain=face.domain.expand(count),
        )
        for face in (faces_of(source, PHOTO), faces_of(target, domain))
    ]
    parts = [within(face, box) for face in faces], whole[..., box[0], box[1]]
    values: dict[str, dict[str, float]] = {}
    for name, metric in metrics.parts.items():
        boxed, finds = (getattr(metric, attribute, False) for attribute in ("of_face_box", "finds_faces"))
        if domain != PHOTO and not (boxed or finds):
            continue  # who somebody is, or how old, is a question to photos
        measured = measure_images(name, metric, *(parts if boxed else (faces, whole)))
        values[name] = dict(zip(images, measured, strict=True))
    return values


def measure_images(name: str, metric: Any, faces: Sequence[Faces], images: Tensor) -> list[float]:
    """What `metric` says of `images` (B, 3, H, W) made of the first of `faces` on the way to the second.

    Raises PtkError, which names the metric, for whatever it raises.
    """
    with name_metric(name, metric):
        return [float(value) for value in metric(*faces, images)]
