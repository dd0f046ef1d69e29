"""A bound on what is kept decoded: the least recently used goes first, and is made again when it is asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

__all__ = ["Memory"]

Value = TypeVar("Value")


class Memory:
    """Values by key, of at most `budget` bytes in all; one that is larger by itself is not kept."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            return sum(size for _, size in self._kept.values())

    def get(self, key: Hashable, kind: type[Value]) -> Value | None:
        """The value at `key`, which was used now; None where there is none of this `kind`."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            value = self._kept[key][0]
        return value if isinstance(value, kind) else None

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value of `size` bytes; what was used least recently makes room."""
        with self._lock:
            self._kept.pop(key, None)
            if size > self.budget:
                return
            self._kept[key] = value, size
            total = sum(each for _, each in self._kept.values())
            while total > self.budget:
                total -= self._kept.popitem(last=False)[1][1]

    def make_room(self, size: int) -> None:
        """Let go of so much that `size` more bytes stay within the budget: before they are made."""
        with self._lock:
            total = sum(each for _, each in self._kept.values())
            while self._kept and total + size > self.budget:
                total -= self._kept.popitem(last=False)[1][1]

    def forget(self, belongs: Callable[[Hashable], bool]) -> None:
        """Let go of all whose key `belongs` to what is gone."""
        with self._lock:
            for key in [key for key in self._kept if belongs(key)]:
                del self._kept[key]
