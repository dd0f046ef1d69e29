"""Each loss equals its equation, computed here by hand on tensors small enough to read."""

import dataclasses

import pytest
import torch

from ptk.losses.adversarial import LeastSquares
from ptk.losses.cycle import Cycle
from ptk.losses.feature_matching import FeatureMatching
from ptk.losses.identity import Identity
from ptk.types import Faces, Later, Planes, Translation, Verdict

PLANES = Planes({"told": torch.zeros(2, 1, 2, 2)})


def faces(image: torch.Tensor) -> Faces:
    return Faces(image=image, points=torch.rand(len(image), 68, 2), domain=torch.zeros(len(image), dtype=torch.int64))


def translation(source: float = 0.0, target: float = 0.0, fake: float = 0.0, restored: float = 0.0) -> Translation:
    """Flat images of these values, the generated ones with a gradient."""
    flat = [torch.full((2, 3, 4, 4), value, dtype=torch.float64) for value in (source, target, fake, restored)]
    return Translation(
        source=faces(flat[0]),
        target=faces(flat[1]),
        planes=PLANES,
        fake=[flat[2].requires_grad_(), flat[2][..., ::2, ::2]],
        restored=[flat[3].requires_grad_(), flat[3][..., ::2, ::2]],
    )


class Judge:
    """Two levels: a logit is half the mean of an image (level 0) or all of it (level 1), features are 2 and 3 times it.

    The second level of the real image is its first halved, as `Networks.judge` promises for a single image.
    """

    def judge(self, pyramid, planes, *, twice=False):
        assert planes is PLANES
        levels = [*pyramid, pyramid[0][..., ::2, ::2]][:2]
        return [
            Verdict(logits=share * image.mean(dim=(1, 2, 3)).reshape(-1, 1, 1, 1), features=[2 * image, 3 * image])
            for share, image in zip((0.5, 1.0), levels, strict=True)
        ]


def judged(seen):
    """`seen` with the verdicts of `Judge`."""
    return dataclasses.replace(
        seen,
        fake_verdicts=Later(lambda: Judge().judge(seen.fake, seen.planes)),
        real_verdicts=Later(lambda: Judge().judge([seen.target.image], seen.planes)),
    )


def test_lsgan_for_the_generator_asks_every_level_for_one():
    # logits .2 and .4: (.2 - 1)^2 + (.4 - 1)^2
    loss = LeastSquares("generator")(judged(translation(fake=0.4)), Judge())
    assert loss.item() == pytest.approx(0.64 + 0.36)


def test_lsgan_for_the_critic_wants_one_for_real_and_zero_for_fake():
    # real logits .4, .8; fake logits .2, .4: half of (.36 + .04) + (.04 + .16)
    loss = LeastSquares("critic")(judged(translation(target=0.8, fake=0.4)), Judge())
    assert loss.item() == pytest.approx((0.4 + 0.2) / 2)


def test_feature_matching_averages_layers_and_sums_levels():
    # images differ by .5: layers differ by 1 and 1.5, their mean is 1.25, on each of two levels
    loss = FeatureMatching()(judged(translation(target=0.75, fake=0.25)), Judge())
    assert loss.item() == pytest.approx(2.5)


def test_feature_matching_moves_the_fake_and_not_the_real_image():
    moved = translation(target=0.5, fake=0.1)
    moved.target.image.requires_grad_()
    FeatureMatching()(judged(moved), Judge()).backward()
    assert moved.fake[0].grad.abs().max() > 0
    assert moved.target.image.grad is None


def test_identity_is_the_mean_absolute_difference_to_the_target():
    assert Identity()(judged(translation(source=9, target=0.5, fake=-0.25)), Judge()).item() == pytest.approx(0.75)


def test_cycle_is_the_mean_absolute_difference_of_the_way_back_to_the_source():
    assert Cycle()(judged(translation(source=0.5, target=9, restored=-0.5)), Judge()).item() == pytest.approx(1.0)


def test_two_directions_in_one_batch_give_the_mean_of_both():
    """Half the paper's sum over A->B and B->A, whatever the loss."""
    both = translation()
    both.fake[0].data[0], both.fake[0].data[1] = 0.2, 0.6
    assert Identity()(both, Judge()).item() == pytest.approx((0.2 + 0.6) / 2)


@pytest.mark.parametrize(
    ("loss", "far"),
    [
        (LeastSquares("generator"), {"fake": 0.3}),
        (LeastSquares("critic"), {"fake": 0.3}),
        (FeatureMatching(), {"fake": 0.3}),
        (Identity(), {"fake": 0.3}),
        (Cycle(), {"restored": 0.3}),
    ],
)
def test_gradients_are_those_of_finite_differences(loss, far):
    moved = translation(target=0.8, source=0.7, **far)

    def value(fake, restored):
        return loss(
            judged(dataclasses.replace(moved, fake=[fake, fake[..., ::2, ::2]], restored=[restored])),
            Judge(),
        )

    noise = 0.1 * torch.rand(2, 3, 4, 4, dtype=torch.float64)  # keeps |x| away from its kink
    points = [(image.detach() + noise).requires_grad_() for image in (moved.fake[0], moved.restored[0])]
    assert torch.autograd.gradcheck(value, points)


@pytest.mark.parametrize("loss", [LeastSquares("generator"), FeatureMatching(), Identity(), Cycle()])
def test_half_precision_images_give_a_loss_in_single_precision(loss):
    """A mean of squares over a 512 px image is off by tens of percent when it is summed in bfloat16."""
    coarse = translation(target=0.5, fake=0.1)
    halved = dataclasses.replace(
        coarse,
        fake=[image.to(torch.bfloat16) for image in coarse.fake],
        restored=[image.to(torch.bfloat16) for image in coarse.restored],
        source=faces(coarse.source.image.float()),
        target=faces(coarse.target.image.float()),
    )
    assert loss(judged(halved), Judge()).dtype == torch.float32
