"""torchvision can be imported beside whatever torch is installed."""

import subprocess
import sys


def test_torchvision_imports_after_the_mend_and_the_mend_is_harmless_twice():
    program = (
        "from ptk.torchvision_import import mend_torchvision as mend\n"
        "mend(); mend()\n"
        "import torchvision\n"
        "mend()\n"
        "from torchvision.models.feature_extraction import create_feature_extractor\n"
        "print(torchvision.__version__)"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip()
