"""The residual block that the book's two judges, the tagger and the landmark network, are made of."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["LEAST_WIDTH", "Residual"]

LEAST_WIDTH = 8     # channels into a 1x1 convolution of stride 2; with fewer, torch 2.13 crashes on CPUs of AVX2 only


class Residual(nn.Module):
    """relu(x + two 3x3 convolutions of x), each with batch normalisation (He et al. 2016, Fig. 2).

    Parameters
    ----------
    inputs, outputs : int
        Channels; where they differ, or with a stride, a 1x1 convolution brings x to the output's shape.
    stride : int
        2 halves height and width.

    Raises
    ------
    ValueError
        If there are fewer than 8 inputs beside a stride.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        if stride > 1 and inputs < LEAST_WIDTH:
            raise ValueError(f"inputs must be at least {LEAST_WIDTH} beside a stride, got {inputs}")
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return (self.shortcut(x) + self.layers(x)).relu()
