"""Frozen feature networks: VGG's layers are torchvision's, weights come from files, nothing ever trains them."""

import pytest
import torch
from safetensors.torch import save_file
from torchvision import models
from torchvision.transforms.functional import normalize

from avatarlib.losses import content_loss
from avatarlib.models import vgg
from avatarlib.models.frozen import landmark_features, tagger_features
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.tagger import Tagger
from avatarlib.models.vgg import VGGFeatures


@pytest.fixture
def images():
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.fixture(scope="module")
def small():
    """The first two blocks: 64 and 128 channels."""
    return VGGFeatures(16, ("relu1_2", "conv2_2", "pool2"), seed=1)


@pytest.mark.parametrize(("depth", "layer", "number"), [(16, "relu3_3", 15), (16, "conv4_3", 21), (16, "pool4", 23),
                                                        (19, "conv4_4", 25), (19, "pool5", 36)])
def test_layers_are_numbered_as_in_torchvision(depth, layer, number):
    """conv4_4 of VGG-19 is the convolution before the ReLU that torchvision numbers 26."""
    with torch.device("meta"):
        theirs = {16: models.vgg16, 19: models.vgg19}[depth]().features
    chain = vgg.make_layers(depth)
    assert list(chain)[number] == layer
    assert [type(step) for step in chain.values()] == [type(step) for step in theirs]
    for ours, other in zip(chain.values(), theirs, strict=True):
        assert [p.shape for p in ours.parameters()] == [p.shape for p in other.parameters()]
    assert list(VGGFeatures(depth, layer).chain) == list(chain)[:number + 1]


def test_artifygans_features_of_a_batch_are_two_million_numbers():
    network = VGGFeatures(16, "pool4").to("meta")
    assert network(torch.empty(16, 3, 256, 256, device="meta"))["pool4"].shape == (16, 512, 16, 16)
    assert 16 * 512 * 16 * 16 == 2_097_152


def test_a_file_of_half_precision_gives_torchvisions_numbers(images, tmp_path):
    """Normalised by ImageNet's mean and deviation, cut behind pool2; only its own layers need be in the file."""
    torch.manual_seed(0)
    theirs = models.vgg.make_layers(models.vgg.cfgs["D"][:6]).eval()
    for step in theirs:
        if isinstance(step, torch.nn.ReLU):
            step.inplace = False
    half = {key: value.half() for key, value in theirs.state_dict().items()}
    theirs.load_state_dict(half)
    for prefix in ("", "features."):
        save_file({prefix + key: value for key, value in half.items()}, tmp_path / "vgg.safetensors")
        seen = VGGFeatures.from_file(tmp_path / "vgg.safetensors", 16, ("pool2", "conv2_2"))(images)
        pixels = normalize((images + 1) / 2, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        assert list(seen) == ["pool2", "conv2_2"]
        torch.testing.assert_close(seen["pool2"], theirs(pixels))
        torch.testing.assert_close(seen["conv2_2"], theirs[:8](pixels))


def test_before_relu_is_before_relu(small, images):
    seen = small(images)
    assert seen["conv2_2"].min() < 0 <= seen["relu1_2"].min()
    torch.testing.assert_close(torch.nn.functional.max_pool2d(seen["conv2_2"].relu(), 2), seen["pool2"])


def test_random_weights_are_the_seeds_and_no_draw_of_ours():
    torch.manual_seed(7)
    a, b, c = (VGGFeatures(16, "relu1_2", seed=seed).chain["conv1_2"].weight for seed in (3, 3, 4))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    drawn = torch.rand(1)
    torch.manual_seed(7)
    assert torch.equal(drawn, torch.rand(1))


@pytest.fixture
def tagger():
    torch.manual_seed(0)
    return Tagger(("red", "blue"), [(0, 2)], {}, width=8, size=32)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return LandmarkNet(("left eye", "right eye"), width=8, size=32)


def test_our_own_networks_see_maps_of_a_half_to_a_sixteenth(tagger, net):
    layers = ("down2", "down4", "down8", "down16")
    pictures = torch.zeros(2, 3, 48, 48)            # resized to 32
    for make, own, last in ((tagger_features, tagger, 64), (landmark_features, net, 32)):
        shapes = {name: tuple(seen.shape) for name, seen in make(own, layers)(pictures).items()}
        assert shapes == {"down2": (2, 8, 16, 16), "down4": (2, 16, 8, 8), "down8": (2, 32, 4, 4),
                          "down16": (2, last, 2, 2)}


def test_the_taggers_last_map_is_what_it_averages(tagger, images):
    tagger.eval()
    seen = tagger_features(tagger, "down16")(images)["down16"]
    torch.testing.assert_close(seen.mean((2, 3)), tagger.features(images))


@pytest.mark.parametrize("kind", ["vgg", "tagger", "landmarks"])
def test_nothing_trains_them_and_gradients_reach_the_picture(kind, small, tagger, net, images):
    """After ``train()`` and a loss, weights and running statistics are what they were, and take no gradient."""
    network = {"vgg": small, "tagger": tagger_features(tagger), "landmarks": landmark_features(net)}[kind].train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    generated = images.clone().requires_grad_()
    content_loss(generated, -images, network).backward()
    assert generated.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in network.parameters())
    assert not any(part.training for part in network.modules())
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert all(p.requires_grad for own in (tagger, net) for p in own.parameters())     # copies were frozen


def test_unknown_layers_are_named_with_those_there_are(small, tagger):
    with pytest.raises(ValueError, match=r"layers must be of conv1_1, relu1_1, .*conv4_3, .*pool5, got 'conv4_4'"):
        VGGFeatures(16, "conv4_4")
    with pytest.raises(ValueError, match="layers must be of down2, down4, down8, down16, got 'down32'"):
        tagger_features(tagger, "down32")
    with pytest.raises(ValueError, match=r"at least one of down2, down4, .*, got none"):
        tagger_features(tagger, ())
    with pytest.raises(ValueError, match=r"depth must be one of \(16, 19\), got 13"):
        VGGFeatures(13)
    with pytest.raises(ValueError, match=r"at least 4 pixels high and wide, got \(1, 3, 2, 8\)"):
        small(torch.zeros(1, 3, 2, 8))
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got \(1, 1, 8, 8\)"):
        small(torch.zeros(1, 1, 8, 8))


def test_files_that_do_not_fit_are_named(tmp_path):
    path = tmp_path / "vgg.safetensors"
    with pytest.raises(ValueError, match=r"path must be a readable safetensors file, got '.*vgg\.safetensors'"):
        VGGFeatures.from_file(path, 16, "relu1_2")
    save_file({"features.0.weight": torch.zeros(64, 3, 3, 3), "features.16.weight": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match=r"must hold the convolutions of VGG-16, got '16\.weight'"):
        VGGFeatures.from_file(path, 16, "relu1_2")
    with pytest.raises(ValueError, match=r"must hold conv1_1\.bias \(64,\), got None"):
        VGGFeatures.from_file(path, 19, "relu1_2")


def test_without_a_network_the_ways_out_are_told(monkeypatch):
    def refuse(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", refuse)
    with pytest.raises(ConnectionError, match=r"VGG-16's weights \(no route to host\); load a copy with "
                                              r"VGGFeatures\.from_file, .*tagger_features"):
        VGGFeatures.from_torchvision(16, "relu1_2")
