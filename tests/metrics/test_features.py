"""Features: what reaches the network, in which size and range, and what is told about it."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from avatarlib.metrics import Features


def noise(n=5, size=16, seed=0):
    return 2 * torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(seed)) - 1


def flatten(images):
    return images.flatten(1)


def see(images, *, size=None, **options):
    """The images as they reach the network, (N, 3 * H * W)."""
    return Features("pixels", flatten, size=size, progress=False, **options)(images)


class Moody(nn.Module):
    """Dropout, a mode and a method that gives features."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(48, 7), nn.Dropout())

    def forward(self, images):
        return self.layers(images)

    def features(self, images):
        return 2 * self.layers(images)


def test_float_images_arrive_as_they_are_a_batch_at_a_time():
    images, sizes = noise(5), []

    def network(batch):
        sizes.append(len(batch))
        return flatten(batch)

    found = Features("pixels", network, size=16, batch_size=2, progress=False)(images)
    torch.testing.assert_close(found, flatten(images))
    assert sizes == [2, 2, 1]
    assert found.dtype == torch.float32


def test_bytes_and_data_sets_arrive_in_minus_one_to_one(pictures):
    avatars = pictures(6, size=16)
    expected = flatten(torch.from_numpy(avatars.images).float() / 127.5 - 1)
    for source in (avatars, avatars.images, torch.from_numpy(avatars.images)):
        torch.testing.assert_close(see(source), expected, atol=1e-6, rtol=0)


def test_rows_choose_the_images():
    images, rows = noise(5), torch.tensor([3, 0])
    found = Features("pixels", flatten, size=None, progress=False)(images, rows)
    torch.testing.assert_close(found, flatten(images[rows]))


@pytest.mark.parametrize(("resize", "filter"), [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)])
@pytest.mark.parametrize("size", [7, 40])
def test_the_resize_is_that_of_pil_on_floats(resize, filter, size):
    """clean-fid's protocol: each channel in float, antialiased, cut off at the ends of the range."""
    images = noise(2, size=20)
    found = see(images, size=size, resize=resize).view(2, 3, size, size)
    for picture, expected in zip(images.flatten(0, 1), found.flatten(0, 1), strict=True):
        by_pil = np.asarray(Image.fromarray(picture.numpy()).resize((size, size), filter))
        np.testing.assert_allclose(expected.numpy(), by_pil.clip(-1, 1), atol=1e-4)


def test_a_module_is_asked_in_evaluation_mode_and_left_as_it_was():
    network, images = Moody().train(), noise(4, size=4)
    for function, factor in ((network, 1), (network.features, 2)):
        found = Features("moody", function, size=4, progress=False)(images)
        torch.testing.assert_close(found, factor * network.layers[1](images.flatten(1)).detach())
        assert network.training
        assert not found.requires_grad


def test_the_mode_comes_back_after_an_error():
    network = Moody().train()
    with pytest.raises(RuntimeError):
        Features("moody", network, size=5, progress=False)(noise(2, size=5))
    assert network.training


def test_captions_tell_the_resize():
    features = Features("tagger-avatars", flatten, size=64, resize="bicubic")
    assert features.at(64) == "64 px"
    assert features.at(128) == "64 px (from 128 px, antialiased bicubic)"
    assert Features("a", flatten, size=None).at(128) == "128 px"
    assert Features("a", flatten, size=None, resize="nearest to 32 px").at(128) == "128 px (nearest to 32 px)"
    assert features.kind == "tagger"
    assert Features("tagger-avatars", flatten, size=64, kind="eye").kind == "eye"


@pytest.mark.parametrize(("options", "message"), [
    ({"size": 0}, "size must be a positive number of pixels or None, got 0"),
    ({"size": 8, "resize": "nearest"}, r"resize must be one of \('bilinear', 'bicubic'\), got 'nearest'"),
    ({"size": 8, "batch_size": 0}, "batch_size must be at least 1, got 0"),
])
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Features("pixels", flatten, **options)


def test_bad_images_and_networks_are_named():
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got \(5, 16\)"):
        see(torch.zeros(5, 16))
    with pytest.raises(ValueError, match="images must hold at least one image, got none"):
        see(torch.zeros(0, 3, 8, 8))
    with pytest.raises(ValueError, match=r"network of 'maps' must return \(5, D\) for 5 images, got \(5, 3, 16, 16\)"):
        Features("maps", lambda images: images, size=16, progress=False)(noise())
