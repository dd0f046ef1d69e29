"""What the machine reaches when nothing but one operation runs: the measure of everything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["Convolution", "commonest_convolution", "convolution", "copy", "matmul"]


@dataclass(frozen=True)
class Convolution:
    """A convolution as a network calls it: the layer and the shape (B, C, H, W) of what comes in."""

    layer: nn.Conv2d | nn.ConvTranspose2d
    shape: tuple[int, ...]

    def __str__(self) -> str:
        layer = self.layer
        side = "x".join(map(str, layer.kernel_size))
        batch, _, height, width = self.shape
        return f"{side} {layer.in_channels}->{layer.out_channels} at {batch} x {height} x {width}"


def matmul(device: torch.device, dtype: torch.dtype) -> tuple[Callable[[], object], int]:
    """A product of two large square matrices, and its floating-point operations."""
    side = 8192 if device.type == "cuda" else 2048
    a, b = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    out = torch.empty_like(a)
    return lambda: torch.matmul(a, b, out=out), 2 * side**3


def copy(device: torch.device) -> tuple[Callable[[], object], int]:
    """A copy of 256 MiB, and the bytes that it reads and writes."""
    a = torch.zeros(1 << 26, device=device)
    b = torch.empty_like(a)
    return lambda: b.copy_(a), 2 * a.nbytes


def convolution(one: Convolution, device: torch.device, dtype: torch.dtype) -> tuple[Callable[[], object], int]:
    """A convolution and both its gradients, as training needs them, and its floating-point operations."""
    layer = _bare(one.layer).to(device, dtype)
    image = torch.randn(one.shape, device=device, dtype=dtype, requires_grad=True)
    gradient = torch.randn_like(layer(image))

    def work() -> None:
        layer(image).backward(gradient)

    with FlopCounterMode(display=False) as counter:
        work()
    return work, counter.get_total_flops()


def _bare(layer: nn.Conv2d | nn.ConvTranspose2d) -> nn.Module:
    """The same convolution with zeros beyond the border: other paddings are work apart."""
    kind = type(layer)
    return kind(
        layer.in_channels,
        layer.out_channels,
        layer.kernel_size,  # type: ignore[arg-type]
        stride=layer.stride,  # type: ignore[arg-type]
        padding=layer.padding,  # type: ignore[arg-type]
        bias=False,
    )


def commonest_convolution(network: nn.Module, call: Callable[[], object]) -> Convolution:
    """The convolution of `network` that does most in `call`, counting every time that its shape comes.

    Raises ValueError when there is none.
    """
    work: dict[tuple[object, ...], int] = {}
    found: dict[tuple[object, ...], Convolution] = {}

    def note(layer: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
        key = (type(layer), layer.in_channels, layer.out_channels, layer.kernel_size, given[0].shape)
        places = out if isinstance(layer, nn.Conv2d) else given[0]
        work[key] = work.get(key, 0) + layer.weight.numel() * places[:, 0].numel()
        found.setdefault(key, Convolution(layer, tuple(given[0].shape)))

    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    handles = [layer.register_forward_hook(note) for layer in layers]
    try:
        with torch.no_grad():
            call()
    finally:
        for handle in handles:
            handle.remove()
    if not work:
        raise ValueError("a network without convolutions")
    return found[max(work, key=work.__getitem__)]
