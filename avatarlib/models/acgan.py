"""Avatars from noise and tags (Xu; Jin et al. 2017): an SRResNet that paints, a residual network that judges.

Layers, kernels and channels are those of Jin et al.'s Figures 3 and 4. The discriminator has no batch
normalisation: its gradient penalty asks for the slope at each picture, which must not depend on the others.
"""

from __future__ import annotations

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models.dcgan import LEAKY_SLOPE, init_weights

__all__ = ["Discriminator", "Generator"]

INITS = ("paper", "he")
START = 16      # pixels a side where the generator begins; Fig. 3
FINE = 3        # strided 4x4 convolutions before the discriminator's kernels become 3x3; Fig. 4


def he_weights(judge: Discriminator) -> None:
    """Weights that keep the size of a signal through leaky ReLUs (He et al. 2015); residual branches begin at 0.

    Ours for this discriminator. With N(0, 0.02) and no normalisation each stage shrinks its signal, to about
    1/1,000 at the heads, and the gradients alike on their way back: hundreds of rounds pass before it sees a
    hair colour. A branch whose last convolution is 0 lets its block begin as the identity (Zhang et al. 2019).
    """
    for module in judge.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, a=LEAKY_SLOPE)
    for module in judge.modules():
        if isinstance(module, LeakyResidual):
            nn.init.zeros_(module.layers[2].weight)     # type: ignore[arg-type]


def check_settings(size: int, **values: int) -> None:
    """Refuse a size that halving cannot bring to 16 pixels, and another number below 1."""
    if size < 2 * START or size & (size - 1):
        raise ValueError(f"size must be a power of two of at least {2 * START}, got {size}")
    for name, value in values.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")


class NormalisedResidual(nn.Module):
    """x + (3x3 convolution, normalisation, ReLU, 3x3 convolution, normalisation), as in SRResNet."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, 1, 1), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


def sub_pixel(width: int) -> nn.Sequential:
    """Four channels for each one, laid out as a square of 2x2 pixels; normalisation, ReLU: doubles H and W."""
    return nn.Sequential(nn.Conv2d(width, 4 * width, 3, 1, 1), nn.PixelShuffle(2),
                         nn.BatchNorm2d(width), nn.ReLU(inplace=True))


class Generator(nn.Module, PyTorchModelHubMixin):
    """Noise (N, latent) and tags (N, tags) -> avatars (N, 3, size, size) in [-1, 1]; 4,352,643 parameters.

    Parameters
    ----------
    latent : int
        Length of the noise vector, drawn from N(0, 1) (Jin et al.: 128).
    tags : int
        Length of the tag vector of 0 and 1; numbers between mix two avatars (34).
    blocks : int
        Residual blocks at 16 x 16 pixels (16).
    width : int
        Channels of all hidden layers (64).
    size : int
        Height and width: the papers' 128 takes three sub-pixel stages; other powers of two are ours, 64 takes two.
    middle_conv : bool
        Whether a convolution ends the residual blocks. Jin et al.'s Fig. 3 labels one ("k3n64s1") but draws
        only its normalisation and ReLU; SRResNet has it, and so has the default. Without it: 4,315,715
        parameters.

    Raises
    ------
    ValueError
        If a number is out of range; from ``forward``, if noise or tags have another shape.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import tag_vector
    >>> from avatarlib.models.acgan import Generator
    >>> generator = Generator(blocks=1, width=8, size=32).eval()           # small, and not trained
    >>> smiling = tag_vector(["blonde hair", "smile"])
    >>> tuple(generator.sample(2, smiling).shape)                          # both with these tags
    (2, 3, 32, 32)
    >>> tuple(generator(torch.randn(2, 128), torch.stack([smiling, 0 * smiling])).shape)
    (2, 3, 32, 32)
    """

    def __init__(self, latent: int = 128, tags: int = 34, blocks: int = 16, width: int = 64, size: int = 128,
                 middle_conv: bool = True) -> None:
        super().__init__()
        check_settings(size, latent=latent, tags=tags, blocks=blocks, width=width)
        self.latent, self.tags, self.size = latent, tags, size
        self.dense = nn.Linear(latent + tags, START * START * width)                 # for size 128:
        self.start = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(inplace=True))     # (N, 64, 16, 16)
        self.blocks = nn.Sequential(*[NormalisedResidual(width) for _ in range(blocks)])   # (N, 64, 16, 16)
        middle = [nn.Conv2d(width, width, 3, 1, 1)] if middle_conv else []
        self.middle = nn.Sequential(*middle, nn.BatchNorm2d(width), nn.ReLU())       # (N, 64, 16, 16)
        stages = (size // START).bit_length() - 1
        self.up = nn.Sequential(*[sub_pixel(width) for _ in range(stages)])          # (N, 64, 128, 128)
        self.paint = nn.Sequential(nn.Conv2d(width, 3, 9, 1, 4), nn.Tanh())          # (N, 3, 128, 128)
        self.apply(init_weights)

    def forward(self, noise: Tensor, tags: Tensor) -> Tensor:
        for name, value, length in (("noise", noise, self.latent), ("tags", tags, self.tags)):
            if value.shape != (len(noise), length):
                raise ValueError(f"{name} must be ({len(noise)}, {length}), got {tuple(value.shape)}")
        flat = self.dense(torch.cat([noise, tags.to(noise.dtype)], dim=1))
        start = self.start(flat.unflatten(1, (START, START, -1)).permute(0, 3, 1, 2))   # in memory: channels last
        return self.paint(self.up(start + self.middle(self.blocks(start))))

    def sample(self, n: int, tags: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """``n`` avatars (n, 3, size, size) with tags (n, tags), or (tags,) for all, without gradients.

        The noise comes from ``generator`` (a CPU one), the same whatever the tags.

        Raises
        ------
        ValueError
            If n is below 1, or the tags are not finite or of another shape.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        if tags.shape not in ((self.tags,), (n, self.tags)):
            raise ValueError(f"tags must be ({self.tags},) or ({n}, {self.tags}), got {tuple(tags.shape)}")
        if not torch.isfinite(tags).all():
            raise ValueError("tags must be finite, got NaN or infinity")
        weight = next(self.parameters())
        noise = torch.randn(n, self.latent, generator=generator)
        with torch.no_grad():
            return self(noise.to(weight.device, weight.dtype),
                        tags.expand(n, -1).to(weight.device, weight.dtype))


class LeakyResidual(nn.Module):
    """leaky(x + (3x3 convolution, leaky ReLU, 3x3 convolution)): the discriminator's block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1), nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
                                    nn.Conv2d(width, width, 3, 1, 1))
        self.leaky = nn.LeakyReLU(LEAKY_SLOPE, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.leaky(x + self.layers(x))


class Discriminator(nn.Module, PyTorchModelHubMixin):
    """Images (N, 3, size, size) in [-1, 1] -> logits (N,) and tag logits (N, tags); 19,078,531 parameters.

    The paper ends in sigmoids. Here the outputs are the logits before them, which the losses of
    ``avatarlib.losses`` expect; ``tag_probabilities`` applies the sigmoid.

    Parameters
    ----------
    tags : int
        Length of the tag vector (34).
    width : int
        Channels of the first stage; each further stage has twice as many (32 to 1024).
    size : int
        Height and width of the images: the papers' 128 takes six strided stages, down to 2 x 2 pixels, with two
        residual blocks after each but the last. Other powers of two are ours: every halving leaves out the deepest
        stage, so that 64 ends with 512 channels (4,848,003 parameters).
    kernel : {3, 4}
        Kernel of the strided convolutions from the fourth on: 3 in Jin et al.'s Fig. 4; two reimplementations
        use 4 as in the first three (23,895,427 parameters).
    init : {"paper", "he"}
        How weights begin: from N(0, 0.02), or as ``he_weights`` (ours) does, which learns much sooner.

    Raises
    ------
    ValueError
        If a number is out of range, or ``init`` unknown; from ``forward``, if the images have another shape.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.acgan import Discriminator
    >>> discriminator, images = Discriminator(width=8, size=32), torch.zeros(2, 3, 32, 32)
    >>> logits, tag_logits = discriminator(images)
    >>> tuple(logits.shape), tuple(tag_logits.shape)
    ((2,), (2, 34))
    >>> tuple(discriminator.features(images).shape)            # 64 channels of 2 x 2 places
    (2, 256)
    >>> discriminator.tag_probabilities(images).unique().tolist()          # of grey, it has no opinion
    [0.5]
    """

    def __init__(self, tags: int = 34, width: int = 32, size: int = 128, kernel: int = 3,
                 init: str = "paper") -> None:
        super().__init__()
        check_settings(size, tags=tags, width=width)
        if init not in INITS:
            raise ValueError(f"init must be one of {', '.join(INITS)}, got {init!r}")
        if kernel not in (3, 4):
            raise ValueError(f"kernel must be 3 or 4, got {kernel}")
        self.size = size
        stages = size.bit_length() - 2
        layers: list[nn.Module] = []
        inputs, outputs = 3, width
        for stage in range(stages):                                       # for size 128, at the stage's end:
            layers += [nn.Conv2d(inputs, outputs, 4 if stage < FINE else kernel, 2, 1),   # (N, 32, 64, 64)
                       nn.LeakyReLU(LEAKY_SLOPE, inplace=True)]                 # (N, 64, 32, 32), (N, 128, 16, 16)
            if stage < stages - 1:                                        # (N, 256, 8, 8), (N, 512, 4, 4)
                layers += [LeakyResidual(outputs), LeakyResidual(outputs)]
            inputs, outputs = outputs, 2 * outputs                        # (N, 1024, 2, 2)
        self.trunk = nn.Sequential(*layers, nn.Flatten())                 # (N, 4096)
        self.adversarial = nn.Linear(4 * inputs, 1)
        self.tagger = nn.Linear(4 * inputs, tags)
        self.apply(init_weights)
        if init == "he":
            he_weights(self)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(images)
        return self.adversarial(features).flatten(), self.tagger(features)

    def features(self, images: Tensor) -> Tensor:
        """What both heads see: (N, 4 * the last stage's channels)."""
        if images.ndim != 4 or images.shape[1:] != (3, self.size, self.size):
            raise ValueError(f"images must be (N, 3, {self.size}, {self.size}), got {tuple(images.shape)}")
        return self.trunk(images)

    def logits(self, images: Tensor) -> Tensor:
        """The adversarial logits (N,) alone: what the gradient penalty differentiates."""
        return self.adversarial(self.features(images)).flatten()

    def tag_probabilities(self, images: Tensor) -> Tensor:
        """The auxiliary classifier: the probability (N, tags) of each tag."""
        return torch.sigmoid(self(images)[1])
