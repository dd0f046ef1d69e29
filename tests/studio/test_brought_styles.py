"""Styles that the weights of a plug-in make, in the studio: offered by name, rendered on heads, refused in a line."""

import numpy as np
import pytest

pytest.importorskip("mediapipe", reason="the detector is an extra")

SMILE = {"faces": {"1": {"words": {"smile": 0.7}}}}


def test_a_style_of_weights_is_offered_and_rendered(bring_weights, start, portrait, portrait_file):
    bring_weights("old", "brown")
    page = start()
    styles = page.ask("GET", "/api/controls").json()["styles"]
    assert {"name": "brown", "summary": "made for a test", "group": "ptk-old"} in styles
    photo = page.open(portrait_file)["id"]
    picture, _ = page.render(photo, {**SMILE, "style": "brown"}, "whole")
    moved, _ = page.render(photo, SMILE, "whole")
    assert (np.abs(picture.astype(int) - moved).max(axis=2) > 15).mean() > 0.02
    assert np.abs(picture[-50:].astype(int) - portrait[-50:]).mean() < 4  # but for the encoding
    lines = page.post(photo, "command", {**SMILE, "style": "brown"}).json()["lines"]
    assert lines == ["ptk edit photo.png --expression smile=0.7 --style brown -o photo.ptk.png"]


def test_damaged_weights_are_a_refusal_and_other_styles_work_on(bring_weights, start, portrait_file):
    file = bring_weights("old", "brown") / "brown.onnx"
    page = start()
    photo = page.open(portrait_file)["id"]
    file.write_bytes(b"")
    answer = page.post(photo, "render", {"style": "brown"}, want="whole")
    assert answer.status_code == 422
    assert f"{file}: is not the file that was declared" in answer.text
    assert page.post(photo, "render", {"style": "sketch"}, want="whole").status_code == 200
