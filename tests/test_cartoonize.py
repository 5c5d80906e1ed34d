"""Photographs as cartoons: sizes, seams, transparency, orientation; folders that go on; errors that say what to do."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from avatarlib import pretrained
from avatarlib.cartoonize import cartoonists, cartoonize, load_cartoonist, stretches
from avatarlib.cli import cartoonize as command
from avatarlib.cli import main
from avatarlib.cli.cartoonize import cartoonize_folder
from avatarlib.models import cartoongan


class Negative(nn.Module):
    """Light is dark; it writes down the shapes it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.shapes.append(tuple(images.shape[2:]))
        return -images


class Local(nn.Module):
    """Down by four and up again, without a norm: a pixel depends on less than 16 around it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1),
                                    nn.Upsample(scale_factor=4), nn.Conv2d(8, 3, 3, 1, 1), nn.Tanh())

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images)


def photo(width: int = 24, height: int = 20, seed: int = 0, mode: str = "RGB") -> Image.Image:
    """Noise."""
    channels = len(mode)
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8), mode)


def pixels(path: Path) -> np.ndarray:
    """What is in a file."""
    with Image.open(path) as file:
        return np.asarray(file)


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return cartoongan.Generator(width=8, blocks=1).eval()


@pytest.mark.parametrize(("width", "height"), [(17, 23), (8, 9), (700, 500), (16, 301)])
def test_any_size_comes_back_as_it_was(tiny, width, height):
    drawn = cartoonize(photo(width, height), tiny, tile=256, overlap=64)
    assert (drawn.size, drawn.mode) == ((width, height), "RGB")


def test_a_negative_is_exact_whatever_the_tiles():
    """v/127.5 - 1 turned round is 255 - v; 200 x 90 pixels in tiles of 64 with 32 shared: 6 across, 2 down."""
    picture, network = photo(200, 90), Negative()
    assert np.array_equal(np.asarray(cartoonize(picture, network)), 255 - np.asarray(picture))
    assert network.shapes == [(92, 200)]
    drawn = cartoonize(picture, network, tile=64, overlap=32)
    assert np.array_equal(np.asarray(drawn), 255 - np.asarray(picture))
    assert network.shapes[1:] == [(64, 64)] * 12


def test_what_is_added_at_the_borders_mirrors_the_picture():
    seen = []

    class Looks(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen.append(images)
            return images
    picture = photo(17, 23)
    cartoonize(picture, Looks())
    levels = ((seen[0][0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(levels, np.pad(np.asarray(picture), ((0, 1), (0, 3), (0, 0)), "reflect"))


def test_tiles_leave_no_seam_where_a_network_sees_less_than_the_context():
    """A quarter of the overlap, 16 pixels, is context; with 4 it is too little, and the check sees it."""
    torch.manual_seed(1)
    network, picture = Local().eval(), photo(210, 150)
    whole = np.asarray(cartoonize(picture, network), int)
    for overlap, seams in ((64, False), (0, True)):
        tiled = np.asarray(cartoonize(picture, network, tile=96, overlap=overlap), int)
        assert (abs(tiled - whole).max() > 1) == seams


@pytest.mark.parametrize("groups", [3, 1])
def test_tiles_have_the_tone_of_the_whole_picture_under_a_norm(groups):
    """A slope from dark to light: by itself, every tile would have the same mean. Weights act as in the norm."""
    norm = nn.GroupNorm(groups, 3)
    nn.init.constant_(norm.weight, 0.5)
    nn.init.constant_(norm.bias, 0.1)
    slope = np.linspace(0, 255, 400).astype(np.uint8)
    picture = np.ascontiguousarray(np.broadcast_to(slope[None, :, None], (40, 400, 3)))
    picture[..., 1] //= 2
    whole = np.asarray(cartoonize(picture, norm), int)
    tiled = np.asarray(cartoonize(picture, norm, tile=96, overlap=32), int)
    assert np.ptp(whole) > 150
    assert abs(tiled - whole).max() <= 3
    assert not norm._forward_hooks


@pytest.mark.parametrize(("side", "tile", "overlap"), [(1000, 256, 64), (96, 256, 64), (260, 256, 64), (512, 128, 0)])
def test_tiles_cover_a_side_and_begin_where_a_network_can_halve_twice(side, tile, overlap):
    total = torch.zeros(side)
    places = stretches(side, tile, overlap)
    for start, weights in places:
        assert start % 4 == 0
        total[start:start + len(weights)] += weights
    assert total.min() > 0.49
    assert (len(places) == 1) == (side <= tile)
    assert all(a + tile - b >= overlap for (a, _), (b, _) in pairwise(places))


def test_transparency_is_kept_and_what_nobody_sees_is_white_to_the_network():
    picture = photo(20, 16, mode="RGBA")
    alpha = np.full((16, 20), 200, np.uint8)
    alpha[:, :5] = 0
    picture.putalpha(Image.fromarray(alpha))
    drawn = cartoonize(picture, Negative())
    assert drawn.mode == "RGBA"
    assert np.array_equal(np.asarray(drawn)[..., 3], alpha)
    assert (np.asarray(drawn)[:, :5, :3] == 0).all()            # white, turned round
    assert np.array_equal(np.asarray(drawn)[:, 5:, :3], 255 - np.asarray(picture)[:, 5:, :3])


def test_a_photograph_is_drawn_as_the_camera_was_held(tmp_path):
    """Orientation 6: the camera was turned, and the picture has to be turned a quarter clockwise."""
    stored = photo(24, 16)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(tmp_path / "a.png", exif=exif)
    drawn = cartoonize(tmp_path / "a.png", Negative())
    assert drawn.size == (16, 24)
    assert np.array_equal(np.asarray(drawn), 255 - np.rot90(np.asarray(stored), -1))
    assert 0x0112 not in drawn.getexif()


def test_files_pictures_and_arrays_are_one(tmp_path, tiny):
    picture = photo()
    picture.save(tmp_path / "a.png")
    drawn = [np.asarray(cartoonize(image, tiny)) for image in (tmp_path / "a.png", str(tmp_path / "a.png"), picture,
                                                               np.asarray(picture))]
    assert all(np.array_equal(drawn[0], other) for other in drawn[1:])
    assert cartoonize(np.zeros((20, 20), np.uint8), tiny).mode == "RGB"


def test_the_short_side_can_be_asked_for_and_the_network_is_left_in_its_mode(tiny):
    assert cartoonize(photo(100, 50), tiny, size=32).size == (64, 32)
    tiny.train()
    cartoonize(photo(), tiny)
    assert tiny.training
    tiny.eval()


@pytest.mark.parametrize(("arguments", "message"), [
    ({"size": 4}, r"size must be an integer in \[16, 8,192\], got 4"),
    ({"tile": 30}, "tile must be a multiple of 4 larger than overlap=128"),
    ({"tile": 128}, "tile must be a multiple of 4 larger than overlap=128"),
    ({"overlap": 10}, "overlap must be a multiple of 16"),
    ({"image": np.zeros((9, 9, 3))}, "image must be a file, a PIL image or uint8"),
    ({"image": 3}, "image must be a file, a PIL image or a uint8 array, got int"),
    ({"image": photo(4, 30)}, "image: 4 x 30 pixels; at least 8"),
    ({"model": "cartoongan-cel-12"}, "did you mean 'cartoongan-cel-128'"),
    ({"model": "dcgan-avataaars-64"}, "model must turn pictures into pictures, one of .*cartoongan-cel-128"),
    ({"model": nn.AvgPool2d(2)}, r"model must return \(1, 3, 20, 24\)"),
])
def test_errors_name_the_argument_and_what_is_accepted(arguments, message):
    given = {"image": photo(), "model": Negative(), **arguments}
    with pytest.raises(ValueError, match=message):
        cartoonize(given.pop("image"), given.pop("model"), **given)


def test_the_command_draws_one_photograph_with_a_shipped_model(tmp_path, capsys):
    photo(40, 30).save(tmp_path / "a.png")
    out = tmp_path / "new" / "x.png"
    assert main(["cartoonize", str(tmp_path / "a.png"), "--model", "cartoongan-cel-128", "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    assert np.array_equal(pixels(out), np.asarray(cartoonize(tmp_path / "a.png", "cartoongan-cel-128")))
    assert "cartoongan-cel-128" in cartoonists()
    assert set(cartoonists()) < set(pretrained.names())


def test_the_command_tells_what_is_wrong(tmp_path, capsys):
    photo(24, 20, mode="RGBA").save(tmp_path / "a.png")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    for source, out, message in (("a.png", "x.gif", "--out must be a file that ends in .png, .webp, .jpg"),
                                 ("a.png", "x.jpg", "--out must end in .png or .webp for a picture with transparency"),
                                 ("broken.jpg", "x.png", "broken.jpg is unreadable"),
                                 ("none.png", "x.png", "none.png")):
        assert main(["cartoonize", str(tmp_path / source), "--model", "cartoongan-cel-128", "--out",
                     str(tmp_path / out)]) == 2
        assert message in capsys.readouterr().err
        assert not (tmp_path / out).exists()


@pytest.fixture
def photos(tmp_path):
    """Two pictures, one of them in a subfolder, and a broken one."""
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    photo(24, 20, 1).save(folder / "a.jpg")
    photo(30, 20, 2).save(folder / "deep" / "b.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def test_a_folder_is_drawn_once_and_a_bad_file_is_named_once(tmp_path, photos, capsys):
    out, network = tmp_path / "out", Negative()
    assert cartoonize_folder(photos, out, network) == {"drawn": 2, "unreadable": 1}
    told = capsys.readouterr()
    assert (told.out + told.err).count("broken.jpg is unreadable") == 1
    assert "drawing cartoons" in told.err
    assert np.array_equal(pixels(out / "deep" / "b.png"), 255 - np.asarray(photo(30, 20, 2)))
    seen = len(network.shapes)
    photo(24, 20, 3).save(photos / "c.png")
    assert cartoonize_folder(photos, out, network) == {"there": 2, "drawn": 1, "unreadable": 1}
    assert len(network.shapes) == seen + 1


def test_an_interrupted_folder_goes_on_where_it_stopped(tmp_path, monkeypatch):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(4):
        photo(24, 20, number).save(folder / f"{number}.png")
    monkeypatch.setattr("avatarlib.data.parallel.os.cpu_count", lambda: 1)

    class Stops(Negative):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            if len(self.shapes) >= self.most:
                raise KeyboardInterrupt
            return super().forward(images)
    network = Stops()
    network.most = 2
    with pytest.raises(KeyboardInterrupt):
        cartoonize_folder(folder, out, network, progress=False)
    assert sorted(path.name for path in out.glob("*.png")) == ["0.png", "1.png"]
    assert not list(out.glob(".partial*"))
    network.most = 4
    assert cartoonize_folder(folder, out, network, progress=False) == {"there": 2, "drawn": 2}
    assert len(network.shapes) == 4


def test_a_folder_drawn_with_other_settings_or_by_another_network_is_not_mixed(tmp_path, photos, tiny):
    out = tmp_path / "out"
    cartoonize_folder(photos, out, Negative(), progress=False, size=None)
    with pytest.raises(ValueError, match="OUT was made with size = None, got 64"):
        cartoonize_folder(photos, out, Negative(), progress=False, size=64)
    with pytest.raises(ValueError, match="OUT was made with network = "):
        cartoonize_folder(photos, out, tiny, progress=False, size=None)


def test_the_command_draws_a_folder(tmp_path, photos, capsys, monkeypatch, tiny):
    monkeypatch.setattr(command, "load_cartoonist", lambda name: tiny)
    assert main(["cartoonize", str(photos), "--model", "any", "--out", str(tmp_path / "out"), "--size", "16"]) == 0
    assert "2 drawn, 1 unreadable -> " in capsys.readouterr().out
    assert pixels(tmp_path / "out" / "a.png").shape == (16, 19, 3)


def test_a_cartoonist_comes_with_its_weights():
    assert isinstance(load_cartoonist("cartoongan-cel-128"), cartoongan.Generator)
