"""How the tagger learns: from drawings whose tags and attributes are known because they were drawn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib.models.tagger import Tagger
from avatarlib.recipes.bounds import Bounded
from avatarlib.recipes.supervised import SupervisedRecipe

__all__ = ["TagEstimation", "TaggerConfig"]


@dataclass(frozen=True)
class TaggerConfig(Bounded):
    """Settings of the tagger's training; all ours.

    Examples
    --------
    >>> from avatarlib.recipes import TaggerConfig
    >>> {name: (config.width, config.rounds) for name, config in TaggerConfig.presets().items()}
    {'full': (32, 20000), 'quick': (32, 4500), 'smoke': (8, 20)}
    """

    width: int = 32
    size: int = 128
    batch_size: int = 64
    rounds: int = 4_500
    learning_rate: float = 2e-3      # the peak; see one_cycle
    weight_decay: float = 0.01
    ema_decay: float = 0.998

    @classmethod
    def presets(cls) -> dict[str, TaggerConfig]:
        """``full`` and ``quick`` train the shipped network, for a GPU and a laptop; ``smoke`` a tiny one."""
        return {"full": cls(rounds=20_000), "quick": cls(),
                "smoke": cls(width=8, size=32, batch_size=16, rounds=20)}


class TagEstimation(SupervisedRecipe):
    """Cross-entropy on pictures of two kinds: tagged avatars, and avatars with attributes.

    A batch comes from ``avatarlib.data.join`` of a TaggedAvatarSet (source 0) and an AvatarSet (source 1): ``labels``
    holds the tags first, then the attributes. ``tags``, ``exclusive`` and ``attributes`` are the Tagger's.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import TagEstimation, TaggerConfig
    >>> recipe = TagEstimation(["black hair", "blonde hair", "smile"], [(0, 2)], {"eyes": ["open", "shut"]},
    ...                        TaggerConfig.preset("smoke"))
    >>> batch = {"image": torch.rand(2, 3, 32, 32), "source": torch.tensor([0, 1]),
    ...          "labels": torch.tensor([[0, 1, 1, 0], [0, 0, 0, 1]])}     # a blonde smile; eyes shut
    >>> list(recipe.step(batch))
    ['tags', 'attributes']
    >>> round(recipe.tag_loss(torch.zeros(1, 3), batch["labels"][:1, :3]).item(), 3)       # log 2 a question: two
    1.386
    """

    def __init__(self, tags: Sequence[str], exclusive: Sequence[Sequence[int]],
                 attributes: Mapping[str, Sequence[str]], config: TaggerConfig | None = None, *,
                 seed: int = 0) -> None:
        super().__init__()
        self.config = config or TaggerConfig()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.tagger = Tagger(tags, exclusive, attributes, self.config.width, self.config.size)
        self.learn("tagger", self.tagger)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One step: tags of the tagged pictures, attributes of the others."""
        images, labels, source = batch["image"], batch["labels"], batch["source"]
        tag_logits, attribute_logits = self.tagger.split(self.tagger(images))
        tagged = source == 0
        count = len(self.tagger.tags)
        tags = self.tag_loss(tag_logits[tagged], labels[tagged, :count])
        attributes = torch.stack([F.cross_entropy(logits[~tagged], labels[~tagged, count + column], reduction="sum")
                                  for column, logits in enumerate(attribute_logits.values())]).sum()
        attributes = attributes / (~tagged).sum().clamp(min=1)
        self.update("tagger", tags + attributes)
        self.remember(images)
        return {"tags": tags.detach(), "attributes": attributes.detach()}

    def tag_loss(self, logits: Tensor, tags: Tensor) -> Tensor:
        """Negative log-likelihood of all tags of a picture, mean over pictures: a softmax a group, else sigmoids."""
        single = torch.ones(logits.shape[1], dtype=torch.bool, device=logits.device)
        total = logits.new_zeros(())
        for first, last in self.tagger.exclusive:
            single[first:last] = False
            total = total + F.cross_entropy(logits[:, first:last], tags[:, first:last].argmax(1), reduction="sum")
        total = total + F.binary_cross_entropy_with_logits(logits[:, single], tags[:, single].float(), reduction="sum")
        return total / max(1, len(logits))
