"""What is read, each with whole files to damage: `READERS[name](folder)` gives `read(rng, place)` for one case.

`read` writes a damaged file into `place`, made by `rng` alone, and has ptk read it.
"""

import io
import json
import struct

import numpy as np
from PIL import Image

from tests.fuzz.mutate import as_json, damage_bytes, damage_png, damage_tiff, damage_tree

SIDE = 64


def _picture(side=SIDE, mode="RGB"):
    rng = np.random.default_rng(3)
    small = Image.fromarray(rng.integers(0, 255, (6, 6, 3), np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC).convert(mode)


def _file(picture, form, **options):
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def _exif():
    exif = Image.Exif()
    exif.update({0x010E: "a picture", 0x010F: "maker", 0x0112: 6, 0x011A: 72.0, 0x0132: "2026:01:31 10:00:00"})
    exif.get_ifd(0x8769).update({0x829A: (1, 60), 0x9003: "2026:01:31 10:00:00", 0x927C: b"note" * 9, 0x9286: b"c"})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 1.0)})
    return exif


def read_images(_):
    """Photos of all formats, and the same as images of a data set."""
    from ptk.data.faceset import decode
    from ptk.data.manifest import Entry
    from ptk.faces.images import read_photo

    deep = Image.fromarray(np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE))
    seeds = [
        _file(_picture(), "JPEG", exif=_exif(), xmp=b"<x:xmpmeta/>"),
        _file(_picture(mode="CMYK"), "JPEG"),
        _file(_picture(), "JPEG", progressive=True),
        _file(_picture(mode="RGBA"), "PNG"),
        _file(_picture(mode="P"), "PNG", transparency=0),
        _file(deep, "PNG"),
        _file(_picture(), "WEBP", exif=_exif()),
        _file(_picture(mode="RGBA"), "WEBP", lossless=True),
        _file(_picture(), "GIF"),
        _file(_picture(), "BMP"),
        _file(_picture(), "AVIF"),
        _file(_picture(), "TIFF", compression="tiff_lzw"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n%%EOF\n",
        _file(_picture(), "TGA"),
        _file(_picture(), "PPM"),
        _file(_picture(), "JPEG2000"),
    ]
    entry = Entry("a.jpg", "p", "photo", "a", "train", tuple((float(i), float(i)) for i in range(68)))

    def read(rng, place):
        content = rng.choice(seeds)
        if content.startswith(b"\x89PNG") and rng.random() < 0.7:
            content = damage_png(content, rng)
        elif rng.random() < 0.1:
            other = rng.choice(seeds)
            content = content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]
        else:
            content = damage_bytes(content, rng)
        path = place / rng.choice(("a.jpg", "a.png", "a.eps", "a.tif"))
        path.write_bytes(content)
        _both(lambda: decode(path, entry, 32, 0.125), lambda: read_photo(path))

    return read


def read_tiff(_):
    """TIFF of many kinds, EXIF in TIFF and JPEG, and the photo written again with it."""
    from ptk.faces.images import read_photo, write_photo

    deep = Image.fromarray(np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE))
    tiffs = [
        _file(_picture(), "TIFF", exif=_exif()),
        _file(_picture(), "TIFF", compression="tiff_adobe_deflate"),
        _file(_picture(), "TIFF", compression="jpeg"),
        _file(_picture(mode="1"), "TIFF", compression="group4"),
        _file(_picture(mode="P"), "TIFF"),
        _file(_picture(mode="LAB"), "TIFF") if hasattr(Image, "LAB") else _file(_picture(mode="CMYK"), "TIFF"),
        _file(_picture(), "TIFF", big_tiff=True),
        _file(deep, "TIFF"),
        _file(_picture(), "TIFF", save_all=True, append_images=[_picture()]),
    ]
    exif = _exif().tobytes()

    def read(rng, place):
        path = place / "a.tif"
        if rng.random() < 0.4:
            damaged = exif[:6] + damage_tiff(exif[6:], rng)
            path.write_bytes(_file(_picture(), rng.choice(("JPEG", "PNG", "WEBP")), exif=damaged))
        else:
            tiff = damage_tiff(rng.choice(tiffs), rng)
            path.write_bytes(damage_bytes(tiff, rng) if rng.random() < 0.2 else tiff)
        photo = read_photo(path)
        if photo.pixels.size < 1_000_000:
            write_photo(place / rng.choice(("b.jpg", "b.png", "b.tif", "b.webp")), photo.pixels, photo)

    return read


def read_landmarks_json(folder):
    """Landmarks, with and without the photo that they belong to."""
    from ptk.data.manifest import SAMPLE, read_manifest
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
        path.write_bytes(_json_bytes(whole, rng))
        landmarks = read_landmarks(path, photo if rng.random() < 0.5 else None)
        write_landmarks(path, landmarks)

    return read


def read_words(_):
    """Expression words, and what they do to a face."""
    from ptk.data.manifest import SAMPLE, read_manifest
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


YAMLS = (
    "!x 1",
    "!!python/object/apply:os.system [ls]",
    "!!binary '==='",
    "!!set {a, b}",
    "!!int nothing",
    "!!float x",
    "!!null x",
    "2026-99-99",
    "2026-01-31 25:61:61",
    "&z [*z]",
    "&z {*z : 1}",
    "*nobody",
    "0x" + "f" * 5000,
    "1" * 5000,
    "190:20:30",
    "1:" * 3000 + "1",
    "-.inf",
    "1e400",
    "=",
    "<<",
    "? [a, b]\n: c",
    "{? [a] : b}",
    "{[a]: b}",
    "[" * 3000,
    "{a: " * 1000,
    "- " * 2000 + "x",
    "'\\ud800'",
    '"\\ud800"',
    '"\\U00ffffff"',
    '"\\x00"',
    '"\\q"',
    "\t x",
    "|9\n  x",
    "%YAML 9.9",
    "--- a\n--- b",
    "@x",
    "`x`",
    "#",
    "&a [x,x,x,x,x,x,x,x]",
    "1e8",
    "100000000",
    "2147483648",
    "-1",
    "0",
    "[&b [&c [&d [x,x,x,x,x,x,x,x,x,x],*d ,*d ,*d ,*d ,*d ,*d ],*c ,*c ,*c ,*c ,*c ],*b ,*b ,*b ,*b ,*b ,*b ,*b ]",
)


def _unfolding():
    """Aliases of aliases, ten at each of nine levels."""
    lines = ["b0: &b0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"b{n}: &b{n} [{', '.join([f'*b{n - 1} '] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines) + "\n"


def read_recipes(_):
    """Recipes as people write them and as weights hold them, checked as `ptk recipes check` does, and overrides."""
    import yaml

    from ptk.recipe.check import summary
    from ptk.recipe.load import SHIPPED, parse_recipe

    texts = [path.read_text() for path in sorted(SHIPPED.glob("*.yaml"))]
    trees = [yaml.safe_load(text) for text in texts]
    summary(parse_recipe(texts[0], "r.yaml"), "cpu")

    def write(rng):
        if rng.random() < 0.5:
            text = as_json(damage_tree(rng.choice(trees), rng))
            return text if rng.random() < 0.5 else _as_yaml(text)
        text = rng.choice(texts)
        for _ in range(rng.choice((1, 1, 2, 3))):
            colons = [at for at, sign in enumerate(text) if sign in ":[,{\n"]
            at = rng.choice(colons) + 1
            end = min((text.find(sign, at) for sign in ",}]\n" if text.find(sign, at) > 0), default=at)
            written = rng.choice(YAMLS)
            text = text[:at] + (f" {written} " if rng.random() < 0.7 else f"\n{written}\n") + text[end:]
        if rng.random() < 0.05:
            text = _unfolding() + text.replace(": 1", ": *b8 ")
        return text if rng.random() < 0.9 else damage_bytes(text.encode(), rng).decode(errors="replace")

    def read(rng, _):
        keys = ("training.batch", "generator.portraitgan.blocks", "losses.generator", "domains.x.y", "data", "", "a..b")
        sets = [f"{rng.choice(keys)}={rng.choice(YAMLS)}" for _ in range(rng.choice((0, 0, 0, 1)))]
        recipe = parse_recipe(write(rng), "r.yaml", sets)
        json.dumps(recipe.document)
        if rng.random() < 0.05:  # it takes a hundred times as long
            summary(recipe, "cpu")

    return read


def _as_yaml(text):
    import yaml

    try:
        return yaml.safe_dump(json.loads(text), allow_unicode=True)
    except (ValueError, RecursionError, yaml.YAMLError):
        return text


def read_weights(folder):
    """Weights of a run: their header, their metadata, and cut files."""
    from ptk.editing.translator import Translator
    from tests.untrained import write_untrained

    content = write_untrained(folder / "w.safetensors").read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header, body = json.loads(content[8 : 8 + size]), content[8 + size :]
    said = json.loads(header["__metadata__"]["ptk"])

    def read(rng, place):
        path = place / "w.safetensors"
        way = rng.random()
        if way < 0.6:
            changed = {**header, "__metadata__": {"format": "pt", "ptk": _json_text(said, rng)}}
            written = json.dumps(changed).encode()
        elif way < 0.8:
            written = as_json(damage_tree(header, rng)).encode("utf-8", "surrogatepass")
        else:
            path.write_bytes(damage_bytes(content, rng))
            Translator.load(path, "cpu")
            return
        path.write_bytes(struct.pack("<Q", len(written)) + written + body)
        Translator.load(path, "cpu")

    return read


def read_networks(_):
    """Exported networks: what they say of themselves, other networks, and cut files; and an edit with each."""
    import onnx
    from onnx import TensorProto, helper

    from ptk.editing.runtime import ExportedTranslator

    points = np.random.default_rng(1).uniform(0.3, 0.7, (68, 2))
    cut = np.full((32, 32, 3), 90, np.uint8)
    said = {
        "schema": "ptk.exported/2",
        "size": 32,
        "domains": ["photo", "sketch"],
        "face_flow": {"reach": 0.2, "noise": 0.01, "lips": True},
        "data": {"detector": "mediapipe68"},
        "planes": {"motion_field": {"reach": 0.2, "noise": 0.01}, "landmark_map": {"sigma": 3.0, "of": "both"}},
        "styles": "n.styles.onnx",
    }

    def network(rng):
        shape = [1, 3, 32, 32] if rng.random() < 0.8 else rng.choice(([1, 3, 16, 16], [1], [2, 3, 32, 32]))
        inputs = [("image", shape), ("motion_field", [1, 2, 32, 32])]
        if rng.random() < 0.2:
            inputs[1] = rng.choice((("nobody", [1]), ("domain", [1, 2]), ("lips", [1, 4, 32, 32])))
        outputs = ["result", "flow", "visibility"] if rng.random() < 0.8 else rng.choice((["x"], ["result", "flow"]))
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sides) for name, sides in inputs]
        made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        sources = {"flow": inputs[1][0]}
        nodes = [helper.make_node("Identity", [sources.get(name, "image")], [name]) for name in outputs]
        if "visibility" in outputs and rng.random() < 0.9:
            nodes[-1] = helper.make_node("ReduceMean", ["image"], ["visibility"], axes=[1], keepdims=1)
        graph = helper.make_graph(nodes, "g", given, made)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        helper.set_model_props(model, {"ptk": _json_text(said, rng) if rng.random() < 0.8 else json.dumps(said)})
        return model

    def read(rng, place):
        from ptk.errors import PtkError

        content = network(rng).SerializeToString()
        styles = onnx.ModelProto.FromString(content)
        (place / "n.styles.onnx").write_bytes(styles.SerializeToString() if rng.random() < 0.8 else b"")
        path = place / "n.onnx"
        path.write_bytes(damage_bytes(content, rng) if rng.random() < 0.25 else content)
        translator = ExportedTranslator.load(path)
        for style in translator.domains[:2]:
            side = translator.size
            picture = cut if side == 32 else np.full((side, side, 3), 90, np.uint8)
            try:
                translator.render(picture, points, points + 0.01, style)
            except PtkError:
                continue

    return read


def read_manifests(_):
    """Manifests line by line, and descriptions of data sets."""
    from ptk.data.manifest import SAMPLE, read_description, read_lines, read_manifest, write_manifest

    lines = (SAMPLE / "manifest.jsonl").read_text().splitlines()[:4]
    described = json.loads((SAMPLE / "dataset.json").read_text())

    def read(rng, place):
        written = [line.encode() for line in lines]
        at = rng.randrange(len(written))
        written[at] = _json_bytes(json.loads(lines[at]), rng)
        (place / "manifest.jsonl").write_bytes(b"\n".join(written))
        (place / "dataset.json").write_bytes(_json_bytes(described, rng))
        _both(
            lambda: read_lines(place),
            lambda: read_description(place),
            lambda: write_manifest(place, read_manifest(place)),
        )

    return read


def read_journals(folder):
    """Journals of ptk prepare: read, noted in, written again, and planned with."""
    from pathlib import Path

    from ptk.data.journal import SOURCES, UNFINISHED, journal, read_records, write_records
    from ptk.data.plan import Item, make_plan
    from ptk.data.tasks import Settings
    from ptk.types import MediaFile
    from tests.small_sets import make_set

    made = make_set(folder / "set", {"ann": ("p00", "train"), "bob": ("p01", "test")})
    lines = (made / SOURCES).read_text().splitlines()
    whole = [json.loads(line) for line in lines]
    for number, record in enumerate(whole[:4]):
        (folder / "set" / record["source"]).write_bytes(bytes([number]))
    settings = Settings(SIDE, 0.0, "mediapipe68", 4, (), "cpu")
    items = [Item(MediaFile(Path(made / one["source"]), one.get("identity", ""), "a"), one["source"]) for one in whole]

    def read(rng, place):
        written = [as_json(one).encode() for one in whole]
        at = rng.randrange(len(written))
        written[at] = _json_bytes(whole[at], rng)
        (place / rng.choice((SOURCES, UNFINISHED))).write_bytes(b"\n".join(written) + rng.choice((b"", b"\n")))
        records = read_records(place)
        with journal(place) as book:
            for record in records:
                book.add(record)
        make_plan(items, records, place, settings, {"sketch": "key"})
        write_records(place, records)
        assert read_records(place)[: len(records)] == records

    return read


def read_shards(folder):
    """Shards: their index, and tar files with members of every kind, whose checksums are right."""
    import hashlib
    import tarfile

    from ptk.data.shards import INDEX, Shards, write_shards
    from tests.small_sets import make_set

    made = make_set(folder / "set", {"ann": ("p00", "train"), "bob": ("p01", "test")})
    write_shards(made, str(folder / "shards"))
    index = json.loads((folder / "shards" / INDEX).read_text())
    name = index["shards"][0]["name"]
    content = (folder / "shards" / name).read_bytes()
    kinds = b"0\0123456789xgLKSD"

    def damaged(rng):
        way = rng.random()
        if way < 0.3:
            return damage_bytes(content, rng)
        if way < 0.5:
            return _tar_with_json(content, rng)
        tar = bytearray(content)
        with tarfile.open(fileobj=io.BytesIO(content)) as opened:
            starts = [member.offset for member in opened]
        at = rng.choice(starts)
        field = rng.choice(((156, 1), (124, 12), (0, 100), (157, 100), (257, 8), (345, 155), (386, 97), (482, 13)))
        value = rng.choice(
            (b"77777777777", b"00000000000", b"\x80" + b"\xff" * 11, b"../../x", b"000000.json", b"\xff")
        )
        value = bytes([rng.choice(kinds)]) if field == (156, 1) else value
        tar[at + field[0] : at + field[0] + field[1]] = value[: field[1]].ljust(field[1], b"\0")
        if field[0] != 156 and rng.random() < 0.3:
            tar[at + 156] = rng.choice(kinds)
        tar[at + 148 : at + 156] = b" " * 8
        tar[at + 148 : at + 156] = b"%06o\0 " % sum(tar[at : at + 512])
        return bytes(tar)

    def read(rng, place):
        tar = damaged(rng) if rng.random() < 0.75 else content
        said = json.loads(json.dumps(index))
        said["shards"][0]["sha256"] = hashlib.sha256(tar).hexdigest()
        (place / name).write_bytes(tar)
        (place / INDEX).write_bytes(_json_bytes(said, rng) if tar == content else json.dumps(said).encode())
        opened = Shards.open(str(place))
        for shard in opened.of("train")[:2]:
            opened.read(shard, 32, ("photo", "sketch"))

    return read


def _tar_with_json(content, rng):
    """The tar file with one JSON member damaged, and kinds of members that no writer of ptk makes."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in old:
            body = old.extractfile(member).read()
            if member.name.endswith(".json"):
                body = _json_bytes(json.loads(body), rng)
            member.size = len(body)
            if rng.random() < 0.1:
                member.pax_headers = {rng.choice(("size", "path", "GNU.sparse.size", "GNU.sparse.map")): "99999999999"}
            tar.addfile(member, io.BytesIO(body))
    return buffer.getvalue()


def read_checkpoints(folder):
    """Checkpoints: folders of odd names, state.json, run.json, and tensors; a step is made of what is taken."""
    import random

    import torch
    from safetensors.torch import load_file, save_file

    from ptk.errors import PtkError
    from ptk.recipe.load import parse_recipe
    from ptk.training.checkpoint import checkpoints, latest_checkpoint, restore, save_checkpoint, what_is_left
    from ptk.training.run import build_losses_of, build_networks
    from ptk.training.step import Learner
    from tests.untrained import RECIPE

    recipe = parse_recipe(RECIPE, "r.yaml")

    def learn():
        networks = build_networks(recipe, torch.device("cpu"))
        return Learner(networks, build_losses_of(recipe, torch.device("cpu")), recipe.training, torch.float32)

    def step(learner):
        for side, optimiser in learner.optimisers.items():
            for parameter in learner.networks.side(side):
                parameter.grad = torch.zeros_like(parameter)
            optimiser.step()

    learner = learn()
    step(learner)
    learner.step = 4
    whole = save_checkpoint(folder / "run", learner, {"record": {"recipe": recipe.document, "plugins": ["ptk 0.1.0"]}})
    state = json.loads((whole / "state.json").read_text())
    state["python_random"][1] = state["python_random"][1][:625]
    tensors = load_file(whole / "tensors.safetensors")
    content = (whole / "tensors.safetensors").read_bytes()

    def damaged(rng):
        changed = dict(tensors)
        for _ in range(rng.choice((1, 2))):
            name = rng.choice([*changed, *(one for one in changed if one.startswith(("optimiser", "random")))])
            one = changed.pop(name)
            way = rng.randrange(6)
            if way == 0:
                changed[name] = one.flatten()[: max(0, one.numel() - 1)].clone()
            elif way == 1:
                changed[name] = one.double() if one.is_floating_point() else one.float()
            elif way == 2:
                changed[name.replace(".", rng.choice((".9", ".x", "..")), 2)] = one
            elif way == 3:
                changed[name] = one.to(torch.int64) - 2**40
            elif way == 4:
                changed[name] = torch.full(one.shape, float("nan"))
        return changed

    def read(rng, place):
        random.seed(0)
        found = place / "checkpoints" / rng.choice(("000004", "000004", "9x", "0", "1" * 200, "9٣", "4.part", "0x4"))
        found.mkdir(parents=True)
        (place / "run.json").write_bytes(_json_bytes({"started_from": {"sha256": ""}}, rng))
        way = rng.random()
        (found / "state.json").write_bytes(_json_bytes(state, rng) if way < 0.5 else json.dumps(state).encode())
        if way < 0.5:
            (found / "tensors.safetensors").symlink_to(whole / "tensors.safetensors")
        elif way < 0.85:
            save_file(damaged(rng), found / "tensors.safetensors")
        else:
            (found / "tensors.safetensors").write_bytes(damage_bytes(content, rng))
        checkpoints(place)
        what_is_left(place)
        latest = latest_checkpoint(place)
        if latest is None:
            return
        try:
            restore(latest, learner)
        except PtkError:
            restore(whole, learner)
        step(learner)

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
            path.write_bytes(b"\n".join(_json_bytes(row, rng) for row in rows))
        else:
            path = place / rng.choice(("t.csv", "t.tsv"))
            path.write_bytes(damage_bytes(comma.encode(), rng))
        Table().find(path)

    return read


def _both(*calls):
    """Call each, whatever ptk refuses before; the first refusal is raised at the end."""
    from ptk.errors import PtkError

    refused = None
    for call in calls:
        try:
            call()
        except PtkError as error:
            refused = refused or error
    if refused:
        raise refused


def _json_text(tree, rng):
    text = as_json(damage_tree(tree, rng))
    if rng.random() < 0.15:
        text = damage_bytes(text.encode("utf-8", "replace"), rng).decode(errors="replace")
    return text


def _json_bytes(tree, rng):
    content = as_json(damage_tree(tree, rng)).encode("utf-8", "surrogatepass")
    return damage_bytes(content, rng) if rng.random() < 0.15 else content


READERS = {
    "images": read_images,
    "tiff": read_tiff,
    "landmarks": read_landmarks_json,
    "words": read_words,
    "recipes": read_recipes,
    "weights": read_weights,
    "networks": read_networks,
    "manifests": read_manifests,
    "journals": read_journals,
    "shards": read_shards,
    "checkpoints": read_checkpoints,
    "tables": read_tables,
}
