"""Photo, sketch and watercolor: what every domain promises, and what makes each look as it is called."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ptk.domains.filters import Filter, texture
from ptk.domains.photo import Photo
from ptk.domains.sketch import Sketch
from ptk.domains.watercolor import Watercolor, anisotropic_kuwahara
from shown import shown

STYLES = [Sketch(), Watercolor()]
every_style = pytest.mark.parametrize("style", STYLES, ids=lambda style: type(style).__name__)


def noise(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


def scaled(image: Tensor, side: int) -> Tensor:
    return F.interpolate(image, (side, side), mode="bicubic", antialias=True).clamp(-1, 1)


def test_photos_are_real_and_have_no_stylise() -> None:
    assert Photo().title
    assert Photo().stylise is None


@every_style
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(1, 3, 32, 32), (2, 3, 33, 70), (1, 3, 300, 257), (0, 3, 64, 64)])
def test_shape_range_and_dtype_stay(style: Filter, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    image = noise(*shape).to(dtype)
    before = image.clone()

    painted = style.stylise(shown(image))

    assert (painted.shape, painted.dtype, painted.device) == (image.shape, dtype, image.device)
    assert torch.isfinite(painted).all()
    assert not painted.numel() or (painted.min() >= -1 and painted.max() <= 1)
    assert torch.equal(image, before)


@every_style
@settings(max_examples=6, deadline=None)
@given(level=st.floats(-1, 1), height=st.integers(32, 80), width=st.integers(32, 80))
def test_a_blank_page_of_any_tone_can_be_painted(style: Filter, level: float, height: int, width: int) -> None:
    """Flat images have no edge flow, black ones nothing to divide by."""
    painted = style.stylise(shown(torch.full((1, 3, height, width), level)))

    assert torch.isfinite(painted).all()


@every_style
def test_the_same_image_gives_the_same_picture_alone_and_in_a_batch(style: Filter, portrait: Tensor) -> None:
    image = scaled(portrait, 96)
    alone = style.stylise(shown(image))

    batch = style.stylise(shown(torch.cat([noise(1, 3, 96, 96), image])))

    assert torch.equal(style.stylise(shown(image)), alone)
    assert torch.equal(batch[1:], alone)
    assert not torch.equal(batch[:1], alone)


@every_style
def test_half_precision_is_painted_in_float32(style: Filter, portrait: Tensor) -> None:
    image = scaled(portrait, 64).bfloat16()

    assert torch.equal(style.stylise(shown(image)), style.stylise(shown(image.float())).bfloat16())


@every_style
def test_the_look_does_not_depend_on_the_resolution(style: Filter, portrait: Tensor) -> None:
    """Reduced to 64 px, renderings at 512 and at 256 px are the same but for 3 % of their distance to the photo.

    Strokes that are not scaled make it 6 to 8 %. At 128 px the photo itself has lost detail, which takes 5 %.
    """

    def overview(image: Tensor) -> Tensor:
        return F.interpolate(image, (64, 64), mode="area")

    painted = overview(style.stylise(shown(portrait)))
    to_photo = (overview(portrait) - painted).abs().mean()

    for side, share in ((128, 0.08), (512, 0.03)):
        difference = (overview(style.stylise(shown(scaled(portrait, side)))) - painted).abs().mean()
        assert difference < share * to_photo


@every_style
def test_gradients_are_not_kept(style: Filter) -> None:
    assert not style.stylise(shown(noise(1, 3, 32, 32).requires_grad_())).requires_grad


def test_a_sketch_is_grey_and_mostly_bare_paper(portrait: Tensor) -> None:
    sketch = Sketch().stylise(shown(portrait))

    assert torch.equal(sketch[:, 0], sketch[:, 1])
    assert torch.equal(sketch[:, 0], sketch[:, 2])
    # Two thirds of this photo are a light background and skin.
    assert (sketch > 0.6).float().mean() > 0.6


def test_a_sketch_has_its_darkest_lines_where_the_edges_are(portrait: Tensor) -> None:
    ink = 1 - Sketch().stylise(shown(portrait))[0, 0]
    brightness = portrait[0].mean(0)
    edges = (brightness[1:, 1:] - brightness[:-1, 1:]).abs() + (brightness[1:, 1:] - brightness[1:, :-1]).abs()
    # A line is about two pixels wide and lies on the dark side of its edge.
    near = F.max_pool2d(edges[None], 3, 1, 1)[0]
    light = F.avg_pool2d(brightness[None, None], 15, 1, 7)[0, 0, 1:, 1:] > 0  # elsewhere hatching is as dark as lines

    steepest = light & (near > near.quantile(0.9))
    flattest = light & (near < near.quantile(0.5))

    assert ink[1:, 1:][steepest].mean() > 5 * ink[1:, 1:][flattest].mean()


@pytest.mark.parametrize("skin", [0.2, 0.4, 0.7])
def test_a_mouth_is_drawn_as_dark_on_dark_skin_as_on_light(skin: float) -> None:
    """Lips at 60 % of the skin's brightness stand out by at least a quarter of the way from black to white."""
    face = torch.full((1, 3, 256, 256), skin)
    face[..., 120:126, 80:180] = 0.6 * skin

    sketch = (Sketch().stylise(shown(face * 2 - 1)) + 1) / 2

    assert sketch[..., 140:200, 80:180].mean() - sketch[..., 120:126, 80:180].mean() > 0.25


def test_the_kuwahara_filter_flattens_noise_and_keeps_a_step() -> None:
    step = torch.full((1, 3, 128, 128), 0.3)
    step[..., 64:] = 0.75
    noisy = (step + 0.1 * torch.randn(step.shape, generator=torch.Generator().manual_seed(0))).clamp(0, 1)

    flat = anisotropic_kuwahara(noisy, radius=6, taps=40)

    # A sector holds an eighth of 113 pixels: the mean of so many has a quarter of their deviation.
    assert flat[..., 20:50].std() < noisy[..., 20:50].std() / 3
    # Were all sectors trusted alike, this would be a blur, and a fifth of the step fall between these two pixels.
    profile = flat.mean((0, 1, 2))
    assert profile[64] - profile[63] > 0.6 * 0.45


def test_watercolor_flattens_texture_and_keeps_outlines(portrait: Tensor) -> None:
    grainy = (portrait + 0.1 * torch.randn(portrait.shape, generator=torch.Generator().manual_seed(0))).clamp(-1, 1)

    def deviation(image: Tensor) -> Tensor:
        return (F.avg_pool2d(image**2, 5, 1) - F.avg_pool2d(image, 5, 1) ** 2).clamp(min=0).mean(1).sqrt()

    clean, before, after = deviation(portrait), deviation(grainy), deviation(Watercolor().stylise(shown(grainy)))

    # Paper has a grain of its own, but less than the photo's noise; outlines are drawn darker, never blurred.
    flat, outlines = clean < 0.05, clean > 0.25
    assert after[flat].mean() < 0.6 * before[flat].mean()
    assert after[outlines].mean() > 0.9 * clean[outlines].mean()


def test_texture_uses_every_value_equally_often() -> None:
    paper = texture(torch.zeros(1, 1, 512, 512), 1.0, seed=3, along=2, across=2)

    # Bilinear sampling at whole pixels changes nothing, so that quantiles of the tile are those of even spread.
    assert paper.quantile(torch.tensor([0.1, 0.5, 0.9])).tolist() == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@every_style
def test_cuda_paints_what_the_cpu_paints(style: Filter, portrait: Tensor) -> None:
    painted = style.stylise(shown(portrait.cuda()))

    assert painted.is_cuda
    # Rounding moves a stroke's border here and there; the picture is the same.
    assert (painted.cpu() - style.stylise(shown(portrait))).abs().mean() < 0.01
