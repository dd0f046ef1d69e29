"""Everything that the doctor looks at, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from ptk.doctor.findings import Check, Finding, Group, checked

__all__ = ["examine"]

Progress = Callable[[str], None]


def examine(*, quick: bool = False, measure: bool = False, progress: Progress = lambda _: None) -> Iterator[Group]:
    """Look at everything, group by group; with `quick` no extra is imported, with `measure` recipes are measured.

    A check that fails is a finding, and the others go on. Only where something of ptk's core is broken what follows is
    not looked at: it would show the same damage, or end Python.
    """
    groups = {**_GROUPS, _RECIPES: partial(_recipes, measure=measure)}
    left = list(groups)
    for title, look in groups.items():
        progress(title)
        findings = list(checked(title, lambda look=look: look(quick, progress), core=True))  # type: ignore[misc]
        left.remove(title)
        yield Group(title, tuple(findings))
        if left and any(finding.core and finding.state == "broken" for finding in findings):
            mend = "mend what is broken, then run `examine` again"
            yield Group("Not looked at", (Finding("the rest", ", ".join(left), "remark", mend),))
            return


def _ptk(quick: bool, progress: Progress) -> Iterator[Finding]:
    from ptk.doctor import machine, packages

    yield from checked("Python", machine.python, core=True)
    yield from checked("ptk", machine.this_ptk, core=True)
    progress("ptk's own packages")
    yield from checked("packages", lambda: packages.core(trying=not quick), core=True)


def _machine(quick: bool, progress: Progress) -> Iterator[Finding]:  # noqa: ARG001
    from ptk.doctor import machine

    working = list(checked("torch", machine.torch_runs, core=True))
    yield from working
    if not any(finding.state == "broken" for finding in working):
        yield from _all({"device": machine.device, "cores": machine.threads, "memory": machine.memory})


def _parts(quick: bool, progress: Progress) -> Iterator[Finding]:  # noqa: ARG001
    from ptk.doctor.plugins import deadly, own_parts, plugins

    ending = list(checked("plug-ins", deadly, core=True))
    yield from ending
    if not ending:
        yield from checked("parts", own_parts, core=True)
        yield from checked("plug-ins", plugins)


def _extras(quick: bool, progress: Progress) -> Iterator[Finding]:
    from ptk.doctor import packages
    from ptk.doctor.plugins import parts_of_extra

    for name in packages.extras():
        progress(f"the extra {name}")

        def look(name: str = name) -> Iterable[Finding]:
            return packages.extra(name, parts_of_extra(name), trying=not quick)

        yield from checked(name, look)


def _models(quick: bool, progress: Progress) -> Iterator[Finding]:  # noqa: ARG001
    from ptk.doctor import models

    looks = {"landmarks": models.landmark_models, "styles": models.style_models, "texture": models.texture_weights}
    yield from _all(looks)


def _places(quick: bool, progress: Progress) -> Iterator[Finding]:  # noqa: ARG001
    from ptk.doctor import places

    looks = {"cache": places.cache, "here": places.here, "disk": places.free_space, "variables": places.variables}
    yield from _all(looks)


def _recipes(quick: bool, progress: Progress, *, measure: bool = False) -> Iterator[Finding]:  # noqa: ARG001
    from ptk.doctor.recipes import prospect, readiness
    from ptk.recipe.load import SHIPPED, name_recipe, shipped_recipes

    if not shipped_recipes():
        yield Finding("recipes", f"there are none in {SHIPPED}", "broken", "install ptk again")
    for path in shipped_recipes():
        name = name_recipe(path)
        progress(f"{'measuring' if measure else 'checking'} {name}")
        yield from checked(name, lambda path=path: (prospect if measure else readiness)(path))  # type: ignore[misc]


def _all(looks: Mapping[str, Check]) -> Iterator[Finding]:
    for name, look in looks.items():
        yield from checked(name, look)


_GROUPS: dict[str, Callable[[bool, Progress], Iterable[Finding]]] = {
    "ptk": _ptk,
    "Machine": _machine,
    "Parts and plug-ins": _parts,
    "Extras": _extras,
    "Models": _models,
    "Folders and settings": _places,
}

_RECIPES = "Recipes here"
