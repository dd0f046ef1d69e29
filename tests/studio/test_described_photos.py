"""What the page is told: what there is to choose from, and what each face of a photo can do."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ptk.faces import topology
from ptk.faces.expressions import vocabulary
from studio.conftest import encode


@pytest.fixture
def controls(page):
    answer = page.ask("GET", "/api/controls")
    assert answer.status_code == 200
    return answer.json()


def test_every_word_has_its_limits_and_its_group(controls):
    words = {word["name"]: word for word in controls["words"]}
    assert set(words) == set(vocabulary().strengths)
    for name, word in words.items():
        known = vocabulary().strengths[name]
        assert (word["least"], word["most"]) == (known.least, known.most)
        assert word["summary"]
        assert word["step"] > 0
        assert word["unit"] == ("°" if word["group"] == "head" else "")
    groups = {word["group"] for word in words.values()}
    assert groups == {"mouth", "eyes", "brows", "feelings", "gaze", "head", "neutral"}
    assert words["wink_left"]["mirror"] == "wink_right"
    assert words["smirk_right"]["mirror"] == "smirk_left"
    assert words["look_left"]["mirror"] == "look_right"
    assert words["smile"]["mirror"] is None


def test_styles_can_all_be_had_without_options(controls, page):
    styles = {style["name"]: style for style in controls["styles"]}
    assert {"photo", "sketch", "candy", "klee"} <= set(styles)
    assert not {"picture", "images", "neural_style"} & set(styles)
    assert styles["klee"]["group"] == "neural"
    assert styles["sketch"]["group"] == "ptk"
    assert len(styles) == len(controls["styles"])
    for name in styles:
        page.studio.styles(name, "photo")


def test_lines_join_the_points_of_a_face(controls):
    listed = [index for line in controls["lines"] for index in line["indices"]]
    assert sorted(listed) == list(range(topology.POINTS))
    closed = {line["name"] for line in controls["lines"] if line["closed"]}
    assert closed == {"right_eye", "left_eye", "outer_lips", "inner_lips"}


def test_limits_are_told(controls, page):
    assert controls["limits"] == {"bytes": page.studio.limits.file_bytes, "pixels": page.studio.limits.pixels}
    assert controls["sources"][0] == "photo"
    assert set(controls["parts"]) == {"mouth", "eyes", "brows"}
    assert controls["given"] is None


def test_samples_open_and_have_a_face(controls, page):
    for sample in controls["samples"]:
        answer = page.ask("POST", f"/api/samples/{sample['name']}")
        assert answer.status_code == 201
        assert len(answer.json()["faces"]) == 1
        assert answer.json()["warnings"] == []
        shown = page.ask("GET", f"/api/samples/{sample['name']}")
        assert min(Image.open(io.BytesIO(shown.content)).size) >= 256
    for name in ("none", "..%2F..%2Fapp", "sea.jpg"):
        assert page.ask("POST", f"/api/samples/{name}").status_code == 404
        assert page.ask("GET", f"/api/samples/{name}").status_code == 404


def test_a_given_photo_opens(page, portrait_file):
    assert page.ask("POST", "/api/given").status_code == 404
    page.studio._given = ("cat.png", portrait_file)
    assert page.ask("GET", "/api/controls").json()["given"] == "cat.png"
    assert page.ask("POST", "/api/given").json()["name"] == "cat.png"


def test_a_face_that_can_do_everything(page, portrait_file):
    opened = page.open(portrait_file, "cat.png")
    assert (opened["name"], opened["width"], opened["height"]) == ("cat.png", 512, 512)
    assert (opened["drawing"], opened["from"], opened["warnings"]) == (False, "", [])
    (face,) = opened["faces"]
    assert np.array(face["points"]).shape == (68, 2)
    assert np.array(face["irises"]).shape == (2, 3)
    assert (face["number"], face["cannot"], face["warning"]) == (1, {}, "")


def test_eyes_behind_dark_glasses_cannot_do_anything(page, portrait, portrait_file):
    points = np.array(page.open(portrait_file)["faces"][0]["points"])
    image = Image.fromarray(portrait.copy())
    draw = ImageDraw.Draw(image)
    for eye in (topology.RIGHT_EYE, topology.LEFT_EYE):
        x, y = points[eye].mean(axis=0)
        draw.ellipse((x - 21, y - 15, x + 21, y + 17), fill=(8, 8, 10))
    x0, x1 = points[topology.RIGHT_EYE].mean(axis=0), points[topology.LEFT_EYE].mean(axis=0)
    draw.line([tuple(x0), tuple(x1)], fill=(8, 8, 10), width=4)
    opened = page.open(encode(np.asarray(image)))
    cannot = opened["faces"][0]["cannot"]
    assert {"look_left", "look_up", "wide_eyes", "wink_left"} <= set(cannot)
    assert not {"smile", "brows_up", "turn"} & set(cannot)
    assert all("glasses" in why and "`" not in why for why in cannot.values())


def test_faces_are_numbered_as_everywhere(page, two_faces):
    opened = page.open(encode(two_faces))
    left, right = (np.array(face["points"]) for face in opened["faces"])
    assert left[:, 0].max() < 512 < right[:, 0].min()


def test_a_photo_with_more_bits_is_told_of(page, portrait):
    image = Image.new("I;16", (200, 200), 30_000)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    opened = page.open(buffer.getvalue(), "deep.png", "photo")
    assert any("16 bits" in line for line in opened["warnings"])
    assert not any(line.startswith("deep.png") for line in opened["warnings"])
