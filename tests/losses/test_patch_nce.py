"""CUT's contrast of patches, beside the authors' own way of writing it."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ptk.losses.patch_nce import PatchNCE
from ptk.types import Faces, Planes, Translation


def faces(seed, domain):
    image = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return Faces(image=image, points=torch.zeros(2, 68, 2), domain=torch.full((2,), domain))


def translation():
    source, target, fake = faces(0, 0), faces(1, 1), faces(2, 1).image.requires_grad_()
    return Translation(source=source, target=target, planes=Planes({}), fake=[fake], restored=[fake])


class Generator:
    """The image and one convolution of it; makes what it is given, darker."""

    def __init__(self):
        torch.manual_seed(0)
        self.layer = nn.Conv2d(3, 5, 3, stride=2, padding=1)

    def encode(self, seen, target):
        assert type(target).__name__ == "Target"
        return [seen.image, self.layer(seen.image)]

    def generate(self, seen, target):
        return [seen.image * 0.5]


def as_the_authors_write_it(query, key, temperature):
    """PatchNCELoss of contrastive-unpaired-translation: the positive first, then all keys with their own masked."""
    batch, places = query.shape[:2]
    positive = (query * key).sum(-1).reshape(-1, 1)
    negative = torch.bmm(query, key.transpose(2, 1))
    negative.masked_fill_(torch.eye(places, dtype=torch.bool)[None], -10.0)
    logits = torch.cat((positive, negative.reshape(batch * places, -1)), dim=1) / temperature
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))


def expected(loss, generator, made, source):
    terms = []
    for layer, project in zip(loss.layers, loss.projections, strict=True):
        query, key = (
            F.normalize(project(generator.encode(each, source.goal)[layer].flatten(2).mT), dim=-1)
            for each in (made, source)
        )
        terms.append(as_the_authors_write_it(query, key.detach(), loss.temperature))
    return torch.stack(terms).mean()


def test_it_is_the_authors_loss_of_all_patches():
    seen, generator = translation(), Generator()
    torch.manual_seed(1)
    loss = PatchNCE((0, 1), (3, 5), width=7, patches=64, identity=False)
    made = Faces(image=seen.fake[0], points=seen.target.points, domain=seen.target.domain)
    assert loss(seen, generator).item() == pytest.approx(expected(loss, generator, made, seen.source).item(), rel=1e-5)


def test_the_identity_of_the_target_is_the_other_half():
    seen, generator = translation(), Generator()
    torch.manual_seed(1)
    loss = PatchNCE((1,), (5,), width=7)
    made = Faces(image=seen.fake[0], points=seen.target.points, domain=seen.target.domain)
    kept = Faces(image=seen.target.image * 0.5, points=seen.target.points, domain=seen.target.domain)
    halves = expected(loss, generator, made, seen.source) + expected(loss, generator, kept, seen.target)
    assert loss(seen, generator).item() == pytest.approx(halves.item() / 2, rel=1e-5)


def test_an_image_that_is_its_source_is_told_better_than_another():
    seen, generator = translation(), Generator()
    torch.manual_seed(1)
    loss = PatchNCE((0, 1), (3, 5), width=32, identity=False)
    for linear in loss.projections.modules():
        if isinstance(linear, nn.Linear):
            nn.init.orthogonal_(linear.weight)
    same = Translation(
        source=seen.source, target=seen.target, planes=seen.planes, fake=[seen.source.image], restored=seen.restored
    )
    assert loss(same, generator) < loss(seen, generator) - 1


def test_gradients_reach_the_image_the_projections_and_the_generator_but_not_the_goal():
    seen, generator = translation(), Generator()
    seen.source.image.requires_grad_()
    loss = PatchNCE((1,), (5,), width=7, patches=4, identity=False)
    loss(seen, generator).backward()
    assert seen.fake[0].grad.abs().sum() > 0
    assert generator.layer.weight.grad.abs().sum() > 0
    assert all(one.grad.abs().sum() > 0 for name, one in loss.named_parameters() if "weight" in name)
    assert seen.source.image.grad is None


def test_patches_are_drawn_by_torchs_generator():
    seen, generator = translation(), Generator()
    loss = PatchNCE((1,), (5,), width=7, patches=2)

    def value(seed):
        torch.manual_seed(seed)
        return loss(seen, generator).item()

    assert value(3) == value(3) != value(4)


@pytest.mark.parametrize(
    "wrong",
    [{"layers": (0,)}, {"channels": (3, 0)}, {"patches": 0}, {"width": 0}, {"temperature": 0.0}, {"layers": ()}],
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="layers and channels are as many"):
        PatchNCE(**{"layers": (0, 1), "channels": (3, 5)} | wrong)


def test_other_channels_than_said_are_named():
    with pytest.raises(ValueError, match="layer 1 of the generator has 5 channels, not 6: say channels"):
        PatchNCE((1,), (6,))(translation(), Generator())
