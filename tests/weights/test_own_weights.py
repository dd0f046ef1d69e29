"""ptk's own weights are declared as they are, and make what is learned of ptk's own styles."""

import hashlib

import numpy as np

from ptk.dataset.example import portraits
from ptk.editing.loading import load_translator, shipped
from ptk.editing.weights_styles import open_style
from ptk.registry.registry import Registry
from ptk.registry.styles import find_weights
from ptk.weights.portraits import Portraits


def test_the_files_are_those_that_are_declared():
    """After new weights `make weights` writes these lines; by hand they go into ptk/weights/portraits.py."""
    found = {name: hashlib.sha256(Portraits.find_file(name).read_bytes()).hexdigest() for name in Portraits.files}
    assert Portraits.files == found
    assert Portraits.find_file(next(iter(Portraits.files))) == shipped("cpu")
    assert load_translator(shipped("cpu")).size == Portraits.size


def test_a_learned_style_is_asked_for_as_that_of_a_plug_in():
    style = open_style(*find_weights(Registry(), "ptk:sketch"))
    (photo, points), *_ = portraits(1)
    drawn = style.paint(photo, [points])
    left, top = points.min(axis=0).astype(int)
    right, bottom = points.max(axis=0).astype(int)
    face = drawn[top:bottom, left:right].astype(int)
    assert np.ptp(face, axis=2).mean() < 12  # nearly grey
    assert np.array_equal(drawn[-9:, :9], photo[-9:, :9])
