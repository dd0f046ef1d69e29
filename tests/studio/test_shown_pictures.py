"""What the page is shown: small pictures live, the whole on release, and where the points are in them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from profiles import DISPLAY_P3, SRGB_CURVE, rgb_profile
from studio.conftest import decode, encode

SMILE = {"faces": {"1": {"words": {"smile": 1.0}}}}
LARGE = 1600


@pytest.fixture(scope="module")
def large_file(portrait) -> bytes:
    return encode(np.asarray(Image.fromarray(portrait).resize((LARGE, LARGE), Image.Resampling.BICUBIC)))


@pytest.fixture
def opened(page, large_file):
    return page.open(large_file)


def apart(one, other):
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def shrink(pixels, region, size):
    left, top, width, height = region
    return np.asarray(Image.fromarray(pixels).crop((left, top, left + width, top + height)).resize(size))


SKETCHES = ({"style": "sketch"}, {"style": "sketch", "area": "head"})


@pytest.mark.parametrize("want", ["live", "draft"])
@pytest.mark.parametrize("named", [{}, *(pytest.param(each, marks=pytest.mark.slow) for each in SKETCHES)])
def test_small_pictures_look_like_the_result(page, opened, want, named):
    """They are near the true render of their region, nearer than to the photo, though made of fewer pixels."""
    edit = {"faces": {"1": {"words": {"surprise": 1.2}, "moved": {"48": [-20.0, 0.0]}}}, **named}
    shown, meta = page.render(opened["id"], edit, want)
    result = decode(page.post(opened["id"], "result", edit, suffix=".png").content)
    size = shown.shape[1::-1]
    assert max(size) == {"live": 384 if named else 640, "draft": 1280}[want]
    photo = decode(page.post(opened["id"], "result", {}, suffix=".png").content)
    before, after = (shrink(each, meta["region"], size) for each in (photo, result))
    assert apart(shown, after) < (12 if named else {"live": 4, "draft": 2.5}[want])  # live ones are quick
    assert apart(shown, after) < 0.75 * apart(shown, before)


def test_a_live_picture_is_of_the_region_around_the_face(page, opened):
    shown, meta = page.render(opened["id"], SMILE, "live", side=300)
    left, top, width, height = meta["region"]
    points = np.array(opened["faces"][0]["points"])
    assert (points > (left, top)).all()
    assert (points < (left + width, top + height)).all()
    assert max(width, height) < LARGE
    assert max(shown.shape) == 300


def test_points_come_back_in_pixels_of_the_photo(page, opened):
    start = np.array(opened["faces"][0]["points"])
    still = np.array(page.render(opened["id"], {}, "live")[1]["points"])
    np.testing.assert_allclose(still, start, atol=0.06)
    edit = {"faces": {"1": {"words": {"smile": 1.0}, "moved": {"8": [10.0, 20.0]}}}}
    metas = [page.render(opened["id"], edit, want)[1] for want in ("live", "draft", "whole")]
    without = np.array(page.render(opened["id"], SMILE, "whole")[1]["points"])
    for meta in metas:
        np.testing.assert_allclose(meta["points"], metas[2]["points"], atol=0.3)
        np.testing.assert_allclose(np.subtract(meta["points"], without)[8], (10, 20), atol=0.4)
        np.testing.assert_allclose(meta["irises"], metas[2]["irises"], atol=0.3)
        assert meta["warnings"] == []
        assert meta["ms"] >= 0


def test_irises_look_elsewhere(page, opened):
    looks = {"faces": {"1": {"words": {"look_left": 1.0}}}}
    before, after = (np.array(page.render(opened["id"], edit, "live")[1]["irises"]) for edit in ({}, looks))
    assert (after[:, 0] - before[:, 0] > 5).all()  # to her left is right in the picture
    np.testing.assert_allclose(after[:, 2], before[:, 2], atol=0.11)


def test_an_edit_that_asks_for_nothing_gives_the_photo(page, opened, large_file):
    for edit in ({}, {"faces": {"1": {"words": {"smile": 0.0}, "moved": {"3": [0.0, 0.0]}}}}):
        for want in ("live", "draft", "whole"):
            shown, meta = page.render(opened["id"], edit, want)
            plain = shrink(decode(large_file), meta["region"], shown.shape[1::-1])
            assert apart(shown, plain) < 2.5
        assert page.post(opened["id"], "result", edit, suffix=".png").content == large_file


def test_the_whole_is_the_full_render_in_its_own_pixels(page, opened):
    region = [600, 400, 256, 200]
    shown, meta = page.render(opened["id"], SMILE, "whole", region=region, side=4096)
    assert meta["region"] == region
    result = decode(page.post(opened["id"], "result", SMILE, suffix=".png").content)
    assert apart(shown, result[400:600, 600:856]) < 2.5


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ([-50.0, -50.0, 100.0, 100.0], [0, 0, 50, 50]),
        ([1590.0, 1590.0, 500.0, 500.0], [1590, 1590, 10, 10]),
        ([5000.0, 5000.0, 10.0, 10.0], [1599, 1599, 1, 1]),
        ([10.0, 10.0, -5.0, 0.0], [10, 10, 1, 1]),
        (None, [0, 0, LARGE, LARGE]),
    ],
)
def test_regions_end_where_the_photo_does(page, opened, asked, given):
    assert page.render(opened["id"], {}, "whole", region=asked, side=64)[1]["region"] == given


def test_the_photo_itself(page, opened, large_file):
    answer = page.ask("GET", f"/api/photos/{opened['id']}/picture", params={"side": 400})
    shown = decode(answer.content)
    assert shown.shape == (400, 400, 3)
    assert apart(shown, shrink(decode(large_file), (0, 0, LARGE, LARGE), (400, 400))) < 4


def test_colours_and_transparency_go_along(page, portrait):
    icc = rgb_profile(DISPLAY_P3, SRGB_CURVE)
    pixels = np.dstack([portrait, np.full((512, 512), 255, dtype=np.uint8)])
    pixels[:100, :100, 3] = 0
    photo = page.open(encode(pixels, icc_profile=icc))["id"]
    for want in ("live", "draft", "whole"):
        answer = page.post(photo, "render", SMILE, want=want)
        image = Image.open(io.BytesIO(answer.content))
        assert image.info["icc_profile"] == icc
    assert image.mode == "RGBA"  # of the whole; around the face all is opaque
    assert image.getchannel("A").getpixel((20, 20)) == 0


def test_only_the_face_that_is_meant_is_seen_live_and_both_are_edited(page, two_faces):
    opened = page.open(encode(two_faces))
    both = {"face": 2, "faces": {"1": {"words": {"surprise": 1.2}}, "2": {"words": {"smile": 1.0}}}}
    _, meta = page.render(opened["id"], both, "live")
    assert meta["region"][0] > 300
    alone, _ = page.render(opened["id"], {**both, "faces": {"2": both["faces"]["2"]}}, "live")
    shown, _ = page.render(opened["id"], both, "live")
    np.testing.assert_array_equal(shown[:, -150:], alone[:, -150:])
    result = decode(page.post(opened["id"], "result", both, suffix=".png").content)
    for side in (np.s_[:, :512], np.s_[:, 512:]):
        assert (result[side] != two_faces[side]).any()


@pytest.mark.slow
def test_a_drawing_is_edited_over_its_photo(page, opened, portrait):
    drawn = page.post(opened["id"], "result", {"style": "sketch"}, suffix=".png").content
    sketch = page.open(drawn, "drawn.png")
    assert sketch["drawing"]
    assert len(sketch["faces"]) == 1
    path = f"/api/photos/{sketch['id']}/picture"
    plain, photo = (decode(page.ask("GET", path, params={"developed": each}).content) for each in "01")
    assert apart(plain, photo) > 20
    shown, _ = page.render(sketch["id"], {**SMILE, "style": "sketch"}, "live")
    assert np.ptp(shown.astype(int), axis=2).mean() < 8  # pencil is grey


def test_without_a_face_styles_still_work(page):
    gradient = np.tile(np.linspace(0, 255, 200).astype(np.uint8)[:, None, None], (1, 300, 3))
    opened = page.open(encode(gradient), source="photo")
    assert opened["faces"] == []
    assert "no face" in opened["warnings"][-1]
    for want in ("live", "draft", "whole"):
        _, meta = page.render(opened["id"], {"style": "sketch"}, want)
        assert meta["points"] is None
    refused = page.post(opened["id"], "render", SMILE, want="live")
    assert (refused.status_code, refused.json()["error"]) == (422, "there is no face 1 in this photo")
    refused = page.post(opened["id"], "render", {"style": "sketch", "area": "head"}, want="live")
    assert refused.status_code == 422
    assert "no face found" in refused.json()["error"]


def test_what_no_face_does_is_refused_in_words_of_the_page_or_forced(page, opened):
    edit = {"faces": {"1": {"moved": {"48": [900.0, 0.0]}}}}
    for want in ("live", "draft", "whole"):
        answer = page.post(opened["id"], "render", edit, want=want)
        assert answer.status_code == 422
        said = answer.json()["error"]
        assert "right corner of the mouth" in said
        assert not {"`", "_", "\n"} & set(said)
        assert "photo.png" not in said
        _, meta = page.render(opened["id"], {**edit, "force": True}, want)
        assert "right corner of the mouth" in meta["warnings"][0]


def test_a_face_that_stands_on_its_head_moves_only_by_force(page, portrait):
    opened = page.open(encode(portrait[::-1]))
    if not opened["faces"]:
        pytest.skip("the detector finds nobody who stands on the head here")
    (face,) = opened["faces"]
    if not face["cannot"]:
        pytest.skip("the detector takes it for an upright face")
    assert "stands on its head" in face["warning"]
    for want in ("live", "whole"):
        assert page.post(opened["id"], "render", SMILE, want=want).status_code == 422
        page.render(opened["id"], {**SMILE, "force": True}, want)
