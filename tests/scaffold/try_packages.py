"""Run as a program: each package is tested, checked and trained with as its author would; prints JSON of what failed.

All in one process, for importing torch and starting the check's worker takes longer than the rest.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

import pytest

from ptk.cli.main import main
from ptk.dataset.manifest import SAMPLE


def ptk(*words):
    """`ptk` with these words: "", or what it printed when it failed."""
    said = io.StringIO()
    sys.argv = ["ptk", *map(str, words)]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main()
            status = 0
        except SystemExit as left:
            status = left.code
    return f"exit status {status}\n{said.getvalue()}" if status else ""


def tested(package):
    """The package's own tests: "", or pytest's report when one fails."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(package), str(package / "tests")])
    return f"exit status {int(status)}\n{said.getvalue()}" if status else ""


def tried(package, data):
    """What of it failed, by what was done."""
    done = {"tests": tested(package), "check": ptk("plugins", "check", package.name)}
    recipe = package / "recipe.yaml"
    if recipe.exists():
        run = package.parent / "runs" / package.name
        done["train"] = ptk("train", recipe, "--steps", 2, "--data", data, "--out", run, "--device", "cpu")
        if (package / "src" / package.name.replace("-", "_") / "generator.py").exists():
            done["exports"] = exported(run)
    return done


def exported(run):
    """What failed of exporting the weights of `run` and editing a photo with them and with each exported network."""
    photo = next((SAMPLE / "images").glob("p02_neutral.*"))
    files = {"onnx": run / "network.onnx", "openvino": run / "network.xml"}
    failed = [ptk("export", run / "weights.safetensors", "--format", form, "--out", files[form]) for form in files]
    for file in (run / "weights.safetensors", *files.values()):
        for words in (("--expression", "smile"), ("--style", "sketch", "--learned")):
            out = run / f"{words[1]}{file.suffix}.png"
            failed.append(ptk("edit", photo, "--weights", file, *words, "--device", "cpu", "--out", out))
    return "\n".join(filter(None, failed))


if __name__ == "__main__":
    place, data = map(Path, sys.argv[1:])
    print(json.dumps({package.name: tried(package, data) for package in sorted(place.glob("ptk-*"))}))
