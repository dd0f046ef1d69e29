"""The weights that come with ptk: small, whole, the same in both files, and good for what they are for."""

import hashlib
import json

import numpy as np
import pytest

from ptk.dataset.manifest import SAMPLE
from ptk.editing.exported.export import trial_faces
from ptk.editing.loading import SHIPPED, load_translator, shipped
from ptk.evaluation.evaluate import Metrics, evaluate
from ptk.evaluation.people import People, read_people
from ptk.evaluation.report import mean, switched
from ptk.evaluation.styles import Renderers, with_styles
from ptk.registry.registry import load_registry

DOMAINS = ("photo", "sketch", "watercolor", "wave", "poster")


@pytest.fixture(scope="module")
def translator():
    return load_translator(shipped("cpu"), "cpu")


def test_they_are_small_and_say_where_they_come_from(translator):
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 40 * 2**20
    assert translator.size >= 256
    assert translator.domains == DOMAINS
    assert "CC BY 4.0" in translator.metadata["data"]["licence"]
    assert "/" not in translator.metadata["data"]["source"]
    card = (SHIPPED / "README.md").read_text()
    assert all(word in card for word in ("consent", "CC BY 4.0", "ptk eval", *DOMAINS))


def test_for_a_gpu_and_without_torch_they_are_the_same(translator):
    torchs = load_translator(shipped("cuda"), "cpu")
    digest = hashlib.sha256(shipped("cuda").read_bytes()).hexdigest()
    assert translator.metadata["exported_from"]["sha256"] == digest
    cut, start, goal = trial_faces(translator.size)[0]
    for domain in ("photo", "wave"):
        gap = np.abs(translator.render(cut, start, goal, domain).image - torchs.render(cut, start, goal, domain).image)
        assert gap.mean() < 1, domain


def test_people_whom_they_never_saw_come_nearer_to_the_goal_and_into_every_style(translator):
    """A synthetic person of the bundled set's test split."""
    read = read_people(SAMPLE, "test", translator.size, DOMAINS)
    shots = {identity: list(shots[:2]) for identity, shots in list(read.shots.items())[:1]}
    people = People(read.folder, read.split, shots, read.licence, read.detector)
    people = with_styles(people, Renderers.of(translator.metadata))
    found = evaluate(translator, people, Metrics.built(load_registry(), ("mse",), people.detector))
    photos = [case for case in found.cases if case.domain == "photo"]
    assert len(photos) == 2
    assert mean(photos, "mse", "result") < mean(photos, "mse", "unchanged")
    for domain in found.domains:
        assert switched(found, domain) == 1, domain


def test_their_metadata_names_no_place_of_the_machine_they_were_made_on(translator):
    said = json.dumps(translator.metadata)
    assert not any(place in said for place in ("/home/", "/work/", "/tmp/", "/root/", "scratch"))
