"""What a plug-in must hold as a whole, tried on installed distributions."""

import re

import pytest

from installed import LICENSED, OIL, hooks_of, install
from ptk.registry.discovery import entry_points
from ptk.registry.registry import Registry
from ptk.testing.contracts import checks

USED, LIGHT, LICENCE = "can be used", "says what it offers without loading torch", "declares a licence"


@pytest.fixture
def outcomes(tmp_path, monkeypatch):
    """Outcome by rule for a plug-in that is installed by this."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def check(name, *arguments, **modules):
        install(site, name, *arguments, **modules)
        monkeypatch.setenv("PTK_PLUGINS", name)
        found = checks(f"ptk-{name}", registry=Registry(entry_points))
        return {one.rule: one.run() for one in found if one.subject == f"plug-in ptk-{name} 1.0"}

    return check


def test_a_plug_in_that_holds_every_rule(outcomes):
    told = outcomes("fine", hooks_of("fine"), parts=OIL)
    assert {rule: one.status for rule, one in told.items()} == dict.fromkeys((USED, LIGHT, LICENCE), "pass")


@pytest.mark.parametrize(
    ("name", "above", "breach"),
    [
        ("heavy", "import torch", "torch is imported by {package}/__init__.py:1"),
        ("behind", "\nfrom ptk_behind import parts", "torch is imported by {package}/parts.py:2"),
        ("counting", "import sys\nimport numpy", "numpy is imported by {package}/__init__.py:2"),
    ],
)
def test_a_plug_in_that_loads_torch_to_say_what_it_offers(outcomes, tmp_path, name, above, breach):
    told = outcomes(name, hooks_of(name, above=above), parts="\nimport torch\n" + OIL)[LIGHT]
    assert told.status == "fail"
    package = tmp_path / "site" / f"ptk_{name}"
    expected = f'{breach.format(package=package)}: import it inside functions, and give factories as "package.'
    assert told.message.startswith(expected)
    assert told.where == f"{package}/__init__.py"


def test_what_is_loaded_is_seen_in_an_environment_that_is_named_torch(tmp_path, monkeypatch):
    site = tmp_path / "torch"
    package = install(site, "inside", hooks_of("inside", above="import torch"), parts=OIL)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PTK_PLUGINS", "inside")
    (light,) = [one for one in checks("ptk-inside", registry=Registry(entry_points)) if one.rule == LIGHT]
    assert light.run().message.startswith(f"torch is imported by {package}/__init__.py:1:")


def test_a_plug_in_may_look_for_what_it_does_not_import(outcomes):
    above = "from importlib.util import find_spec\nHAS = find_spec('torch') is not None\n"
    assert outcomes("looking", hooks_of("looking", above=above), parts=OIL)[LIGHT].status == "pass"


@pytest.mark.parametrize("metadata", ["License: MIT", "Classifier: License :: OSI Approved :: MIT License", LICENSED])
def test_a_licence_may_be_declared_in_any_field(outcomes, metadata):
    assert outcomes("free", hooks_of("free"), metadata, parts=OIL)[LICENCE].status == "pass"


@pytest.mark.parametrize("metadata", ["Author: ann", "License: UNKNOWN", "Classifier: Topic :: Artistic Software"])
def test_a_plug_in_without_a_licence(outcomes, tmp_path, metadata):
    told = outcomes("unsaid", hooks_of("unsaid"), metadata, parts=OIL)[LICENCE]
    assert told.status == "fail"
    assert told.message.startswith('its metadata must name a licence: license = "Apache-2.0"')
    assert told.where == str(tmp_path / "site" / "ptk_unsaid-1.0.dist-info" / "METADATA")


def test_the_licence_of_a_project_in_work_is_mended_in_its_own_file(outcomes, tmp_path):
    project = tmp_path / "work"
    project.mkdir()
    (project / "pyproject.toml").write_text("[build-system]\n\n[project]\nname = 'ptk-work'\n")
    told = outcomes("work", hooks_of("work"), "Author: ann", parts=OIL)
    about = tmp_path / "site" / "ptk_work-1.0.dist-info"
    (about / "direct_url.json").write_text(f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}')
    (again,) = [one for one in checks("work", registry=Registry(entry_points)) if one.rule == LICENCE]
    assert told[LICENCE].status == "fail"
    assert again.run().where == f"{project / 'pyproject.toml'}:3"


def test_a_plug_in_that_cannot_be_used_says_why_and_is_asked_no_more(outcomes):
    told = outcomes("cracked", "import nowhere_to_be_found\n")
    assert re.search(r"No module named 'nowhere_to_be_found' \(.*\.py:\d+\)", told[USED].message)
    assert told[LIGHT].status == "skip"
    assert told[LICENCE].status == "pass"


def test_a_plug_in_that_offers_nothing(outcomes):
    hooks = "import ptk\n\n@ptk.hookimpl\ndef ptk_domains():\n    return []\n"
    assert outcomes("empty", hooks)[USED].message == "it offers nothing: its hooks return empty lists"
