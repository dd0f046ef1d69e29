"""What the painted beard holds: where it is and is not, whose colour it has, and what it does with nonsense."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw

import ptk
from ptk_beard.domain import Beard

LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]


def changed(faces: ptk.Faces, beard: Beard) -> torch.Tensor:
    """(H, W), how much every pixel of the first face changes, in brightness."""
    return ((beard.stylise(faces) - faces.image)[0].float() * LUMA).sum(0)


def within(points: np.ndarray, numbers: list[int], side: int) -> torch.Tensor:
    """(side, side), true inside the polygon of those landmarks."""
    mask = Image.new("1", (side, side))
    ImageDraw.Draw(mask).polygon((points[numbers] * side).ravel().tolist(), fill=1)
    return torch.from_numpy(np.array(mask))


def test_chin_jaw_and_upper_lip_grow_hair(draw, points):
    change = changed(draw(height=256, width=256), Beard()) < -0.1
    chin = within(points, [6, 7, 8, 9, 10, 55, 57, 59], 256)
    moustache = within(points, [49, 50, 51, 52, 53, 35, 33, 31], 256)
    jaw = within(points, [2, 3, 4, 5, 48], 256)
    # Beside the tuft under the lower lip skin is bare.
    assert change[chin].float().mean() > 0.8
    assert change[moustache].float().mean() > 0.5
    assert change[jaw].float().mean() > 0.4


def test_lips_mouth_nose_eyes_and_forehead_stay_as_they_are(draw, points):
    faces = draw(height=256, width=256)
    change = changed(faces, Beard()).abs()
    # Hair at the border of the lips shares its pixels with them, and throws a little shadow.
    lips = within(0.85 * (points - points[62]) + points[62], list(range(48, 60)), 256)
    assert change[lips].mean() < 0.03
    assert change[: int(points[40, 1] * 256)].max() < 1e-5
    assert change[:, int(points[32, 0] * 256) : int(points[34, 0] * 256)][: int(points[30, 1] * 256)].max() < 0.01


def test_an_open_mouth_stays_open(draw, points):
    points[55:60, 1] += 0.08
    points[65:68, 1] += 0.08
    points[5:12, 1] += 0.06
    faces = draw(points, 256, 256)
    inside = within(0.85 * (points - points[62]) + points[62], list(range(60, 68)), 256)
    assert changed(faces, Beard())[inside].abs().mean() < 0.001


def test_it_is_hair_and_no_flat_patch(draw, points):
    """The chin is uneven, and more so across the hairs, which hang, than along them."""
    bearded = Beard().stylise(draw(height=256, width=256))[0].mean(0)
    y, x = int(points[8, 1] * 256) - 12, int(points[8, 0] * 256) - 16
    chin = bearded[y : y + 18, x : x + 32]
    assert chin.std() > 0.04
    assert chin.unfold(0, 6, 6).mean(-1).std() > 1.2 * chin.unfold(1, 6, 6).mean(-1).std()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_shape_range_and_dtype_are_kept_and_rows_do_not_mix(draw, dtype):
    faces = draw(height=96, width=128, dtype=dtype)
    other = draw(height=96, width=128, dtype=dtype, skin=(70, 45, 35))
    before = faces.image.clone()
    both = Beard().stylise(faces.concatenated(other))
    assert both.shape == (2, 3, 96, 128)
    assert both.dtype == dtype
    assert both.abs().max() <= 1
    assert torch.equal(both[:1], Beard().stylise(faces))
    assert torch.equal(both[1:], Beard().stylise(other))
    assert torch.equal(faces.image, before)


def test_no_faces_give_no_pictures(draw):
    faces = draw()
    none = ptk.Faces(image=faces.image[:0], points=faces.points[:0], domain=faces.domain[:0])
    assert Beard().stylise(none).shape == (0, 3, 128, 128)


def test_the_hair_is_the_persons_own(draw, points):
    chin = within(points, [6, 7, 8, 9, 10, 55, 57, 59], 128)
    dark, red = (Beard().stylise(draw(brows=brows))[0][:, chin].mean(1) for brows in ((30, 25, 22), (150, 80, 40)))
    assert red[0] - red[2] > dark[0] - dark[2] + 0.1
    assert red.mean() > dark.mean() + 0.1


@pytest.mark.parametrize("skin", [(240, 205, 185), (160, 110, 80), (66, 44, 36)])
def test_hair_shows_on_skin_of_any_colour(draw, points, skin):
    """Brows as light as the skin, too: the beard is at least a sixth darker than the skin."""
    faces = draw(skin=skin, brows=skin)
    chin = within(points, [6, 7, 8, 9, 10, 55, 57, 59], 128)
    before, after = (((image[0] * LUMA).sum(0)[chin].mean() + 1) / 2 for image in (faces.image, Beard().stylise(faces)))
    assert after < 0.83 * before


def test_named_colours_replace_the_persons_own(draw, points):
    chin = within(points, [6, 7, 8, 9, 10, 55, 57, 59], 128)
    tones = {
        c: Beard(colour=c).stylise(draw())[0][:, chin].mean(1) for c in ("black", "brown", "red", "blond", "white")
    }
    lightness = [float((tone[:, None, None] * LUMA).sum()) for tone in tones.values()]
    assert lightness == sorted(lightness)
    assert tones["red"][0] - tones["red"][2] == max(tone[0] - tone[2] for tone in tones.values())


def test_hair_is_lit_as_the_skin_under_it(draw):
    faces = draw(height=256, width=256)
    shadow = torch.linspace(1.0, 0.35, 256)
    lit = ptk.Faces(image=(faces.image + 1) * shadow - 1, points=faces.points, domain=faces.domain)
    even, shaded = ((Beard().stylise(each)[0].mean(0) + 1) for each in (faces, lit))
    rows = slice(195, 212)
    bright, dark = (shaded[rows, x].mean() / even[rows, x].mean() for x in (slice(95, 115), slice(140, 160)))
    assert bright > 1.1 * dark


def test_more_length_and_density_cover_more(draw):
    short, usual, long = (changed(draw(), Beard(length=length)).abs().sum() for length in (0.4, 1.0, 1.6))
    thin, thick = (changed(draw(), Beard(density=density)).abs().sum() for density in (0.2, 2.0))
    assert short < usual < long
    assert thin < usual < thick


def test_a_beard_covers_as_much_at_any_resolution(draw):
    shares = [(changed(draw(height=side, width=side), Beard()) < -0.1).float().mean() for side in (96, 128, 256, 512)]
    # 96 and 512 px differ by what a border of soft pixels takes.
    assert max(shares) < 1.15 * min(shares)


def test_hair_stays_on_its_spot_when_only_the_mouth_moves(draw, points):
    """Chance belongs to the skin: of the hairs beside the ears no tenth is another one when the mouth smiles."""
    smile = points.copy()
    smile[[48, 54, 60, 64], 1] -= 0.02
    beside = slice(int(points[0, 1] * 256), int(points[2, 1] * 256))
    straight, smiling = (changed(draw(each, 256, 256), Beard())[beside] < -0.2 for each in (points, smile))
    assert (straight ^ smiling).sum() < 0.1 * straight.sum()


def test_a_goatee_leaves_the_cheeks_and_a_moustache_the_chin(draw, points):
    def share(where: list[int], **options: str) -> float:
        return (
            (changed(draw(height=256, width=256), Beard(**options)) < -0.1)[within(points, where, 256)].float().mean()
        )

    chin, jaw, lip = [6, 7, 8, 9, 10, 55, 57, 59], [1, 2, 3, 31], [49, 50, 51, 52, 53, 35, 33, 31]
    assert share(jaw) > 0.15
    assert share(jaw, cover="goatee") < 0.01
    assert share(chin, cover="goatee") > 0.6
    assert share(chin, cover="moustache") < 0.15  # it hangs down beside the mouth
    assert share(lip, cover="moustache") > 0.5


def test_a_scarf_over_the_chin_stays(draw, points):
    faces = draw(height=256, width=256)
    top = int(points[[5, 11], 1].mean() * 256)
    faces.image[..., top:, :] = torch.tensor([-0.7, -0.5, 0.3])[:, None, None]
    below = changed(faces, Beard(length=0.5))[top + 12 :]
    assert below.abs().mean() < 0.01


def test_a_whole_photo_is_painted_as_a_crop_and_far_pixels_stay(draw, points):
    """Without torch, in levels of 255; what is away from the face keeps every bit."""
    faces = draw(height=256, width=320)
    pixels = ((faces.image[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    before = pixels.copy()
    bearded = Beard().render(pixels, points, 1.0)
    image = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 127.5 - 1
    styled = Beard().stylise(ptk.Faces(image=image, points=faces.points, domain=faces.domain))
    assert np.abs(bearded - ((styled[0].permute(1, 2, 0).numpy() + 1) * 127.5)).max() < 1
    assert np.array_equal(pixels, before)
    assert np.array_equal(bearded[: int(points[40, 1] * 256)], before[: int(points[40, 1] * 256)])
    assert np.array_equal(bearded[:, :40], before[:, :40])
    assert np.array_equal(Beard().render(pixels, None, 1.0), before)


def test_who_is_grey_gets_a_grey_beard(draw, points):
    """White hair around the forehead, uneven as hair is, and brows that are pale, too."""
    tones = []
    for hair in ((60, 40, 30), (205, 203, 200)):
        faces = draw(height=256, width=256, brows=tuple(int(0.85 * each) for each in hair))
        noise = torch.randn(1, 1, 56, 256, generator=torch.Generator().manual_seed(1)) * 0.12
        faces.image[..., :56, :] = (torch.tensor(hair)[:, None, None] / 127.5 - 1 + noise).clamp(-1, 1)
        tones.append(Beard().stylise(faces)[0][:, within(points, [6, 7, 8, 9, 10, 55, 57, 59], 256)].mean(1))
    assert tones[1].mean() > tones[0].mean() + 0.2
    assert tones[1][0] - tones[1][2] < 0.5 * (214 - 142) / 127.5


@settings(max_examples=25, deadline=None)
@given(points=arrays.arrays("float32", (68, 2), elements=st.floats(-0.5, 1.5, width=32)))
def test_any_points_give_a_picture(points):
    image = torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    faces = ptk.Faces(image=image, points=torch.from_numpy(points)[None], domain=torch.zeros(1, dtype=torch.int64))
    styled = Beard().stylise(faces)
    assert torch.isfinite(styled).all()
    assert styled.abs().max() <= 1


@pytest.mark.parametrize("break_", [lambda p: p * np.nan, lambda p: p * np.inf, lambda p: p + 3, lambda p: p * 0 + 0.5])
def test_no_face_no_beard(draw, points, break_):
    faces = draw()
    lost = ptk.Faces(image=faces.image, points=torch.from_numpy(break_(points))[None], domain=faces.domain)
    assert torch.equal(Beard().stylise(lost), faces.image)


@pytest.mark.parametrize(
    "options", [{"length": 0}, {"length": 3}, {"density": -1}, {"colour": "green"}, {"cover": "half"}]
)
def test_options_out_of_range_are_refused(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"{name} must be"):
        Beard(**options)
