"""Metrics that know faces: what is the same person, and where the mouth is."""

import math

import pytest
import torch

from ptk.dataset.manifest import SAMPLE
from ptk.errors import MissingExtra
from ptk.evaluation.candidates import faces_of
from ptk.evaluation.people import read_people
from ptk.registry.registry import load_registry
from ptk.types import Faces

REGIONS = ("mouth", "eyes", "brows", "jaw")


def metric(name, **options):
    try:
        return load_registry().part("metric", name).load()(**options)
    except MissingExtra as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def faces():
    """Two photos each of two people, [person][photo]."""
    people = read_people(SAMPLE, "test", 256, ("photo",)).shots
    return [[faces_of(shot, "photo") for shot in shots[:2]] for shots in list(people.values())[:2]]


def test_another_person_is_further_away_than_another_expression(faces):
    distance = metric("identity_distance")
    (one, smiling), (other, _) = faces
    assert distance(one, one, one.image).item() == 0
    same = distance(one, smiling, smiling.image).item()
    assert 0 < same < distance(one, other, other.image).item()


@pytest.mark.parametrize("region", REGIONS)
def test_landmarks_are_found_where_the_face_is(faces, region):
    error = metric(f"{region}_error")
    face = faces[0][0]
    found = error(face, face, face.image).item()
    assert 0 <= found < 8  # of a detector that now sees the crop alone
    eyes = (face.points[:, 45] - face.points[:, 36]).norm()
    moved = Faces(image=face.image, points=face.points + torch.tensor([0.1, 0]) * eyes, domain=face.domain)
    assert error(face, moved, face.image).item() == pytest.approx(10, abs=4)


def test_where_nobody_is_nothing_is_measured(faces):
    face = faces[0][0]
    grey = torch.zeros_like(face.image)
    assert metric("faces_found")(face, face, grey).item() == 0
    assert math.isnan(metric("mouth_error")(face, face, grey).item())
    far = Faces(image=face.image, points=face.points * 0.2, domain=face.domain)
    assert metric("faces_found")(face, far, face.image).item() == 0
    assert metric("faces_found")(face, face, face.image).item() == 1


def test_the_same_images_are_looked_at_once(faces, monkeypatch):
    error, found = metric("mouth_error"), metric("faces_found")
    face = faces[0][1]
    image = face.image.clone()
    error(face, face, image)
    monkeypatch.setattr(type(error._look._detector), "detect", None)
    assert found(face, face, image).item() == 1
