"""A study's page says nobody's name, its key everybody's; the server keeps answers and nothing else."""

import json
import os
import re
import shutil

import pytest

from ptk.errors import DataError, OutputError, PtkError
from ptk.evaluation.comparison.compare import read_people_for
from ptk.evaluation.comparison.members import read_members
from ptk.evaluation.comparison.trials import plan_trials
from ptk.evaluation.study.answers import read_answers, read_key
from ptk.evaluation.study.make import make_study
from ptk.evaluation.study.serve import create_app
from untrained import write_untrained

NAMES = ("secretly", "unsaid")
CHROMIUM = os.environ.get("PTK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def asked(tmp_path_factory, small_data):
    """Two members, their plans, and a study of three groups and one for attention."""
    folder = tmp_path_factory.mktemp("study")
    words = [str(write_untrained(folder / f"{name}.safetensors", loud=0.3)) for name in NAMES]
    members, _ = read_members(words, "cpu")
    people, _ = read_people_for(small_data, "test", 64, members, ["sketch"], lambda *_: None)
    plans = plan_trials(people, members, ["sketch"], 0)
    count = make_study(folder / "study", members, plans, 64, groups=3)
    return folder / "study", members, plans, count


def study_of(page):
    return json.loads(re.search(r'<script type="application/json" id="study">(.*?)</script>', page, re.DOTALL)[1])


def test_the_page_says_nobodys_name_and_the_key_everybodys(asked):
    out, _, _, count = asked
    assert count == 4
    page, key = (out / "page" / "index.html").read_text(), read_key(out)
    for name in (*NAMES, "safetensors", "untrained"):
        assert name not in page
        assert not any(name in file.name for file in out.rglob("*"))
    study = study_of(page)
    assert key.names == NAMES
    assert {group["group"]: set(group["pictures"]) for group in study["groups"]} == {
        group: set(of) for group, of in key.groups.items()
    }
    assert all(set(of.values()) == set(NAMES) for of in key.groups.values())
    assert len(key.checks) == 1
    files = {file.name for file in (out / "page" / "images").iterdir()}
    assert files == {file for group in study["groups"] for file in (*group["pictures"], group["source"])}


def test_a_study_is_never_replaced_and_needs_two(asked, tmp_path):
    out, members, plans, _ = asked
    with pytest.raises(OutputError, match="people may have answered it"):
        make_study(out, members, plans, 64, groups=1)
    with pytest.raises(PtkError, match="no two of these weights"):
        make_study(tmp_path / "one", members[:1], [], 64, groups=1)
    assert not (tmp_path / "one").exists()


def answers_to(out, rater="abc123"):
    key = read_key(out)
    given = [
        {"round": 1, "group": group, "question": "realism", "ranking": list(of)} for group, of in key.groups.items()
    ]
    return {"schema": "ptk.study-answers/1", "study": key.study, "rater": rater, "answers": given}


def test_the_server_shows_the_page_and_keeps_answers_of_this_study_alone(asked):
    testing = pytest.importorskip("starlette.testclient", reason="a study's server is in the extra studio")
    out = asked[0]
    client = testing.TestClient(create_app(out))
    assert "Which pictures are better?" in client.get("/").text
    for secret in ("/key.json", "/../key.json", "/%2e%2e/key.json"):
        assert client.get(secret).status_code == 404
    said = answers_to(out)
    assert client.post("/answers", json=said).text == "kept"
    assert read_answers(out / "answers" / "abc123.json", read_key(out)).rater == "abc123"
    for wrong in (said | {"study": "x"}, said | {"rater": "../x"}, said | {"answers": [1]}, []):
        assert client.post("/answers", json=wrong).status_code == 400
    assert client.post("/answers", content=b"x" * (2 << 20)).status_code == 413
    assert [file.name for file in (out / "answers").iterdir()] == ["abc123.json"]


def test_without_a_study_there_is_no_server(tmp_path):
    with pytest.raises(DataError, match=r"key\.json: cannot be read"):
        create_app(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_person_answers_both_rounds_and_a_reload_loses_nothing(asked, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    out = asked[0]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(accept_downloads=True).new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((out / "page" / "index.html").as_uri())
        page.click("#start")
        pictures = page.locator("#pictures button")
        assert pictures.count() == 2
        assert "gone" not in page.get_attribute("#pictures", "class")
        first = pictures.nth(0).get_attribute("data-file")
        pictures.nth(0).click()
        page.reload()
        assert pictures.nth(0).get_attribute("data-file") == first  # the order, and what was clicked, are kept
        assert pictures.nth(0).is_disabled()
        page.wait_for_selector("#pictures.gone", timeout=6000)
        page.reload()
        page.wait_for_selector("#pictures.gone", timeout=500, state="attached")  # its time goes on
        for answered in range(16):
            assert f"question {answered + 1} of 16" in page.inner_text("#progress")
            if answered == 8:
                assert "Round 2" in page.inner_text("#progress")
                page.wait_for_timeout(5500)
                assert "gone" not in page.get_attribute("#pictures", "class")
            while page.locator("#pictures button:enabled").count() and f"question {answered + 1} of" in page.inner_text(
                "#progress"
            ):
                page.locator("#pictures button:enabled").first.click()
                if page.is_visible("#end"):
                    break
        with page.expect_download() as saved:
            page.click("#save")
        saved.value.save_as(tmp_path / "answers.json")
        browser.close()
    assert errors == []
    answers = read_answers(tmp_path / "answers.json", read_key(out))
    assert len(answers.rankings) == 16
    assert set(json.loads((tmp_path / "answers.json").read_text())) == {"schema", "study", "rater", "answers"}
