"""A face that needs no detector: skin of any colour with brows, eyes and lips, drawn on 68 points."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

import ptk

# Thousandths of the crop: jaw, brows, nose, eyes, outer and inner lips of a face that looks at us.
MIDDLE = """
257 441 256 507 261 566 275 622 295 684 327 748 371 798 430 827 500 838 570 827 629 798 673 748 705 684 725 622 739 566
744 507 743 441 298 399 318 385 350 378 406 381 444 393 556 393 594 381 650 378 682 385 702 399 500 438 500 488 500 536
500 584 453 599 475 608 500 615 525 608 547 599 345 441 375 424 402 426 430 442 401 452 375 452 570 442 598 426 625 424
655 441 625 452 599 452 419 689 449 663 482 657 500 659 518 657 551 663 581 689 564 717 523 731 500 733 477 731 436 717
424 690 480 687 500 688 520 687 576 690 520 694 500 694 480 694
"""
POINTS = np.array(MIDDLE.split(), dtype=np.float32).reshape(68, 2) / 1000


@pytest.fixture
def points() -> np.ndarray:
    """(68, 2) in [0, 1] of the crop, in iBUG order."""
    return POINTS.copy()


@pytest.fixture
def draw() -> Callable[..., ptk.Faces]:
    return drawn


def drawn(
    points: np.ndarray = POINTS,
    height: int = 128,
    width: int = 128,
    skin: tuple[int, int, int] = (214, 170, 142),
    brows: tuple[int, int, int] = (70, 45, 30),
    dtype: torch.dtype = torch.float32,
) -> ptk.Faces:
    """One face, its skin a little uneven, as skin is."""
    picture = Image.new("RGB", (width, height), (90, 110, 130))
    pencil = ImageDraw.Draw(picture)
    placed = points * (width, height)
    pencil.ellipse((0.2 * width, 0.1 * height, 0.8 * width, 0.87 * height), fill=skin)
    for run in (placed[17:22], placed[22:27]):
        pencil.line(run.ravel().tolist(), fill=brows, width=max(2, height // 40))
    pencil.polygon(placed[48:60].ravel().tolist(), fill=(170, 80, 80))
    pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).float()
    pixels += torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0)) * 2
    image = (pixels / 127.5 - 1).clamp(-1, 1)[None].to(dtype)
    return ptk.Faces(
        image=image, points=torch.from_numpy(points)[None].float(), domain=torch.zeros(1, dtype=torch.int64)
    )
