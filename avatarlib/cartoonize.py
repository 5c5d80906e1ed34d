"""Photographs of any size as cartoons: prepared for a network, cut into tiles where they are large, put together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from avatarlib import pretrained
from avatarlib.data.base import from_uint8, to_uint8
from avatarlib.data.files.images import check_sides, read_picture, to_rgb, upright
from avatarlib.runs.registry import run_of

__all__ = ["OVERLAP", "TILE", "Picture", "cartoonists", "cartoonize", "load_cartoonist"]

TILE = 1024             # pixels a side of the largest picture, or part of one, that a network sees at once
OVERLAP = 128           # pixels that neighbours share; of the last quarter, 32, only the surroundings matter
STEP, LEAST = 4, 16     # sides are multiples of the one and at least the other, see avatarlib.models.translation
WORKED = (16, 8192)     # short side that may be asked for

Picture = str | Path | Image.Image | np.ndarray


def cartoonists() -> tuple[str, ...]:
    """The shipped models that make pictures from pictures.

    Examples
    --------
    >>> from avatarlib.cartoonize import cartoonists
    >>> cartoonists()
    ('artifygan-cel-128', ...)
    """
    return tuple(name for name in pretrained.names()
                 if (run := run_of(pretrained.model_class(name))) and run.takes == "image")


def load_cartoonist(model: str | Path) -> nn.Module:
    """A shipped or exported network from pictures to pictures.

    Raises
    ------
    ValueError
        If there is none of this name, or it makes pictures from something else.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.cartoonize import load_cartoonist
    >>> network = load_cartoonist("cyclegan-anime-64")
    >>> tuple(network(torch.zeros(1, 3, 64, 96)).shape)                    # a grey photograph, redrawn
    (1, 3, 64, 96)
    >>> load_cartoonist("r3-dcgan-avataaars-64")
    Traceback (most recent call last):
        ...
    ValueError: model must turn pictures into pictures, ... got 'r3-dcgan-avataaars-64', a Generator
    """
    network = pretrained.load(model)
    run = run_of(network)
    if run is None or run.takes != "image":
        raise ValueError(f"model must turn pictures into pictures, one of {', '.join(cartoonists())} or a folder with "
                         f"one, got {str(model)!r}, a {type(network).__name__}")
    return network


def cartoonize(image: Picture, model: str | Path | nn.Module, *, size: int | None = None, tile: int = TILE,
               overlap: int = OVERLAP) -> Image.Image:
    """Draw a photograph as a cartoon.

    The camera's orientation (EXIF) is applied and transparency is kept. Sides are brought to what the network needs by
    reflection at the right and below, and cut off again. A picture of more than ``tile`` x ``tile`` pixels is drawn in
    tiles that share ``overlap`` pixels, and neighbours change softly into each other, so that memory is bounded.

    A network with instance normalisation (CartoonGAN's) measures contrast over all it sees, so each tile would have a
    tone of its own: the tiles are given the means and variances that a small copy of the whole picture has in every
    layer. Their tone is then one, but not quite that of a picture drawn whole. Without such a norm tiles are equal to
    the whole where ``overlap`` / 4 is beyond what a pixel depends on. The shipped networks learnt from heads of 128
    pixels: of a large photograph they draw every pore, unless ``size`` makes it smaller.

    Parameters
    ----------
    image : str, Path, PIL.Image.Image or ndarray
        A picture file; a picture; or uint8 (H, W), (H, W, 3) or (H, W, 4). At least 8 pixels a side.
    model : str, Path or nn.Module
        A shipped model, a folder with one, or a network: pictures (1, 3, H, W) in [-1, 1], sides multiples of 4 and at
        least 16, to the same. It is used where its weights are, in evaluation mode, and left in its own.
    size : int, optional
        Pixels of the result's short side, 16 to 8,192, to which the photograph is resized first (bicubic). Default: its
        own size.
    tile : int
        Side of a tile, a multiple of 4, larger than ``overlap``.
    overlap : int
        Pixels shared by neighbours, a multiple of 16, at least 0.

    Returns
    -------
    PIL.Image.Image
        RGB, or RGBA where the photograph has transparency.

    Raises
    ------
    ValueError
        If an argument is none of these, or a file is no readable picture.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> from skimage.data import astronaut
    >>> cartoonize(astronaut(), "cartoongan-cel-128", size=64).size
    (64, 64)
    """
    check_options(size, tile, overlap)
    prepare = partial(parts_of, size=size)
    colours, alpha = read_picture(image, prepare) if isinstance(image, str | Path) else prepare(checked(image))
    network = model if isinstance(model, nn.Module) else load_cartoonist(model)
    drawn = Image.fromarray(draw(network, np.asarray(colours), tile, overlap))
    if alpha is not None:
        drawn.putalpha(alpha)
    return drawn


def checked(image: Image.Image | np.ndarray) -> Image.Image:
    """The picture, upright."""
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,), (4,)):
            raise ValueError("image must be a file, a PIL image or uint8 (H, W), (H, W, 3) or (H, W, 4), "
                             f"got {image.dtype} {image.shape}")
        image = Image.fromarray(image)
    if not isinstance(image, Image.Image):
        raise ValueError(f"image must be a file, a PIL image or a uint8 array, got {type(image).__name__}")
    try:
        check_sides(*image.size)
    except ValueError as error:
        raise ValueError(f"image: {error}") from error
    return upright(image)


def parts_of(picture: Image.Image, size: int | None) -> tuple[Image.Image, Image.Image | None]:
    """A picture of ``size`` pixels on its short side as colours, white where nothing shows, and transparency if any."""
    transparent = picture.has_transparency_data
    plain = picture.convert("RGBA") if transparent else to_rgb(picture)     # palettes have no colours between
    if size is not None:
        scale = size / min(plain.size)
        sides = round(plain.width * scale), round(plain.height * scale)
        plain = plain.resize(sides, Image.Resampling.BICUBIC)
    if not transparent:
        return plain, None
    alpha = plain.getchannel("A")
    white = Image.new("RGB", plain.size, "white")
    return Image.composite(plain.convert("RGB"), white, alpha.point(bool, "1")), alpha


def check_options(size: int | None, tile: int, overlap: int) -> None:
    """Name the first option that is out of range."""
    if size is not None and (not isinstance(size, int) or not WORKED[0] <= size <= WORKED[1]):
        raise ValueError(f"size must be an integer in [{WORKED[0]}, {WORKED[1]:,}], got {size!r}")
    if not isinstance(overlap, int) or overlap < 0 or overlap % (4 * STEP):
        raise ValueError(f"overlap must be a multiple of {4 * STEP}, at least 0, got {overlap!r}")
    if not isinstance(tile, int) or tile % STEP or tile <= max(overlap, LEAST):
        raise ValueError(f"tile must be a multiple of {STEP} larger than overlap={overlap} and {LEAST}, got {tile!r}")


@torch.inference_mode()
def draw(network: nn.Module, pixels: np.ndarray, tile: int, overlap: int) -> np.ndarray:
    """uint8 (H, W, 3) -> the same, drawn by the network, in tiles where it is large."""
    height, width = pixels.shape[:2]
    below, right = (max(LEAST, math.ceil(side / STEP) * STEP) - side for side in (height, width))
    padded = np.pad(pixels, ((0, below), (0, right), (0, 0)), "reflect")
    image = torch.from_numpy(padded.transpose(2, 0, 1)[None].copy())
    was_training = network.training
    network.eval()
    pen = network
    try:
        if hasattr(network, "deform"):      # a WarpedGenerator: the face is one, whatever the tiles
            pen, device = cast(nn.Module, network.generator), next(network.parameters()).device
            image = to_uint8(cast(Any, network).deform(from_uint8(image.to(device))))
        whole = height * width <= tile * tile
        drawn = see(pen, image) if whole else draw_tiles(pen, image, tile, overlap)
    finally:
        network.train(was_training)
    return np.ascontiguousarray(to_uint8(drawn[:, :height, :width]).permute(1, 2, 0).numpy())


def see(network: nn.Module, image: Tensor) -> Tensor:
    """uint8 (1, 3, H, W) -> what the network makes of it, floats (3, H, W) on the CPU."""
    weight = next(network.parameters(), None)
    device = torch.device("cpu") if weight is None else weight.device
    drawn = cast(Tensor, network(from_uint8(image.to(device)).contiguous(memory_format=torch.channels_last)))
    if drawn.shape != image.shape:
        raise ValueError(f"model must return {tuple(image.shape)} for pictures of that shape, got {tuple(drawn.shape)}")
    return drawn[0].float().cpu()


def draw_tiles(network: nn.Module, image: Tensor, tile: int, overlap: int) -> Tensor:
    """As ``see``, a tile at a time, mixed by weights that fall towards the tiles' inner borders."""
    height, width = image.shape[2:]
    drawn, total = torch.zeros(3, height, width), torch.zeros(height, width)
    with norms_of_whole(network, reduced(image, tile)):
        for top, rows in stretches(height, tile, overlap):
            for left, columns in stretches(width, tile, overlap):
                place = np.s_[..., top:top + len(rows), left:left + len(columns)]
                weight = rows[:, None] * columns
                drawn[place] += weight * see(network, image[place])
                total[place] += weight
    return drawn / total


def reduced(image: Tensor, tile: int) -> Tensor:
    """A copy uint8 (1, 3, h, w) of at most ``tile`` x ``tile`` pixels, with sides as networks want them."""
    scale = tile / math.sqrt(image.shape[2] * image.shape[3])
    sides = [max(LEAST, int(side * scale) // STEP * STEP) for side in image.shape[2:]]
    return functional.interpolate(image.float(), sides, mode="bilinear", antialias=True).round().to(torch.uint8)


@contextmanager
def norms_of_whole(network: nn.Module, small: Tensor) -> Iterator[None]:
    """Every group normalisation has, within the block, the means and variances that it finds in ``small``.

    Thumbnail instance normalisation (Chen et al. 2022, "Towards ultra-resolution neural style transfer").
    """
    found: dict[nn.GroupNorm, tuple[Tensor, Tensor]] = {}

    def normalise(norm: nn.Module, inputs: tuple[Tensor], _: Tensor) -> Tensor:
        norm = cast(nn.GroupNorm, norm)
        if norm not in found:
            variance, mean = torch.var_mean(inputs[0].float().reshape(norm.num_groups, -1), 1, correction=0)
            scale = (variance + norm.eps).rsqrt()
            factor, shift = (x.repeat_interleave(norm.num_channels // norm.num_groups) for x in (scale, -mean * scale))
            if norm.affine:
                factor, shift = factor * norm.weight, shift * norm.weight + norm.bias
            found[norm] = factor[:, None, None], shift[:, None, None]
        factor, shift = found[norm]
        return torch.addcmul(shift, inputs[0], factor)

    hooks = [layer.register_forward_hook(normalise) for layer in network.modules() if isinstance(layer, nn.GroupNorm)]
    try:
        if hooks:
            see(network, small)
        yield
    finally:
        for hook in hooks:
            hook.remove()


def stretches(side: int, tile: int, overlap: int) -> list[tuple[int, Tensor]]:
    """Where tiles begin along a side, a multiple of 4, evenly; and the weight of each of their pixels.

    Towards a neighbour, the last quarter of the overlap has no weight, and the middle half goes smoothly from 1 to 0.
    """
    tile = min(tile, side)
    count = 1 if tile == side else math.ceil((side - overlap) / (tile - overlap))
    starts = [(side - tile) * i // max(count - 1, 1) // STEP * STEP for i in range(count)]
    ramp = ((torch.arange(tile) + 0.5 - overlap / 4) / max(overlap / 2, 1)).clamp(0, 1)
    rise = ramp.square() * (3 - 2 * ramp)
    ones = torch.ones(tile)
    return [(start, (rise if i else ones) * (rise.flip(0) if i < count - 1 else ones))
            for i, start in enumerate(starts)]
