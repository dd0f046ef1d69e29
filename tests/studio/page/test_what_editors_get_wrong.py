"""What editors of points get wrong, each held by a test; the issues are those of the editors that had it."""

import math

import pytest

pytestmark = pytest.mark.slow

CORNER = 48  # of the mouth: the person's right
CHIN, LOWER_LIP, UPPER_LIP = 8, 57, 51


@pytest.fixture
def open_page(page, address):
    return page.open(address)


def test_points_stay_on_their_place_in_the_photo_when_zooming(open_page):
    """Label Studio #1691."""
    before, view = open_page.at(CORNER), open_page.transform
    place = [(value - view[axis]) / view["scale"] for value, axis in zip(_inside(open_page, before), "xy", strict=True)]
    open_page.page.mouse.move(*before)
    for _ in range(4):
        open_page.page.mouse.wheel(0, -150)
    open_page.page.wait_for_timeout(60)
    view = open_page.transform
    assert view["scale"] > 1.5 * 0.3
    after = _inside(open_page, open_page.at(CORNER))
    assert [(value - view[axis]) / view["scale"] for value, axis in zip(after, "xy", strict=True)] == pytest.approx(
        place, abs=0.6
    )
    assert open_page.at(CORNER) == pytest.approx(before, abs=2.5)  # about the pointer, in whole pixels


def test_typed_then_dragged_coordinates_are_numbers(open_page):
    """Label Studio #3116."""
    page = open_page.page
    page.locator(".section", has_text="Neighbours follow").locator("summary").click()
    page.locator(f"#overlay .point[data-index='{CORNER}']").focus()
    x = page.get_by_label("x of the point, in pixels")
    typed = float(x.input_value()) + 4
    x.fill(f"{typed:.1f}")
    x.press("Enter")
    open_page.rest()
    assert open_page.ask(f"() => window.studio.overlay.points[{CORNER}][0]") == pytest.approx(typed, abs=0.06)
    x.fill("")
    x.press("Enter")
    start = open_page.at(CORNER)
    open_page.drag(start, (start[0] + 12, start[1] - 9))
    open_page.rest()
    moved = open_page.edit["faces"]["1"]["moved"]
    assert all(math.isfinite(value) for each in moved.values() for value in each)
    assert open_page.at(CORNER) == pytest.approx((start[0] + 12, start[1] - 9), abs=1.0)


def test_a_click_moves_nothing_and_a_drag_keeps_its_hold(open_page):
    """DeepLabCut PR 856."""
    x, y = open_page.at(CORNER)
    open_page.page.mouse.click(x - 5, y + 4)
    assert open_page.edit["faces"] == {}
    open_page.drag((x - 5, y + 4), (x - 25, y + 4))
    assert open_page.at(CORNER) == pytest.approx((x - 20, y), abs=1.0)


def test_dragging_a_point_never_pans_the_photo(open_page):
    """coco-annotator #310."""
    before = open_page.transform
    x, y = open_page.at(CORNER)
    open_page.drag((x, y), (x - 30, y + 20))
    assert open_page.transform == before
    box = open_page.page.locator("#stage").bounding_box()
    open_page.drag((box["x"] + 30, box["y"] + 30), (box["x"] + 70, box["y"] + 60))
    assert open_page.transform["x"] - before["x"] == pytest.approx(40, abs=1)


def test_the_whole_moves_by_a_handle_of_its_own_alone(open_page):
    """CVAT #7174."""
    x, y = open_page.grip("mouth")
    open_page.drag((x, y), (x + 10, y + 6))
    moved = open_page.edit["faces"]["1"]["moved"]
    assert {int(index) for index in moved} == set(range(48, 68))
    assert len({(round(dx, 3), round(dy, 3)) for dx, dy in moved.values()}) == 1
    points = [open_page.at(index) for index in (CORNER, CHIN, LOWER_LIP)]
    assert all(math.dist((x, y), each) > 12 for each in points)  # nobody takes the handle for a point


def test_neighbours_follow_along_the_line_and_the_other_lip_does_not(open_page):
    x, y = open_page.at(LOWER_LIP)
    open_page.drag((x, y), (x, y + 24))
    moved = {int(index): by[1] for index, by in open_page.edit["faces"]["1"]["moved"].items()}
    assert max(moved, key=moved.get) == LOWER_LIP
    assert moved[LOWER_LIP] > moved[56] > 0
    assert moved[66] > 0.5 * moved[LOWER_LIP]  # the inner edge of the same lip
    assert moved.get(62, 0) < 0.1 * moved[LOWER_LIP]  # and that of the upper one
    assert CHIN not in moved


def test_with_alt_a_point_moves_alone(open_page):
    x, y = open_page.at(CORNER)
    open_page.page.keyboard.down("Alt")
    open_page.drag((x, y), (x - 10, y))
    open_page.page.keyboard.up("Alt")
    assert list(open_page.edit["faces"]["1"]["moved"]) == [str(CORNER)]


def test_lines_join_the_points_so_that_they_can_be_read(open_page):
    lines = open_page.page.locator("#overlay polyline:not(.shade)")
    parts = {line.get_attribute("class") for line in lines.all()}
    assert parts == {"jaw", "brow", "nose", "eye", "mouth"}
    assert sum(len(set(line.get_attribute("points").split())) for line in lines.all()) >= 60


def test_points_keep_their_size_and_give_way_to_the_face_while_they_are_dragged(open_page):
    dot = open_page.page.locator(f"#overlay .point[data-index='{LOWER_LIP}'] .dot")
    size = dot.bounding_box()["width"]
    open_page.page.keyboard.press("+")
    open_page.page.keyboard.press("+")
    open_page.page.wait_for_timeout(60)
    assert dot.bounding_box()["width"] == pytest.approx(size, abs=0.5)
    x, y = open_page.at(CORNER)
    open_page.drag((x, y), (x + 15, y), keep=True)
    faded = open_page.page.locator("#overlay .points").evaluate("group => Number(getComputedStyle(group).opacity)")
    open_page.page.mouse.up()
    assert faded < 0.3


def test_undo_goes_back_to_the_beginning_and_redo_to_the_end(open_page):
    """labelme #399."""
    seen = [open_page.edit]
    for number, word in enumerate(["smile", "laugh", "kiss", "brows_down", "anger"] * 5, 1):
        open_page.slide(word, number / 20)
        seen.append(open_page.edit)
    for edit in reversed(seen[:-1]):
        open_page.page.keyboard.press("Control+z")
        assert open_page.edit == edit
    assert open_page.page.locator("#undo").is_disabled()
    for edit in seen[1:]:
        open_page.page.keyboard.press("Control+Shift+z")
        assert open_page.edit == edit
    open_page.rest()


def test_every_slider_acts_or_says_why_not(open_page):
    """LivePortrait #113 and #129, VisoMaster #12."""
    open_page.ask("() => document.querySelectorAll('.section').forEach((each) => (each.open = true))")
    still = open_page.pixels()
    for slider in open_page.page.locator(".slider").all():
        row, range_ = slider.get_attribute("data-row"), slider.locator("input[type=range]")
        if range_.is_disabled():
            assert len(slider.locator("small").inner_text()) > 15
            continue
        most = float(range_.get_attribute("max"))
        open_page.slide(row, most)
        open_page.rest()
        said = open_page.page.locator("#status").inner_text()
        neutral = row == "neutral"  # a face at rest stays as it is
        assert open_page.pixels() != still or neutral or said, f"{row} did nothing, and said nothing"
        open_page.page.keyboard.press("Control+z")
        open_page.rest()


def test_of_a_stream_of_changes_the_latest_is_rendered_one_at_a_time(open_page):
    """gradio #3204."""
    flying, most, wishes = [], [], []

    def watch(request):
        if request.url.endswith("/render"):
            flying.append(request)
            most.append(len(flying))
            wishes.append(request.post_data_json)

    def land(request):
        if request in flying:
            flying.remove(request)

    open_page.page.on("request", watch)
    # an answer begins when its picture is rendered; while it comes the next is
    open_page.page.on("response", lambda answer: land(answer.request))
    open_page.page.on("requestfailed", land)
    for step in range(1, 31):
        open_page.slide("smile", step / 30)
        open_page.page.wait_for_timeout(10)
    open_page.rest()
    assert max(most) == 1
    assert len(wishes) < 200  # 300 changes were made
    assert wishes[-1]["edit"]["faces"]["1"]["words"]["smile"] == pytest.approx(1)
    assert wishes[-1]["want"] == "whole"


def _inside(page, place):
    """A place in the window, from the corner of the stage."""
    box = page.page.locator("#stage").bounding_box()
    return place[0] - box["x"], place[1] - box["y"]
