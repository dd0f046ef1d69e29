"""Requirements are read as pip reads them: markers, ranges, extras."""

from importlib.metadata import PackageNotFoundError

import pytest

from ptk.errors import install_command, read_requirements


@pytest.fixture
def lines(monkeypatch):
    """Let ptk's metadata require these lines."""
    found: list[str] = []
    monkeypatch.setattr("importlib.metadata.requires", lambda _: found)
    return found


def test_the_core_and_an_extra_are_told_apart(lines):
    lines += ["numpy>=2,<3", 'av==18 ; extra == "video"', "ray ; extra == 'ray'"]
    assert [one.name for one in read_requirements()] == ["numpy"]
    assert install_command("video") == "pip install av==18"
    assert install_command("ray") == "pip install ray"


def test_what_another_machine_needs_is_left_out(lines):
    lines += ['one==1 ; sys_platform == "nowhere"', 'two==2 ; python_version >= "3" and extra == "styles"']
    assert read_requirements() == []
    assert install_command("styles") == "pip install two==2"


def test_without_metadata_the_extra_itself_is_named(monkeypatch):
    def lost(_):
        raise PackageNotFoundError("ptk")

    monkeypatch.setattr("importlib.metadata.requires", lost)
    assert install_command("video") == "pip install 'ptk[video]'"
