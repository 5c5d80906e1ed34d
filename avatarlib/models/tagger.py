"""The tagger: which tags and attributes an avatar shows, and 256 numbers that describe it. Ours.

It stands where Xu's ACGAN paper has Illustration2Vec (tag estimation and features) and where Inception
stands in a Fréchet distance, but was trained on drawn avatars and runs without a download.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn
from torchvision.transforms.v2.functional import resize

from avatarlib.models.blocks import LEAST_WIDTH, Residual

__all__ = ["Tagger"]


class Tagger(nn.Module, PyTorchModelHubMixin):
    """Avatars (N, 3, H, W) in [-1, 1] of any size -> tags, attributes and features.

    Parameters
    ----------
    tags : sequence of str
        Names of the tags, in the order of the outputs.
    exclusive : sequence of (int, int)
        Ranges ``[first, last)`` of tags of which an avatar has exactly one, such as the hair colours; they
        share a softmax, every other tag has a sigmoid.
    attributes : mapping of str to sequence of str
        Attributes of AvatarSet -> their categories; a softmax each.
    width : int
        Channels after the first layer, at least 8; features have eight times as many.
    size : int
        Pictures are resized to this many pixels a side, antialiased, before the network sees them.

    Raises
    ------
    ValueError
        If a range of ``exclusive`` lies outside the tags, or ``width`` or ``size`` is too small.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.tagger import Tagger
    >>> tagger = Tagger(["black hair", "blonde hair", "smile"], exclusive=[(0, 2)],
    ...                 attributes={"eyes": ["open", "shut"]}, width=8, size=32).eval()    # small, and not trained
    >>> images = torch.zeros(4, 3, 128, 128)
    >>> tuple(tagger.features(images).shape), tuple(tagger(images).shape)  # 3 tags and 2 categories
    ((4, 64), (4, 5))
    >>> tagger.estimate_tags(images)[:, :2].sum(1).tolist()                # one hair colour each
    [1.0, 1.0, 1.0, 1.0]
    >>> list(tagger.estimate_attributes(images))
    ['eyes']
    """

    def __init__(self, tags: Sequence[str], exclusive: Sequence[Sequence[int]],
                 attributes: Mapping[str, Sequence[str]], width: int = 32, size: int = 128) -> None:
        super().__init__()
        for first, last in exclusive:
            if not 0 <= first < last <= len(tags):
                raise ValueError(f"exclusive must hold ranges within 0..{len(tags)}, got ({first}, {last})")
        if width < LEAST_WIDTH or size < 16:
            raise ValueError(f"width must be at least {LEAST_WIDTH} and size at least 16, got {width} and {size}")
        self.tags, self.size = tuple(tags), size
        self.exclusive = tuple((first, last) for first, last in exclusive)
        self.attributes = {name: tuple(categories) for name, categories in attributes.items()}
        outputs = len(self.tags) + sum(map(len, self.attributes.values()))
        self.trunk = nn.Sequential(                                                  # for size 128:
            nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),  # (N, 32, 64, 64)
            Residual(width, 2 * width, 2),                                           # (N, 64, 32, 32)
            Residual(2 * width, 4 * width, 2), Residual(4 * width, 4 * width),       # (N, 128, 16, 16)
            Residual(4 * width, 8 * width, 2), Residual(8 * width, 8 * width),       # (N, 256, 8, 8)
            nn.AdaptiveAvgPool2d(1), nn.Flatten())                                   # (N, 256)
        self.head = nn.Linear(8 * width, outputs)

    def features(self, images: Tensor) -> Tensor:
        """(N, 8 * width) float32: the input of the last layer, for t-SNE and Fréchet distances."""
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must be (N, 3, H, W), got {tuple(images.shape)}")
        return self.trunk(resize(images, [self.size, self.size])).float()       # antialiased; equal size passes through

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, outputs): the tags first, then the attributes' categories one after the other."""
        return self.head(self.features(images)).float()

    def split(self, logits: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits of the tags (N, tags), and of each attribute (N, categories)."""
        sizes = [len(self.tags), *map(len, self.attributes.values())]
        tags, *attributes = logits.split(sizes, dim=1)
        return tags, dict(zip(self.attributes, attributes, strict=True))

    def tag_probabilities(self, images: Tensor) -> Tensor:
        """(N, tags): softmax within each exclusive range, sigmoid elsewhere."""
        logits, _ = self.split(self(images))
        probabilities = logits.sigmoid()
        for first, last in self.exclusive:
            probabilities[:, first:last] = logits[:, first:last].softmax(1)
        return probabilities

    def estimate_tags(self, images: Tensor, threshold: float = 0.5) -> Tensor:
        """(N, tags) of 0.0 and 1.0: the most probable of each exclusive range, others above ``threshold``."""
        probabilities = self.tag_probabilities(images)
        tags = (probabilities > threshold).float()
        for first, last in self.exclusive:
            best = probabilities[:, first:last].argmax(1)
            tags[:, first:last] = F.one_hot(best, last - first).to(tags.dtype)
        return tags

    def estimate_attributes(self, images: Tensor) -> dict[str, Tensor]:
        """Attribute -> index of its most probable category, int64 (N,)."""
        return {name: logits.argmax(1) for name, logits in self.split(self(images))[1].items()}
