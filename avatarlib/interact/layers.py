"""What each layer of a network makes of its input: shapes and parameters, read from a forward pass."""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor, nn

__all__ = ["layer_table"]


@torch.no_grad()
def layer_table(network: nn.Module, *inputs: Tensor) -> pd.DataFrame:
    """One row a layer, in the order of a forward pass of ``inputs`` (tensors (N, ...)) in evaluation mode.

    Columns are "layer" (its class), "input" and "output" (shapes without the batch, as tuples) and "parameters"
    (trained numbers).

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from avatarlib.interact import layer_table
    >>> network = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Flatten())
    >>> table = layer_table(network, torch.zeros(1, 3, 8, 8))
    >>> table["output"].tolist(), table["parameters"].tolist()                 # 3 x 3 x 3 x 8 + 8
    ([(8, 4, 4), (128,)], [224, 0])
    """
    rows: list[dict[str, object]] = []

    def note(layer: nn.Module, entered: tuple[Tensor, ...], output: Tensor) -> None:
        rows.append({"layer": type(layer).__name__, "input": tuple(entered[0].shape[1:]),
                     "output": tuple(output.shape[1:]), "parameters": sum(p.numel() for p in layer.parameters())})

    leaves = [layer for layer in network.modules() if next(layer.children(), None) is None]
    handles = [layer.register_forward_hook(note) for layer in leaves]
    was_training = network.training
    try:
        network.eval()(*inputs)
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    return pd.DataFrame(rows)
