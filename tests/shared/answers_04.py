"""Answers to chapter 4's exercises, written apart from the checkers: right ones, and mistakes."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def field_forwards(kernels, strides):
    pixels, step = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        pixels, step = pixels + (kernel - 1) * step, step * stride
    return pixels


def nce_by_hand(queries, keys, temperature):
    total = 0.0
    for i, query in enumerate(queries):
        scores = torch.stack([(query * key).sum() / temperature for key in keys])
        total = total - scores.log_softmax(0)[i]
    return total / len(queries)


SOLUTIONS = {
    "4.1": field_forwards,
    "4.2": lambda logits, back, original, weight: (-torch.sigmoid(logits).log().mean()
                                                   + weight * (back - original).abs().mean()),
    "4.3": lambda epoch: 1.0 if epoch < 100 else (200 - epoch) / 101,
    "4.4": nce_by_hand,
    "4.5": lambda m, v, n, w: ((m - n) ** 2 + v + w - 2 * (v * w) ** 0.5).sum(),
    "4.6": 128, "4.7": "CycleGAN",
}

MISTAKES = {
    "4.1": [lambda kernels, strides: sum(kernels), lambda kernels, strides: 70,
            lambda kernels, strides: field_forwards(kernels, [1] * len(kernels))],
    "4.2": [lambda logits, back, original, weight: F.logsigmoid(logits).mean()
            + weight * (back - original).abs().mean(),
            lambda logits, back, original, weight: F.softplus(-logits).mean() + (back - original).abs().mean(),
            lambda logits, back, original, weight: F.softplus(-logits).mean()
            + weight * (back - original).square().mean()],
    "4.3": [lambda epoch: 1 - max(0, epoch + 1 - 100) / 100, lambda epoch: 1 - epoch / 200, lambda epoch: 1.0],
    "4.4": [lambda q, k, t: nce_by_hand(q, k, 1.0), lambda q, k, t: -(q @ k.T / t).diagonal().mean(),
            lambda q, k, t: nce_by_hand(q, k, t) * len(q)],
    "4.5": [lambda m, v, n, w: ((m - n) ** 2).sum() - (v + w - 2 * v * w).sum(),
            lambda m, v, n, w: ((m - n) ** 2 + (v - w) ** 2).sum(), lambda m, v, n, w: ((m - n) ** 2).sum()],
    "4.6": [70, 34], "4.7": ["content", "Content "],
}
SLIPS = {"4.2": "as printed", "4.3": "by hundredths", "4.4": "divided by the temperature", "4.5": "as printed"}
