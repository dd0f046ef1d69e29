"""A frozen network whose features describe an image, and where its weights came from."""

from __future__ import annotations

import hashlib
import logging
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

from ptk.compat import mend_torchvision
from ptk.errors import WeightsError
from ptk.losses.precision import full
from ptk.losses.weights_file import check_weights, read_weights

__all__ = ["SEED", "Backbone", "BackboneLoss", "Weights", "reference_images"]

_log = logging.getLogger(__name__)

Weights = Literal["auto", "pretrained", "random"] | Path

SEED = 0
"""Of random weights: the same for every run, so that their losses can be compared."""

STAGES = 5
PATIENCE = 3.0
"""Seconds in which the network must answer before pretrained weights count as out of reach."""

OTHERWISE = "go online once, or set `weights` to a safetensors file in timm's names, or to random"


class Backbone(nn.Module):
    """Images (B, 3, H, W) in [-1, 1] -> the features of `stages` stages, shallow to deep, float32, of strength about 1.

    `name` is any of timm's models with feature stages. For a VGG the stages are the activations of conv1_1, conv2_1,
    conv3_1, conv4_1 and conv5_1, as in Gatys et al. (2016); for others, timm's first five. Nothing in it trains.

    Each stage is divided by the root mean square of its features of `reference_images()`. Published weights of one VGG
    differ in scale by hundreds, and so do random ones; Gram matrices take the square of it, their distances the fourth
    power. Gatys et al. scale their VGG for the same reason, to a mean activation of one over ImageNet.

    `source` says which weights it has; `fallback` is why they are random although `auto` would have had better ones,
    "" otherwise. Raises ValueError for an unknown name, WeightsError when the asked weights cannot be had.
    """

    mean: Tensor
    deviation: Tensor
    strengths: Tensor

    def __init__(self, name: str, weights: Weights, stages: int = STAGES) -> None:
        super().__init__()
        self.fallback = ""
        self.stages = stages
        # On the CPU whatever the default device: the random weights are the same everywhere.
        with torch.device("cpu"):
            self._build(name, weights)
        self.requires_grad_(False).eval()

    def _build(self, name: str, weights: Weights | str) -> None:
        self.network, config = _network(name)
        self.register_buffer("mean", torch.tensor(config.mean).reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(config.std).reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("strengths", torch.ones(STAGES), persistent=False)
        self.source = f"random (seed {SEED})"
        if weights in ("auto", "pretrained"):
            try:
                _load(self.network, _pretrained_file(name, config), name)
                self.source = f"pretrained ({config.hf_hub_id})"
            except WeightsError as error:
                if weights == "pretrained":
                    raise
                self.fallback = str(error)
        elif weights != "random":
            self.source = _load(self.network, Path(weights), name)
        self.network.keep(self.stages).eval()
        with torch.no_grad():
            features = self(reference_images())
        self.channels: list[int] = [feature.shape[1] for feature in features]
        self.strengths = torch.stack([feature.square().mean().sqrt() for feature in features])

    def train(self, mode: bool = True) -> Backbone:  # noqa: ARG002
        """Stay in evaluation mode: batch statistics of a few generated images would change what features mean."""
        return super().train(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features (B, C, h, w) of each stage. Under autocast the layers compute in half precision."""
        x = (image.to(self.mean.dtype) + 1) / 2
        if torch.is_autocast_enabled("cpu"):  # processors' half precision is made for channels last
            x = x.contiguous(memory_format=torch.channels_last)
        features = self.network((x - self.mean) / self.deviation)
        return [full(feature) / strength for feature, strength in zip(features, self.strengths, strict=False)]


class BackboneLoss(nn.Module):
    """A loss that compares features of the `backbone` called `name`, and says which weights that really has."""

    def __init__(self, name: str, weights: Weights, stages: int = STAGES) -> None:
        super().__init__()
        self.backbone = Backbone(name, weights, stages)
        self.name = name
        # It is the same in every run that `record` names, so that checkpoints do not hold it.
        self.register_state_dict_post_hook(_leave_out_backbone)  # type: ignore[no-untyped-call]
        self.register_load_state_dict_post_hook(_expect_no_backbone)  # type: ignore[no-untyped-call]

    @property
    def warning(self) -> str | None:
        """One sentence for the screen when `auto` had to fall back to random weights."""
        if not self.backbone.fallback:
            return None
        loss = type(self).__name__.lower()
        return f"{loss} compares features of a {self.name} with RANDOM weights: {self.backbone.fallback}"

    def record(self) -> dict[str, str]:
        """What to remember with the run and its weights: the backbone, and which weights it really had."""
        return {"backbone": self.name, "weights": self.backbone.source}


def _leave_out_backbone(_: nn.Module, state: dict[str, Any], prefix: str, __: Any) -> None:
    for name in [name for name in state if name.startswith(f"{prefix}backbone.")]:
        del state[name]


def _expect_no_backbone(_: nn.Module, incompatible: Any) -> None:
    missing = incompatible.missing_keys
    missing[:] = [name for name in missing if "backbone." not in name]


def reference_images() -> Tensor:
    """Two images (2, 3, 128, 128) in [-1, 1] with the spectrum of photos: seeded grey noise falling as 1 / f^1.5."""
    size = 128
    frequency = torch.fft.fftfreq(size)
    radius = (frequency[:, None].square() + frequency.square()).sqrt().clamp_min(1 / size)
    white = torch.randn(2, 1, size, size, generator=torch.Generator().manual_seed(SEED))
    noise: Tensor = torch.fft.ifft2(torch.fft.fft2(white) / radius**1.5).real
    noise = noise / noise.std(dim=(2, 3), keepdim=True)
    return (noise / 2).clamp(-1, 1).expand(-1, 3, -1, -1)


class _Vgg(nn.Module):
    """The layers of a VGG up to conv5_1, under timm's names, giving the first activation of each stage."""

    def __init__(self, features: nn.Sequential) -> None:
        super().__init__()
        self.taps: list[int] = []
        waiting = True
        for index, layer in enumerate(features):
            if isinstance(layer, nn.MaxPool2d):
                waiting = True
            elif waiting and isinstance(layer, nn.ReLU):
                self.taps.append(index)
                waiting = False
        self.features = nn.Sequential(*list(features)[: self.taps[-1] + 1])

    def keep(self, stages: int) -> _Vgg:
        """Itself with the first `stages` alone."""
        self.taps = self.taps[:stages]
        self.features = nn.Sequential(*list(self.features)[: self.taps[-1] + 1])
        return self

    def forward(self, x: Tensor) -> list[Tensor]:
        outputs = []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.taps:
                outputs.append(x)
        return outputs


class _Stages(nn.Module):
    """timm's first stages of any other model."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.indices = list(range(min(STAGES, len(model.feature_info))))
        model.prune_intermediate_layers(self.indices, prune_norm=True, prune_head=True)
        self.model = model

    def keep(self, stages: int) -> _Stages:
        """Itself with the first `stages` alone."""
        self.indices = self.indices[:stages]
        self.model.prune_intermediate_layers(self.indices, prune_norm=True, prune_head=True)
        return self

    def forward(self, x: Tensor) -> list[Tensor]:
        return cast("list[Tensor]", self.model.forward_intermediates(x, indices=self.indices, intermediates_only=True))


def _network(name: str) -> tuple[_Vgg | _Stages, Any]:
    """The network with seeded random weights, and timm's description of it. The global random state stays as it was."""
    mend_torchvision()
    import timm

    if not timm.is_model(name):
        raise ValueError(f"timm has no model {name}; vgg19 and vgg16 are the usual ones")
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.manual_seed(SEED)
        if name.startswith("vgg"):
            # Its classifier, 9 in 10 of its parameters, is of no use here and never takes memory.
            with torch.device("meta"):
                model = timm.create_model(name, num_classes=0)
            network = _Vgg(cast("nn.Sequential", model.features))
            network.to_empty(device="cpu").apply(_initialise)
            return network, timm.models.get_pretrained_cfg(name)
        model = timm.create_model(name, num_classes=0)
    if not hasattr(model, "forward_intermediates") or not hasattr(model, "prune_intermediate_layers"):
        raise ValueError(f"timm's {name} has no feature stages; vgg19 and vgg16 are the usual ones")
    return _Stages(model), timm.models.get_pretrained_cfg(name)


def _initialise(module: nn.Module) -> None:
    """Weights that keep the deviation of features from stage to stage. Source: He et al. 2015, equation 10."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        module.reset_parameters()


def _load(network: nn.Module, path: Path, name: str) -> str:
    """Give `network` the weights in a safetensors file; the file's name and digest. Raises WeightsError."""
    state = read_weights(path)
    target = network.model if isinstance(network, _Stages) else network
    wanted = {
        key: value for key, value in target.state_dict().items() if key.rpartition(".")[2] != "num_batches_tracked"
    }
    check_weights(state, wanted, path, name)
    target.load_state_dict({key: state[key].float() for key in wanted}, strict=False)
    return f"{path.name} (sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:16]})"


def _pretrained_file(name: str, config: Any) -> Path:
    """The weights that timm publishes for `name`, from the local cache or else the network. Raises WeightsError."""
    import huggingface_hub
    from huggingface_hub import constants

    repository, file = config.hf_hub_id, "model.safetensors"
    if not repository:
        raise WeightsError(f"timm publishes no pretrained weights for {name}; set `weights` to a file or to random")
    cached = huggingface_hub.try_to_load_from_cache(repository, file)
    if isinstance(cached, str):
        return Path(cached)
    if constants.HF_HUB_OFFLINE:
        raise WeightsError(f"{repository} is not in the cache and HF_HUB_OFFLINE is set; {OTHERWISE}")
    _log.warning(
        "asking %s for %s (pretrained weights of %s); with HF_HUB_OFFLINE=1 nobody is asked",
        constants.ENDPOINT,
        repository,
        name,
    )
    if not _answers(constants.ENDPOINT):
        raise WeightsError(f"{repository} is not in the cache and {constants.ENDPOINT} is out of reach; {OTHERWISE}")
    try:
        return Path(huggingface_hub.hf_hub_download(repository, file))
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise WeightsError(f"{repository} cannot be downloaded ({reason}); {OTHERWISE}") from error


def _answers(address: str) -> bool:
    """Whether `address` answers within PATIENCE, name resolution (which knows no time limit of its own) included."""
    finished, answered = threading.Event(), threading.Event()

    def ask() -> None:
        try:
            request = urllib.request.Request(address, method="HEAD")
            urllib.request.urlopen(request, timeout=PATIENCE).close()
            answered.set()
        except urllib.error.HTTPError:
            answered.set()  # it refuses, but it is there
        except (OSError, ValueError):
            pass
        finally:
            finished.set()

    threading.Thread(target=ask, daemon=True).start()
    finished.wait(PATIENCE)
    return answered.is_set()
