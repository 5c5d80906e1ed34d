"""Answers to the museum's exercises, written apart from the checkers: right ones, and mistakes."""

from __future__ import annotations

import math

import torch


def stamped(size, kernel, stride):
    places = range((size - 1) * stride + kernel)
    return [sum(0 <= place - stride * tap < kernel for tap in range(size)) for place in places]


def normalised(fakes, company):
    numbers = [*fakes.tolist(), *company.tolist()]
    mean = sum(numbers) / len(numbers)
    deviation = math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))
    return [(number - mean) / deviation for number in fakes.tolist()]


SOLUTIONS = {"M.1": stamped, "M.2": normalised, "M.3": math.exp(6), "M.4": "Changed pictures "}

MISTAKES = {
    "M.1": [lambda size, kernel, stride: torch.full(((size - 1) * stride + kernel,), kernel / stride),
            lambda size, kernel, stride: stamped(size, kernel, 1)],
    "M.2": [lambda fakes, company: (fakes - fakes.mean()) / fakes.std(unbiased=False),
            lambda fakes, company: (fakes - company.mean()) / company.std()],
    "M.3": [math.exp(-6), 6, 36],
    "M.4": ["clean pictures", "one picture"],
}

SLIPS = {"M.1": "the places differ", "M.2": "the company belongs to the batch"}
