"""LPIPS with a trunk of random weights: by the paper's formula, and what a distance must fulfil."""

from urllib.error import URLError

import pytest
import torch
from torch import nn

from avatarlib.metrics import lpips, lpips_network, perceptual

CHANNELS = (64, 192, 384, 256, 256)     # of AlexNet's five layers


class Trunk(nn.Module):
    """Five layers of random weights with AlexNet's channels."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList(nn.Conv2d(i, o, 3, stride=2, padding=1)
                                    for i, o in zip((3, *CHANNELS), CHANNELS, strict=False))

    def forward(self, images):
        found = []
        for layer in self.layers:
            images = layer(images).relu()
            found.append(images)
        return found


@pytest.fixture(scope="module")
def network():
    return lpips_network(trunk=Trunk())


def pictures(n=3, seed=0):
    """Smooth colours in [-1, 1]."""
    coarse = torch.rand(n, 3, 4, 4, generator=torch.Generator().manual_seed(seed))
    return 1.6 * nn.functional.interpolate(coarse, (32, 32), mode="bilinear") - 0.8


def test_by_the_formula(network):
    """Shift and scale, activations to length 1, squared differences, weights, mean over places, sum over layers."""
    a, b = pictures(seed=1), pictures(seed=2)
    shift, scale = (torch.tensor(x).view(3, 1, 1) for x in ((-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)))
    expected = torch.zeros(3)
    weights = [weight for name, weight in network.named_parameters() if not name.startswith("net.")]
    layers = zip(network.net((a - shift) / scale), network.net((b - shift) / scale), weights[:5], strict=True)
    for x, y, weight in layers:
        x, y = (nn.functional.normalize(z, dim=1) for z in (x, y))
        assert (weight >= 0).all()
        expected += ((x - y).square() * weight).sum(dim=1).mean(dim=(1, 2))
    torch.testing.assert_close(lpips(a, b, network=network), expected, rtol=1e-4, atol=1e-6)


def test_equal_pictures_are_at_distance_zero_and_order_does_not_matter(network):
    a, b = pictures(seed=1), pictures(seed=2)
    assert lpips(a, a, network=network).tolist() == [0, 0, 0]
    torch.testing.assert_close(lpips(a, b, network=network), lpips(b, a, network=network))


def test_more_noise_is_further_away(network):
    a = pictures()
    noise = torch.rand(a.shape, generator=torch.Generator().manual_seed(5)) - 0.5
    distances = torch.stack([lpips(a, a + amount * noise, network=network) for amount in (0.05, 0.1, 0.2, 0.4)])
    assert (distances.diff(dim=0) > 0).all()


def test_pieces_give_the_same(network, monkeypatch):
    a, b = pictures(seed=1), pictures(seed=2)
    whole = lpips(a, b, network=network)
    monkeypatch.setattr(perceptual, "CHUNK", 2)
    torch.testing.assert_close(lpips(a, b, network=network), whole)


def test_gradients_reach_the_pictures(network):
    a = pictures(seed=1).requires_grad_()
    lpips(a, pictures(seed=2), network=network).sum().backward()
    assert a.grad.abs().max() > 0
    assert all(weight.grad is None for weight in network.parameters())


def test_offline_says_so(monkeypatch):
    def download(**options):
        raise URLError("no route to host")

    monkeypatch.setattr("torchmetrics.functional.image.lpips._NoTrainLpips", download)
    with pytest.raises(ConnectionError, match=r"could not download the trunk 'alex' of LPIPS .*no route.*pass trunk="):
        lpips_network()


@pytest.mark.parametrize(("a", "b", "message"), [
    (torch.zeros(2, 3, 31, 64), torch.zeros(2, 3, 31, 64), r"a must be .* at least 32, got \(2, 3, 31, 64\)"),
    (torch.zeros(2, 3, 32, 32), torch.zeros(1, 3, 32, 32), r"b must have the shape of a, .* got \(1, 3, 32, 32\)"),
    (torch.zeros(2, 3, 32, 32), torch.full((2, 3, 32, 32), 2.0), r"b must lie in \[-1, 1\], got values from 2.0"),
])
def test_bad_pictures_are_named(network, a, b, message):
    with pytest.raises(ValueError, match=message):
        lpips(a, b, network=network)


def test_an_unknown_backbone_is_named():
    with pytest.raises(ValueError, match=r"backbone must be one of \('alex', 'vgg', 'squeeze'\), got 'resnet'"):
        lpips_network("resnet")
