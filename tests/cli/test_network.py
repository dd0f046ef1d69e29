"""No verb contacts another machine or leaves files in the home folder; seen from Python, and from the kernel."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest
from PIL import Image
from skimage.data import astronaut

from ptk.dataset.manifest import SAMPLE
from ptk.registry.builtins import ptk_commands
from ptk.registry.parts import load_verb
from tests.untrained import write_untrained

pytestmark = pytest.mark.slow

VERBS = """
edit photo.png --expression smile -o edited.png
morph photo.png --expression smile --frames 2 -o film.gif
landmarks photo.png -o landmarks.json
expression save smile=0.7 -o expression.json
expression show expression.json --picture expression.png
prepare photos --out faces --margin 0 --workers 1
prepare more --out others --margin 0 --workers 1 --engine ray
train small.yaml --steps 1 --out run
eval run/weights.safetensors --data small --out report
compare run/weights.safetensors --data small --metric mse --seconds 0 --out beside
study new a=untrained.safetensors b=run/weights.safetensors --data small --groups 2 --out asked
study serve --help
study report --help
export run/weights.safetensors --out net.onnx
export run/weights.safetensors --format openvino --out net.xml
edit photo.png --weights net.xml --style sketch -o drawn.png
bench pretrained.yaml --seconds 1
synth drawn --people 1 --size 32 --samples 1 --workers 1
data check small
data show small --out page
data join faces others --out joined
recipes
recipes check small.yaml
recipes check pretrained.yaml --memory
recipes copy portraitgan-tiny mine.yaml
domains
domains add untrained.safetensors candy -o grown.safetensors
plugins
plugins new dots --kind domain --out dots
plugins show sketch
plugins check sketch
doctor --quick
studio --help
train --help
"""

HOOK = """
import os, sys

def told(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    if host and str(host) not in ("localhost", "127.0.0.1", "::1"):
        with open(os.environ["CONTACTS"], "a") as file:
            file.write(f"{os.environ.get('VERB')}: {event} {host}\\n")

sys.addaudithook(told)
"""
"""Told of every contact that Python's own sockets make, in every process, before it is made."""

RUN = """
import os, shlex, socket, sys
from pathlib import Path
from ptk.cli.main import main
from ptk.doctor.recipes import prospect
from ptk.doctor.trying import tried

if __name__ == "__main__":
    for line in open("verbs.txt"):
        os.environ["VERB"] = line.strip()
        try:  # a mark among what strace notes
            socket.socket(socket.AF_UNIX).connect("\\0" + line.strip()[:90])
        except OSError:
            pass
        sys.argv = ["ptk", *shlex.split(line)]
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        print("STATUS", status, line.strip(), flush=True)
    os.environ["VERB"] = "what the doctor tries"
    tried({"import": ["openvino", "huggingface_hub", "timm"]})
    list(prospect(Path("pretrained.yaml"), patience=0))
"""


def listens():
    """The command that notes contacts by the kernel's account; [] where it cannot."""
    strace = shutil.which("strace")
    command = [strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
    if (
        strace
        and subprocess.run([*command, "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0
    ):
        return command
    return []


@pytest.fixture(scope="module")
def lived(small_data, small_recipe, tmp_path_factory):
    """A folder in which each verb was run: what they said, whom Python contacted, what strace saw, what home holds."""
    folder = tmp_path_factory.mktemp("lived")
    Image.fromarray(astronaut()).save(folder / "photo.png")
    for place, person in (("photos", "p00"), ("more", "p01")):
        (folder / place).mkdir()
        for expression in ("neutral", "happiness"):
            shutil.copy(next((SAMPLE / "images").glob(f"{person}_{expression}.*")), folder / place)
    (folder / "small").symlink_to(small_data)
    shutil.copy(small_recipe, folder / "small.yaml")
    losses = "texture: {weight: 10, backbone: vgg11}\n    perceptual: {weight: 1, backbone: vgg11, stages: 2}"
    known = small_recipe.read_text().replace("texture: {weight: 10, backbone: vgg11, weights: random}", losses)
    (folder / "pretrained.yaml").write_text(known)
    write_untrained(folder / "untrained.safetensors")
    for name, text in {"home": None, "hooks": None, "verbs.txt": VERBS.strip(), "run.py": RUN}.items():
        (folder / name).mkdir() if text is None else (folder / name).write_text(text)
    (folder / "hooks" / "sitecustomize.py").write_text(HOOK)
    without = {"HF_HUB_OFFLINE", "HF_HOME", "HF_HUB_CACHE", "PTK_DEBUG"}
    environment = {key: value for key, value in os.environ.items() if key not in without}
    environment |= {
        "HOME": str(folder / "home"),
        "XDG_CACHE_HOME": str(folder / "home" / ".cache"),
        "CONTACTS": str(folder / "contacts"),
        "PTK_PLUGINS": "ptk-synth" if find_spec("ptk_synth") else "",
        "PYTHONPATH": os.pathsep.join([str(folder / "hooks"), *filter(None, sys.path)]),
    }
    listening = listens()
    command = [*listening, *(["-o", "strace.txt"] if listening else []), sys.executable, "run.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    (folder / "said").write_text(done.stdout + done.stderr)
    return folder


@pytest.mark.skipif(
    not all(map(find_spec, ("openvino", "ray", "mitsuba", "anny", "ptk_synth"))),
    reason="needs the extras openvino and ray, and ptk-synth",
)
def test_every_verb_ran(lived):
    ran = re.findall(r"^STATUS 0 (.*)$", (lived / "said").read_text(), re.MULTILINE)
    assert ran == VERBS.strip().splitlines(), (lived / "said").read_text()


def test_every_verb_is_among_them():
    lines = VERBS.strip().splitlines()
    verbs = []
    for part in ptk_commands():
        below = getattr(load_verb(part), "commands", {"": None})
        verbs += [f"{part.name} {name}".strip() for name in below]
    assert [verb for verb in verbs if not any(line.startswith(verb) for line in lines)] == []


def test_python_contacts_nobody(lived):
    assert not (lived / "contacts").exists(), (lived / "contacts").read_text()


@pytest.mark.skipif(not listens(), reason="needs strace, which sees what C++ contacts too")
def test_nor_does_anything_else(lived):
    """By the kernel's account; the resolver's address is no other machine's own, but it is asked for one."""
    calls = (lived / "strace.txt").read_text().splitlines()
    marks = [line for line in calls if "sun_path=@" in line]
    assert len(marks) >= len(VERBS.strip().splitlines())
    away = [line for line in calls if re.search(r"AF_INET6?", line) and not re.search(r'"((::ffff:)?127\.|::1")', line)]
    assert away == []


def test_the_home_folder_stays_empty(lived):
    """But for ptk's cache, and that of anny, whose heads synth draws: it has no setting."""
    files = [str(file.relative_to(lived / "home")) for file in (lived / "home").rglob("*") if file.is_file()]
    assert [name for name in files if not name.startswith((".cache/ptk/", ".cache/anny/"))] == []
