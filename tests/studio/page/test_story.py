"""A user's whole story in a real browser, at the width of a desk and of a telephone; nothing leaves the machine."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from browsing import SAMPLES, Page
from ptk.faces.images import read_photo

pytestmark = pytest.mark.slow

WIDTHS = {"desk": {"width": 1280, "height": 800}, "telephone": {"width": 390, "height": 844}}
SHOTS = os.environ.get("PTK_SCREENSHOTS")  # a folder to look at them


@pytest.fixture(params=WIDTHS, ids=str)
def device(request, browser, address):
    touch = request.param == "telephone"
    context = browser.new_context(viewport=WIDTHS[request.param], accept_downloads=True, has_touch=touch)
    page = Page(context.new_page())
    page.name = request.param
    page.asked = []
    context.on("request", lambda asked: page.asked.append(asked.url))
    yield page.open(address, sample=False)
    context.close()
    assert page.errors == []


def shoot(page, name):
    if SHOTS:
        page.page.screenshot(path=str(Path(SHOTS) / f"{page.name}-{name}.png"))


def check_access(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe looks for barriers")
    found = axe.Axe().run(page.page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []


def save(page, button):
    page.page.locator("#save-menu summary").click()
    with page.page.expect_download() as download:
        page.page.locator(button).click()
    page.page.keyboard.press("Escape")
    return download.value


def test_drop_drag_slide_style_undo_download(device, tmp_path):
    shoot(device, "1-welcome")
    check_access(device)
    photo = SAMPLES / "sea.jpg"
    device.drop(photo)
    device.page.wait_for_selector("body.open")
    device.rest()
    shoot(device, "2-open")
    check_access(device)

    still = device.pixels()
    x, y = device.at(48)
    device.drag((x, y), (x - 6, y - 5))
    device.rest()
    dragged = device.pixels()
    assert dragged != still
    shoot(device, "3-dragged")

    device.page.locator(".section", has_text="Frown").locator("summary").click()
    device.slide("brows_up", 0.8)
    device.rest()
    raised = device.pixels()
    assert raised != dragged
    shoot(device, "4-brows")

    device.page.locator("#style").select_option("sketch")
    device.rest()
    assert device.pixels() != raised
    shoot(device, "5-sketch")
    device.page.locator("#undo").click()
    device.rest()
    device.page.mouse.move(5, 5)
    shoot(device, "6-undone")

    device.page.locator("#compare").focus()
    device.page.keyboard.down("b")
    device.page.wait_for_timeout(80)
    assert device.page.locator("#before").is_visible()
    shoot(device, "7-before")
    device.page.keyboard.up("b")

    device.page.locator("#save-menu summary").click()
    device.page.wait_for_function("() => document.getElementById('command').textContent.includes('ptk edit')")
    shoot(device, "8-save")
    check_access(device)
    device.page.keyboard.press("Escape")
    device.page.locator("#suffix").evaluate("select => (select.value = '.png')")
    result, points = tmp_path / "result.png", tmp_path / "edited.json"
    save(device, "#save-picture").save_as(result)
    save(device, "#save-landmarks").save_as(points)
    assert json.loads(points.read_text())["schema"] == "ptk.landmarks/1"
    again = tmp_path / "again.png"
    command = [sys.executable, "-m", "ptk", "edit", photo, "--landmarks", points, "-o", again]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    np.testing.assert_array_equal(read_photo(result).pixels, read_photo(again).pixels)
    xmp = Image.open(io.BytesIO(result.read_bytes())).info["XML:com.adobe.xmp"]
    assert "compositeWithTrainedAlgorithmicMedia" in xmp

    here = urlsplit(device.page.url).netloc
    assert {urlsplit(url).netloc for url in device.asked if not url.startswith(("blob:", "data:"))} == {here}


def test_another_face_is_chosen_by_a_click_and_edited_alone(device, tmp_path):
    both = np.concatenate([read_photo(SAMPLES / name).pixels for name in ("sea.jpg", "grey_wall.jpg")], axis=1)
    Image.fromarray(both).save(tmp_path / "both.png")
    device.drop(tmp_path / "both.png")
    device.page.wait_for_selector("body.open")
    device.rest()
    device.page.locator("#zoom-fit").click()
    device.page.wait_for_timeout(60)
    box = device.page.locator(".face-box[data-face='2'] rect").bounding_box()
    device.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert device.edit["face"] == 2
    shoot(device, "9-two-faces")
    device.slide("smile", 0.9)
    device.rest()
    assert list(device.edit["faces"]) == ["2"]


def test_of_two_photos_that_are_dropped_at_once_the_last_is_shown(device):
    held = []

    def hold(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    device.page.route("**/api/photos", hold)
    for name in ("sea.jpg", "grey_wall.jpg"):
        device.drop(SAMPLES / name)
    device.page.wait_for_selector("body.open")
    with device.page.expect_response(lambda answer: answer.request.method == "DELETE"):  # it is forgotten again
        held[0].continue_()
    device.rest()
    assert device.ask("() => window.studio.source.name") == "grey_wall.jpg"


def test_what_is_no_photo_is_refused_in_a_line_and_nothing_is_lost(device, tmp_path):
    device.page.locator("#samples button").first.click()
    device.page.wait_for_selector("body.open")
    device.rest()
    device.slide("smile", 0.5)
    device.rest()
    (tmp_path / "notes.txt").write_text("no photo at all")
    device.drop(tmp_path / "notes.txt")
    device.page.wait_for_selector("#status.alarm")
    device.errors.clear()  # Chromium notes the refused request
    assert "notes.txt" in device.page.locator("#status").inner_text()
    assert device.edit["faces"]["1"]["words"] == {"smile": 0.5}


def test_every_control_can_be_reached_and_used_by_key(device):
    device.page.locator("#samples button").first.focus()
    device.page.keyboard.press("Enter")
    device.page.wait_for_selector("body.open")
    device.rest()
    device.page.locator("#overlay .point[data-index='48']").focus()
    device.page.keyboard.press("Shift+ArrowLeft")
    device.page.keyboard.press("n")
    device.page.keyboard.press("ArrowUp")
    moved = device.edit["faces"]["1"]["moved"]
    assert moved["48"][0] < 0 and moved["49"][1] < 0
    device.page.keyboard.press("Delete")
    assert "49" not in device.edit["faces"]["1"]["moved"]
    device.page.locator(".slider[data-row='smile'] input[type=range]").focus()
    device.page.keyboard.press("ArrowRight")
    device.rest()
    assert device.edit["faces"]["1"]["words"]["smile"] == pytest.approx(0.05)
    device.page.locator("body").press("?")
    assert device.page.locator("#help").is_visible()
    check_access(device)
    device.page.keyboard.press("Escape")
