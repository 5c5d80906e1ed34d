"""Answers to chapter 6's exercises, written apart from the checkers: right ones, and mistakes."""

from __future__ import annotations

import math
from itertools import combinations

import torch


def inside_by_loops(centres, points, k):
    hits = 0
    for point in points.tolist():
        for a in centres.tolist():
            radius = sorted(math.dist(a, b) for b in centres.tolist())[k]
            if math.dist(a, point) <= radius:
                hits += 1
                break
    return hits / len(points)


def tau_by_pairs(a, b):
    signs = [math.copysign(1, (a[i] - a[j]) * (b[i] - b[j])) for i, j in combinations(range(len(a)), 2)]
    return sum(signs) / len(signs)


def entropy(counts):
    return -sum(c / sum(counts) * math.log(c / sum(counts)) for c in counts)


SOLUTIONS = {
    "6.1": inside_by_loops,
    "6.2": lambda counts: math.prod((c / sum(counts)) ** (-c / sum(counts)) for c in counts),
    "6.3": lambda n, at_n, m, at_m: at_n + (at_m - at_n) * (0 - 1 / n) / (1 / m - 1 / n),
    "6.4": tau_by_pairs,
    "6.5": "It closes", "6.6": 0.15,
}

MISTAKES = {
    "6.1": [lambda real, fake, k: inside_by_loops(fake, real, k),
            lambda real, fake, k: inside_by_loops(real, fake, k - 1),
            lambda real, fake, k: (torch.cdist(fake, real) <= 1).any(1).float().mean()],
    "6.2": [entropy, len, lambda counts: 1 / sum((c / sum(counts)) ** 2 for c in counts)],
    "6.3": [lambda n, at_n, m, at_m: at_n - n * (at_m - at_n) / (m - n), lambda n, at_n, m, at_m: min(at_n, at_m)],
    "6.4": [lambda a, b: (tau_by_pairs(a, b) + 1) / 2, lambda a, b: torch.corrcoef(torch.tensor([a, b]).float())[0, 1]],
    "6.5": ["it stays", "it widens"], "6.6": [0.05, 0.1],
}

SLIPS = {"6.1": "is the recall", "6.2": "its exponential is wanted", "6.3": "the bias falls with 1/N",
         "6.4": "the share of pairs ranked alike"}
