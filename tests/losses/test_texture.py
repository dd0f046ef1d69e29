"""The texture loss: equation 8 by hand, which layers it looks at, and where its weights come from, said aloud."""

import dataclasses
import socket

import pytest
import skimage.data
import torch
import torch.nn.functional as F
from huggingface_hub import constants
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from ptk.errors import WeightsError
from ptk.losses import backbone as backbones
from ptk.losses.backbone import Backbone
from ptk.losses.texture import Texture, gram
from ptk.types import Faces, Planes, Translation

SMALL = "vgg11"  # the VGG of fewest layers: 8


def translation(fake: torch.Tensor, target: torch.Tensor) -> Translation:
    points, domain = torch.rand(len(fake), 68, 2), torch.zeros(len(fake), dtype=torch.int64)
    faces = Faces(image=target, points=points, domain=domain)
    return Translation(source=faces, target=faces, planes=Planes({}), fake=[fake], restored=[fake])


def distance(loss: Texture, fake: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return loss(translation(fake, target), None)


@pytest.fixture(scope="module")
def random_loss() -> Texture:
    return Texture(SMALL, "random")


@pytest.fixture
def no_cache(tmp_path, monkeypatch):
    """An empty cache of weights and no network."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path / "hub"


def weights_of(backbone: Backbone) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in backbone.network.state_dict().items()}


def test_a_gram_matrix_is_divided_by_its_channels_and_places():
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]]])  # two channels, one row of two places
    # 1*1 + 2*2, 1*3 - 2*1; 3*3 + 1*1, over 2 channels * 2 places
    assert gram(features).tolist() == [[[1.25, 0.25], [0.25, 2.5]]]


def test_the_loss_is_equation_8_over_five_layers(random_loss):
    """Squared Frobenius distances of the Gram matrices, with the network run layer by layer in float64."""
    fake, target = torch.rand(2, 3, 32, 48) * 2 - 1, torch.rand(2, 3, 32, 48) * 2 - 1
    layers = random_loss.double().backbone.network.features

    def features(image):
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = ((image.double() + 1) / 2 - mean.reshape(3, 1, 1)) / deviation.reshape(3, 1, 1)
        kept, first_of_stage = [], True
        for layer in layers:
            if isinstance(layer, torch.nn.MaxPool2d):
                x, first_of_stage = F.max_pool2d(x, 2), True
            elif isinstance(layer, torch.nn.Conv2d):
                x = F.relu(F.conv2d(x, layer.weight, layer.bias, padding=1))
                kept.extend([x] if first_of_stage else [])
                first_of_stage = False
        return kept

    expected = 0.0
    strengths = random_loss.backbone.strengths
    for one, other, strength in zip(features(fake), features(target), strengths, strict=True):
        _, channels, height, width = one.shape
        grams = [torch.einsum("bchw,bdhw->bcd", x, x) / (channels * height * width) / strength**2 for x in (one, other)]
        expected += ((grams[0] - grams[1]) ** 2).sum().item() / 2  # a batch of two
    assert distance(random_loss, fake, target).item() == pytest.approx(expected, rel=1e-5)
    random_loss.float()


@pytest.mark.parametrize(
    ("name", "convolutions"),
    [("vgg11", [1, 2, 3, 5, 7]), ("vgg16", [1, 3, 5, 8, 11]), ("vgg19", [1, 3, 5, 9, 13])],
)
def test_a_vgg_gives_conv1_1_to_conv5_1(name, convolutions):
    """conv5_1 of VGG19 comes after 2 + 2 + 4 + 4 others."""
    network = Backbone(name, "random").network
    kinds = [type(layer).__name__ for layer in network.features]
    assert [kinds[: tap + 1].count("Conv2d") for tap in network.taps] == convolutions
    assert [kinds[tap] for tap in network.taps] == ["ReLU"] * 5


@pytest.mark.parametrize("name", ["resnet18", "vgg11_bn"])
def test_other_models_give_their_first_five_stages(name):
    features = Backbone(name, "random")(torch.rand(1, 3, 64, 64))
    assert len(features) == 5
    assert [feature.shape[-1] for feature in features] == sorted((f.shape[-1] for f in features), reverse=True)


def test_texture_is_zero_for_the_same_image_and_small_for_the_same_texture(random_loss):
    generator = torch.Generator().manual_seed(1)
    stripes = torch.sin(torch.arange(64.0) * 0.8).expand(1, 3, 64, 64)
    noise = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
    assert distance(random_loss, stripes, stripes) == 0
    elsewhere = distance(random_loss, stripes.roll(7, dims=-1), stripes)
    # Not zero, because the borders cut other stripes; measured: a fifteenth of the distance to noise.
    assert 10 * elsewhere < distance(random_loss, noise, stripes)


def test_gradients_reach_the_fake_and_nothing_else(random_loss):
    fake, target = (torch.rand(1, 3, 32, 32, requires_grad=True) for _ in range(2))
    distance(random_loss, fake, target).backward()
    assert fake.grad.abs().max() > 0
    assert target.grad is None
    assert not [name for name, parameter in random_loss.named_parameters() if parameter.requires_grad]


def test_the_gradient_is_that_of_finite_differences():
    loss = Texture(SMALL, "random").double()
    generator = torch.Generator().manual_seed(2)
    fake, target, way = (torch.rand(1, 3, 16, 16, dtype=torch.float64, generator=generator) for _ in range(3))
    (slope,) = torch.autograd.grad(distance(loss, fake.requires_grad_(), target), fake)
    with torch.no_grad():
        ahead, behind = (distance(loss, fake + step * way, target) for step in (1e-6, -1e-6))
    assert ((ahead - behind) / 2e-6).item() == pytest.approx((slope * way).sum().item(), rel=1e-4)


def test_under_autocast_features_round_and_gram_matrices_do_not(random_loss):
    fake, target = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = random_loss.backbone(fake)
        inside = distance(random_loss, fake, target)
        grams = [gram(feature) for feature in features]
    assert {tensor.dtype for tensor in (inside, *features, *grams)} == {torch.float32}
    assert all(torch.equal(inside, gram(feature)) for inside, feature in zip(grams, features, strict=True))
    assert not torch.equal(features[-1], random_loss.backbone(fake)[-1])
    torch.testing.assert_close(inside, distance(random_loss, fake, target), rtol=0.02, atol=1e-4)


def test_training_mode_does_not_reach_the_backbone():
    loss = Texture("vgg11_bn", "random").train()
    image = torch.rand(2, 3, 32, 32)
    together = loss.backbone(image)[-1][:1]
    torch.testing.assert_close(together, loss.backbone(image[:1])[-1], rtol=1e-4, atol=1e-5)


def test_random_weights_are_the_same_in_every_run_and_leave_the_seed_alone():
    torch.manual_seed(5)
    first = weights_of(Backbone(SMALL, "random"))
    drawn = torch.rand(1)
    torch.manual_seed(6)
    second = weights_of(Backbone(SMALL, "random"))
    torch.manual_seed(5)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert torch.equal(drawn, torch.rand(1))


def test_it_is_built_whole_whatever_the_default_device(random_loss):
    with torch.device("meta"):
        built = Texture(SMALL, "random")
    image = torch.rand(1, 3, 32, 32)
    assert torch.equal(built.backbone(image)[-1], random_loss.backbone(image)[-1])


def test_features_of_a_photo_have_a_strength_of_about_one(random_loss):
    """Within a factor of two, although the strengths were measured on noise with the spectrum of photos."""
    photo = torch.from_numpy(skimage.data.astronaut()[:256, 96:352].copy()).permute(2, 0, 1)[None] / 127.5 - 1
    assert all(0.5 < feature.square().mean().sqrt() < 2 for feature in random_loss.backbone(photo))


def test_the_scale_of_weights_does_not_change_the_loss(random_loss, tmp_path):
    """Weights published for pixels of 0 to 255 are hundreds of times larger: the loss would be 10^10 times."""
    state = weights_of(random_loss.backbone)
    state["features.0.weight"] *= 100
    save_file(state, tmp_path / "loud.safetensors")
    fake, target = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    loud = distance(Texture(SMALL, tmp_path / "loud.safetensors"), fake, target)
    torch.testing.assert_close(loud, distance(random_loss, fake, target), rtol=1e-3, atol=0)


def test_auto_falls_back_to_random_weights_and_says_so(no_cache):
    loss = Texture(SMALL)
    assert loss.record() == {"backbone": "vgg11", "weights": "random (seed 0)"}
    assert "RANDOM" in loss.warning
    assert "timm/vgg11.tv_in1k" in loss.warning
    assert "\n" not in loss.warning


def test_random_weights_that_were_asked_for_are_no_cause_for_a_warning(random_loss):
    assert random_loss.warning is None
    assert random_loss.record() == {"backbone": "vgg11", "weights": "random (seed 0)"}


def test_auto_takes_the_pretrained_weights_of_the_cache_without_any_network(no_cache):
    snapshot = no_cache / "models--timm--vgg11.tv_in1k" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("abc")
    state = {name: value + 1 for name, value in weights_of(Backbone(SMALL, "random")).items()}
    save_file(state, snapshot / "model.safetensors")
    loss = Texture(SMALL)
    assert loss.record()["weights"] == "pretrained (timm/vgg11.tv_in1k)"
    assert loss.warning is None
    assert all(torch.equal(value, state[name]) for name, value in weights_of(loss.backbone).items())


def test_pretrained_weights_out_of_reach_are_an_error_with_a_mend(no_cache, monkeypatch):
    with pytest.raises(WeightsError, match="out of reach; go online once, or set `weights`"):
        Texture(SMALL, "pretrained")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE is set"):
        Texture(SMALL, "pretrained")


def test_the_address_is_named_before_it_is_asked(no_cache, monkeypatch, caplog):
    named = []
    monkeypatch.setattr(backbones, "_answers", lambda address: named.append((address, caplog.text)))
    Texture(SMALL)
    [(address, said)] = named
    assert f"asking {address} for timm/" in said


def test_a_network_that_never_answers_costs_no_more_than_its_patience(no_cache, monkeypatch):
    monkeypatch.setattr(backbones, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert Texture(SMALL).warning  # without patience it would wait for ever


def test_weights_from_a_file_in_half_precision_with_layers_to_spare(tmp_path):
    state = {name: (value + 0.5).half() for name, value in weights_of(Backbone(SMALL, "random")).items()}
    save_file(state | {"head.fc.weight": torch.zeros(2)}, tmp_path / "mine.safetensors")
    loss = Texture(SMALL, tmp_path / "mine.safetensors")
    assert loss.record()["weights"].startswith("mine.safetensors (sha256 ")
    for name, value in weights_of(loss.backbone).items():
        assert value.dtype == torch.float32
        assert torch.equal(value, state[name].float())


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda state: state.pop("features.6.weight"), "features.6.weight is missing, with 0 more of 14"),
        (lambda state: state.update({"features.0.bias": torch.zeros(3)}), r"features.0.bias is \(3,\) and should be"),
        (lambda state: state["features.3.weight"].fill_(torch.nan), "features.3.weight is not finite"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(tmp_path, damage, says):
    state = weights_of(Backbone(SMALL, "random"))
    damage(state)
    save_file(state, tmp_path / "mine.safetensors")
    with pytest.raises(WeightsError, match=says) as raised:
        Texture(SMALL, tmp_path / "mine.safetensors")
    assert "mine.safetensors" in str(raised.value)


def test_a_file_that_is_not_there_is_told_apart_from_a_mistyped_choice(tmp_path):
    with pytest.raises(
        WeightsError, match=r"pretraned: cannot be read .* is auto, pretrained, random or a safetensors"
    ):
        Texture(SMALL, tmp_path / "pretraned")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_a_damaged_file_is_refused_in_one_line(tmp_path, data):
    """Cut short, or with bytes of its header changed."""
    path = tmp_path / "damaged.safetensors"
    save_file({"features.0.weight": torch.rand(4, 4)}, path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, 60))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises(WeightsError) as raised:
        Texture(SMALL, path)
    assert "\n" not in str(raised.value)


def test_an_unknown_backbone_is_refused():
    with pytest.raises(ValueError, match="no model vgg18"):
        Texture("vgg18", "random")


def test_only_the_finest_image_is_compared(random_loss):
    fake, target = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    one = translation(fake, target)
    two = dataclasses.replace(one, fake=[fake, torch.rand(1, 3, 16, 16)])
    assert random_loss(one, None) == random_loss(two, None)


@pytest.mark.gpu
def test_a_gpu_gives_the_loss_of_the_cpu(random_loss):
    fake, target = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    expected = distance(random_loss, fake, target)
    moved = distance(Texture(SMALL, "random").cuda(), fake.cuda(), target.cuda())
    torch.testing.assert_close(moved.cpu(), expected, rtol=1e-3, atol=1e-6)
