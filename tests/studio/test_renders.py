"""The queue: one render at a time, photos in turns, of one photo the latest live wish, and no more than it holds."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from ptk.studio.refusals import Gone, Refusal
from ptk.studio.renders import Renders

WISH = {"faces": {"1": {"words": {"smile": 0.5}}}}


class Gate:
    """A render that lasts until it is opened."""

    def __init__(self, renders: Renders) -> None:
        self._begun, self._open = threading.Event(), threading.Event()
        self.future = renders.submit("gate", self._work)
        assert self._begun.wait(30)

    def _work(self) -> str:
        self._begun.set()
        assert self._open.wait(60)
        return "done"

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def renders():
    made = Renders(most=6, most_each=3)
    yield made
    made.close()


def status_of(future) -> int:
    error = future.exception(30)
    assert isinstance(error, Refusal)
    return error.status


def test_the_latest_wins(renders):
    gate, done = Gate(renders), []
    old = [renders.submit("a", lambda: done.append("old"), latest=True) for _ in range(3)]
    kept = renders.submit("a", lambda: done.append("whole"))
    new = renders.submit("a", lambda: done.append("new"), latest=True)
    other = renders.submit("b", lambda: done.append("other"), latest=True)
    assert [status_of(each) for each in old] == [409] * 3
    gate.open()
    for future in (kept, new, other):
        future.result(30)
    assert done == ["whole", "other", "new"]


def test_a_render_that_runs_is_let_finish(renders):
    gate = Gate(renders)
    renders.submit("gate", lambda: None, latest=True)
    gate.open()
    assert gate.future.result(30) == "done"


def test_photos_take_turns(renders):
    gate, done = Gate(renders), []
    futures = [renders.submit(photo, lambda photo=photo: done.append(photo)) for photo in ("a", "a", "a", "b", "c")]
    gate.open()
    for future in futures:
        future.result(30)
    assert done == ["a", "b", "c", "a", "a"]


def test_one_runs_at_a_time(renders):
    running, most = [], []

    def work():
        running.append(1)
        most.append(len(running))
        running.pop()

    futures = [renders.submit(str(number), work) for number in range(6)]
    for future in futures:
        future.result(30)
    assert most == [1] * 6


def test_a_full_queue_says_when_to_come_again(renders):
    gate = Gate(renders)
    for number in range(6):
        renders.submit(str(number), lambda: None)
    with pytest.raises(Refusal) as caught:
        renders.submit("late", lambda: None)
    assert caught.value.status == 503
    assert int(caught.value.headers["Retry-After"]) >= 1
    assert not renders.waits("late")
    gate.open()


def test_nobody_fills_the_queue_alone(renders):
    gate = Gate(renders)
    for _ in range(3):
        renders.submit("a", lambda: None)
    with pytest.raises(Refusal):
        renders.submit("a", lambda: None)
    assert renders.submit("b", lambda: 5).done() is False
    gate.open()


def test_an_error_reaches_who_asked_and_nobody_else(renders):
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        renders.submit("a", fail).result(30)
    assert renders.submit("a", lambda: 5).result(30) == 5


def test_what_is_gone_waits_no_more(renders):
    gate = Gate(renders)
    waiting = renders.submit("a", lambda: None)
    renders.cancel("a")
    assert isinstance(waiting.exception(30), Gone)
    gate.open()


def test_a_closed_queue_ends_its_thread():
    renders = Renders()
    gate = Gate(renders)
    waiting = renders.submit("a", lambda: None)
    renders.close()
    gate.open()
    assert status_of(waiting) == 503
    renders._thread.join(30)
    assert not renders._thread.is_alive()
    with pytest.raises(Refusal):
        renders.submit("a", lambda: None)


def test_it_is_told_when_there_is_nothing_to_do():
    told = threading.Event()
    renders = Renders(idle=told.set, rest=0.01)
    renders.submit("a", lambda: None).result(30)
    assert told.wait(30)
    renders.close()


def test_over_http_the_older_live_wish_gets_409_and_the_newest_its_picture(page, portrait_file):
    photo = page.open(portrait_file)["id"]
    path = f"/api/photos/{photo}/render"

    async def both():
        gate = Gate(page.studio.renders)
        older = asyncio.create_task(page.send("POST", path, json={"edit": WISH, "want": "draft"}))
        while not page.studio.renders.waits(photo):
            await asyncio.sleep(0.01)
        newer = asyncio.create_task(page.send("POST", path, json={"edit": WISH, "want": "live"}))
        refused = await older
        gate.open()
        return refused, await newer

    older, newer = asyncio.run(both())
    assert (older.status_code, older.json()) == (409, {"error": "superseded"})
    assert newer.status_code == 200
    assert json.loads(newer.headers["x-ptk-meta"])["points"]


def test_over_http_a_full_queue_is_503(page, portrait_file):
    photo = page.open(portrait_file)["id"]
    path = f"/api/photos/{photo}/render"
    page.studio.renders._most = 0
    answer = page.ask("POST", path, json={"edit": WISH, "want": "live"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
