"""`ptk study`, as it is typed: a study is made, and what is sent back is reported."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from ptk.evaluation.study.answers import QUESTIONS, read_key
from untrained import write_untrained


def test_a_study_is_made_and_reported(ptk, small_data, tmp_path):
    weights = [f"{name}={write_untrained(tmp_path / f'{name}.safetensors', loud=0.3)}" for name in "ab"]
    words = ("--data", small_data, "--out", tmp_path / "study", "--groups", 2)
    code, printed, said = ptk("study", "new", *weights, *words)
    assert code == 0, said
    assert "3 groups" in printed
    code, _, said = ptk("study", "report", tmp_path / "study")
    assert code == 1
    assert "holds no answers yet" in said
    key = read_key(tmp_path / "study")
    files = []
    for rater in "xyz":
        given = []
        for group, of in key.groups.items():
            ranking = sorted(of, key=lambda picture: (picture == key.checks.get(group), of[picture]))
            given += [{"round": 2, "group": group, "question": one, "ranking": ranking} for one in QUESTIONS]
        files.append(tmp_path / f"{rater}.json")
        answers = {"schema": "ptk.study-answers/1", "study": key.study, "rater": rater, "answers": given}
        files[-1].write_text(json.dumps(answers))
    (tmp_path / "damaged.json").write_text("{")
    code, printed, _ = ptk("study", "report", tmp_path / "study", *files, tmp_path / "damaged.json")
    assert code == 0
    assert "3 people" in printed
    assert "| a | 100.0 (100.0 to 100.0) |" in printed
    assert "- damaged.json: " in printed
    code, printed, _ = ptk("study", "report", tmp_path / "study", *files, "--json")
    assert json.loads(printed)["raters"] == 3


@pytest.mark.slow
def test_a_study_is_served_until_it_is_interrupted(small_data, tmp_path):
    weights = [f"{name}={write_untrained(tmp_path / f'{name}.safetensors')}" for name in "ab"]
    words = [sys.executable, "-m", "ptk", "study"]
    new = [*words, "new", *weights, "--data", small_data, "--groups", "1", "--out", tmp_path / "study"]
    subprocess.run(list(map(str, new)), check=True, capture_output=True)
    command = [*words, "serve", str(tmp_path / "study"), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as served:
        address = served.stdout.readline().split()[0]
        page = urllib.request.urlopen(address, timeout=60).read().decode()
        assert "Which pictures are better?" in page
        served.send_signal(signal.SIGINT)
        served.wait(timeout=60)


def test_what_cannot_be_is_a_line(ptk, tmp_path, small_data):
    for words, said in (
        (("report", tmp_path), "key.json: cannot be read"),
        (("serve", tmp_path), "key.json: cannot be read"),
        (("new", tmp_path / "none.safetensors", "--data", small_data), "none.safetensors"),
        (("new", "a", "--data", small_data, "--split", "both"), "--split both"),
    ):
        code, _, told = ptk("study", *words)
        assert code == 1
        assert said in told
        assert told.count("\n") == 1
