"""Every command in the documentation runs; everything that it links to is there."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image

from clips import write_clips
from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.registry.builtins import ptk_commands

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
QUICK = {
    # Long commands run as written, with less to do.
    "train": "--steps 2 --set data.size=32 --set generator.portraitgan.width=8 --set discriminator.patch_stack.width=8",
    "synth": "--people 1 --size 32 --samples 1",
    "eval": "--pairs 1 --metric mse",
    "compare": "--seconds 0",
}
# Most of the time before the first step goes into the estimate of memory: the fewer losses, the shorter.
FEW_LOSSES = {"train": "--set 'losses.generator={lsgan: 1, identity: 5}'"}


def commands(page):
    """The lines that start with "$ " in blocks fenced as console."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def quick(words, page):
    """`words` of a page with less to do; the README trains with all losses of its recipe."""
    less = [QUICK.get(words[0], "")] + ([] if page.name == "README.md" else [FEW_LOSSES.get(words[0], "")])
    return [*words, *shlex.split(" ".join(less))]


@pytest.fixture(scope="module")
def weights(small_recipe, nursery, tmp_path_factory):
    """Weights that know the styles the pages ask for."""
    out = tmp_path_factory.mktemp("runs") / "run"
    styles = "domains=[photo, sketch, watercolor]"
    trained, _, err = nursery.run("train", small_recipe, "--steps", 1, "--out", out, "--set", styles, "--device", "cpu")
    assert trained.returncode == 0, err
    return out / "weights.safetensors"


@pytest.fixture
def desk(tmp_path, weights):
    """A folder with what the pages take for granted: photos, a tree of them, clips of two people, weights."""
    data = pytest.importorskip("skimage.data", reason="needs scikit-image for a portrait: see the extra dev")
    Image.fromarray(data.astronaut()).save(tmp_path / "photo.jpg", quality=95)
    shutil.copy(weights, tmp_path / "weights.safetensors")
    shutil.copy(SAMPLE / "images" / "p02_surprise.jpg", tmp_path / "other.jpg")
    group = Image.new("RGB", (512, 256))
    for place, name in ((0, "p02_neutral"), (256, "p07_neutral")):
        group.paste(Image.open(SAMPLE / "images" / f"{name}.jpg").resize((256, 256)), (place, 0))
    group.save(tmp_path / "group.jpg", quality=95)
    entries = read_manifest(SAMPLE)
    people = sorted({entry.identity for entry in entries})[:3]
    for entry in entries:
        if entry.identity in people and entry.expression in ("neutral", "happiness"):
            person = tmp_path / "photos" / entry.identity
            person.mkdir(parents=True, exist_ok=True)
            shutil.copy(SAMPLE / entry.image, person / f"{entry.expression}.jpg")
    write_clips(tmp_path / "clips")
    shutil.copytree(ROOT / "ptk" / "recipes", tmp_path / "recipes")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_every_command_of_a_page_runs_in_its_order(page, desk, nursery, monkeypatch):
    for line in commands(page):
        words = shlex.split(line)
        if words[:2] == ["ptk", "synth"]:
            pytest.importorskip("ptk_synth", reason="needs ptk-synth: see plugins/")
            monkeypatch.setenv("PTK_PLUGINS", "ptk-synth")
        if words[0] == "make":
            targets = (ROOT / "Makefile").read_text()
            assert re.search(rf"^{words[1]}:", targets, re.MULTILINE), f"{page.name}: no target {words[1]}"
            continue
        assert words[0] == "ptk", f"{page.name}: `{line}` is no command of ptk; fence it as text"
        done, out, err = nursery.run(*quick(words[1:], page), cwd=desk)
        assert done.returncode == 0, f"{page.name}: {line}\n{out}\n{err}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name}: {target} is not there"


def test_every_verb_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for verb in (part.name for part in ptk_commands()):
        assert f"`ptk {verb}`" in readme, verb
