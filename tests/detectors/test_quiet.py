import os
import re
import subprocess
import sys

import pytest

from ptk.detectors.quiet import without_notices

NOTICES = re.compile(rb"INFO: |W\d{4} ")


def test_notices_are_dropped_and_everything_else_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    with without_notices(NOTICES):
        os.write(2, b"INFO: delegate created\nE0000 graph.cc:12] no such model\nW0000 disabling feedback\nunfinished")
    assert capfd.readouterr().err == "E0000 graph.cc:12] no such model\nunfinished"


def test_an_exception_takes_its_output_along(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), without_notices(NOTICES):
        os.write(2, b"W0000 about to fail\nE0000 failed\n")
        raise RuntimeError
    os.write(2, b"INFO: afterwards\n")
    assert capfd.readouterr().err == "E0000 failed\nINFO: afterwards\n"


def test_finding_faces_looks_for_no_sound_library() -> None:
    code = "import sys; from ptk.detectors.mediapipe68 import MediaPipe68; MediaPipe68(); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'mediapipe'" in done.stdout
    assert "sounddevice" not in done.stdout
