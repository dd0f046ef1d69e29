"""Fake-tensor training steps: shapes only, no memory, on any machine."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from ptk.random_states import keep_random_states
from ptk.types import Faces, Pair

if TYPE_CHECKING:
    from ptk.faces.topologies import Topology

__all__ = ["fake_tensors", "make_fake_pair", "strip_content"]

_Copied = TypeVar("_Copied")

_FLOAT32_ON_CUDA = frozenset(
    "acos asin cdist cosh cosine_similarity dist erfinv exp expm1 group_norm kl_div l1_loss layer_norm log log10 log1p "
    "log2 mse_loss norm normalize pow reciprocal rsqrt sinh smooth_l1_loss softplus tan __pow__".split()
)
"""What CUDA's autocast computes in float32 whatever it is given, and the CPU's does not. Source: torch's autocast."""


@contextmanager
def fake_tensors(device: str) -> Iterator[None]:
    """Let torch compute shapes only inside, as on `device`, "cpu" or "cuda", whichever this machine has.

    Tensors say that they are on the CPU, also where CUDA is simulated: only builds of torch for CUDA know how to keep
    tensors without content on it. What differs in memory is done as CUDA does it: which operations autocast leaves in
    float32, and what code does that asks for `is_cuda`. Random states are restored.
    """
    with ExitStack() as stack:
        stack.enter_context(keep_random_states())
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Accessing the data pointer of FakeTensor")
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        if device == "cuda":
            stack.enter_context(_AsOnCuda())
            stack.enter_context(_simulate_in_backward())
        yield


class _AsOnCuda(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func == _IS_CUDA:
            return True
        if getattr(func, "__name__", "") in _FLOAT32_ON_CUDA and torch.is_autocast_enabled("cpu"):
            args = tuple(_float32(one) for one in args)
            kwargs = {name: _float32(one) for name, one in kwargs.items()}
        return func(*args, **kwargs)


@contextmanager
def _simulate_in_backward() -> Iterator[None]:
    """Simulate CUDA where the backward pass recomputes a network, too: torch suspends function modes meanwhile."""
    entered: list[tuple[nn.Module, _AsOnCuda]] = []

    def begin(module: nn.Module, _: object) -> None:
        if not torch._C._is_torch_function_mode_enabled():
            entered.append((module, _AsOnCuda()))
            entered[-1][1].__enter__()  # type: ignore[no-untyped-call]

    def end(module: nn.Module, _: object, __: object) -> None:
        if entered and entered[-1][0] is module:
            entered.pop()[1].__exit__(None, None, None)  # type: ignore[no-untyped-call]

    handles = register_module_forward_pre_hook(begin), register_module_forward_hook(end, always_call=True)
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


_IS_CUDA: Any = torch.Tensor.is_cuda.__get__  # type: ignore[attr-defined]


def _float32(value: Any) -> Any:
    low = isinstance(value, Tensor) and value.dtype in (torch.bfloat16, torch.float16)
    return value.float() if low else value


def strip_content(module: _Copied) -> _Copied:
    """Copy a module, or anything that holds modules, without its weights; call it inside `fake_tensors`.

    Nothing of the weights is copied, so it is quick for any size, and `module` may be on any device, meta included.
    """
    memo: dict[int, Any] = {}
    for one in _modules(module):
        for tensor in (*one.parameters(), *one.buffers()):
            stripped = torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device="cpu")
            if isinstance(tensor, nn.Parameter):
                stripped = nn.Parameter(stripped, requires_grad=tensor.requires_grad)
                stripped._backward_hooks = copy.copy(tensor._backward_hooks)
            memo.setdefault(id(tensor), stripped)
    return copy.deepcopy(module, memo)


def _modules(thing: Any) -> Iterator[nn.Module]:
    if isinstance(thing, nn.Module):
        yield thing
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from _modules(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from _modules(value)
    elif isinstance(getattr(thing, "function", None), nn.Module):
        yield thing.function


def make_fake_pair(batch: int, size: int, topology: Topology) -> Pair:
    """Make `batch` pairs of faces of `size` pixels, from one domain to another; call it inside `fake_tensors`."""

    def faces(domain: int) -> Faces:
        return Faces(
            points=torch.empty(batch, 68, 2),
            domain=torch.zeros(batch, dtype=torch.int64),
            image=torch.empty(batch, 3, size, size),
            segments=((domain, batch),),
            dense=None if topology.places is None else torch.empty(batch, topology.count, 2),
        )

    return Pair(a=faces(0), b=faces(1))
