"""Make PortraitGAN's Table 1 again: prepare people, train the method, its ablations and two other systems, compare.

Run it with ``make paper``. It prints every command. A training that is done is skipped, one that was interrupted
resumes from its last checkpoint, and one whose recipe, settings or data changed is made again. One that fails is a row
that says why. The tables, what of the paper's order holds, and pictures go to docs/paper.md; of a try with fewer steps
to the folder of all stages.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from paper_page import write_page
from run_ptk import ptk
from weights_stages import LONDON, Place, Stage, is_done, make_stage, prepare, train

from ptk.cost.forecast import measure_flops
from ptk.cost.memory import estimate
from ptk.errors import PtkError
from ptk.recipe.load import load_recipe

PAGE = Path(__file__).parent / "paper.md"
STYLES = "sketch,watercolor,mosaic,starry"
ABLATIONS = ("whole", "without-multi-level", "without-texture", "without-both")
SYSTEMS = ("cyclegan", "stargan")
WITH_TEXTURE = ("whole", "without-multi-level")
WORDS = {"people": "", LONDON: "[neutral, smile]"}  # what StarGAN learns of each set, where not all in its recipe
_PORTRAIT = {
    "data.size": 512,
    "generator.portraitgan.width": 64,
    "discriminator.patch_stack.width": 64,
    "training.batch": 4,
    "training.steps": 200000,
    "training.ema": 0.999,
}
FULL: dict[str, dict[str, object]] = {  # the papers' sizes, as the recipes' first lines say them
    **dict.fromkeys(ABLATIONS, _PORTRAIT),
    "cyclegan": {
        "data.size": 256,
        "generator.resnet.width": 64,
        "discriminator.patch_stack.width": 64,
        "training.steps": 200000,
    },
    "stargan": {
        "data.size": 128,
        "generator.stargan.width": 64,
        "discriminator.stargan.width": 64,
        "training.batch": 16,
        "training.steps": 200000,
    },
}
_STOPPED = 128  # exit statuses from here on are signals: somebody stopped it


def plan(data: str, seeds: int, vgg: Path | None, size: int, *, full: bool = False) -> dict[str, Stage]:
    """The stages by name: people, and `seeds` trainings of each member; a second one of "whole" is "whole-2"."""
    licence = ("--licence", "CC BY 4.0, DeBruine and Jones 2017" if data == LONDON else "CC0-1.0")
    named = ("--as", "london") if data == LONDON else ()
    stages = [prepare(data, data if data == LONDON else "", *named, "--split", "0.7", *licence, styles=STYLES)]
    for seed in range(1, seeds + 1):
        for name in (*ABLATIONS, *SYSTEMS):
            settings: dict[str, object] = dict(FULL[name]) if full else {}
            if vgg is not None and name in WITH_TEXTURE:
                settings["losses.generator.texture"] = (
                    f"{{weight: 10, backbone: vgg16, weights: {json.dumps(str(vgg))}}}"
                )
            if name == "stargan" and not full:  # its discriminator is made for one size, halved down to 2
                settings |= {"discriminator.stargan.size": size, "discriminator.stargan.layers": size.bit_length() - 2}
            if name == "stargan" and WORDS[data]:
                settings["domains"] = WORDS[data]
            if seed > 1:
                settings["training.seed"] = seed
            steps = settings.pop("training.steps", None)
            stages.append(
                train(
                    name if seed == 1 else f"{name}-{seed}",
                    f"paper-{name}",
                    data,
                    steps=int(str(steps)) if steps else None,
                    **settings,
                )
            )
    return {stage.name: stage for stage in stages}


def compare(data: str, members: Sequence[str], pairs: int, metrics: Sequence[str]) -> Stage:
    """Compare the trainings `members`: those of one recipe are one row."""
    options = [word for metric in metrics for word in ("--metric", metric)]

    def make(place: Place, folder: Path) -> None:
        named = [f"{_row_of(name)}={place.out / name}" for name in members]
        people = place.out / data
        ptk("compare", *named, "--data", people, "--pairs", pairs, *options, "--out", folder / "page")

    return Stage("comparison", (data, *members), f"compare {pairs} {' '.join(metrics)}", make)


def _row_of(name: str) -> str:
    """The row of a training: "whole" of "whole-2"."""
    return name.rstrip("0123456789").removesuffix("-")


def forecast(stages: Mapping[str, Stage], place: Place) -> str:
    """Say how long what is not done will take, by the operations of its steps and how many a second are done here."""
    todo = [stage for stage in stages.values() if not is_done(stage, place, stages)]
    trainings = [stage for stage in todo if stage.recipe]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    flops = 0.0
    for stage in trainings:
        sets = {key: value for key, value in stage.settings.items() if key != "domains"}  # others are in the sample
        sets.setdefault("data.size", place.size)
        recipe = load_recipe(stage.recipe, [f"{key}={value}" for key, value in sets.items()])
        flops += estimate(recipe, device.type, torch.float32).flops * place.scale(stage.steps)
    rate = measure_flops(device)
    minutes = max(1.0, flops / rate / 60)
    return (
        f"{len(todo)} of {len(stages)} stages in {place.out} are left; {len(trainings)} trainings take about "
        f"{minutes:.0f} minutes on this {device.type} ({flops / 1e12:.1f} TFLOP at {rate / 1e9:.0f} GFLOP/s; "
        "each says before its first step what it measures), preparing and comparing people comes on top"
    )


def make_all(stages: Mapping[str, Stage], place: Place) -> list[str]:
    """Make stages in their order, and name the trainings that failed. Ends where one is stopped, or data fail."""
    failed = []
    for stage in stages.values():
        try:
            make_stage(stage, place, stages)
        except SystemExit as end:
            if not stage.recipe or not isinstance(end.code, int) or end.code >= _STOPPED:
                raise
            print(f"{stage.name}: failed; the others go on", flush=True)
            failed.append(stage.name)
    return failed


def main() -> None:
    """Make all stages that are not done, compare, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each member; 3 say how much seeds matter")
    parser.add_argument("--london", type=Path, help="photos of the London set, in the place of the bundled people")
    parser.add_argument("--vgg", type=Path, help="VGG16's convolutions in timm's names, for the texture loss")
    parser.add_argument("--out", type=Path, default=Path("build/paper"), help="where all stages are made")
    parser.add_argument("--share", type=float, default=1.0, help="of all steps: .002 tries whether all runs")
    parser.add_argument("--size", type=int, default=128, help="side of the pictures; of the papers' own with --full")
    parser.add_argument("--full", action="store_true", help="the papers' sizes and steps: days on a GPU")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of each person that are compared, 0: all")
    parser.add_argument("--metric", action="append", default=[], help="compare by these alone")
    arguments = parser.parse_args()
    data = LONDON if arguments.london else "people"
    size = 512 if arguments.full else arguments.size
    london = Path() if arguments.london is None else arguments.london.resolve()
    place = Place(london, None, arguments.out, arguments.share, size)
    vgg = None if arguments.vgg is None else arguments.vgg.resolve()
    stages = plan(data, arguments.seeds, vgg, size, full=arguments.full)
    place.out.mkdir(parents=True, exist_ok=True)
    try:
        print(forecast(stages, place), flush=True)
        failed = make_all(stages, place)
        last = compare(data, [name for name in stages if name != data], arguments.pairs, arguments.metric)
        if failed:  # it is made again when they are there
            shutil.rmtree(place.out / last.name, ignore_errors=True)
            (place.out / last.name).mkdir()
            last.make(place, place.out / last.name)
        else:
            make_stage(last, place, {**stages, last.name: last})
        page = PAGE if arguments.share >= 1 else place.out / PAGE.name
        for written in write_page(PAGE, page, place.out / last.name / "page"):
            print(written, flush=True)
    except PtkError as error:
        sys.exit(str(error))
    if failed:
        sys.exit(f"{', '.join(failed)}: failed; run it again to go on with what is left")


if __name__ == "__main__":
    main()
