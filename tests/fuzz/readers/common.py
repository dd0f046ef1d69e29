"""What readers share: pictures, damaged JSON, and calls of which each may be refused."""

import io

import numpy as np
from PIL import Image

from tests.fuzz.mutate import as_json, damage_bytes, damage_tree

SIDE = 64


def make_picture(side=SIDE, mode="RGB"):
    rng = np.random.default_rng(3)
    small = Image.fromarray(rng.integers(0, 255, (6, 6, 3), np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC).convert(mode)


def encode(picture, form, **options):
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def call_each(*calls):
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


def damage_json_text(tree, rng):
    text = as_json(damage_tree(tree, rng))
    if rng.random() < 0.15:
        text = damage_bytes(text.encode("utf-8", "replace"), rng).decode(errors="replace")
    return text


def damage_json(tree, rng):
    content = as_json(damage_tree(tree, rng)).encode("utf-8", "surrogatepass")
    return damage_bytes(content, rng) if rng.random() < 0.15 else content
