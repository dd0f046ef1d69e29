"""Damage to bytes, to trees of plain data, and to their text: at random, and where readers are known to break."""

import copy
import json
import math
import random
import struct
import zlib

NASTY = (
    None,
    True,
    False,
    0,
    -1,
    1,
    3.7,
    1e308,
    -1e-308,
    float("nan"),
    float("inf"),
    2**31,
    2**63,
    10**30,
    "",
    " ",
    "\0",
    "\ud800",
    "é\u202e\U0001f600",
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "x" * 5000,
    "1" * 400,
    "nan",
    "null",
    "9x",
    [],
    {},
    [[]],
    {"": None},
    [0] * 500,
    {str(number): number for number in range(300)},
    "@DEEP@",
    "@DIGITS@",
    "@OBJECTS@",
)
"""Values to put where others stand; those between @ are written as text that no tree can hold (see `as_json`)."""

_JSON = {
    '"@DEEP@"': "[" * 3000 + "]" * 3000,
    '"@OBJECTS@"': '{"a":' * 2000 + "1" + "}" * 2000,
    '"@DIGITS@"': "1" * 5000,
}


def as_json(tree):
    """Write `tree` as JSON text, with what Python's json does not write itself."""
    text = json.dumps(tree)
    for mark, written in _JSON.items():
        text = text.replace(mark, written)
    return text


def damage_tree(tree, rng):
    """Change one to three places of a tree of dicts and lists; returns another tree."""
    tree = json.loads(json.dumps(tree))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        tree = _damage_once(tree, rng)
    return tree


def _damage_once(tree, rng):
    if not isinstance(tree, dict | list) or not tree or rng.random() < 0.02:
        return _nasty(rng)
    parent, key = rng.choice(_places(tree))
    value, way = parent[key], rng.randrange(7)
    if way == 0:
        del parent[key]
    elif way == 1:
        parent[key] = rng.choice(([value], {"x": value}, [value, value]))
    elif way == 2 and isinstance(parent, dict):
        parent[rng.choice(("", "x", "schema", "\ud800", key + "s", "1", "<<"))] = parent.pop(key)
    elif way == 3 and isinstance(value, int | float) and not math.isnan(value) and not isinstance(value, bool):
        parent[key] = rng.choice(
            (-value, value * 1e9, value + 0.5, str(value), round(min(1e9, max(-1e9, value or 0))) << 40)
        )
    elif way == 4 and isinstance(value, str):
        parent[key] = rng.choice((value.upper(), value + "x", value[:-1], f" {value}", value * 50, [value]))
    elif way == 5:
        other, other_key = rng.choice(_places(tree))
        parent[key] = json.loads(json.dumps(other[other_key]))
    else:
        parent[key] = _nasty(rng)
    return tree


def _nasty(rng):
    """One of them, a copy: the same case must make the same file again."""
    return copy.deepcopy(rng.choice(NASTY))


def _places(tree):
    """(parent, key) of all values below `tree`, of long lists a few."""
    found = []
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    for key in keys if len(keys) < 12 else random.Random(len(keys)).sample(keys, 12):
        found.append((tree, key))
        if isinstance(tree[key], dict | list):
            found += _places(tree[key])
    return found


def damage_bytes(content, rng):
    """Flip, cut, double, splice or overwrite bytes at a few places."""
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        if not content:
            break
        start = rng.randrange(len(content))
        length = rng.choice((1, 1, 2, 4, 16, 200))
        way = rng.randrange(6)
        if way == 0:
            content[start] ^= 1 << rng.randrange(8)
        elif way == 1:
            content[start : start + length] = rng.randbytes(length)
        elif way == 2:
            del content[start : start + length]
        elif way == 3:
            content[start:start] = content[start : start + length] * rng.choice((1, 3))
        elif way == 4:
            edge = rng.choice((b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0"))
            content[start : start + len(edge)] = edge
        elif rng.random() < 0.4:
            del content[start:]
    return bytes(content)


def damage_png(content, rng):
    """Change chunks of a PNG, whose checksums are right again."""
    chunks, at = [], 8
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    for _ in range(rng.choice((1, 1, 2))):
        index = rng.randrange(len(chunks))
        name, body = chunks[index]
        way = rng.randrange(5)
        if way == 0:
            chunks.insert(index, chunks[rng.randrange(len(chunks))])
        elif way == 1 and len(chunks) > 1:
            del chunks[index]
        elif way == 2 and name == b"IHDR":
            sides = [rng.choice((0, 1, 31, 33, 5000, 20_000, 2**31 - 1)) for _ in range(2)]
            chunks[index] = name, struct.pack(">II", *sides) + body[8:]
        elif way == 3:
            chunks[index] = rng.choice((b"tEXt", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"iTXt", b"tRNS", b"PLTE")), body
        else:
            chunks[index] = name, damage_bytes(body, rng)
    written = [
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big") for name, body in chunks
    ]
    return content[:8] + b"".join(written)


def damage_tiff(content, rng):
    """Change tag, type, count or value of a few entries in the directories of a TIFF, or of EXIF."""
    content = bytearray(content)
    order = "<" if content[:2] == b"II" else ">"
    starts = [struct.unpack_from(f"{order}I", content, 4)[0]]
    entries = []
    for start in starts:
        if start + 2 > len(content) or len(starts) > 8:
            continue
        count = struct.unpack_from(f"{order}H", content, start)[0]
        for at in range(start + 2, min(start + 2 + 12 * count, len(content) - 12), 12):
            entries.append(at)
            tag, _, _, value = struct.unpack_from(f"{order}HHII", content, at)
            if tag in (0x8769, 0x8825, 0xA005, 330):
                starts.append(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not entries:
            return damage_bytes(bytes(content), rng)
        at = rng.choice(entries)
        field = rng.randrange(4)
        if field < 2:
            tags = (254, 256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 330, 339, 700, 33723, 34665)
            value = rng.choice(tags) if field == 0 else rng.randrange(20)
            struct.pack_into(f"{order}H", content, at + 2 * field, value)
        else:
            edges = (0, 1, 2, 3, 8, 255, 65535, 2**31, 2**32 - 1, len(content), rng.randrange(len(content)))
            struct.pack_into(f"{order}I", content, at + 4 * (field - 1), rng.choice(edges))
    return bytes(content)
