import hashlib
import subprocess
import sys

import numpy as np
import pytest

from ptk.detectors import mediapipe68
from ptk.detectors.mediapipe68 import MODEL, MediaPipe68
from ptk.errors import PluginError

RUN = """
import numpy as np
from ptk.detectors.mediapipe68 import MediaPipe68
detector = MediaPipe68()
detector.detect(np.zeros((64, 64, 3), np.uint8))
print("done")
"""


def test_nothing_but_errors_reaches_the_terminal_from_first_to_last() -> None:
    run = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("done\n", "")


def test_it_works_in_a_process_without_stderr() -> None:
    closed = "import os; os.close(2)\n" + RUN
    run = subprocess.run([sys.executable, "-c", closed], stdout=subprocess.PIPE, text=True, check=True)
    assert run.stdout == "done\n"


def test_a_face_on_its_side_is_fitted_too(astronaut: np.ndarray) -> None:
    detector = MediaPipe68()
    (face,) = detector.detect(astronaut)
    (lying,) = detector.detect(np.ascontiguousarray(np.rot90(astronaut, -1)))
    upright = np.stack([lying.points[:, 1], 512 - lying.points[:, 0]], axis=1)
    apart = np.linalg.norm(upright - face.points, axis=1) / np.linalg.norm(face.points[45] - face.points[36])
    assert apart.mean() < 0.2  # less exactly than upright; points of an upright face would be 1 and more apart


def test_a_detector_in_a_cycle_can_be_collected() -> None:
    cycle = RUN.replace("print", "import gc; detector.itself = detector; del detector; gc.collect(); print")
    run = subprocess.run([sys.executable, "-c", cycle], capture_output=True, text=True, check=True, timeout=240)
    assert (run.stdout, run.stderr) == ("done\n", "")


def test_a_missing_system_library_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise OSError("libGLESv2.so.2: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(mediapipe68, "_make_tasks", missing)  # the libraries are there where tests run
    with pytest.raises(PluginError, match=r"^detector mediapipe68: .*libGLESv2\.so\.2.*apt-get install .*libgles2"):
        MediaPipe68()


def test_the_model_is_the_one_that_its_notice_names_and_has_its_licence_beside_it() -> None:
    notice = MODEL.with_name("face_landmarker.NOTICE.txt").read_text()
    assert hashlib.sha256(MODEL.read_bytes()).hexdigest() in notice
    assert f"{MODEL.stat().st_size:,} bytes" in notice
    assert "Apache License" in MODEL.with_name("face_landmarker.LICENSE.txt").read_text()
