"""The demo: train PortraitGAN on the bundled faces, find the landmarks of a photograph, move them, and edit it.

Run it with ``make demo``. It calls ``ptk`` as anybody would, and prints each command.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from PIL import Image
from run_ptk import ptk
from skimage import data

MOUTH = range(48, 68)


def main() -> None:
    """Do it all, and end by naming the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), help="where the pictures go")
    parser.add_argument("--steps", type=int, help="stop training after this step")
    arguments = parser.parse_args()
    out, start = arguments.out, time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    photo, found, edited = out / "astronaut.png", out / "landmarks.json", out / "smaller-smile.json"
    run = out / "run"

    steps = [] if arguments.steps is None else ["--steps", str(arguments.steps)]
    done = max((int(folder.name) for folder in run.glob("checkpoints/[0-9]*")), default=0)
    if arguments.steps is None or done < arguments.steps:
        ptk("train", "recipes/portraitgan-tiny.yaml", "--out", run, *steps, *(["--resume"] if done else []))

    Image.fromarray(data.astronaut()).save(photo)
    ptk("landmarks", photo, "-o", found, "--show", out / "landmarks.png")
    close_mouth(found, edited)
    weights = run / "weights.safetensors"
    pictures = [max((run / "grids").glob("*.png"), default=None), out / "landmarks.png"]
    for style in ("photo", "sketch"):
        picture = out / f"astronaut-{style}.png"
        ptk("edit", photo, "--landmarks", edited, "--style", style, "--weights", weights, "-o", picture)
        pictures.append(picture)
    print(f"\nDone in {time.monotonic() - start:.0f} s. Look at:")
    for picture in filter(None, pictures):
        print(f"  {picture}")


def close_mouth(found: Path, edited: Path) -> None:
    """What somebody would do by hand: draw the points of the mouth towards its middle line."""
    document = json.loads(found.read_text())
    points = document["points"]
    middle = sum(points[index][1] for index in MOUTH) / len(MOUTH)
    for index in MOUTH:
        points[index][1] += 0.6 * (middle - points[index][1])
    edited.write_text(json.dumps(document))


if __name__ == "__main__":
    main()
