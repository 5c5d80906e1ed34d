"""The weights of an ONNX file in fewer bits: they are unpacked when it is loaded, and sums stay in float32."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["WEIGHTS", "pack"]

WEIGHTS = ("float32", "float16", "int8")
CHANNELS = {"Conv": 0, "ConvTranspose": 1, "Gemm": 0}       # operator -> which axis of its weights is the output's
LARGEST = 127
EDGES, SMALL = (0, -2, -1), 200_000     # int8 spares these layers, if their weights are no more: their rounding is seen


def pack(onnx: ModuleType, model: Any, weights: str) -> None:
    """Store the weights of all convolutions and dense layers as ``WEIGHTS`` says; biases stay as they are."""
    if weights == "float32":
        return
    graph = model.graph
    axes = {node.input[1]: CHANNELS[node.op_type] for node in graph.node if node.op_type in CHANNELS}
    edges = [list(axes)[place] for place in EDGES]
    for tensor in [tensor for tensor in graph.initializer if tensor.name in axes]:
        values, name = onnx.numpy_helper.to_array(tensor), tensor.name
        graph.initializer.remove(tensor)
        stored = f"{name}/packed"
        if weights == "float16" or (name in edges and values.size <= SMALL):
            parts = {stored: values.astype(np.float16)}
            node = onnx.helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT)
        else:
            parts = dict(zip((stored, f"{name}/scale"), rounded(values, axes[name]), strict=True))
            node = onnx.helper.make_node("DequantizeLinear", list(parts), [name], axis=axes[name])
        graph.initializer.extend(onnx.numpy_helper.from_array(value, key) for key, value in parts.items())
        graph.node.insert(0, node)


def rounded(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights as integers in [-127, 127], and the step of each channel along ``axis``; zeros have the step 1."""
    others = tuple(other for other in range(values.ndim) if other != axis)
    step = np.abs(values).max(others, keepdims=True) / LARGEST
    step[step == 0] = 1
    return np.round(values / step).astype(np.int8), step.astype(np.float32).ravel()
