"""Whatever plug-ins do, ptk and the others go on: distributions that are broken in every way, really installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from broken import BROKEN, LAZY, install
from skimage import data

import ptk
from installed import install as lay_out
from ptk.errors import PluginError, RecipeError
from ptk.recipe.build import build_parts
from ptk.recipe.load import parse_recipe
from ptk.registry.discovery import entry_points
from ptk.registry.registry import Registry

RECIPE = """
recipe: outsiders
plugins: PLUGINS
data: {source: sample, size: 64}
domains: [photo, DOMAIN]
conditioners: [{landmark_map: {sigma: 4}}, domain_planes]
generator: {portraitgan: {width: 8, down: 2, blocks: 1}}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 8}}
losses: {critic: {lsgan: 1}, generator: {lsgan: 1}}
"""


def recipe(domain="sketch", plugins=()):
    said = f"plugins: [{', '.join(plugins)}]" if plugins else ""
    return RECIPE.replace("plugins: PLUGINS", said).replace("DOMAIN", domain)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of installed distributions: a good one, and one for each way to be broken."""
    target = tmp_path_factory.mktemp("site")
    install(tmp_path_factory.mktemp("sources"), target)
    return target


@pytest.fixture
def shell(site, tmp_path):
    """`ptk` as in a shell with all of them installed: what it printed and said, what it imported."""

    def run(*words, status=0, **environment):
        marks = tmp_path / f"imported{len(list(tmp_path.iterdir()))}"
        marks.mkdir()
        inherited = {name: value for name, value in os.environ.items() if name != "PTK_PLUGINS"}
        search = os.pathsep.join([str(site), str(Path(ptk.__file__).parents[1])])  # the ptk that is tested here
        environment = {**inherited, "PYTHONPATH": search, "IMPORTED": str(marks), "COLUMNS": "300", **environment}
        command = [sys.executable, "-m", "ptk", *map(str, words)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert status == 0 or "Traceback" not in done.stderr
        return done.stdout, done.stderr, {path.name for path in marks.iterdir()}

    return run


@pytest.fixture(scope="module")
def registry(site, tmp_path_factory):
    """The registry where all of them are installed, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.delenv("PTK_PLUGINS")
        patch.setenv("IMPORTED", str(tmp_path_factory.mktemp("imported")))
        registry = Registry(entry_points)
        assert len(registry.plugins) > len(BROKEN)
        yield registry


def errors(registry):
    return {plugin.distribution: plugin.error for plugin in registry.plugins}


@pytest.mark.parametrize("name", BROKEN)
def test_each_is_told_with_its_own_error_in_a_line(registry, name):
    error = errors(registry)[f"ptk-{name}"]
    assert BROKEN[name][1] in error
    assert error.isprintable()


def test_an_entry_point_that_leads_nowhere_is_told(registry):
    assert errors(registry)["ptk-absent"] == "ModuleNotFoundError: No module named 'ptk_absent'"


def test_damaged_metadata_gives_nothing_and_stops_nothing(registry):
    assert "ptk-damaged" not in errors(registry)
    assert not registry.offers("domain", "of_damaged")


def test_of_one_that_is_broken_in_half_nothing_is_taken(registry):
    assert not registry.offers("domain", "half")
    assert not registry.offers("domain", "doubled")


def test_ptks_own_part_stays_its_own(registry):
    assert registry.part("domain", "sketch").origin.startswith("ptk ")


def test_two_of_one_name_are_named_and_their_other_parts_work(registry):
    with pytest.raises(PluginError, match=r"domain shared: offered by ptk-left 1\.0 and ptk-right 1\.0; uninstall one"):
        registry.part("domain", "shared")
    assert registry.part("domain", "of_left").origin == "ptk-left 1.0"
    assert registry.part("domain", "of_right").origin == "ptk-right 1.0"


@pytest.mark.parametrize("name", LAZY)
def test_a_factory_that_cannot_be_had_is_told_when_it_is_used(registry, name):
    factory, what = LAZY[name]
    assert errors(registry)["ptk-lazy"] == ""
    with pytest.raises(PluginError) as caught:
        registry.part("domain", f"lazy_{name}").load()
    assert str(caught.value).startswith(f"lazy_{name} (ptk-lazy 1.0): {factory} ")
    assert str(caught.value).endswith(what)


def test_a_recipe_uses_the_good_one_beside_them(registry):
    read = parse_recipe(recipe("negative", ["ptk-good"]), "my.yaml", registry=registry)
    assert type(build_parts(read, "domain", registry)["negative"]).__name__ == "Negative"


def refused(registry, **said):
    """The one line with which a recipe is refused."""
    with pytest.raises(RecipeError) as caught:
        parse_recipe(recipe(**said), "my.yaml", registry=registry)
    [line] = caught.value.mistakes
    assert line.isprintable()
    return line


@pytest.mark.parametrize("name", BROKEN)
def test_a_recipe_that_needs_a_broken_one_says_what_is_wrong_with_it(registry, name):
    line = refused(registry, plugins=[f"ptk-{name}"])
    assert line.startswith(f"my.yaml:3: plugins: ptk-{name} 1.0 is broken: ")
    assert BROKEN[name][1] in line


def test_a_recipe_that_names_a_part_of_a_broken_one_names_the_package(registry):
    line = refused(registry, domain="half")
    assert line.startswith("my.yaml:5: domains.half: no such domain")
    assert "ptk-half 1.0: ZeroDivisionError: division by zero" in line


def test_a_recipe_that_needs_one_that_is_not_installed_says_how_to_install_it(registry):
    line = refused(registry, plugins=["ptk-nowhere"])
    assert line == "my.yaml:3: plugins: ptk-nowhere is not installed: pip install ptk-nowhere"


def test_a_recipe_that_uses_a_factory_that_is_not_there_says_whose_it_is(registry):
    line = refused(registry, domain="lazy_name")
    assert "lazy_name (ptk-lazy 1.0): ptk_lazy:Missing cannot be loaded" in line


def test_the_list_shows_every_one(shell):
    printed, _, imported = shell("plugins")
    for name, (_, error) in BROKEN.items():
        assert f"ptk-{name} 1.0" in printed
        assert error in printed
    assert "negative" in printed
    assert "Traceback" not in printed
    assert {"ptk_good", "ptk_hangs"} <= imported  # the marks work: other tests ask that there are none


def test_verbose_shows_where_they_fail(shell):
    printed = shell("plugins", "-v", PTK_PLUGINS="raises,hook-raises")[0]
    assert printed.count("Traceback (most recent call last)") == 2
    assert "print('hello'); raise ValueError('no luck')" in printed


def test_what_one_prints_while_it_is_imported_is_in_nobodys_result(shell):
    printed, said, _ = shell("plugins", "--json", PTK_PLUGINS="raises")
    assert [plugin["name"] for plugin in json.loads(printed)] == ["ptk", "raises"]
    assert json.loads(printed)[1]["printed"] == "hello\n"
    assert said == ""


def test_what_one_prints_on_import_is_shown_by_ptk_plugins_and_by_no_other_command(shell):
    printed, said, _ = shell("plugins", "-v", PTK_PLUGINS="loud")
    assert "prints when it is imported: out 1, and 4 lines more" in printed  # a warning takes two lines
    assert all(word in printed for word in ("err 2", "logged", "UserWarning: warned"))
    assert said == ""
    listed, said, imported = shell("domains", PTK_PLUGINS="loud")
    assert imported == {"ptk_loud"}
    assert "of_loud" in listed and "out 1" not in listed
    assert said == ""


@pytest.mark.parametrize(
    ("how", "status"),
    [("os.kill(os.getpid(), 11)", "SIGSEGV"), ("import ctypes; ctypes.CDLL(None)._exit(0)", "status 0")],
)
def test_one_that_ends_python_is_named_and_the_others_are_listed(shell, tmp_path, site, how, status):
    deadly = tmp_path / "deadly"
    lay_out(deadly, "deadly", f"import os\n{how}\n")
    search = os.pathsep.join(map(str, (deadly, site, Path(ptk.__file__).parents[1])))
    for named in ("deadly,good", "good,ptk-deadly"):
        printed, _, _ = shell("plugins", PYTHONPATH=search, PTK_PLUGINS=named)
        assert printed.count("ptk-deadly 1.0") == 1
        assert f"broken: ends Python when it is imported ({status})" in printed
        assert "negative" in printed
        assert "not installed" not in printed


def test_ptks_own_parts_are_listed_where_they_are_asked_for(shell):
    printed = shell("plugins", PTK_PLUGINS="good")[0]
    assert "negative" in printed and "watercolor" not in printed
    assert "parts: ptk plugins --all lists them" in printed.splitlines()[-1]
    everything = shell("plugins", "--all", PTK_PLUGINS="good")[0]
    assert everything.index("negative") < everything.index("watercolor")


@pytest.mark.parametrize(
    "words", [("--version",), ("train", "--help"), ("recipes",), ("recipes", "check", "portraitgan-tiny")], ids=" ".join
)
def test_what_needs_no_plugin_imports_none(shell, words):
    printed, _, imported = shell(*words)
    assert printed
    assert imported == set()


def test_help_lists_the_verbs_of_ptk_and_names_every_broken_one(shell):
    named = [name for name in BROKEN if name != "hangs"]  # for five seconds
    printed, said, imported = shell("--help", PTK_PLUGINS=",".join(named))
    assert "Check this machine" in printed.partition("broken plug-in ")[0]
    lines = printed.splitlines()
    for name in named:
        [line] = [line for line in lines if line.startswith(f"broken plug-in ptk-{name} 1.0: ")]
        assert BROKEN[name][1] in line
    assert said == ""
    assert imported


@pytest.mark.parametrize("how", ["string_at(0)", "CDLL(None)._exit(0)"])
def test_one_that_ends_python_leaves_the_help_of_ptk(shell, tmp_path, how):
    lay_out(tmp_path / "deadly", "deadly", f"import ctypes\nctypes.{how}\n")
    search = os.pathsep.join(map(str, (tmp_path / "deadly", Path(ptk.__file__).parents[1])))
    status = 0 if "_exit" in how else -11
    printed, said, _ = shell("--help", status=status, PYTHONPATH=search)
    assert "Check this machine" in printed
    assert status == 0 or "ptk_deadly/__init__.py" in said  # Python's own report
    assert "Render the faces" in shell("edit", "--help", PYTHONPATH=search)[0]


@pytest.mark.slow
def test_an_edit_imports_none(shell, small_recipe, tmp_path):
    from PIL import Image

    Image.fromarray(data.astronaut()).save(tmp_path / "photo.jpg")
    # These weights learned from landmarks of no detector: they are those of the heads that were rendered.
    trained = shell("train", small_recipe, "--steps", 1, "--out", "run", "--device", "cpu")
    words = ("--weights", "run/weights.safetensors", "--style", "sketch", "--out", "out.png", "--device", "cpu")
    edited = shell("edit", "photo.jpg", *words)
    assert Image.open(tmp_path / "out.png").size == (512, 512)
    assert trained[2] == edited[2] == set()


@pytest.mark.slow
def test_a_recipe_with_the_good_one_is_checked_in_the_shell(shell, tmp_path):
    (tmp_path / "my.yaml").write_text(recipe("negative", ["ptk-good"]))
    assert "photo, negative" in shell("recipes", "check", "my.yaml", PTK_PLUGINS="ptk-good,raises")[0]
    line = shell("recipes", "check", "my.yaml", status=1, PTK_PLUGINS="raises")[1]
    assert "plugins: ptk-good is installed, and left out by PTK_PLUGINS=raises" in line


@pytest.fixture
def chosen(site, monkeypatch, tmp_path):
    """The registry with PTK_PLUGINS set."""
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("IMPORTED", str(tmp_path))

    def choose(named):
        monkeypatch.setenv("PTK_PLUGINS", named)
        return Registry(entry_points)

    return choose


@pytest.mark.parametrize(
    ("named", "known"),
    [
        ("", {"ptk": ""}),
        ("good", {"ptk": "", "good": ""}),
        ("ptk-good, raises", {"ptk": "", "good": "", "raises": "ValueError: no luck"}),
        ("PTK_good", {"ptk": "", "good": ""}),
        ("nowhere", {"ptk": "", "nowhere": "is named in PTK_PLUGINS and not installed"}),
    ],
)
def test_ptk_plugins_chooses_which_are_looked_at(chosen, named, known):
    registry = chosen(named)
    assert {plugin.name: plugin.error for plugin in registry.plugins} == known
    assert registry.offers("domain", "negative") == ("good" in named)


def test_a_name_of_two_entry_points_chooses_both(chosen):
    registry = chosen("side")
    assert registry.offers("domain", "of_left") and registry.offers("domain", "of_right")
