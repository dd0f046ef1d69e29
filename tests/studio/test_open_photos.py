"""How long photos stay, how much they take, and that everybody is served their own."""

from __future__ import annotations

import asyncio
import sys

import numpy as np
import pytest
from PIL import Image

from ptk.studio import photos as photos_module
from studio.conftest import decode, encode

SMILE = {"faces": {"1": {"words": {"smile": 0.8}}}}
GONE = (410, {"error": "this photo is not open any more; open it again"})


def tell(answer):
    return answer.status_code, answer.json()


def picture(page, photo):
    return page.ask("GET", f"/api/photos/{photo}/picture")


@pytest.fixture
def clock(monkeypatch):
    """A clock that is put forward."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    made = Clock()
    monkeypatch.setattr(photos_module, "time", made)
    return made


def test_a_photo_ends_when_nothing_was_asked_of_it(start, portrait_file, clock):
    page = start()
    photo, kept = (page.open(portrait_file)["id"] for _ in range(2))
    page.studio.photos._open[photo].used = page.studio.photos._open[kept].used = clock.now
    clock.now += 29 * 60
    assert picture(page, kept).status_code == 200
    clock.now += 2 * 60
    assert tell(picture(page, photo)) == GONE
    assert picture(page, kept).status_code == 200
    page.studio.photos.sweep()
    assert list(page.studio.photos._open) == [kept]
    assert {key[1] for key in page.studio.photos.memory._kept} == {kept}


def test_a_photo_that_is_closed_is_forgotten_with_all_that_was_made_of_it(page, portrait_file):
    photo = page.open(portrait_file)["id"]
    for want in ("live", "draft", "whole"):
        page.render(photo, SMILE, want)
    assert page.studio.photos.memory.size > 0
    assert page.ask("DELETE", f"/api/photos/{photo}").status_code == 204
    assert page.studio.photos.memory.size == 0
    assert len(page.studio.photos) == 0
    assert tell(picture(page, photo)) == GONE
    assert tell(page.ask("DELETE", f"/api/photos/{photo}")) == GONE


def test_the_photo_that_was_idle_longest_makes_room(start, portrait_file):
    page = start(photos=2)
    first, second = (page.open(portrait_file)["id"] for _ in range(2))
    assert picture(page, first).status_code == 200
    third = page.open(portrait_file)["id"]
    assert tell(picture(page, second)) == GONE
    assert {picture(page, each).status_code for each in (first, third)} == {200}


def test_files_take_no_more_than_they_may(start, portrait_file):
    page = start(all_bytes=2 * len(portrait_file) + 10)
    opened = [page.open(portrait_file)["id"] for _ in range(3)]
    assert [picture(page, each).status_code for each in opened] == [410, 200, 200]


def test_a_photo_for_which_something_waits_stays(start, portrait_file):
    page = start(photos=1)
    kept = page.open(portrait_file)["id"]
    page.studio.photos._busy = lambda photo: photo == kept
    answer = page.ask("POST", "/api/photos", content=portrait_file)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert picture(page, kept).status_code == 200


def test_what_memory_had_to_let_go_of_is_made_again_the_same(start, portrait_file, portrait):
    wide, narrow = start(), start(memory=portrait.nbytes + 1000)
    answers = []
    for page in (wide, narrow):
        photo, other = (page.open(portrait_file)["id"] for _ in range(2))
        made = [page.render(photo, SMILE, want, side=512)[0] for want in ("live", "draft", "whole")]
        page.render(other, SMILE, "whole")
        assert page.studio.photos.memory.size <= page.studio.photos.limits.memory
        is_kept = photo in {key[1] for key in page.studio.photos.memory._kept}
        assert is_kept == (page is wide)
        made.append(decode(page.post(photo, "result", SMILE, suffix=".png").content))
        answers.append(made)
    for one, other in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, other)


def test_live_pictures_need_no_decoded_photo(start, portrait_file, monkeypatch):
    page = start(memory=0)
    photo = page.open(portrait_file)["id"]
    monkeypatch.setattr(photos_module, "read_photo", None)  # read again it would fail
    for _ in range(2):
        page.render(photo, SMILE, "live")
    assert page.post(photo, "render", SMILE, want="whole").status_code == 500


def test_small_pictures_that_are_kept_with_a_photo_are_few_and_small(page, portrait):
    large = np.asarray(Image.fromarray(portrait).resize((3000, 3000)))
    photo = page.open(encode(large))["id"]
    for side in (100, 200, 300, 700, 4096):
        shown, _ = page.render(photo, SMILE, "live", side=side)
        assert max(shown.shape) == min(side, 1024)
    kept = page.studio.photos.get(photo).parts.values()
    assert [part.asked for part in kept] == [200, 300]
    assert page.studio.photos.memory.size > 0


def test_the_last_full_render_is_kept(page, portrait_file, monkeypatch):
    photo = page.open(portrait_file)["id"]
    page.render(photo, SMILE, "whole")
    monkeypatch.setattr("ptk.studio.pictures.render", None)  # asked again it would fail
    shown, meta = page.render(photo, SMILE, "whole", region=[100, 50, 200, 300], side=100)
    assert meta["region"] == [100, 50, 200, 300]
    assert shown.shape == (100, 67, 3)
    assert page.post(photo, "render", {**SMILE, "force": True}, want="whole").status_code == 500


def test_everybody_gets_their_own(page, portrait):
    """Five at once, of whom each has another tint, and asks for everything, over and over."""
    tints = np.array([[1, 1, 1], [1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1], [0.6, 0.6, 0.6]])
    files = [(portrait * tint).astype(np.uint8) for tint in tints]

    async def live(number: int) -> list[np.ndarray]:
        sent = await page.send("POST", "/api/photos", content=encode(files[number]))
        photo, shown = sent.json()["id"], []
        for turn in range(2):
            edit = {"faces": {"1": {"words": {"smile": turn / 4}}}}
            for want in ("live", "draft", "whole"):
                answer = await page.send("POST", f"/api/photos/{photo}/render", json={"edit": edit, "want": want})
                shown.append(decode(answer.content))
            answer = await page.send("POST", f"/api/photos/{photo}/result", json={"edit": edit, "suffix": ".png"})
            shown.append(decode(answer.content))
        return shown

    async def everybody():
        return await asyncio.gather(*(live(number) for number in range(len(tints))))

    for number, shown in enumerate(asyncio.run(everybody())):
        for seen in shown:
            share = seen.mean(axis=(0, 1)) / seen.mean()
            usual = [(file.mean(axis=(0, 1)) / file.mean(), file.mean()) for file in files]
            away = [abs(share - colour).sum() + abs(seen.mean() - light) / 500 for colour, light in usual]
            assert int(np.argmin(away)) == number


def test_ids_cannot_be_guessed(page, portrait_file):
    ids = {page.open(portrait_file)["id"] for _ in range(3)}
    assert len(ids) == 3
    assert min(map(len, ids)) >= 22  # 128 bits
    for guess in ("1", "..", "%2e%2e", next(iter(ids))[:-1], next(iter(ids)).swapcase()):
        assert page.ask("GET", f"/api/photos/{guess}/picture").status_code in (404, 410)


WRITTEN: list[str] = []
LISTENS = [False]


def _note(event, arguments):
    if LISTENS[0] and event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        WRITTEN.append(str(arguments[0]))
    if LISTENS[0] and event in (
        "os.mkdir",
        "os.rename",
        "os.link",
        "os.symlink",
        "tempfile.mkstemp",
        "tempfile.mkdtemp",
    ):
        WRITTEN.append(f"{event} {arguments[0]}")


def test_nothing_is_written(page, portrait_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sys.addaudithook(_note)
    LISTENS[0] = True
    try:
        photo = page.open(portrait_file, "cat.png")["id"]
        for want in ("live", "draft", "whole"):
            page.render(photo, SMILE, want)
        for suffix in (".png", ".jpg", ".webp", ".tiff"):
            assert page.post(photo, "result", SMILE, suffix=suffix).status_code == 200
        assert page.post(photo, "result", {}, suffix=".png").content == portrait_file
        for what in ("landmarks", "expression", "command", "measure"):
            assert page.post(photo, what, SMILE).status_code == 200
        assert page.ask("POST", "/api/expressions", content=portrait_file).status_code == 200
    finally:
        LISTENS[0] = False
    assert not WRITTEN
    assert not list(tmp_path.iterdir())
