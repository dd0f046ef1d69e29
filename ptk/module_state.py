"""The state of a module as tensors: what checkpoints keep of a part."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from ptk.errors import PluginError

__all__ = ["load_state", "read_state"]


def read_state(module: nn.Module, name: str) -> dict[str, Tensor]:
    """The `state_dict` of `module`, which `name` is in messages. Raises PluginError where it holds no tensor."""
    state = module.state_dict()
    for key, value in state.items():
        if not isinstance(value, Tensor):
            raise PluginError(
                f"{name}: its state_dict() holds {key}, a {type(value).__name__}; checkpoints keep tensors alone: "
                "make it a buffer (register_buffer)"
            )
    return dict(state)


def load_state(module: nn.Module, stored: Mapping[str, Tensor]) -> None:
    """Load `stored` into `module`. Buffers take the stored shape: a pool of images grows in training.

    Raises RuntimeError where names differ, or shapes of parameters.
    """
    device = next((tensor.device for tensor in (*module.parameters(), *module.buffers())), None)
    for key, tensor in stored.items():
        path, _, name = key.rpartition(".")
        try:
            owner = module.get_submodule(path)
        except AttributeError:
            continue  # `load_state_dict` names it
        if name not in owner._buffers:
            continue
        now = owner._buffers[name]
        if now is None or now.shape != tensor.shape:
            owner._buffers[name] = tensor.to(device if now is None else now.device, copy=True)
    module.load_state_dict(stored)
