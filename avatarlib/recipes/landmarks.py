"""How the landmark network learns: from pictures whose geometry is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from avatarlib.losses.landmarks import heatmap_cross_entropy, normalised_mean_error
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.recipes.bounds import Bounded
from avatarlib.recipes.supervised import SupervisedRecipe

__all__ = ["LandmarkConfig", "LandmarkRegression"]

Augment = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class LandmarkConfig(Bounded):
    """Settings of the landmark network's training; all ours.

    Examples
    --------
    >>> from avatarlib.recipes import LandmarkConfig
    >>> {name: (config.batch_size, config.rounds) for name, config in LandmarkConfig.presets().items()}
    {'full': (32, 20000), 'quick': (16, 2200), 'smoke': (16, 20)}
    """

    width: int = 24
    size: int = 64
    batch_size: int = 16
    rounds: int = 2_200
    learning_rate: float = 2e-3       # the peak; see one_cycle
    weight_decay: float = 0.01
    heatmap_weight: float = 0.05      # heatmap cross-entropy beside the distance
    ema_decay: float = 0.998

    @classmethod
    def presets(cls) -> dict[str, LandmarkConfig]:
        """``full`` and ``quick`` train the shipped network, for a GPU and a laptop; ``smoke`` a tiny one."""
        return {"full": cls(batch_size=32, rounds=20_000), "quick": cls(),
                "smoke": cls(width=8, size=64, batch_size=16, rounds=20)}


class LandmarkRegression(SupervisedRecipe):
    """Distance of the soft-argmax from the truth, and cross-entropy of the heatmaps behind it.

    Parameters
    ----------
    points : sequence of str
        Names of the landmarks.
    config : LandmarkConfig, optional
    eyes : (int, int)
        The two landmarks whose distance is the unit of the error.
    augment : callable, optional
        (images, landmarks) -> (images, landmarks), such as a random pose and flaws.
    seed : int
        Seeds the weights.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import LandmarkConfig, LandmarkRegression
    >>> recipe = LandmarkRegression(["left eye", "right eye"], LandmarkConfig.preset("smoke"))
    >>> where = torch.tensor([[[20.0, 30.0], [44.0, 30.0]]])
    >>> losses = recipe.step({"image": torch.rand(2, 3, 64, 64), "landmarks": where.expand(2, -1, -1)})
    >>> list(losses)
    ['error', 'heatmap']
    >>> tuple(recipe.averaged("landmarks").landmarks(torch.zeros(1, 3, 64, 64)).shape)
    (1, 2, 2)
    """

    def __init__(self, points: Sequence[str], config: LandmarkConfig | None = None, *,
                 eyes: tuple[int, int] = (0, 1), augment: Augment | None = None, seed: int = 0) -> None:
        super().__init__()
        self.config, self.augment = config or LandmarkConfig(), augment
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = LandmarkNet(points, self.config.width, self.config.size, eyes)
        self.learn("landmarks", self.network)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One step on pictures (N, 3, S, S) with their landmarks (N, K, 2) in pixels."""
        images, true = batch["image"], batch["landmarks"]
        if self.augment is not None:
            with torch.autocast(images.device.type, enabled=False):     # poses move labels
                images, true = self.augment(images, true)
        logits = self.network(images)
        size, cells = images.shape[-1], logits.shape[-1]
        error = normalised_mean_error(self.network.to_pixels(logits, size), true, eyes=self.network.eyes)
        heat = heatmap_cross_entropy(logits, (true + 0.5) * (cells / size) - 0.5)
        self.update("landmarks", error + self.config.heatmap_weight * heat)
        self.remember(images)
        return {"error": error.detach(), "heatmap": heat.detach()}
