"""How the studio bears up: many clients at once, each with photos of its own, and each is shown its own."""

from __future__ import annotations

import http.client
import io
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from PIL import Image

from ptk.errors import PtkError

__all__ = ["StudioLoad", "load_studio"]

_SIDES = (4000, 3000)  # 12 megapixels
_GAINS = (1.0, 0.88, 0.76, 0.64)  # of red, green and blue: 64 tints
_START = 60.0  # seconds
_GRAIN = 7.0  # levels of noise, so that files are as large as a camera's


@dataclass
class StudioLoad:
    """What was measured: seconds of answers by what was asked for, how many of what went wrong, MiB of memory.

    `foreign` are pictures of another client's photo; there must be none.
    """

    clients: int
    seconds: float
    taken: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    foreign: int = 0
    checked: int = 0
    memory: float = 0.0
    file_bytes: int = 0

    def plain(self) -> dict[str, Any]:
        """All of it for JSON, with medians and 95th percentiles of the seconds."""
        answers = {
            name: {
                "count": len(taken),
                "p50": round(float(np.percentile(taken, 50)), 4),
                "p95": round(float(np.percentile(taken, 95)), 4),
            }
            for name, taken in sorted(self.taken.items())
        }
        return {
            "clients": self.clients,
            "seconds": round(self.seconds, 1),
            "answers": answers,
            "errors": dict(self.errors),
            "pictures checked": self.checked,
            "pictures of others": self.foreign,
            "peak memory, MiB": round(self.memory),
            "bytes of a photo": self.file_bytes,
        }


def load_studio(
    portrait: Path, clients: int, seconds: float, progress: Callable[[str], None] = lambda _: None
) -> StudioLoad:
    """Start a studio, and have `clients` edit for some `seconds`, each its own tint of `portrait` at 12 megapixels.

    Of each picture it is looked whose tint it has. Raises PtkError where the studio does not start, or for more
    clients than there are tints.
    """
    if not 1 <= clients <= len(_GAINS) ** 3:
        raise PtkError(f"`clients` {clients}: there are tints for 1 to {len(_GAINS) ** 3}")
    progress("making photos")
    small = Image.open(portrait).convert("RGB")
    plain = np.asarray(small.resize(_SIDES, Image.Resampling.BICUBIC), dtype=np.float32)
    grain = np.random.default_rng(0).normal(0, _GRAIN, plain.shape[:2]).astype(np.float32)
    base = Image.fromarray((plain + grain[..., None]).clip(0, 255).astype(np.uint8))
    means = _BlockMeans(plain)
    load = StudioLoad(clients, seconds)
    command = [sys.executable, "-m", "ptk", "studio", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            if "#token=" not in address:
                raise PtkError("the studio did not start")
            place, _, token = address.removeprefix("http://").partition("/#token=")
            stop = threading.Event()
            ready = threading.Barrier(clients + 1)
            drivers = [_Client(number, place, token, base, means, load, stop, ready) for number in range(clients)]
            threads = [threading.Thread(target=driver.run, daemon=True) for driver in drivers]
            for thread in threads:
                thread.start()
            progress("opening photos")
            ready.wait()
            progress("editing")
            began = time.perf_counter()
            while time.perf_counter() - began < seconds:
                time.sleep(0.2)
                load.memory = max(load.memory, _read_memory(server.pid))
            stop.set()
            for thread in threads:
                thread.join(_START)
            load.seconds = time.perf_counter() - began
            load.memory = max(load.memory, _read_memory(server.pid))
        finally:
            server.terminate()
    return load


class _BlockMeans:
    """Mean colours of any region of the base picture, from a small copy."""

    def __init__(self, base: np.ndarray) -> None:
        self._small = base[::8, ::8].copy()

    def of(self, region: list[int]) -> np.ndarray:
        left, top, width, height = (each // 8 for each in region)
        part = self._small[top : top + max(1, height), left : left + max(1, width)]
        return np.asarray(part.mean(axis=(0, 1)))


def _tint(number: int) -> np.ndarray:
    count = len(_GAINS)
    return np.array([_GAINS[number % count], _GAINS[number // count % count], _GAINS[number // count**2]])


class _Client:
    """Somebody who drags and slides, and now and then looks at all of it, or downloads it."""

    def __init__(
        self,
        number: int,
        place: str,
        token: str,
        base: Image.Image,
        means: _BlockMeans,
        load: StudioLoad,
        stop: threading.Event,
        ready: threading.Barrier,
    ) -> None:
        self._number, self._place, self._token = number, place, token
        self._base, self._means, self._load, self._stop, self._ready = base, means, load, stop, ready
        self._photo, self._face = "", True

    def run(self) -> None:
        """Open a photo, then edit until it is over."""
        try:
            self._open(self._make_photo())
        finally:
            self._ready.wait()
        wishes = self._number  # so that they do not all look at the whole at once
        while not self._stop.is_set():
            wishes += 1
            want = "whole" if wishes % 12 == 0 else "live"
            if wishes % 40 == 0:
                wish = {"edit": self._edit(wishes), "suffix": ".jpg"}
                status, _, file = self._ask("result", f"/api/photos/{self._photo}/result", json.dumps(wish).encode())
                if status == 200:
                    self._check(file, [0, 0, *_SIDES])
            else:
                self._render(want, wishes)

    def _make_photo(self) -> bytes:
        buffer = io.BytesIO()
        with _MAKING:  # one at a time, for the memory
            levels = [round(level * gain) for gain in _tint(self._number).tolist() for level in range(256)]
            self._base.point(levels).save(buffer, "JPEG", quality=92)
        self._load.file_bytes = len(buffer.getvalue())
        return buffer.getvalue()

    def _open(self, content: bytes) -> None:
        name = {"X-Ptk-Name": quote(f"client {self._number}.jpg")}
        status, _, answer = self._ask("open", "/api/photos", content, name)
        if status == 201:
            opened = json.loads(answer)
            self._photo, self._face = opened["id"], bool(opened["faces"])

    def _edit(self, turn: int) -> dict[str, Any]:
        smile = abs(turn % 20 - 10) / 10
        faces = {"1": {"words": {"smile": smile}, "moved": {"8": [0.0, float(turn % 7)]}}} if self._face else {}
        return {"face": 1, "faces": faces}

    def _render(self, want: str, turn: int) -> None:
        wish = {"edit": self._edit(turn), "want": want}
        path = f"/api/photos/{self._photo}/render"
        status, headers, answer = self._ask(want, path, json.dumps(wish).encode())
        if status == 200:
            self._check(answer, json.loads(headers["X-Ptk-Meta"])["region"])
        elif status == 503:
            time.sleep(1)

    def _check(self, content: bytes, region: list[int]) -> None:
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", (500, 500))
        seen = np.asarray(image.convert("RGB"), dtype=np.float32).mean(axis=(0, 1))
        plain = self._means.of(region)
        nearest = min(range(len(_GAINS) ** 3), key=lambda number: float(np.abs(plain * _tint(number) - seen).sum()))
        with _COUNTING:
            self._load.checked += 1
            self._load.foreign += nearest != self._number

    def _ask(self, what: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any, bytes]:
        began = time.perf_counter()
        connection = http.client.HTTPConnection(self._place, timeout=300)
        try:
            connection.request("POST", path, body, {"X-Ptk-Token": self._token, **(headers or {})})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            with _COUNTING:
                self._load.errors[f"{what}: {type(error).__name__}"] += 1
            return 0, {}, b""
        finally:
            connection.close()
        with _COUNTING:
            if response.status < 300:
                self._load.taken.setdefault(what, []).append(time.perf_counter() - began)
            else:
                self._load.errors[f"{what}: {response.status}"] += 1
        return response.status, response.headers, answer


_MAKING, _COUNTING = threading.Lock(), threading.Lock()


def _read_memory(process: int) -> float:
    """The most MiB that a process has taken so far, 0 where the system does not say."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    said = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(said.split()[1]) / 1024
