"""MediaPipe's face landmarker as a detector of the 68."""

from __future__ import annotations

import atexit
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ptk.compat import hide_module
from ptk.detectors.quiet import without_notices
from ptk.detectors.search_scales import (
    FIRST_LOOK,
    MIRROR_GAP,
    TILE,
    check_pixels,
    disagreement,
    extent,
    is_new,
    pyramid,
    shrunk,
    tiles,
)
from ptk.errors import MissingExtra, PluginError
from ptk.faces.landmarks import mirrored
from ptk.faces.topologies import MEDIAPIPE478
from ptk.types import Landmarks

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

__all__ = ["Fit", "MediaPipe68"]

MODEL = Path(__file__).parent / "models" / "face_landmarker.task"

_NOTICES = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called"
    rb"|[IW]\d{4} .*(face_landmarker_graph|inference_feedback_manager)\.cc"
    rb"|INFO: Created TensorFlow Lite XNNPACK delegate"
)
_FACES_A_LOOK = 8


class Fit(NamedTuple):
    """A mesh (478, 2) that was fitted to a face, and the 68 `points` in it, in pixels of the image."""

    points: Float[np.ndarray, "68 2"]
    mesh: Float[np.ndarray, "478 2"]

    @property
    def irises(self) -> Float32[np.ndarray, "2 3"]:
        """The middles (x, y) and radii of the right and of the left iris."""
        rims = [list(MEDIAPIPE478.groups[name]) for name in ("right_iris", "left_iris")]
        middles = self.mesh[[rim[0] - 1 for rim in rims]]  # the mesh has it before its rim
        radii = np.linalg.norm(self.mesh[rims] - middles[:, None], axis=-1).mean(axis=1)
        return np.column_stack([middles, radii]).astype(np.float32)


class MediaPipe68:
    """The 478 points of MediaPipe's face mesh, mapped to the 68.

    Google's face_landmarker (Apache-2.0) comes with ptk. BlazeFace finds faces of an eighth of the photo's longer side
    in a copy of 512 pixels, and smaller ones, down to 44 pixels, in overlapping tiles of copies up to the photo's own
    resolution. Each face is then cut from the photo itself at up to 512 pixels, and the mesh fitted to that; the mirror
    image must show the same, except of the surest face in the first copy. The score is BlazeFace's confidence, 0.5 to
    1. Lying faces are fitted, too; in photos that stand on their head the points are wrong.

    Raises MissingExtra without the package mediapipe, PluginError without the system's OpenGL ES libraries.
    """

    name = "mediapipe68"

    def __init__(self) -> None:
        try:
            # It needs a sound library for audio alone, and to look for one starts compilers: a tenth of an edit's time.
            with hide_module("sounddevice"):
                import mediapipe
        except ImportError as error:
            raise MissingExtra("mediapipe", f"detector {self.name}") from error
        self._image = mediapipe.Image
        self._srgb = mediapipe.ImageFormat.SRGB
        try:
            with without_notices(_NOTICES):
                self._finder, self._mesh = _make_tasks()
        except OSError as error:
            raise PluginError(
                f"detector {self.name}: a system library is missing ({error}); "
                "install it (Debian, Ubuntu: apt-get install libegl1 libgles2) or take `detector=dlib68`"
            ) from error

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """The faces in `image`, the surest first; [] when there are none. Points are in pixels of `image`."""
        check_pixels(image)
        faces: list[Landmarks] = []
        for score, box in self._find_boxes(image, shrunk(image, FIRST_LOOK)[0], FIRST_LOOK):
            self._add(faces, image, score, box, checked=bool(faces))
        for copy in pyramid(image):
            for score, box in self._find_boxes(image, copy, TILE):
                self._add(faces, image, score, box, checked=True)
        return sorted(faces, key=lambda face: -face.score)

    def _add(self, faces: list[Landmarks], image: np.ndarray, score: float, box: np.ndarray, *, checked: bool) -> None:
        """Add the face in `box` to `faces`, where it is one and new; where it is `checked`, seen in the mirror, too."""
        known = [extent(face.points) for face in faces]
        fit = self._fit(image, box) if is_new(box, known) else None
        if fit is None or not is_new(extent(fit.points), known):
            return
        if checked and self._mirror_gap(image, box, fit.points) > MIRROR_GAP:
            return
        faces.append(self._describe(fit, image, score))

    def _describe(self, fit: Fit, image: np.ndarray, score: float) -> Landmarks:
        height, width = image.shape[:2]
        points = fit.points.astype(np.float32)
        return Landmarks(points=points, width=width, height=height, detector=self.name, score=score, irises=fit.irises)

    def _find_boxes(self, image: np.ndarray, copy: np.ndarray, side: int) -> list[tuple[float, np.ndarray]]:
        """What BlazeFace takes for faces in tiles of `copy`, in pixels of `image`, the surest first."""
        height, width = copy.shape[:2]
        scale = np.array([image.shape[1] / width, image.shape[0] / height] * 2)
        boxes = []
        for left, top, right, bottom in tiles(width, height, side):
            for detection in self._finder.detect(self._wrap(copy[top:bottom, left:right])).detections:
                box, score = detection.bounding_box, float(detection.categories[0].score)
                x, y = left + box.origin_x, top + box.origin_y
                boxes.append((score, np.array([x, y, x + box.width, y + box.height])))
        return [(score, box * scale) for score, box in sorted(boxes, key=lambda pair: -pair[0])]

    def _fit(self, image: np.ndarray, box: np.ndarray) -> Fit | None:
        """The fit to the face whose middle lies in `box`, or None when a closer look shows no face there."""
        around = np.array([box[:2] - (box[2:] - box[:2]) / 2, box[2:] + (box[2:] - box[:2]) / 2])
        (left, top), (right, bottom) = np.clip(around.round().astype(int), 0, image.shape[1::-1])
        if right <= left or bottom <= top:
            return None
        closer, scale = shrunk(image[top:bottom, left:right], FIRST_LOOK)
        size = np.array(closer.shape[1::-1])
        for mesh in self._mesh.detect(self._wrap(closer)).face_landmarks:
            vertices = np.array([(vertex.x, vertex.y) for vertex in mesh])
            points = MEDIAPIPE478.to_anatomy(vertices) * size * scale + (left, top)
            middle = points.mean(axis=0)
            if (box[:2] <= middle).all() and (middle <= box[2:]).all():
                return Fit(points, vertices * size * scale + (left, top))
        return None

    def _mirror_gap(self, image: np.ndarray, box: np.ndarray, points: Float[np.ndarray, "68 2"]) -> float:
        """Mean distance of `points` and those of the mirrored photo, in eye distances; infinite without a face there.

        What only looks like a face, such as a wheel, is fitted differently there.
        """
        width = image.shape[1]
        flipped = self._fit(image[:, ::-1], np.array([width - box[2], box[1], width - box[0], box[3]]))
        if flipped is None:
            return np.inf
        return disagreement(points, mirrored(flipped.points, width))

    def _wrap(self, pixels: np.ndarray) -> Any:
        return self._image(image_format=self._srgb, data=np.ascontiguousarray(pixels))


@cache
def _make_tasks() -> tuple[Any, Any]:
    """The face detector and the face landmarker, both from the one bundled file; made once and kept for good.

    Their closing waits for threads of their own, which the garbage collector ends first when it finds them in a cycle:
    then it waits for ever. At the interpreter's end it fails with a traceback. So they are never closed.
    """
    from mediapipe.tasks.python import BaseOptions, vision

    with zipfile.ZipFile(MODEL) as bundle:
        blaze_face = bundle.read("face_detector.tflite")
    finder = vision.FaceDetector.create_from_options(
        vision.FaceDetectorOptions(base_options=BaseOptions(model_asset_buffer=blaze_face))
    )
    mesh = vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(MODEL)), num_faces=_FACES_A_LOOK)
    )

    @atexit.register
    def leave_open() -> None:
        finder._handle = mesh._handle = None

    return finder, mesh
