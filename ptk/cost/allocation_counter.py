"""Count the bytes of tensors that are alive, operation by operation."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterable
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

__all__ = ["REST", "AllocationCounter"]

REST = "activations"
"""The label of all other tensors: what the backward pass keeps, and what operations use meanwhile."""


class AllocationCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts every storage that an operation makes until it is freed; views are not counted again.

    `now` has the bytes that are alive, by the names that `label` gave them, and `peak` what it was when the sum was
    highest. A storage counts as a whole multiple of `grain` bytes: CUDA's allocator hands out blocks of 512.
    torch's own MemTracker does the same by modules, and refuses a network that is called twice in a step.
    `flops` are counted on the way, as torch's FlopCounterMode does: one mode is quicker than two.
    """

    def __init__(self, grain: int = 1) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.grain = grain
        self.flops = 0
        self.now: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()
        self._total = self._highest = 0
        # torch keeps one Python object a storage for as long as the storage lives, so a weak reference tells its end.
        self._known: dict[int, tuple[weakref.ref[Any], str, int]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operation, then note what it did and made."""
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.flops += formula(*args, **kwargs, out_val=out)
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor):
                self._note(leaf, REST)
        return out

    def label(self, name: str, tensors: Iterable[Tensor | None]) -> None:
        """Count `tensors` as `name` from now on, also those that were made before."""
        for tensor in tensors:
            if tensor is not None:
                if known := self._known.pop(id(tensor.untyped_storage()), None):
                    _, former, size = known
                    self._count(former, -size)
                self._note(tensor, name)

    def reset_peak(self) -> None:
        """Reset the peak to what is alive now."""
        self.peak, self._highest = self.now.copy(), self._total

    def _note(self, tensor: Tensor, name: str) -> None:
        storage = tensor.untyped_storage()
        key = id(storage)
        if key in self._known:
            return
        size = -(-storage.nbytes() // self.grain) * self.grain

        def freed(_: object) -> None:
            self._count(name, -size)
            del self._known[key]

        self._known[key] = weakref.ref(storage, freed), name, size
        self._count(name, size)

    def _count(self, name: str, size: int) -> None:
        self.now[name] += size
        self._total += size
        if self._total > self._highest:
            self._highest = self._total
            self.peak = self.now.copy()
