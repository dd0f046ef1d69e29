"""Work shared by threads."""

import threading

import pytest

from ptk.threads import count_threads, map_threads


def test_results_come_in_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptk.threads.count_threads", lambda: 3)
    assert map_threads(lambda number: number**2, range(20)) == [number**2 for number in range(20)]


def test_two_items_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptk.threads.count_threads", lambda: 2)
    both = threading.Barrier(2, timeout=30)  # breaks unless two threads meet
    assert sorted(map_threads(lambda _: both.wait(), range(2))) == [0, 1]


def test_one_thread_is_the_callers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptk.threads.count_threads", lambda: 1)
    assert map_threads(lambda _: threading.current_thread(), range(3)) == [threading.current_thread()] * 3


def test_an_error_is_raised_and_what_waits_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptk.threads.count_threads", lambda: 2)
    begun = []

    def fail(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ValueError("the first")
        threading.Event().wait(0.01)

    with pytest.raises(ValueError, match="the first"):
        map_threads(fail, range(1000))
    assert len(begun) < 1000


@pytest.mark.parametrize(("said", "count"), [("3", 3), ("1", 1)])
def test_omp_num_threads_is_heeded(monkeypatch: pytest.MonkeyPatch, said: str, count: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    monkeypatch.delitem(__import__("sys").modules, "torch", raising=False)
    assert count_threads() == count


@pytest.mark.parametrize("said", ["", "0", "many"])
def test_without_a_number_there_is_one_for_each_core(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    monkeypatch.delitem(__import__("sys").modules, "torch", raising=False)
    assert count_threads() >= 1
