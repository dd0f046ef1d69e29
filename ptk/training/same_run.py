"""Whether a run that is resumed is the one that was begun, and what differs where it may."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ptk.errors import TrainingError
from ptk.recipe.build import build_part
from ptk.recipe.schema import Recipe, TrainingSettings
from ptk.registry.kinds import NAMINGS
from ptk.training.step import learning_rate

__all__ = ["check_same", "check_step", "differences", "other_plan", "other_plugins"]

_MAY_CHANGE = ("steps", "checkpoint", "grid", "accumulate", "checkpointing", "compile")
_SHOWN = 4


def check_same(run: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Compare the records of a run. How long it trains, and how often it reports, may change; nothing else.

    Raises TrainingError, which names the values that differ.
    """
    for name in ("recipe", "data", "losses"):
        found = differences(_fixed(before.get(name)), _fixed(now[name]), "" if name == "recipe" else name)
        if found:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise TrainingError(
                f"{run}: began with another {name}: {'; '.join(found[:_SHOWN])}{more}; go on with what it began with, "
                "or choose another `out`"
            )


def check_step(run: Path, step: int, until: int) -> None:
    """Raise TrainingError for a run that is further than it shall train."""
    if step > until:
        raise TrainingError(
            f"{run}: has trained {step} steps already, and cannot go back to {until}; name a later step, or begin "
            "again in another folder"
        )


def other_plugins(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The warning where a run goes on with other versions of its plug-ins."""
    first, second = before.get("plugins", []), now["plugins"]
    return [] if first == second else [f"this run began with {', '.join(first)} and goes on with {', '.join(second)}"]


def other_plan(step: int, before: Mapping[str, Any], recipe: Recipe) -> list[str]:
    """The warning where `step` steps followed another learning rate than the recipe's `steps` give them."""
    said = dict(before.get("recipe", {})).get("training", {})
    planned = said.get("steps", TrainingSettings().steps) if isinstance(said, dict) else None
    settings = recipe.training
    if not isinstance(planned, int) or planned == settings.steps or not step:
        return []
    schedule = build_part("schedule", settings.parts["schedule"], {})
    then = learning_rate(schedule, settings.model_copy(update={"steps": planned}), step - 1)
    new = learning_rate(schedule, settings, step - 1)
    if then == new:  # as in the first half of both plans, by the schedule linear
        return []
    return [
        f"the first {step} steps were part of a plan of {planned}, whose learning rate has come to {then:.2g}; in the "
        f"plan of {settings.steps} it is {new:.2g} here, so this run is not the one that is trained at once"
    ]


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """The values of two documents that differ: "training.lr was 0.0004, is 1e-05"."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        found = []
        for key in [*before, *(key for key in now if key not in before)]:
            inner = f"{path}.{key}" if path else str(key)
            if key not in now:
                found.append(f"{inner} was {_short(before[key])}, is not set")
            elif key not in before:
                found.append(f"{inner} was not set, is {_short(now[key])}")
            else:
                found += differences(before[key], now[key], inner)
        return found
    return [] if before == now else [f"{path} was {_short(before)}, is {_short(now)}"]


def _short(value: Any) -> str:
    text = json.dumps(value).replace('"', "")
    return text if len(text) <= 60 else f"{text[:57]}..."


def _fixed(document: Any) -> Any:
    """What of a document must stay, with numbers as numbers."""
    document = _numbers(json.loads(json.dumps(document, default=str)))
    if isinstance(document, dict):
        training = document.get("training")
        if isinstance(training, dict):
            for naming in (one for one in NAMINGS.values() if one.section == "training"):
                default = naming.default  # the part that there is where nothing is said
                if training.get(naming.word) in (default, {default: None}, {default: {}}):
                    del training[naming.word]
        for section, names in (("training", _MAY_CHANGE), ("data", ("source",))):  # data may have moved; its hash tells
            if isinstance(document.get(section), dict):
                document[section] = {key: one for key, one in document[section].items() if key not in names}
        document.pop("source", None)
        if isinstance(document.get("losses"), dict):
            document["losses"] = {side: _by_one_name(terms) for side, terms in document["losses"].items()}
        judge = document.get("discriminator")
        for options in judge.values() if isinstance(judge, dict) else ():
            if isinstance(options, dict) and options.get("conditional") is True:
                options["conditional"] = "planes"  # patch_stack's, of which true is the older spelling
    return document


def _by_one_name(terms: Any) -> Any:
    """Losses of a side with `adversarial` as `lsgan`, where it says the same: that was its only name before."""
    if not isinstance(terms, dict) or "adversarial" not in terms:
        return terms
    said = terms["adversarial"]
    said = dict(said) if isinstance(said, dict) else {"weight": said}
    if said.pop("mode", "lsgan") != "lsgan" or said.pop("pool", 0):
        return terms
    same = said.get("weight", 1) if set(said) <= {"weight"} else said
    return {
        "lsgan" if name == "adversarial" else name: same if name == "adversarial" else one
        for name, one in terms.items()
    }


def _numbers(value: Any) -> Any:
    """YAML reads 4e-4 as a text and 4.0e-4 as a number: both become that number."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    if isinstance(value, str):
        with suppress(ValueError):
            return float(value)
    return value
