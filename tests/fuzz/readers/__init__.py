"""What is read, each with whole files to damage: `open_reader(name, folder)` gives `read(rng, place)`.

A case is one call: it writes a damaged file into `place`, made by `rng` alone, and has ptk read it.
"""

from importlib import import_module

READERS = {
    "images": "pictures:read_images",
    "tiff": "pictures:read_tiff",
    "videos": "videos:read_videos",
    "landmarks": "faces:read_landmarks_json",
    "words": "faces:read_words",
    "expression": "faces:read_expressions",
    "recipes": "recipes:read_recipes",
    "weights": "networks:read_weights",
    "networks": "networks:read_networks",
    "openvino": "openvino_networks:read_openvino",
    "manifests": "sets:read_manifests",
    "journals": "sets:read_journals",
    "shards": "sets:read_shards",
    "checkpoints": "checkpoints:read_checkpoints",
    "tables": "faces:read_tables",
}
"""A reader's name -> the file here that has it, and its function."""


def open_reader(name, folder):
    """`read(rng, place)` of the reader called `name`, which keeps whole files in `folder`."""
    module, _, function = READERS[name].partition(":")
    return getattr(import_module(f"{__name__}.{module}"), function)(folder)
