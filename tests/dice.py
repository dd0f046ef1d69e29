"""A plug-in whose parts draw from every global generator and remember things: what resuming must be right with."""

from installed import install

NAME = "dice"

HOOKS = """
import ptk

@ptk.hookimpl
def ptk_losses():
    return [ptk.Part("dice", "a pool of images, a balance", "ptk_dice.parts:Dice", sides=("generator", "critic"))]

@ptk.hookimpl
def ptk_conditioners():
    return [ptk.Part("rain", "noise, normalised", "ptk_dice.parts:Rain")]

@ptk.hookimpl
def ptk_discriminators():
    return [ptk.Part("gambler", "spectral norm, batch norm, dropout", "ptk_dice.parts:Gambler")]

@ptk.hookimpl
def ptk_metrics():
    return [ptk.Part("lottery", "a number", "ptk_dice.parts:Lottery")]
"""

PARTS = '''
import random
import numpy as np
import torch
import ptk
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

class Dice(nn.Module):
    """The distance to an image of a pool that grows, times a learnt balance and three random numbers."""

    def __init__(self, side: str) -> None:
        super().__init__()
        self.balance = nn.Parameter(torch.zeros(3))
        self.register_buffer("pool", None)
        self.thrown = 0

    def forward(self, translation, networks):
        fake = translation.fake[0]
        pool = fake.detach()[:1] if self.pool is None else torch.cat([self.pool, fake.detach()[:1]])
        self.pool = pool[torch.randperm(len(pool))[:4]]
        self.thrown += 1
        dice = torch.tensor([random.random(), np.random.rand(), torch.rand(()).item()])
        verdict = networks.judge([fake], translation.planes)[0].logits.float().square().mean()
        apart = (fake.float() - self.pool[random.randrange(len(self.pool))].float()).abs().mean()
        return ((-self.balance).exp() * dice).sum() * (apart + verdict) + self.balance.sum()

class Rain(nn.Module):
    """A plane of noise that goes through batch norm."""

    channels = 1

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)

    def forward(self, source, target):
        batch, _, height, width = source.image.shape
        noise = torch.from_numpy(np.random.standard_normal((batch, 1, height, width)))
        return self.norm(noise.to(source.image) * random.random())

class Gambler(nn.Module):
    """One level of patches, with everything in it that a pass changes."""

    def __init__(self, plane_channels: int) -> None:
        super().__init__()
        self.first = spectral_norm(nn.Conv2d(3, 8, 4, 2, 1))
        self.norm, self.drop, self.last = nn.BatchNorm2d(8), nn.Dropout(0.3), nn.Conv2d(8, 1, 3, padding=1)

    def forward(self, pyramid, planes):
        feature = self.drop(self.norm(self.first(pyramid[0]))).relu()
        return [ptk.Verdict(logits=self.last(feature), features=[feature])]

class Lottery:
    """A random number an image."""

    def __init__(self) -> None:
        torch.nn.Linear(3, 3)
        random.random()

    def __call__(self, source, target, result):
        return torch.rand(len(result.image if hasattr(result, "image") else result)) * np.random.rand()
'''


def install_dice(folder, **modules):
    """Lay the plug-in out in `folder`, a folder of packages."""
    return install(folder, NAME, HOOKS, **{"parts": PARTS, **modules})
