"""Make ptk's own weights from nothing: prepare data, train every stage, average, export, measure, fill in the card.

Run it with ``make weights LONDON=folder VGG=vgg16.safetensors``. It prints every command.
A stage that is done is skipped, one that was interrupted resumes from its last checkpoint, and one whose recipe,
settings or input changed is made again, with all that follow from it. docs/portraits.md says why they are these.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from drawings_stages import draw, export_photographs, measure_photographs, tell
from weights_stages import DRAWINGS, LONDON, Place, Stage, average, choose, export, join, make_stage, prepare, train

from ptk.editing.drawings.guess_style import _FILE as GUESS
from ptk.errors import PtkError
from ptk.files import hash_file, write_bytes

LICENCE = "CC BY 4.0, DeBruine and Jones 2017"
CARD = Path(__file__).parent.parent / "ptk" / "weights" / "README.md"
MEASURED = ("<!-- measured -->", "<!-- end -->")  # between them the card has what `ptk eval` measured
COLUMNS = {"result": "result", "unchanged": "photo unchanged", "warp": "warped", "true": "true photo"}
ROWS = {  # what `ptk eval` calls a measure, how the card writes it, and in how many digits
    "mse": ("MSE, face box", ".4f"),
    "ssim": ("SSIM, face box", ".3f"),
    "lpips": ("LPIPS, face box (shift-tolerant AlexNet)", ".3f"),
    "identity_distance": ("identity distance to the source (same person: below .6)", ".3f"),
    "mouth_error": ("mouth, % of the outer eye distance", ".2f"),
    "eyes_error": ("eyes", ".2f"),
    "brows_error": ("brows", ".2f"),
    "jaw_error": ("jaw", ".2f"),
    "faces_found": ("faces found again", ".0%"),
}
WITHOUT_CRITIC = {  # of drawings at half the size
    "losses.critic": "{}",
    "losses.generator": "{identity: {weight: 20, lean: 4}, "
    "perceptual: {weight: 20, backbone: vgg16, stages: 4, window: 64, focus: true}}",
}


def measure(name: str, of: str, data: str) -> Stage:
    """Measure exported weights on the people held out, and write the card with these numbers."""

    def make(place: Place, folder: Path) -> None:
        page = folder / "page"
        shutil.rmtree(page, ignore_errors=True)
        weights = place.out / of / "portraits.onnx"
        command = ["eval", weights, "--data", place.out / data, "--split", "test", "--style", "photo", "--out", page]
        words = [sys.executable, "-m", "ptk", *map(str, command), "--json"]
        print(f"$ {shlex.join(words[2:])}", flush=True)
        done = subprocess.run(words, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(done.returncode)
        write_bytes(folder / "numbers.json", done.stdout.encode())
        write_bytes(folder / "README.md", fill_card(CARD.read_text(), json.loads(done.stdout)).encode())

    return Stage(name, (of, data), "measure", make)


STAGES = {
    stage.name: stage
    for stage in (
        prepare(LONDON, LONDON, "--as", "london", "--split", "0.814", "--seed", "1", "--licence", LICENCE),
        prepare("heads", "", "--split", "0.99", "--licence", "CC0-1.0"),
        prepare("six-heads", "p[02][048]_*.jpg", "--split", "0.99", "--licence", "CC0-1.0"),
        choose("chosen", LONDON, every=9, first=4),
        join("people", ["chosen", "heads"], train=["heads"]),
        join("few", ["chosen", "six-heads"], train=["six-heads"]),
        join("all", ["chosen", "heads"], train=["chosen", "heads"]),
        train("photos", "portraits-photos", "chosen"),
        train("critic", "portraits-critic", "people", "photos"),
        train("sharp", "portraits-sharp", "few", "photos"),
        average("mean", {"critic": 0.3, "sharp": 0.7}),
        train("faces", "portraits-faces", "people", "mean", keep=2000),
        average("less-motion", {"faces@2000": 0.5, "faces": 0.5}, motion=0.7),
        train(
            "teeth",
            "portraits-mouths",
            "few",
            "less-motion",
            steps=1000,
            **{"data.pairs": "identity", "training.seed": 3},
        ),
        train("mouths", "portraits-mouths", "people", "teeth"),
        train("all-mouths", "portraits-mouths", "all", "mouths", steps=1100, **{"training.seed": 61}),
        train("styles", "portraits-styles", "people", "all-mouths"),
        export("export", "styles"),
        measure("card", "export", LONDON),
        draw(DRAWINGS, "chosen"),
        train(
            "rough-photographs",
            "portraits-photographs",
            DRAWINGS,
            steps=4000,
            half=True,
            **{"data.domains": "images", "training.schedule": "constant", "training.lr": 6e-4, **WITHOUT_CRITIC},
        ),
        train(
            "photographs",
            "portraits-photographs",
            DRAWINGS,
            "rough-photographs",
            steps=640,
            **{"data.domains": "images"},
        ),
        export_photographs("export-photographs", "photographs"),
        measure_photographs("measure-photographs", "export-photographs", LONDON),
        tell("guess-style", DRAWINGS),
    )
}


def main() -> None:
    """Make the stages that are not done, or those that are named, and what these need."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"by default all: {', '.join(STAGES)}")
    parser.add_argument("--london", type=Path, required=True, help="photos of the London set")
    parser.add_argument("--portraits", type=Path, help="more photos, from which the way back from drawings learns")
    parser.add_argument("--vgg", type=Path, help="VGG16's convolutions in timm's names; by default timm fetches them")
    parser.add_argument("--out", type=Path, default=Path("build/weights"), help="where all stages are made")
    parser.add_argument("--share", type=float, default=1.0, help="of all steps: .01 tries whether all runs")
    parser.add_argument("--install", action="store_true", help="at the end copy them to ptk/weights")
    parser.add_argument("--size", type=int, default=256, help="side of the pictures; 64 only tries whether all runs")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.stages if name not in STAGES]
    if unknown:
        parser.error(f"{unknown[0]}: no such stage; there are {', '.join(STAGES)}")
    vgg = None if arguments.vgg is None else arguments.vgg.resolve()
    portraits = None if arguments.portraits is None else arguments.portraits.resolve()
    place = Place(arguments.london.resolve(), vgg, arguments.out, arguments.share, arguments.size, portraits)
    place.out.mkdir(parents=True, exist_ok=True)
    wanted = _with_needed(arguments.stages or STAGES)
    steps = sum(place.scale(STAGES[name].steps) for name in wanted if STAGES[name].steps)
    print(f"{len(wanted)} stages in {place.out}, {steps} steps of training; done ones are skipped", flush=True)
    try:
        for name in wanted:
            make_stage(STAGES[name], place, STAGES)
        if arguments.install:
            install(place)
    except PtkError as error:
        sys.exit(str(error))


def fill_card(card: str, numbers: dict[str, Any]) -> str:
    """Write the numbers of ``ptk eval --json`` between the marks of a card. Raises PtkError for one without marks."""
    first, last = MEASURED
    before, begun, rest = card.partition(first)
    _, ended, after = rest.partition(last)
    if not begun or not ended:
        raise PtkError(f"{CARD}: has no {first} and {last}; put them around its table of numbers")
    measured = numbers["domains"]["photo"]["metrics"]
    lines = [f"| | {' | '.join(COLUMNS.values())} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for key, (title, form) in ROWS.items():
        if key in measured:
            cells = [measured[key].get(column) for column in COLUMNS]
            lines.append(f"| {title} | {' | '.join('' if value is None else format(value, form) for value in cells)} |")
    return f"{before}{first}\n" + "\n".join(lines) + f"\n{last}{after}"


def install(place: Place) -> None:
    """Copy what was exported, the card and what drawings look like to where ptk looks for its own."""
    exported = [*(place.out / "export").glob("portraits*"), place.out / "card" / "README.md"]
    copies = {file: CARD.parent / file.name for file in exported}
    copies[place.out / "export-photographs" / "photographs.onnx"] = CARD.parent / "photographs.onnx"
    copies[place.out / "guess-style" / "guess_style.json"] = GUESS
    for file, target in copies.items():
        write_bytes(target, file.read_bytes())
        print(target, flush=True)
    declaration = CARD.with_name("portraits.py")
    lines = declare_files(declaration.read_text(encoding="utf-8"), CARD.parent)
    write_bytes(declaration, lines.encode())


def declare_files(text: str, folder: Path) -> str:
    """`text`, a declaration of `ptk.Weights`, with the sha256 of each of its files in `folder`."""
    return re.sub(
        r'"([\w.]+\.onnx)": "[0-9a-f]{64}"',
        lambda found: f'"{found[1]}": "{hash_file(folder / found[1])}"',
        text,
    )


def _with_needed(names: Iterable[str]) -> list[str]:
    """Stages by name and all that they need, in the order of `STAGES`."""
    needed, left = set(), list(names)
    while left:
        name = left.pop()
        needed.add(name)
        left += [each for each in STAGES[name].after if each not in needed]
    return [name for name in STAGES if name in needed]


if __name__ == "__main__":
    main()
