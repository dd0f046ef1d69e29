"""Points and pictures of a mouth that is drawn, for the tests of what looks at mouths."""

import math

import torch
from torch import nn


def lips(open_by: float = 0.1) -> torch.Tensor:
    """68 points of which 48 to 67 are a mouth 0.4 wide around (0.5, 0.6), open by that much; eyes 0.5 apart."""
    points = torch.full((1, 68, 2), 0.5)
    points[0, 36], points[0, 45] = torch.tensor([0.25, 0.3]), torch.tensor([0.75, 0.3])
    turns = torch.arange(12) / 12 * 2 * math.pi
    points[0, 48:60, 0] = 0.5 - 0.2 * turns.cos()
    points[0, 48:60, 1] = 0.6 - (0.05 + open_by / 2) * turns.sin()
    turns = torch.arange(8) / 8 * 2 * math.pi
    points[0, 60:68, 0] = 0.5 - 0.16 * turns.cos()
    points[0, 60:68, 1] = 0.6 - open_by / 2 * turns.sin()
    return points


def smooth(size: int) -> torch.Tensor:
    coarse = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(-1, 1)


def turned(points: torch.Tensor, by: float) -> torch.Tensor:
    turn = torch.tensor([[math.cos(by), -math.sin(by)], [math.sin(by), math.cos(by)]])
    return (points - 0.5) @ turn.T + 0.5
