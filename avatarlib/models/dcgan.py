"""DCGAN at 64 pixels: generator Xiao et al. Fig. 2, discriminator Fig. 3 (after Radford et al. 2016).

Both networks are all-convolutional and bias-free; batch normalisation everywhere but at the image's side.
"""

from __future__ import annotations

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

__all__ = ["Discriminator", "Generator", "init_weights"]

LEAKY_SLOPE = 0.2   # Radford et al. 2016; Xiao et al. do not state it


def init_weights(module: nn.Module) -> None:
    """Convolutions and dense layers from N(0, 0.02), normalisation from N(1, 0.02), biases 0; use with ``apply``.

    Radford et al. 2016 and Xu give N(0, 0.02); the mean of 1 for the normalisation's scale, which around 0 would
    shrink its signal fifty-fold, is the reference code's. Draws from torch's global generator.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.dcgan import init_weights
    >>> layer = torch.nn.Conv2d(64, 64, 4).apply(init_weights)
    >>> round(layer.weight.std().item(), 3), layer.bias.abs().max().item()
    (0.02, 0.0)
    """
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.BatchNorm2d)):
        nn.init.normal_(module.weight, float(isinstance(module, nn.BatchNorm2d)), 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def up_block(inputs: int, outputs: int, *, stride: int = 2, padding: int = 1) -> nn.Sequential:
    """Transposed 4x4 convolution, batch normalisation, ReLU: doubles height and width."""
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def down_block(inputs: int, outputs: int) -> nn.Sequential:
    """Strided 4x4 convolution, batch normalisation, leaky ReLU: halves height and width."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
    )


class Generator(nn.Module, PyTorchModelHubMixin):
    """Noise (N, latent) -> avatars (N, 3, 64, 64) in [-1, 1]; 3,576,704 parameters at the defaults.

    ``latent`` is the length of the noise vector, drawn from N(0, 1) (paper: 100), ``width`` the channels of the last
    hidden stage; the first has eight times as many (paper: 64).

    Raises
    ------
    ValueError
        From ``forward``, if the noise has another shape; from ``sample``, if ``n`` is below 1.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.dcgan import Generator
    >>> generator = Generator(width=8)                         # an eighth of the paper's width
    >>> tuple(generator(torch.randn(2, 100)).shape)
    (2, 3, 64, 64)
    >>> avatars = generator.eval().sample(4, generator=torch.Generator().manual_seed(0))
    >>> tuple(avatars.shape), avatars.requires_grad
    ((4, 3, 64, 64), False)
    """

    def __init__(self, latent: int = 100, width: int = 64) -> None:
        super().__init__()
        self.latent = latent
        self.layers = nn.Sequential(
            up_block(latent, 8 * width, stride=1, padding=0),                   # (N, 512, 4, 4)
            up_block(8 * width, 4 * width),                                     # (N, 256, 8, 8)
            up_block(4 * width, 2 * width),                                     # (N, 128, 16, 16)
            up_block(2 * width, width),                                         # (N, 64, 32, 32)
            nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh())       # (N, 3, 64, 64)
        self.apply(init_weights)

    def forward(self, noise: Tensor) -> Tensor:
        if noise.ndim != 2 or noise.shape[1] != self.latent:
            raise ValueError(f"noise must be (N, {self.latent}), got {tuple(noise.shape)}")
        return self.layers(noise[:, :, None, None])

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``n`` avatars (n, 3, 64, 64) from noise of ``generator`` (a CPU one), without gradients."""
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        weight = next(self.parameters())
        noise = torch.randn(n, self.latent, generator=generator)
        with torch.no_grad():
            return self(noise.to(weight.device, weight.dtype))


class Discriminator(nn.Module, PyTorchModelHubMixin):
    """Images (N, 3, 64, 64) in [-1, 1] -> logits (N,); 2,765,568 parameters at the defaults.

    The paper ends in a sigmoid. Here the output is the logit before it, which the losses of
    ``avatarlib.losses`` expect; ``probability`` applies the sigmoid. ``width`` is the channels of the first stage
    (paper: 64).

    Raises
    ------
    ValueError
        From ``forward``, if the images have another shape.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.dcgan import Discriminator
    >>> discriminator, images = Discriminator(width=8), torch.zeros(2, 3, 64, 64)
    >>> tuple(discriminator(images).shape)
    (2,)
    >>> discriminator.probability(images).tolist()             # of grey, it has no opinion: logit 0
    [0.5, 0.5]
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(LEAKY_SLOPE, inplace=True),   # (N, 64, 32, 32)
            down_block(width, 2 * width),                                       # (N, 128, 16, 16)
            down_block(2 * width, 4 * width),                                   # (N, 256, 8, 8)
            down_block(4 * width, 8 * width),                                   # (N, 512, 4, 4)
            nn.Conv2d(8 * width, 1, 4, 1, 0, bias=False))                       # (N, 1, 1, 1)
        self.apply(init_weights)

    def forward(self, images: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1:] != (3, 64, 64):
            raise ValueError(f"images must be (N, 3, 64, 64), got {tuple(images.shape)}")
        return self.layers(images).flatten()

    def probability(self, images: Tensor) -> Tensor:
        """D(x) of the paper: the probability (N,) in (0, 1) that each image is real."""
        return torch.sigmoid(self(images))
