"""Weights -> something to call: images and landmarks in, images out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from ptk.conditioners.motion_field import MotionField
from ptk.device import resolve_device
from ptk.editing.learned import check_known, has_faces, leads_back, source_domain
from ptk.editing.rendered import Rendered, StagedTranslator
from ptk.errors import PtkError, WeightsError
from ptk.motion.flow_options import FaceFlow
from ptk.recipe.agreement import hears_landmarks
from ptk.recipe.build import Conditioners, build_conditioners, build_generator
from ptk.recipe.load import parse_editing_recipe
from ptk.recipe.schema import Recipe
from ptk.recipe.weights import adopt_record, check_fit, read_metadata, read_tensors
from ptk.registry.failures import note_failures
from ptk.registry.registry import load_registry
from ptk.rendering import MovesPixels, Restyles
from ptk.types import Faces, Planes, Target

__all__ = ["Translator", "find_face_flow", "find_multiple"]


class Translator(StagedTranslator):
    """A trained generator with its conditioners.

    `size` is the side of its images in pixels, `domains` the styles that it knows in the order of its planes,
    `detector` the one that found the landmarks it learned from, `metadata` what its file says of itself.
    """

    def __init__(
        self, recipe: Recipe, conditioners: Conditioners, generator: nn.Module, metadata: dict[str, Any]
    ) -> None:
        self.recipe = recipe
        self.conditioners = conditioners
        self.generator = generator
        self.metadata = metadata
        self.size = recipe.data.size
        self.geometry = recipe.geometry
        self.face_flow = find_face_flow(conditioners, generator)
        self.restyles = bool(getattr(generator, "restyles", False))
        self.domains, self.plain, self.topology = recipe.domain_names, recipe.plain, recipe.topology
        self.hears_landmarks = hears_landmarks(recipe)
        self.leads_back = leads_back(metadata)
        self.multiple = 0 if has_faces(metadata) and not self.leads_back else find_multiple(recipe)
        self.detector = str(metadata.get("data", {}).get("detector", "unknown"))

    @classmethod
    def load(cls, path: str | Path, device: str = "auto") -> Translator:
        """Read weights that `ptk train` wrote. Raises WeightsError, and PtkError when `device` is not there."""
        path = Path(path)
        place = resolve_device(device)
        metadata = read_metadata(path)
        try:
            recipe = adopt_record(parse_editing_recipe(metadata["recipe"], str(path)), metadata, path)
            with torch.device("meta"):  # takes no memory, whatever sizes a damaged recipe asks for
                shapes = {name: one.shape for name, one in _networks(recipe).state_dict().items()}
            check_fit(path, shapes)
            whole = _networks(recipe)
            whole.load_state_dict(read_tensors(path))
        except WeightsError:
            raise
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise WeightsError(f"{path}: its tensors do not fit its recipe ({reason}); train it again") from error
        except PtkError as error:
            named = metadata.get("editing_plugins", metadata.get("plugins", []))
            needed = [str(one) for one in named if not str(one).startswith("ptk ")]
            lacking = [why for one in needed if (why := load_registry().lacking(one))]
            reason = f"it needs plug-ins: {'; '.join(lacking)}" if lacking else str(error).splitlines()[0]
            raise WeightsError(f"{path}: cannot be built here: {reason}") from error
        whole.to(place).eval()
        return cls(recipe, cast("Conditioners", whole["conditioners"]), whole["generator"], metadata)

    @property
    def device(self) -> torch.device:
        """Where the generator computes."""
        return next(self.generator.parameters()).device

    @torch.inference_mode()
    def __call__(self, image: Tensor, source_points: Tensor, target_points: Tensor, domain: str) -> Tensor:
        """Images (B, 3, size, size) in [-1, 1] of faces whose landmarks (B, count, 2), in [0, 1], move to the target's.

        They are those of the weights' topology. The source is taken for a photo, if the weights know that. Raises
        WeightsError for a `domain` that they do not know.
        """
        image = image.to(self.device)
        planes = self._planes(image, source_points, target_points, domain)
        with note_failures(self.generator):
            result: Tensor = self.generator(image, planes)[0]
        return result

    @torch.inference_mode()
    def _render(
        self,
        cut: np.ndarray,
        start: np.ndarray,
        goal: np.ndarray,
        style: str,
        *,
        whole: bool,  # noqa: ARG002
        paints: bool = True,  # noqa: ARG002
    ) -> Rendered:
        image = _to_tensor(cut).to(self.device)
        planes = self._planes(image, torch.from_numpy(start), torch.from_numpy(goal), style)
        with note_failures(self.generator):
            if not isinstance(self.generator, MovesPixels):
                return Rendered(_to_array(self.generator(image, planes)[0]))
            made = self.generator.render(image, planes)
        flow, visibility = (each.float().cpu().numpy()[0] for each in (made.flow, made.visibility))
        return Rendered(_to_array(made.image), np.ascontiguousarray(flow.transpose(1, 2, 0)), visibility[0])

    @torch.inference_mode()
    def _restyle(self, photo: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> np.ndarray:
        image = _to_tensor(photo).to(self.device)
        planes = self._planes(image, torch.from_numpy(start), torch.from_numpy(goal), style)
        with note_failures(self.generator):
            return _to_array(cast("Restyles", self.generator).restyle(image, planes))

    def _planes(self, image: Tensor, start: Tensor, goal: Tensor, domain: str) -> Planes:
        check_known(domain, self.domains)
        seen = source_domain(self.domains, domain)
        if self.leads_back:  # to the first domain, whatever it is: `domain` says where from
            seen, domain = domain, self.domains[0]
        source = Faces(image=image, **self.place(start), **self._rows(seen, len(image)))
        planes: Planes = self.conditioners(source, Target(**self.place(goal), **self._rows(domain, len(image))))
        return planes

    def place(self, points: Tensor) -> dict[str, Any]:
        """The 68 of `points` (B, count, 2), and all of them where the weights learned others."""
        if self.topology.places is None or points.shape[1] != self.topology.count:
            return {"points": points.to(self.device)}
        anatomy = torch.from_numpy(self.topology.to_anatomy(points.cpu().numpy()))
        return {"points": anatomy.to(self.device), "dense": points.to(self.device)}

    def _rows(self, domain: str, count: int) -> dict[str, Any]:
        """`domain` for so many rows, as a tensor and as segments."""
        index = self.domains.index(domain)
        rows = torch.full((count,), index, dtype=torch.int64, device=self.device)
        return {"domain": rows, "segments": ((index, count),)}


def find_face_flow(conditioners: Conditioners, generator: nn.Module) -> FaceFlow | None:
    """How the flow of a generator that moves pixels begins with landmarks; None where it has none."""
    field = next((part for part in conditioners.parts.values() if isinstance(part, MotionField)), None)
    if field is None or not isinstance(generator, MovesPixels):
        return None
    lips = bool(getattr(generator, "moves_lips", False))
    return FaceFlow(field.reach, field.noise, lips, geometry=field.geometry)


def find_multiple(recipe: Recipe) -> int:
    """What the sides of pictures must be multiples of for the generator: the least power of two that it takes.

    Tried on the meta device, where nothing is computed. Raises WeightsError where not even the recipe's size will do.
    """
    size = recipe.data.size
    with torch.device("meta"):
        networks = _networks(recipe).eval()
        for power in range(size.bit_length()):
            if size % 2**power == 0 and _takes(networks, size, size + 2**power):
                return 1 << power
    raise WeightsError(f"generator {recipe.generator.name}: takes no pictures but of {size} x {size} pixels")


@torch.inference_mode()
def _takes(networks: nn.ModuleDict, height: int, width: int) -> bool:
    """Whether the networks, on the meta device, make an image of the size that they were given."""
    image, points = torch.empty(1, 3, height, width, device="meta"), torch.empty(1, 68, 2, device="meta")
    domain = torch.zeros(1, dtype=torch.int64, device="meta")
    target = Target(points=points, domain=domain, segments=((0, 1),))
    try:
        planes = networks["conditioners"](Faces(image=image, points=points, domain=domain), target)
        return bool(networks["generator"](image, planes)[0].shape == image.shape)
    except Exception:  # parts say in ways of their own that a size does not fit
        return False


def _networks(recipe: Recipe) -> nn.ModuleDict:
    """The conditioners and the generator of `recipe`, as weights name them."""
    conditioners = build_conditioners(recipe)
    return nn.ModuleDict({"conditioners": conditioners, "generator": build_generator(recipe, conditioners)})


def _to_tensor(picture: np.ndarray) -> Tensor:
    """A picture (S, S, 3) in [0, 255] as an image (1, 3, S, S) in [-1, 1]."""
    return torch.tensor(picture).permute(2, 0, 1)[None].float() / 127.5 - 1


def _to_array(image: Tensor) -> np.ndarray:
    return np.asarray(((image[0].float().clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).cpu().numpy())
