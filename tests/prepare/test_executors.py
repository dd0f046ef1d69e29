"""Workers do tasks, wherever they are; one that dies takes only its task with it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from skimage import data

from ptk.errors import PtkError
from ptk.prepare.executors import ENGINES, run_tasks
from ptk.prepare.messages import Outcome, Settings, Task
from ptk.prepare.prepare import parse_styles, prepare
from ptk.types import MediaFile

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])
SETTINGS = Settings(size=64, margin=0, detector="mediapipe68", frames=1, styles=(), device="cpu")


class Bomb:
    """In the place of a path: the process that unpickles it ends at once, as by a fault in a decoder."""

    def is_file(self) -> bool:
        return False

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (3,)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    PORTRAIT.save(tmp_path / "ann.png")
    return tmp_path / "ann.png"


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    ray = pytest.importorskip("ray", reason="needs Ray: see the extra ray")
    yield ray
    ray.shutdown()


def outcomes(tasks: list[Task], engine: str = "local", settings: Settings = SETTINGS) -> list[Outcome]:
    slots = ENGINES[engine](settings, 2, len(tasks))
    return sorted(run_tasks(tasks, slots), key=lambda outcome: outcome.number)


def task(number: int, path: Any) -> Task:
    return Task(number, MediaFile(path, "ann", f"ann{number}"))


def check_crash(engine: str, photo: Path) -> None:
    one, bomb, other = outcomes([task(0, photo), task(1, Bomb()), task(2, photo)], engine)
    assert [len(outcome.faces) for outcome in (one, bomb, other)] == [1, 0, 1]
    assert "crashed the program that reads it" in bomb.reason
    assert bomb.passing


def test_a_file_that_kills_its_worker_is_listed_and_the_others_are_done(photo: Path) -> None:
    check_crash("local", photo)


def test_a_worker_that_died_between_tasks_is_replaced(photo: Path) -> None:
    (slot,) = ENGINES["local"](SETTINGS, 1, 1)
    assert slot.submit(task(0, photo)).result().faces
    (process,) = slot._executor._processes.values()  # type: ignore[attr-defined]
    process.kill()
    process.join()
    while not slot._executor._broken:  # type: ignore[attr-defined]
        time.sleep(0.01)
    assert slot.submit(task(1, photo)).result().faces
    slot.close()


def test_nothing_to_do_starts_nobody() -> None:
    assert ENGINES["local"](SETTINGS, 2, 0) == ENGINES["ray"](SETTINGS, 2, 0) == []


def test_what_no_task_can_do_without_ends_the_run(photo: Path) -> None:
    settings = Settings(64, 0, "nobody", 1, (), "cpu")
    with pytest.raises(PtkError, match="no such detector: nobody"):
        outcomes([task(number, photo) for number in range(3)], settings=settings)


def test_workers_end_when_the_one_they_work_for_is_killed(photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(200):
        (folder / f"p{number}_a.png").symlink_to(photo)
    command = [sys.executable, "-m", "ptk", "prepare", str(folder), "--out", str(tmp_path / "set"), "--workers", "2"]
    run = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = tmp_path / "set" / "sources.jsonl.part"
    while run.poll() is None and not (journal.exists() and journal.stat().st_size):
        time.sleep(0.05)
    assert len(_members(run.pid)) >= 3  # itself, the server of forks, a worker or two
    run.kill()
    run.wait()
    end = time.monotonic() + 200
    while _members(run.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert _members(run.pid) == []


def _members(session: int) -> list[int]:
    """The living processes of a session."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc to see processes")
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, own_session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue  # ended meanwhile
        if int(own_session) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
def test_ray_makes_the_same_data_set(ray: Any, photo: Path, tmp_path: Path) -> None:
    for person, angle in (("ann", 0), ("bob", 10), ("cat", -10)):
        (tmp_path / "photos").mkdir(exist_ok=True)
        PORTRAIT.rotate(angle).save(tmp_path / "photos" / f"{person}_smile.jpg")
    (tmp_path / "photos" / "dan_smile.jpg").write_bytes(b"no photo")
    for engine in ("local", "ray"):
        prepare(
            [tmp_path / "photos"], tmp_path / engine, size=64, styles=parse_styles(["sketch"]), engine=engine, workers=2
        )
    files = {path.relative_to(tmp_path / "local") for path in (tmp_path / "local").rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "ray") for path in (tmp_path / "ray").rglob("*") if path.is_file()}
    for file in files:
        assert (tmp_path / "local" / file).read_bytes() == (tmp_path / "ray" / file).read_bytes(), file


@pytest.mark.slow
def test_ray_workers_need_not_see_the_files_and_may_die(ray: Any, photo: Path) -> None:
    check_crash("ray", photo)
    sent = Task(0, MediaFile(Path("/nowhere/ann.png"), "ann", "ann"), content=photo.read_bytes())
    assert len(outcomes([sent], "ray")[0].faces) == 1
