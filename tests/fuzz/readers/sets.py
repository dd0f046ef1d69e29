"""Data sets: manifests, journals, shards."""

import io
import json

from tests.fuzz.mutate import as_json, damage_bytes
from tests.fuzz.readers.common import SIDE, call_each, damage_json


def read_manifests(_):
    """Manifests line by line, and descriptions of data sets."""
    from ptk.dataset.manifest import SAMPLE, read_description, read_lines, read_manifest, write_manifest

    lines = (SAMPLE / "manifest.jsonl").read_text().splitlines()[:4]
    described = json.loads((SAMPLE / "dataset.json").read_text())

    def read(rng, place):
        written = [line.encode() for line in lines]
        at = rng.randrange(len(written))
        written[at] = damage_json(json.loads(lines[at]), rng)
        (place / "manifest.jsonl").write_bytes(b"\n".join(written))
        (place / "dataset.json").write_bytes(damage_json(described, rng))
        call_each(
            lambda: read_lines(place),
            lambda: read_description(place),
            lambda: write_manifest(place, read_manifest(place)),
        )

    return read


def read_journals(folder):
    """Journals of ptk prepare: read, noted in, written again, and planned with."""
    from pathlib import Path

    from ptk.dataset.journal import SOURCES, UNFINISHED, journal, read_records, write_records
    from ptk.prepare.messages import Settings
    from ptk.prepare.plan import Item, make_plan
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
        written[at] = damage_json(whole[at], rng)
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

    from ptk.dataset.shards import INDEX, Shards, write_shards
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
        (place / INDEX).write_bytes(damage_json(said, rng) if tar == content else json.dumps(said).encode())
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
                body = damage_json(json.loads(body), rng)
            member.size = len(body)
            if rng.random() < 0.1:
                member.pax_headers = {rng.choice(("size", "path", "GNU.sparse.size", "GNU.sparse.map")): "99999999999"}
            tar.addfile(member, io.BytesIO(body))
    return buffer.getvalue()
