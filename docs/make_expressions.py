"""Learns the words of ``ptk edit --expression`` from faces, writes them to ptk/faces/expressions.json, and draws them.

The smiles are those of the people in the Face Research Lab London Set (DeBruine and Jones 2017, CC BY 4.0) who are to
train on, the emotions those of the bundled synthetic people, and single gestures are rendered of the same people.
MediaPipe finds the landmarks of all, as it does in photos. Run it after `ptk.data.vocabulary` changed:

    ptk prepare london --as london --split 0.814 --out faces
    python docs/make_expressions.py faces --renders gestures

It needs the extras synth and mediapipe. Rendering takes some ten minutes on one core and is done once, the rest takes
seconds. At the end it says how well an expression is carried from one person to another, people whom the words were not
learned from: how far landmarks are from where that person's own expression has them.
"""

from __future__ import annotations

import argparse
import io
from collections import defaultdict
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ptk.data.vocabulary import Part, People, learn_vocabulary
from ptk.dataset.manifest import PHOTO, SAMPLE, read_manifest
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.faces import expressions
from ptk.faces.align import aligned
from ptk.faces.expressions import Vocabulary
from ptk.faces.landmarks import REGIONS, draw_landmarks
from ptk.files import write_bytes
from ptk_synth import draw_person
from ptk_synth.expressions import EXPRESSIONS, GESTURES
from ptk_synth.gallery import portraits
from ptk_synth.make import SEED, draw_split

PICTURE = Path(__file__).parent / "img" / "expressions.png"
DETECTOR = "mediapipe68"
PEOPLE = 24
SAMPLES = 8
FOLDS = 7
EMOTIONS = ("anger", "disgust", "fear", "sadness", "surprise")
PARTS = {
    "brows": ("right_brow", "left_brow"),
    "eyes": ("right_eye", "left_eye"),
    "lips": ("outer_lips", "inner_lips"),
    "jaw": ("jaw",),
}
ORIGIN = {
    "unit": "outer eye distances of aligned faces (ptk/faces/align.py), 68 iBUG points, x to the right, y down",
    "made_by": "docs/make_expressions.py",
    "licence": "CC BY 4.0: learned from landmarks of the Face Research Lab London Set (DeBruine and Jones 2017, "
    "doi.org/10.6084/m9.figshare.5047666) and of ptk's own synthetic faces (CC0)",
}

# Strengths that read. A learned change is what a camera measures on average, of people who were asked for an expression
# and of synthetic heads whose brows and lips go less far than those of people who feel it; seen in a photo most were
# taken for a face at rest. So strength 1 is what everybody sees. In brackets are outer eye distances, of the
# word as it was learned, and at strength 1. Words were held against what another detector, dlib's, finds in results:
# half to nine tenths of what landmarks are asked to do, of one face in ten less than half. Parts that make people hard
# to know again go less far, and others further.
CALIBRATION = {
    # corners back (.094, .152) and up (.052, .097), lips no further apart (.047, .047): parted lips without a wide
    # mouth read as speech; the lids nearer (.011, .020), without which a smile looks posed
    "smile": (
        Part("lids", "smile", 1.0, 1.8),
        Part("mouth", "smile", 0.85, 1.0),
        Part("mouth", "closed_smile", 1.05, 1.0),
    ),
    # corners (.068, .115 wider): half of the faces showed none of it
    "closed_smile": (Part("lids", "smile", 1.0, 1.5), Part("mouth", "closed_smile", 1.7, 1.7)),
    # what portraits show of people who laugh is .2 wider and .14 open; was .131 and .112, is .170 and .157: teeth fill
    # less of a mouth that is open so far, and tell it from a grin
    "laugh": (Part("lids", "laugh", 1.0, 1.8), Part("mouth", "laugh", 1.3, 1.4)),
    # brows of those who are surprised go up by .06 (.036, .043), and with all of that one in eight was no longer taken
    # for himself; a round mouth is narrower (.046, .069), and opened further, or wider, it is not seen any better
    "surprise": (
        Part("brows", "surprise", 1.0, 1.2),
        Part("lids", "surprise", 1.0, 1.15),
        Part("mouth", "surprise", 1.5, 1.15),
    ),
    # the inner ends of the brows tell it from surprise (.021, .051)
    "fear": (Part("brows", "fear", 1.5, 2.4), Part("lids", "fear", 1.0, 1.5), Part("mouth", "fear", 1.2, 1.1)),
    # brows down (.039, .054) and together (.022, .036), lower lids tight, which brings brows and eyes nearer and costs
    # nobody his likeness, lips pressed by less than it was learned, corners a little down; with brows that go further,
    # or lips pressed as much besides, people are no longer taken for themselves
    "anger": (
        Part("brows", "anger", 1.45, 1.4),
        Part("lids", "disgust", 1.0, 2.8),
        Part("mouth", "anger", 0.65, 0.9),
        Part("mouth", "sadness", 0.0, 0.25),
    ),
    # inner ends of the brows up (.010, .033) and together (.019, .023), upper lids a little down, corners of the mouth
    # clearly down (.041, .066), the lower lip pushed up
    "sadness": (
        Part("brows", "sadness", 1.4, 2.05),
        Part("brows", "brows_up", 0.3, 0.35),
        Part("lids", "sadness", 1.0, 1.0),
        Part("lids", "narrow_eyes", 0.2, 0.2),
        Part("mouth", "sadness", 1.2, 1.6),
    ),
    # brows (.035, .053), the lower lids that a wrinkled nose pushes up, and the lips
    "disgust": (
        Part("brows", "disgust", 2.0, 1.5),
        Part("lids", "disgust", 1.0, 2.0),
        Part("mouth", "disgust", 1.2, 1.2),
    ),
    # to where people's brows go (.039, .071), and a frown whose ends come together (.018, .042)
    "brows_up": (Part("brows", "brows_up", 1.0, 1.8),),
    "brows_down": (Part("brows", "brows_down", 2.4, 1.7),),
    "wide_eyes": (Part("lids", "wide_eyes", 1.0, 1.3),),
    "open_mouth": (Part("mouth", "open_mouth", 1.1, 1.1),),
    # narrower (.085, .20), and both lips fuller, which is pressed lips the other way round
    "kiss": (Part("mouth", "kiss", 2.25, 2.0), Part("mouth", "anger", -0.7, -1.0)),
}


def main() -> None:
    """Learn, write, and say how good it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("london", type=Path, help="the London set, prepared")
    parser.add_argument("--renders", type=Path, required=True, help="where pictures of gestures are, or go")
    arguments = parser.parse_args()

    real = people({"neutral": "rest", "smile": "smile"}, london(arguments.london))
    synthetic = people({name: name for name in EXPRESSIONS}, detected(bundled()))
    gestures = people({name: name for name in ("neutral", *GESTURES)}, detected(rendered(arguments.renders)))
    target = Path(expressions.__file__).with_suffix(".json")
    words = learn_vocabulary(real, synthetic, gestures, DETECTOR, CALIBRATION)
    words.write(target, ORIGIN)
    drawn(words).save(PICTURE, optimize=True)
    counts = [len(group.rest) for group in (real, synthetic, gestures)]
    print(f"{target}: {target.stat().st_size / 1024:.0f} KB from {counts} people")
    report(real, synthetic, gestures)


def people(names: Mapping[str, str], found: Mapping[str, Mapping[str, np.ndarray]]) -> People:
    """Those who were found with every expression; `names` are what the expressions are called."""
    whole = [shown for shown in found.values() if all(name in shown for name in names)]
    faces = {own: aligned(np.array([shown[name] for shown in whole])) for name, own in names.items()}
    return People(faces.get("rest", faces.get("neutral")), faces)


def london(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Landmarks of the people to train on: person -> expression -> points."""
    found: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for entry in read_manifest(folder):
        if entry.split == "train" and entry.domain == PHOTO:
            found[entry.identity][entry.expression] = np.array(entry.landmarks)
    return found


def bundled() -> dict[str, dict[str, Path]]:
    """Pictures of the bundled people to train on: person -> expression -> file."""
    files: dict[str, dict[str, Path]] = defaultdict(dict)
    for entry in read_manifest(SAMPLE):
        if entry.split == "train":
            files[entry.identity][entry.expression] = SAMPLE / entry.image
    return files


def rendered(folder: Path) -> dict[str, dict[str, Path]]:
    """Pictures of gestures of the same people, in `folder`; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("neutral", *GESTURES)
    models = [draw_person(index, SEED) for index in range(PEOPLE) if draw_split(index, SEED) == "train"]
    files = {person.name: {name: folder / f"{person.name}_{name}.png" for name in names} for person in models}
    wanted = [(person, [name for name in names if not files[person.name][name].exists()]) for person in models]
    for portrait in portraits([each for each in wanted if each[1]], samples=SAMPLES, workers=1):
        buffer = io.BytesIO()
        Image.fromarray(portrait.picture).save(buffer, "PNG")
        write_bytes(files[portrait.person.name][portrait.expression], buffer.getvalue())
    return files


def detected(files: Mapping[str, Mapping[str, Path]]) -> dict[str, dict[str, np.ndarray]]:
    """MediaPipe's landmarks of all pictures in which it finds the one face."""
    detector = MediaPipe68()
    found: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for person, shown in files.items():
        for name, file in shown.items():
            faces = detector.detect(np.array(Image.open(file).convert("RGB")))
            if len(faces) == 1:
                found[person][name] = faces[0].points
    return found


def drawn(words: Vocabulary) -> Image.Image:
    """The mean face with each word at strength 1, in outlines."""
    tile, columns = 200, 6
    shapes = {"at rest": words.rest} | {name: words.moved(words.rest, {name: 1.0}) for name in words.words}
    sheet = Image.new("RGB", (tile * columns, tile * -(-len(shapes) // columns)), (48, 52, 60))
    for number, (name, shape) in enumerate(shapes.items()):
        paper = np.full((tile, tile, 3), (48, 52, 60), dtype=np.uint8)
        square = Image.fromarray(draw_landmarks(paper, shape * tile * 0.46 + (tile / 2, tile * 0.32)))
        ImageDraw.Draw(square).text((tile / 2, 8), name, fill=(255, 255, 255), font_size=15, anchor="ma")
        sheet.paste(square, (number % columns * tile, number // columns * tile))
    return sheet


def report(real: People, synthetic: People, gestures: People) -> None:
    """Print mean errors in % of the outer eye distance, by part of the face, of all pairs of people left out."""
    errors: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for fold in range(FOLDS):
        kept = [group.only(in_fold(group, fold, out=False)) for group in (real, synthetic, gestures)]
        words = learn_vocabulary(*kept, DETECTOR, CALIBRATION)
        for what, group, names in (("real people", real, ("smile",)), ("synthetic people", synthetic, EMOTIONS)):
            out = group.only(in_fold(group, fold, out=True))
            for a, b in permutations(range(len(out.rest)), 2):
                rest = out.rest[b]
                still = words.moved(rest, words.difference(rest, out.rest[a]))
                errors[what, "moved by a face at rest"].append(still - rest)
                for name in names:
                    own, other = out.shown[name][b], out.shown[name][a]
                    taken = words.moved(rest, words.difference(rest, other))
                    errors[what, "unchanged"].append(rest - own)
                    errors[what, "the word itself"].append(words.moved(rest, {name: 1.0}) - own)
                    errors[what, "the other's landmarks"].append(other - own)
                    errors[what, "the other's own change"].append(rest + other - out.rest[a] - own)
                    errors[what, "the other's expression"].append(taken - own)
    for (what, how), gaps in errors.items():
        distances = np.linalg.norm(np.array(gaps), axis=-1).mean(axis=0) * 100
        parts = {part: np.concatenate([distances[REGIONS[name]] for name in own]).mean() for part, own in PARTS.items()}
        print(f"{what:18}{how:24}" + "  ".join(f"{part} {value:.2f}" for part, value in parts.items()))


def in_fold(group: People, fold: int, *, out: bool) -> list[int]:
    """Numbers of those who are left `out` in this fold, or of those who are not."""
    return [number for number in range(len(group.rest)) if (number % FOLDS == fold) == out]


if __name__ == "__main__":
    main()
