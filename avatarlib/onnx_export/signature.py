"""What a network takes and gives outside of Python: names and shapes, and the network as it is exported."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from avatarlib.models.cyclegan import Translators
from avatarlib.models.flow import VelocityNet
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.warp import WarpedGenerator
from avatarlib.runs.registry import run_of

__all__ = ["DIRECTIONS", "Signature", "fold_norms", "signature"]

DIRECTIONS = ("cartoon", "photo")
TAGGED = 0.2                                    # share of the tags that an avatar has, roughly
NEAR = 5                                        # pixels of a heatmap: a square of so many a side counts as one place
Shape = tuple[int | str, ...]                   # of one picture, without their number; a word is a side left free
PICTURE: Shape = (3, "height", "width")


@dataclass(frozen=True)
class Signature:
    """A network, and the names and shapes of what goes in and comes out.

    ``scale`` times a difference of its outputs is in ``unit``: pictures in [-1, 1] have 127.5 steps a unit.
    """

    network: nn.Module
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    scale: float = 127.5
    unit: str = "steps of 255"

    def example(self, n: int, sides: Mapping[str, int], seed: int) -> dict[str, Tensor]:
        """Random inputs for ``n`` pictures; ``sides`` tells the free ones."""
        rng = torch.Generator().manual_seed(seed)
        return {name: drawn(name, (n, *(sides[side] if isinstance(side, str) else side for side in shape)), rng)
                for name, shape in self.inputs.items()}

    def axes(self) -> dict[str, dict[int, str]]:
        """Tensor -> its free axes and their names."""
        return {name: {0: "n"} | {axis: side for axis, side in enumerate(shape, 1) if isinstance(side, str)}
                for name, shape in {**self.inputs, **self.outputs}.items()}


def drawn(name: str, shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Random numbers as an input of this name has them; pictures are soft blots with a little grain."""
    if name == "tags":
        return (torch.rand(shape, generator=rng) < TAGGED).float()
    if name == "time":
        return torch.rand(shape, generator=rng)
    if name == "z":
        return torch.randn(shape, generator=rng)
    blots = F.interpolate(torch.rand(*shape[:2], 6, 6, generator=rng) * 2 - 1, shape[2:], mode="bicubic")
    return (blots + 0.05 * torch.randn(shape, generator=rng)).clamp(-1, 1)


def signature(network: nn.Module, direction: str = "cartoon") -> Signature:
    """How a network of ``avatarlib.models`` is exported; ``direction`` is for one that goes both ways.

    Raises
    ------
    ValueError
        If it makes neither pictures nor landmarks, or ``direction`` is none that it has.
    """
    if direction not in DIRECTIONS or (direction != DIRECTIONS[0] and not isinstance(network, Translators)):
        accepted = "cartoon or photo" if isinstance(network, Translators) else "cartoon, the only one there is"
        raise ValueError(f"direction must be {accepted}, for a {type(network).__name__}, got {direction!r}")
    run = run_of(network)
    takes = run.takes if run else ""
    if isinstance(network, LandmarkNet):
        points = len(network.points)
        return Signature(Points(network), {"image": (3, network.size, network.size)},
                         {"points": (points, 2), "confidence": (points,)}, 1.0, "pixels")
    if isinstance(network, VelocityNet):
        picture = (3, network.size, network.size)
        return Signature(network, {"image": picture, "time": ()}, {"velocity": picture})
    if isinstance(network, WarpedGenerator):    # of a warped photograph: to warp it, equations must be solved
        return Signature(network.generator, {"image": PICTURE}, {direction: PICTURE})
    if takes == "image":
        return Signature(getattr(network, f"to_{direction}", network), {"image": PICTURE}, {direction: PICTURE})
    generator: Any = network
    if takes == "tags":
        return Signature(network, {"z": (generator.latent,), "tags": (generator.tags,)},
                         {"image": (3, generator.size, generator.size)})
    if takes == "noise":
        return Signature(network, {"z": (generator.latent,)}, {"image": (3, 64, 64)})
    raise ValueError("model must make pictures or find landmarks, as the networks of avatarlib train do, "
                     f"got a {type(network).__name__}")


class Points(nn.Module):
    """Faces (N, 3, S, S) -> landmarks (N, K, 2) in pixels, and how sure each is (N, K), in [0, 1].

    That is the largest share of a heatmap that lies within one square of 5 x 5 of its pixels. Ours.
    """

    def __init__(self, network: LandmarkNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network(images)
        heat = logits.flatten(2).softmax(2).view_as(logits)
        near = F.avg_pool2d(heat, NEAR, 1, NEAR // 2) * NEAR ** 2
        return self.network.to_pixels(logits, self.network.size), near.amax((2, 3))


def fold_norms(network: nn.Module) -> nn.Module:
    """A copy in evaluation mode, where batch normalisation is part of the convolution before it.

    A pixel shuffle may lie between: it takes four channels apart for each one that is normalised.
    """
    network = copy.deepcopy(network).eval()
    for group in [module for module in network.modules() if isinstance(module, nn.Sequential)]:
        layer, copies = None, 1
        for index, found in enumerate(group):
            if isinstance(found, nn.Conv2d | nn.ConvTranspose2d):
                layer, copies = found, 1
            elif isinstance(found, nn.PixelShuffle):
                copies = found.upscale_factor ** 2
            elif isinstance(found, nn.BatchNorm2d) and layer is not None:
                fold(layer, found, copies)
                group[index] = nn.Identity()
            else:
                layer = None
    return network


def fold(layer: nn.Conv2d | nn.ConvTranspose2d, norm: Any, copies: int) -> None:
    """Let a convolution do what it and the normalisation of every ``copies`` of its channels did."""
    mean, variance, weight, bias = (value.repeat_interleave(copies) for value in (
        norm.running_mean, norm.running_var, norm.weight, norm.bias))
    layer.weight, layer.bias = fuse_conv_bn_weights(layer.weight, layer.bias, mean, variance, norm.eps, weight, bias,
                                                    transpose=isinstance(layer, nn.ConvTranspose2d))
