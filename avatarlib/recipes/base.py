"""What every adversarial game shares: networks, optimisers, running averages, and one place that updates."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

__all__ = ["Average", "Recipe", "fused_adam"]


def fused_adam(networks: Iterable[nn.Module], learning_rate: float, betas: tuple[float, float]) -> Optimizer:
    """Adam over all parameters of ``networks`` in one kernel a step."""
    parameters = [p for network in networks for p in network.parameters()]
    return torch.optim.Adam(parameters, lr=learning_rate, betas=betas, fused=True)


class Average(nn.Module):
    """An exponential moving average of a network's weights and normalisation statistics.

    After n updates the decay is ``min(decay, (1 + n) / (10 + n))``: a young average forgets the wild first
    rounds fast; 0.999 looks back over about a thousand rounds. torch's own ``AveragedModel`` has one fixed decay and
    waits for the GPU at every update. ``module`` begins as a copy of ``network``.
    """

    updates: Tensor

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__()
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be in [0, 1), got {decay}")
        self.decay = decay
        self.module = copy.deepcopy(network).requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move every floating-point entry towards ``network``; copy counts."""
        weight = 1 - torch.clamp((1 + self.updates) / (10 + self.updates), max=self.decay)
        self.updates += 1
        averages, currents = self.module.state_dict(), network.state_dict()
        floats = [key for key, value in averages.items() if value.is_floating_point()]
        steps = torch._foreach_sub([currents[key] for key in floats], [averages[key] for key in floats])
        torch._foreach_mul_(steps, weight)
        torch._foreach_add_([averages[key] for key in floats], steps)
        for key in averages.keys() - set(floats):
            averages[key].copy_(currents[key])


class Recipe:
    """An adversarial game: who plays, what each player minimises, in which order.

    A subclass fills the dictionaries below and writes ``step``, ``preview`` and, with a config dataclass,
    its defaults. The Trainer gives it a device, a precision and batches.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import Recipe
    >>> class Slope(Recipe):                                   # y = w x, with one player and no judge
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.networks["slope"] = torch.nn.Linear(1, 1, bias=False)
    ...         self.optimisers["slope"] = torch.optim.SGD(self.networks["slope"].parameters(), lr=0.5)
    ...     def step(self, batch):
    ...         loss = (self.networks["slope"](batch["x"]) - batch["y"]).square().mean()
    ...         self.update("slope", loss)
    ...         return {"slope": loss.detach()}
    >>> recipe, one = Slope(), torch.ones(1, 1)
    >>> losses = [recipe.step({"x": one, "y": 3 * one})["slope"].item() for _ in range(2)]
    >>> round(losses[1], 3), round(recipe.networks["slope"].weight.item(), 3)      # down (w - 3)^2: at once at w = 3
    (0.0, 3.0)
    """

    config: Any

    def __init__(self) -> None:
        #: all trained networks
        self.networks: dict[str, nn.Module] = {}
        #: one a player; a player may own several networks
        self.optimisers: dict[str, Optimizer] = {}
        #: keyed like ``optimisers``; stepped once a round by the Trainer
        self.schedulers: dict[str, LRScheduler] = {}
        #: running (exponential moving) averages of some networks, updated with their player
        self.averages: dict[str, Average] = {}
        #: looked through and never trained, such as a VGG: moved with the others, in evaluation mode, in no checkpoint
        self.frozen: dict[str, nn.Module] = {}
        #: what else a run must remember, in buffers, such as image pools: in every checkpoint
        self.extra_state: dict[str, nn.Module] = {}
        #: what a run that began where another stood has behind it: in every checkpoint
        self.parents: list[dict[str, Any]] = []
        #: rounds played before this one, and how many make an epoch; the Trainer's, for first phases and decays
        self.round, self.rounds_per_epoch = 0, 1
        self.rng = torch.Generator().manual_seed(0)   # latent noise; on the CPU, equal on every device
        self.accelerator: Accelerator | None = None      # the Trainer's
        self.scaler = torch.amp.GradScaler(enabled=False)   # the Trainer's, for fp16

    @property
    def epoch(self) -> float:
        """Epochs played before this round; 1.5 is the middle of the second."""
        return self.round / self.rounds_per_epoch

    @property
    def device(self) -> torch.device:
        """Where the networks live."""
        return next(next(iter(self.networks.values())).parameters()).device

    def average(self, name: str, decay: float) -> None:
        """Keep an exponential moving average of network ``name``, its normalisation statistics included."""
        self.averages[name] = Average(self.networks[name], decay)

    def averaged(self, name: str) -> nn.Module:
        """The averaged network ``name``, else the network itself; in evaluation mode."""
        network = self.averages[name].module if name in self.averages else self.networks[name]
        return network.eval()

    def noise(self, *shape: int) -> Tensor:
        """Standard normal noise from the recipe's own generator, on its device."""
        return torch.randn(*shape, generator=self.rng).to(self.device, non_blocking=True)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Play one round on ``batch`` and return each loss as a detached scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define step(batch)")

    def preview(self) -> Tensor:
        """Pictures (N, 3, H, W) in [-1, 1] from fixed inputs, by the averaged networks."""
        raise NotImplementedError(f"{type(self).__name__} must define preview()")

    def update(self, player: str, loss: Tensor) -> None:
        """Let ``player`` take one step down ``loss``: gradients for its own parameters only, then its average.

        Clearing autocast's cache matters: it holds low-precision copies of the weights from before the step,
        and the next player would be judged by them.
        """
        optimiser = self.optimisers[player]
        parameters = [p for group in optimiser.param_groups for p in group["params"]]
        optimiser.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward(inputs=parameters)
        if self.accelerator is not None:
            share_gradients(self.accelerator, parameters)
        self.scaler.step(optimiser)
        self.scaler.update()
        torch.clear_autocast_cache()
        owned = {id(p) for p in parameters}
        for name, average in self.averages.items():
            if id(next(self.networks[name].parameters())) in owned:
                average.update(self.networks[name])


def share_gradients(accelerator: Accelerator, parameters: list[nn.Parameter]) -> None:
    """Average the gradients over all processes of a run on several devices, in one message."""
    if accelerator.num_processes == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat: Any = accelerator.reduce(torch.cat([g.flatten() for g in gradients]), reduction="mean")
    for gradient, piece in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(piece.view_as(gradient))
