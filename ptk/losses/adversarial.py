"""The adversarial losses: least squares, the paper's logarithms, hinge and Wasserstein, with a pool of older images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptk.losses.image_pool import ImagePool
from ptk.losses.precision import full

if TYPE_CHECKING:
    from ptk.types import Networks, Translation, Verdict

__all__ = ["Adversarial", "LeastSquares", "Mode"]

Mode = Literal["lsgan", "vanilla", "hinge", "wgan"]
Term = Callable[[Tensor], Tensor]


class Adversarial(nn.Module):
    """The generator's images should be taken for real, the critic should not: a mean over patches and rows, a level.

    Levels are summed. With D the logits of a level, r of a real image, f of a generated one, `mode` is

    | mode | critic | generator |
    |---|---|---|
    | lsgan | ((D(r) - 1)^2 + D(f)^2) / 2 | (D(f) - 1)^2 |
    | vanilla | -(log s(D(r)) + log(1 - s(D(f)))) / 2, s the sigmoid | -log s(D(f)) |
    | hinge | max(0, 1 - D(r)) + max(0, 1 + D(f)) | -D(f) |
    | wgan | D(f) - D(r) | -D(f) |

    `pool` is for the critic: it keeps so many generated images a domain, and judges one of those half of the time (see
    `ImagePool`), the finest image alone, which a discriminator of several levels then reduces itself. 0 keeps none.
    Discriminators that look at more than the image judge an older one by the planes of the new.

    Raises ValueError for a pool below 0, and for one of the generator's.

    Source: lsgan: PortraitGAN's L_GAN(G, D_k) (Duan, Guo, Kuo 2020), after Mao et al. 2017, equation 9 with a = 0,
    b = c = 1. vanilla: PortraitGAN's equation 2, after Goodfellow et al. 2014; the generator maximises log s(D(f)), as
    in its section 3. hinge: Lim and Ye 2017, and SAGAN (Zhang et al. 2019). wgan: Arjovsky et al. 2017, to be used
    with `gradient_penalty`. The halves are those of CycleGAN, pix2pix and pix2pixHD, for which the published weights
    of the other terms were chosen; StarGAN's critic, and those with hinges, have none.
    """

    def __init__(
        self, side: Literal["generator", "critic"], domains: int, *, mode: Mode = "lsgan", pool: int = 0
    ) -> None:
        super().__init__()
        if pool < 0:
            raise ValueError(f"pool must be 0 or more, not {pool}")
        if pool and side != "critic":
            raise ValueError("the generator learns from its new images; pool is an option of the critic's loss")
        self.side = side
        self.mode = mode
        self.pool = ImagePool(pool, domains) if pool else None

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:
        """See `ptk.LossDeclaration`."""
        critic, generator = _EQUATIONS[cast("Mode", options.get("mode", "lsgan"))]
        pool = f", half of the G(x) older, from {options['pool']}" if options.get("pool") else ""
        return (critic if side == "critic" else generator) + pool

    def forward(self, translation: Translation, networks: Networks) -> Tensor:
        """The loss of this side, a scalar."""
        real_term, fake_term, generator_term, share = _MODES[self.mode]
        if self.side == "generator":
            return _over_levels(generator_term, translation.fake_verdicts)
        fake = translation.fake_verdicts
        if self.pool is not None:
            fake = networks.judge(
                [self.pool(translation.fake[0], translation.target.domain, networks.gather)], translation.planes
            )
        return (_over_levels(real_term, translation.real_verdicts) + _over_levels(fake_term, fake)) * share


class LeastSquares(Adversarial):
    """`adversarial` with mode lsgan, by the name that recipes had for it: without options.

    Source: see `Adversarial`.
    """

    def __init__(self, side: Literal["generator", "critic"]) -> None:
        super().__init__(side, 0)


def _over_levels(term: Term, verdicts: Sequence[Verdict]) -> Tensor:
    """The mean of `term` over patches and rows, summed over levels."""
    return torch.stack([term(full(level.logits)).mean() for level in verdicts]).sum()


def _squared_to_one(logits: Tensor) -> Tensor:
    return (logits - 1).square()


def _negative(logits: Tensor) -> Tensor:
    return -logits


_MODES: dict[Mode, tuple[Term, Term, Term, float]] = {
    "lsgan": (_squared_to_one, torch.square, _squared_to_one, 0.5),
    "vanilla": (lambda logits: F.softplus(-logits), F.softplus, lambda logits: F.softplus(-logits), 0.5),
    "hinge": (lambda logits: F.relu(1 - logits), lambda logits: F.relu(1 + logits), _negative, 1.0),
    "wgan": (_negative, lambda logits: logits, _negative, 1.0),
}
"""Of each mode what the critic minimises on real and on generated images, the generator, and the critic's factor."""

_EQUATIONS: dict[Mode, tuple[str, str]] = {
    "lsgan": ("½ Σ_k (E[(D_k(y) - 1)²] + E[D_k(G(x))²])", "Σ_k E[(D_k(G(x)) - 1)²]"),
    "vanilla": ("-½ Σ_k (E[log σ(D_k(y))] + E[log(1 - σ(D_k(G(x))))])", "-Σ_k E[log σ(D_k(G(x)))]"),
    "hinge": ("Σ_k (E[max(0, 1 - D_k(y))] + E[max(0, 1 + D_k(G(x)))])", "-Σ_k E[D_k(G(x))]"),
    "wgan": ("Σ_k (E[D_k(G(x))] - E[D_k(y)])", "-Σ_k E[D_k(G(x))]"),
}
"""The same as text: what the critic minimises, and the generator."""
