"""Which translator edits a photo: weights of a run, an exported network, or those installed with ptk."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptk.device import check_device
from ptk.errors import PtkError, WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    import numpy as np

    from ptk.editing.rendered import Rendered, Translates
    from ptk.faces.topologies import Topology
    from ptk.motion.face_geometry import FaceGeometry
    from ptk.motion.flow_options import FaceFlow

__all__ = ["SHIPPED", "DeferredTranslator", "load_translator", "shipped"]

SHIPPED = Path(__file__).parents[1] / "weights"
"""The weights that come with ptk: portraits.onnx, and portraits.safetensors for a GPU and to train on from."""

_EXPORTED = (".onnx", ".xml")


def load_translator(weights: Path, device: str = "auto") -> Translates:
    """The translator in the file `weights`.

    An exported network (.onnx, .xml) runs on the CPU, through ONNX Runtime or OpenVINO, and torch is not imported;
    weights of a run (.safetensors) need torch. Raises WeightsError, PtkError when `device` is not there.
    """
    if weights.suffix in _EXPORTED:
        if device == "cuda":
            raise PtkError(f"{weights}: exported networks run on the CPU; give the weights.safetensors it was made of")
        check_device(device)
        from ptk.editing.exported.runtime import ExportedTranslator

        return ExportedTranslator.load(weights)
    from ptk.editing.translator import Translator

    return Translator.load(weights, device)


class DeferredTranslator:
    """The translator in the file `weights`, loaded when it is first asked for something: most styles need none."""

    def __init__(self, weights: Path, device: str = "auto") -> None:
        self._weights, self._device = weights, device
        self._loading: Future[Translates] | None = None

    def start(self) -> None:
        """Begin to load it beside what else is done: most of that is waiting for compiled code."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(max_workers=1)
        self._loading = pool.submit(self._load)
        pool.shutdown(wait=False)

    def _load(self) -> Translates:
        translator = load_translator(self._weights, self._device)
        import cv2  # noqa: F401  (the result is composed with it: this thread has the time to load it)

        return translator

    @cached_property
    def _loaded(self) -> Translates:
        return load_translator(self._weights, self._device) if self._loading is None else self._loading.result()

    @property
    def size(self) -> int:
        """See `ptk.editing.rendered.Translates`, here and below."""
        return self._loaded.size

    @property
    def domains(self) -> tuple[str, ...]:
        """The styles that it knows."""
        return self._loaded.domains

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What its file says of itself."""
        return self._loaded.metadata

    @property
    def detector(self) -> str:
        """Who found the landmarks that it learned from."""
        return self._loaded.detector

    @property
    def face_flow(self) -> FaceFlow | None:
        """How its flow is made of landmarks."""
        return self._loaded.face_flow

    @property
    def topology(self) -> Topology:
        """Which landmarks it learned."""
        return self._loaded.topology

    @property
    def geometry(self) -> FaceGeometry:
        """The tuned numbers that it was trained with."""
        return self._loaded.geometry

    @property
    def hears_landmarks(self) -> bool:
        """Whether it is told landmarks."""
        return self._loaded.hears_landmarks

    @property
    def multiple(self) -> int:
        """What sides of whole pictures are multiples of, 0 of faces."""
        return self._loaded.multiple

    def translate(self, picture: np.ndarray, style: str) -> np.ndarray:
        """A whole picture in `style`."""
        return self._loaded.translate(picture, style)

    def render(
        self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str, *, quick: bool = False
    ) -> Rendered:
        """The face in `cut` moved from `start` to `goal`, in `style`."""
        return self._loaded.render(cut, start, goal, style, quick=quick)


def shipped(device: str = "auto") -> Path:
    """The weights in `SHIPPED`: for a GPU those of torch, else the exported ones. Raises WeightsError without any."""
    suffix = ".safetensors" if device == "cuda" or (device == "auto" and _gpu()) else ".onnx"
    file = SHIPPED / f"portraits{suffix}"
    if not file.is_file():
        raise WeightsError(
            f"{file}: ptk's own weights are missing, the installation is damaged; install ptk again, or give `weights`"
        )
    return file


def _gpu() -> bool:
    """Whether torch will find a CUDA device here, told by its build and by the driver: to ask torch takes seconds."""
    import ctypes
    from importlib.metadata import version

    if version("torch").endswith("+cpu"):
        return False
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver, count = ctypes.CDLL(library), ctypes.c_int(0)
        except OSError:
            continue
        # It heeds CUDA_VISIBLE_DEVICES; both calls give 0 when all is well.
        return not driver.cuInit(0) and not driver.cuDeviceGetCount(ctypes.byref(count)) and count.value > 0
    return False
