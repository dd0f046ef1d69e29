"""The people that ``ptk-aging`` renders: which, into which files, gone on with and never mixed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import ptk
import ptk_aging
from ptk_aging import program
from ptk_aging.ages import Ages
from ptk_aging.people import Settings, main, render

TINY = Settings(size=32, samples=1)


@pytest.fixture
def anny():
    """Skips where people cannot be rendered, or anny would first take a minute to cache its model."""
    pytest.importorskip("mitsuba", reason="needs mitsuba: see ptk-synth")
    paths = pytest.importorskip("anny.paths", reason="needs anny: see ptk-synth")
    if not list(Path(paths.get_anny_cache_path()).rglob("build_model_data_*")):
        pytest.skip("anny has not cached its model on this machine yet, which takes it a minute")


def test_what_the_plug_in_offers_can_be_loaded():
    domains = {part.name: part.load()() for part in ptk_aging.ptk_domains()}
    assert set(domains) == {"young", "old"}
    assert all(isinstance(domain, ptk.Domain) and domain.title for domain in domains.values())
    assert all(domain.stylise and domain.render for domain in domains.values())
    assert [part.load() for part in ptk_aging.ptk_sources()] == [Ages]


def test_discovery_imports_nothing_heavy():
    script = (
        "import sys, ptk_aging\nptk_aging.ptk_domains(), ptk_aging.ptk_sources()\n"
        "assert not {'torch', 'numpy', 'PIL', 'typer', 'rich'} & set(sys.modules), sorted(sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("index", range(24))
def test_a_person_has_three_ages_and_is_the_same(index):
    ages = TINY.ages(index)
    assert (ages["young"].years, ages["old"].years) == (20, 72)
    assert 16 <= ages["photo"].years <= 78  # the range that ptk draws people from, without children
    assert len({(person.name, person.iris, person.skin.tone, person.view) for person in ages.values()}) == 1


def test_renders_what_the_source_reads_and_goes_on(anny, tmp_path):
    out = tmp_path / "people"
    assert [*render(out, 1, ["neutral"], TINY, workers=1)] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    found = Ages().find(out)
    assert {(one.identity, one.domain, one.expression) for one in found} == {
        ("p00", domain, "neutral") for domain in ("photo", "young", "old")
    }
    before = {one.path: one.path.read_bytes() for one in found}
    assert len(set(before.values())) == 3  # three pictures, not one three times
    assert all(Image.open(path).size == (32, 32) for path in before)

    gone = out / "p00/old_neutral.jpg"
    gone.unlink()
    assert [*render(out, 1, ["neutral"], TINY, workers=1)] == [(2, 3), (3, 3)]
    assert gone.read_bytes() == before[gone]
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == sorted(
        [".ptk-aging.json", *(path.name for path in before)]
    )


def test_a_folder_holds_people_of_one_making(tmp_path):
    out = tmp_path / "people"
    steps = render(out, 1, ["neutral"], TINY)
    assert next(steps) == (0, 3)
    steps.close()
    with pytest.raises(ptk.PtkError, match=r"holds people made otherwise \(.*'old': 72.*choose another folder"):
        next(render(out, 1, ["neutral"], Settings(old=60)))
    (out / ".ptk-aging.json").write_text("{damaged")
    with pytest.raises(ptk.PtkError, match="made otherwise"):
        next(render(out, 1, ["neutral"], TINY))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["OUT", "--expressions", "neutral,smirk"], "--expressions smirk: there is none; there are anger, contempt"),
        (["FILE"], "cannot be written (file exists); choose another place"),
    ],
)
def test_mistakes_are_one_line(monkeypatch, capsys, tmp_path, arguments, message):
    (tmp_path / "FILE").touch()
    places = [str(tmp_path / each) if each.isupper() else each for each in arguments]
    monkeypatch.setattr(sys, "argv", ["ptk-aging", *places])
    with pytest.raises(SystemExit) as ended:
        main()
    error = capsys.readouterr().err
    assert ended.value.code == 1
    assert error.startswith("ptk-aging: ")
    assert message in error
    assert error.count("\n") == 1


def test_says_what_to_install_where_nobody_can_be_rendered(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None)
    monkeypatch.setattr(sys, "argv", ["ptk-aging", str(tmp_path / "people"), "--people", "1"])
    with pytest.raises(SystemExit):
        main()
    assert "pip install" in capsys.readouterr().err


def test_says_what_to_install_where_ptk_synth_is_missing(monkeypatch):
    monkeypatch.setattr(program, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="pip install ptk-synth"):
        program.main()
