"""What each layer of a network makes of its input: shapes and parameters, read from a forward pass."""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor, nn

__all__ = ["layer_table"]


@torch.no_grad()
def layer_table(network: nn.Module, example: Tensor) -> pd.DataFrame:
    """One row a layer, in the order of the forward pass.

    Parameters
    ----------
    network : nn.Module
        Put into evaluation mode for the pass, and back.
    example : Tensor
        An input (N, ...) that it accepts.

    Returns
    -------
    pandas.DataFrame
        Columns "layer" (its class), "input" and "output" (shapes without the batch, as tuples) and
        "parameters" (trained numbers).
    """
    rows: list[dict[str, object]] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        rows.append({"layer": type(layer).__name__, "input": tuple(inputs[0].shape[1:]),
                     "output": tuple(output.shape[1:]), "parameters": sum(p.numel() for p in layer.parameters())})

    leaves = [layer for layer in network.modules() if next(layer.children(), None) is None]
    handles = [layer.register_forward_hook(note) for layer in leaves]
    was_training = network.training
    try:
        network.eval()(example)
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    return pd.DataFrame(rows)
