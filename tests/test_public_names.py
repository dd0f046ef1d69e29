"""The public names are listed, documented, and cost nothing until they are used."""

import subprocess
import sys

import pytest

import ptk


def test_public_names_are_these():
    assert sorted(ptk.__all__) == [
        "DataError", "Domain", "Faces", "Landmarks", "MediaFile", "Networks", "Observer", "Pair", "Part", "Planes",
        "PtkError", "Rendering", "Skipped", "Target", "Tick", "Translation", "Translator", "Verdict", "Weights",
        "__version__", "hookimpl",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [name for name in ptk.__all__ if name not in ("__version__", "hookimpl")])
def test_public_name_resolves_and_is_documented(name):
    assert getattr(ptk, name).__doc__


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Translater"):
        ptk.Translater  # noqa: B018


@pytest.mark.parametrize("arguments", [["--help"], ["plugins"], ["recipes"], ["train", "--help"]], ids=" ".join)
def test_quick_commands_import_nothing_heavy(arguments):
    heavy = "torch torchvision timm kornia mediapipe dlib cv2 onnxruntime anny mitsuba numpy PIL".split()
    script = (
        f"import sys; sys.argv = ['ptk', *{arguments!r}]\n"
        "from ptk.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"loaded = [name for name in {heavy!r} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
