"""The tests that authors of plug-ins write with ptk.testing."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from installed import OIL, hooks_of, install
from ptk.errors import PluginError
from ptk.testing import RuleTest, rules

WHOLE = """
import pytest
from ptk.testing import rules

@pytest.mark.parametrize("rule", rules("ptk-oil", {options}), ids=str)
def test_it_holds_every_rule(rule):
    rule()
"""


@pytest.fixture
def author(tmp_path):
    """pytest's report on the tests of an author, whose plug-in is installed."""
    install(tmp_path / "site", "oil", hooks_of("oil"), parts=OIL)
    tests = tmp_path / "tests"
    tests.mkdir()

    def run(text, conftest=""):
        (tests / "conftest.py").write_text(conftest)
        (tests / "test_oil.py").write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PTK_PLUGINS": "oil"}
        command = [sys.executable, "-m", "pytest", "-rs", "-v", "-p", "no:cacheprovider", f"--rootdir={tests}", tests]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    return run


def test_the_whole_test_of_a_plug_in_is_three_lines(author):
    said = author(WHOLE.format(options={}))
    passed, failed = (re.search(rf"(\d+) {word}", said) for word in ("passed", "failed"))
    assert int(passed[1]) > 10, said
    assert not failed, said
    assert "test_it_holds_every_rule[domain oil: gives images in [-1, 1]] PASSED" in said
    assert "test_it_holds_every_rule[plug-in ptk-oil 1.0: declares a licence] PASSED" in said


@pytest.mark.slow
def test_a_broken_rule_fails_with_what_came_and_where_and_others_go_on(author, tmp_path):
    said = author(WHOLE.format(options={"oil": {"strength": 2.0}}))
    assert "domain oil: gives images in [-1, 1]: styled images must be in [-1, 1], values are in [-2, 2]" in said
    assert f"{tmp_path}/site/ptk_oil/parts.py:12" in said
    assert "test_it_holds_every_rule[domain oil: has a title] PASSED" in said
    assert "ptk/testing/" not in said, "an author is not shown the inside of the kit"


FIXTURES = """
def test_the_fixtures_are_there(ptk_faces, ptk_people, ptk_portrait):
    assert len(ptk_faces) == 2 and len(ptk_people) == 4 and ptk_portrait.shape == (384, 384, 3)
"""


@pytest.mark.slow
@pytest.mark.parametrize("conftest", ['pytest_plugins = ["ptk.testing"]', "from ptk.testing import *"])
def test_the_fixtures_come_by_either_way(author, conftest):
    assert "1 passed" in author(FIXTURES, conftest)


def test_what_cannot_be_tried_is_skipped_with_its_reason():
    own = {str(rule): rule for rule in rules("domain:photo")}
    with pytest.raises(pytest.skip.Exception, match="its images are real ones: it has no stylise"):
        own["domain photo: gives images in [-1, 1]"]()


def test_rules_can_be_had_for_one_part_with_options():
    told = rules("watercolor", {"domain:watercolor": {"strength": -1}})
    assert all(isinstance(rule, RuleTest) for rule in told)
    with pytest.raises(
        pytest.fail.Exception,
        match=r"domain watercolor: can be built: raised TypeError: Watercolor\(\) takes no arguments",
    ):
        next(rule for rule in told if "can be built" in str(rule))()


def test_there_are_no_rules_for_what_is_not_installed():
    with pytest.raises(PluginError, match="no such plug-in or part: ptk-beart"):
        rules("ptk-beart")


def test_seeded_faces_are_of_no_special_shape(ptk_faces):
    assert ptk_faces.image.shape == (2, 3, 96, 128)
    assert ptk_faces.image.abs().max() <= 1
    assert ptk_faces.domain.tolist() == [0, 1]
    assert ((ptk_faces.points > 0) & (ptk_faces.points < 1)).all()


def test_people_have_their_landmarks_on_their_faces(ptk_people):
    assert ptk_people.image.shape == (4, 3, 96, 96) and ptk_people.image.dtype == torch.float32
    chin, brow = ptk_people.points[:, 8, 1], ptk_people.points[:, 19, 1]
    assert (chin - brow > 0.3).all(), "a face fills a third of its crop, upright"


def test_detectors_find_the_person_of_the_portrait(ptk_portrait):
    assert ptk_portrait.dtype == np.uint8
    mediapipe = pytest.importorskip("ptk.detectors.mediapipe68")
    assert len(mediapipe.MediaPipe68().detect(ptk_portrait)) == 1
