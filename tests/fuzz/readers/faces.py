"""Where faces are to go, and who is on photos: landmarks, expression words, tables."""

import json

import numpy as np

from tests.fuzz.mutate import damage_bytes
from tests.fuzz.readers.common import damage_json


def read_landmarks_json(folder):
    """Landmarks, with and without the photo that they belong to."""
    from ptk.dataset.manifest import SAMPLE, read_manifest
    from ptk.faces.images import read_photo
    from ptk.faces.landmarks import read_landmarks, write_landmarks
    from ptk.types import Landmarks

    entry = read_manifest(SAMPLE)[0]
    photo = read_photo(SAMPLE / entry.image)
    points = np.array(entry.landmarks, np.float32)
    said = {"width": photo.width, "height": photo.height, "sha256": photo.sha256, "detector": "mediapipe68"}
    write_landmarks(folder / "l.json", Landmarks(points=points, **said))
    whole = json.loads((folder / "l.json").read_text())

    def read(rng, place):
        path = place / "l.json"
        path.write_bytes(damage_json(whole, rng))
        landmarks = read_landmarks(path, photo if rng.random() < 0.5 else None)
        write_landmarks(path, landmarks)

    return read


def read_words(_):
    """Expression words, and what they do to a face."""
    from ptk.dataset.manifest import SAMPLE, read_manifest
    from ptk.faces.expressions import parse_expression, told, vocabulary

    points = np.array(read_manifest(SAMPLE)[0].landmarks)
    pieces = [*vocabulary().words, "=", ",", "0.7", "-1", "1e400", "nan", "inf", "٣", "：", " ", "\ud800", "\0", "é"]
    pieces += ["happy", "wink", "1,5", "x" * 500, "=" * 60, "," * 4000, "1" * 5000, "\u202e", "_", "0x1", "1_0"]

    def read(rng, _):
        known = [rng.choice(list(vocabulary().words)) for _ in range(rng.choice((0, 1, 2, 3)))]
        text = ",".join(f"{word}={rng.uniform(-1.5, 2.5):.2f}" for word in known)
        for _ in range(rng.choice((0, 1, 1, 2, 5, 60))):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(pieces) + text[at + rng.choice((0, 0, 1)) :]
        strengths = parse_expression(text)
        assert np.isfinite(vocabulary().moved(points, strengths)).all()
        told(strengths)

    return read


def read_expressions(folder):
    """Saved expressions, and how parts of them are asked for."""
    from ptk.dataset.manifest import SAMPLE, read_manifest
    from ptk.faces.expressions import vocabulary
    from ptk.faces.words.expression import Expression
    from ptk.faces.words.expression_file import read_expression, save_expression
    from ptk.faces.words.source import parse_source

    points = np.array(read_manifest(SAMPLE)[0].landmarks)
    words = {"smile": 0.7, "neutral": 0.5, "turn": -10.0, "wink_left": 1.0}
    save_expression(folder / "e.json", Expression(words, {"mouth": 1.0, "eyes": 0.5}))
    whole = json.loads((folder / "e.json").read_text())

    def read(rng, place):
        path = place / "e.json"
        path.write_bytes(damage_json(whole, rng))
        parts = damage_bytes(b":mouth=1,eyes=0.5", rng).decode("utf-8", "replace")
        typed = "".join(letter for letter in parts if letter.isprintable())  # no shell passes NUL on
        source, _ = parse_source(f"{path}{typed}" if rng.random() < 0.3 else str(path))
        expression = read_expression(source)
        assert np.isfinite(vocabulary().moved(points, {}, expression)).all()
        save_expression(path, expression)

    return read


def read_tables(folder):
    """Tables of one's own, CSV and JSONL, that name photos."""
    from ptk.sources.table import Table

    (folder / "a.jpg").write_bytes(b"x")
    rows = [{"image": str(folder / "a.jpg"), "identity": "ann", "expression": "smile"}] * 3
    comma = "image,identity,expression\n" + "".join(",".join(row.values()) + "\n" for row in rows)

    def read(rng, place):
        if rng.random() < 0.5:
            path = place / "t.jsonl"
            path.write_bytes(b"\n".join(damage_json(row, rng) for row in rows))
        else:
            path = place / rng.choice(("t.csv", "t.tsv"))
            path.write_bytes(damage_bytes(comma.encode(), rng))
        Table().find(path)

    return read
