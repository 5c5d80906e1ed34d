"""Answers to chapter 5's exercises, written apart from the checkers: right ones, and mistakes with their name."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F

from avatarlib.data import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES, TAGS


def shuffle_by_slices(x):
    n, channels, height, width = x.shape
    out = torch.empty(n, channels // 4, 2 * height, 2 * width)
    for k in range(4):
        out[:, :, k // 2::2, k % 2::2] = x[:, k::4]
    return out


def shuffle_in_numpy(x):
    n, c, h, w = x.shape
    return x.numpy().reshape(n, c // 4, 2, 2, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // 4, 2 * h, 2 * w)


def shuffle_transposed(x):
    return shuffle_by_slices(x.transpose(2, 3)).transpose(2, 3)


def shuffle_far_channels(x):
    out = torch.empty(len(x), x.shape[1] // 4, 2 * x.shape[2], 2 * x.shape[3])
    for k, part in enumerate(x.chunk(4, dim=1)):
        out[:, :, k // 2::2, k % 2::2] = part
    return out


def shuffle_quarters(x):
    a, b, c, d = (x[:, k::4] for k in range(4))
    return torch.cat([torch.cat([a, b], dim=3), torch.cat([c, d], dim=3)], dim=2)


def loss_by_loops(probabilities, tags):
    total = 0.0
    for row, truth in zip(probabilities.tolist(), tags.tolist(), strict=True):
        total -= sum(math.log(p if t else 1 - p) for p, t in zip(row, truth, strict=True))
    return total / len(tags)


def points(real, alpha, noise, std=None, centre=0.0, share=None):
    std = real.double().std() if std is None else std
    share = 1 - alpha if share is None else share
    return torch.stack([x + s * 0.5 * std * (u - centre) for x, s, u in zip(real, share, noise, strict=True)])


def points_each(real, alpha, noise, axes):
    return points(real, alpha, noise) + 0.5 * (1 - alpha)[:, None, None, None] * noise * (real.std(axes, keepdim=True)
                                                                                          - real.std())


def switch(tags, tag, *groups, last=0):
    after = tags.clone()
    for group in groups:
        if tag in group:
            for other in group[:len(group) - last]:
                after[TAGS.index(other)] = 0.0
    after[TAGS.index(tag)] = 1.0
    return after


def switch_list(tags, tag):
    same = next((group for group in (HAIR_COLOURS, EYE_COLOURS) if tag in group), ())
    pairs = zip(TAGS, tags.tolist(), strict=True)
    return [1 if name == tag else 0 if name in same else int(old) for name, old in pairs]


def switch_in_place(tags, tag):
    tags.copy_(switch(tags, tag, HAIR_COLOURS, EYE_COLOURS))
    return tags


def switch_and_forget(tags, tag):
    switch_in_place(tags, tag)


def switch_then_clear(tags, tag):
    after = tags.clone()
    after[TAGS.index(tag)] = 1
    for first, last in ((0, 13), (24, 34)):
        if first <= TAGS.index(tag) < last:
            after[first:last] = 0
    return after


def toggle(tags, tag):
    after = switch(tags, tag, HAIR_COLOURS, EYE_COLOURS)
    after[TAGS.index(tag)] = 1 - tags[TAGS.index(tag)]
    return after


def weights(latent, tags, blocks, width, stages, *, bias=1, dense_bias=1, norm=2, first=1, per_block=2, middle=1,
            middle_norm=1, up=4, up_norm=1, kernel=9):
    w = width
    count = (latent + tags) * 256 * w + bias * dense_bias * 256 * w + first * norm * w
    count += per_block * blocks * (9 * w * w + bias * w + norm * w)
    count += middle * (9 * w * w + bias * w) + middle_norm * norm * w
    count += stages * (9 * w * up * w + bias * up * w + norm * up_norm * w)
    return count + kernel * kernel * w * 3 + 3 * bias


def weights_but(**changes):
    return lambda latent, tags, blocks, width, stages: weights(latent, tags, blocks, width, stages, **changes)


SOLUTIONS = {
    "5.1": [shuffle_by_slices, shuffle_in_numpy, lambda x: shuffle_by_slices(x).double(), torch.nn.PixelShuffle(2)],
    "5.2": [lambda p, t: F.binary_cross_entropy(p, t, reduction="sum") / len(t), loss_by_loops,
            lambda p, t: F.binary_cross_entropy(p.double(), t.double()) * t.shape[1],
            lambda p, t: -torch.where(t > 0.5, p, 1 - p).log().sum(1).mean().item(),
            lambda p, t: -(t * (p + 1e-8).log() + (1 - t) * (1 - p + 1e-8).log()).sum(1).mean()],
    "5.3": [points, lambda x, a, u: x + (1 - a[:, None, None, None]) * (0.5 * x.std(correction=0) * u),
            lambda x, a, u: x.numpy() + (1 - a.numpy()).reshape(-1, 1, 1, 1) * 0.5 * np.std(x.numpy()) * u.numpy(),
            lambda x, a, u: torch.lerp(x + 0.5 * x.std() * u, x, a.view(-1, 1, 1, 1))],
    "5.4": [lambda tags, tag: switch(tags, tag, HAIR_COLOURS, EYE_COLOURS), switch_list,
            lambda tags, tag: np.array(switch_list(tags, tag)),
            lambda tags, tag: torch.tensor(switch_list(tags, tag)) > 0],
    "5.5": [weights, lambda *sizes: float(weights(*sizes)), lambda *sizes: torch.tensor(weights(*sizes))],
    "5.6": [[0.78, 0.78], torch.tensor([0.78, 0.78]), np.array([0.7801, 0.7799]), (0.78, 0.78)],
}

MISTAKES = {     # a wrong answer, and a part of the sentence that names the mistake
    "5.1": [(shuffle_transposed, "rows and columns"), (shuffle_far_channels, "not C channels apart"),
            (lambda x: x.reshape(len(x), -1, 2 * x.shape[2], 2 * x.shape[3]), "a reshape alone"),
            (shuffle_quarters, "every channel fills a quarter")],
    "5.2": [(lambda p, t: -loss_by_loops(p, t), "the sign is wrong"),
            (lambda p, t: -(t * p.log() + (1 - t) * (1 - p).log()).sum(1).mean(0).neg(), "the sign is wrong"),
            (F.binary_cross_entropy, "mean over tags too"),
            (lambda p, t: loss_by_loops(p, t) * len(t), "sum over pictures too"),
            (lambda p, t: F.binary_cross_entropy(p, t, reduction="none").mean(1).sum(), "the two axes are exchanged"),
            (lambda p, t: F.binary_cross_entropy(p, t, reduction="none").sum(1), "one number a picture"),
            (lambda p, t: -(p.log() * t).sum() / len(t), "only the tags that are there"),
            (lambda p, t: F.binary_cross_entropy_with_logits(p, t) * t.shape[1], "a sigmoid was applied"),
            (lambda p, t: -torch.where(t > 0, p, 1 - p).log2().sum(1).mean(), "the natural one")],
    "5.3": [(lambda x, a, u: points_each(x, a, u, (1, 2, 3)), "of each picture apart"),
            (lambda x, a, u: points_each(x, a, u, (0, 2, 3)), "of each channel apart"),
            (lambda x, a, u: points_each(x, a, u, 0), "pixel by pixel"),
            (lambda x, a, u: points(x, a, u, std=x.var()), "the variance of the batch"),
            (lambda x, a, u: points(x, a, u, share=a), "its factor is 1 - alpha"),
            (lambda x, a, u: points(x, a, u, centre=0.5), "the noise was centred"),
            (lambda x, a, u: points(x, a, u, std=2 * x.std(), centre=0.5), "stretched to -1 to 1"),
            (lambda x, a, u: points(x, a, u, std=2 * x.std()), "twice too far"),
            (lambda x, a, u: x + 0.5 * x.std() * u, "alpha was not used"),
            (lambda x, a, u: points(x, a, u) - x, "the step alone"),
            (lambda x, a, u: points(x * a.view(-1, 1, 1, 1), a, u, std=x.std()), "was shrunk by alpha"),
            (lambda x, a, u: (1 - a) * u * x.std() / 2 + x, "one alpha was used a column of pixels")],
    "5.4": [(switch, "asked for two at once"),
            (lambda tags, tag: switch(tags, tag, HAIR_COLOURS), "with a new eye colour the old one stays"),
            (lambda tags, tag: switch(tags, tag, EYE_COLOURS), "with a new hair colour the old one stays"),
            (lambda tags, tag: switch(tags, tag, HAIR_COLOURS, HAIR_STYLES, EYE_COLOURS), "hair styles were treated"),
            (lambda tags, tag: switch(tags, tag, HAIR_COLOURS + EYE_COLOURS), "they are two groups"),
            (lambda tags, tag: switch(tags, tag, HAIR_COLOURS, EYE_COLOURS, last=1), "the last colour of a group"),
            (switch_then_clear, "the new colour itself is off"), (toggle, "must stay on"),
            (lambda tags, tag: F.one_hot(torch.tensor(TAGS.index(tag)), len(TAGS)), "all other tags are lost"),
            (lambda tags, tag: tags, "nothing was changed"),
            (switch_in_place, "the tensor it was given has changed too"), (switch_and_forget, "returns nothing")],
    "5.5": [(lambda *sizes: 4_352_643, "whatever the arguments"),
            (lambda latent, tags, *rest: weights(latent, 0, *rest), "the tags are missing"),
            (weights_but(middle=0), "names and does not draw"),
            (weights_but(middle=0, middle_norm=0), "residual blocks and its normalisation"),
            (weights_but(norm=0), "no normalisation is counted"),
            (weights_but(norm=1), "two trained numbers a channel, a scale"),
            (weights_but(norm=4), "measured, not trained"),
            (weights_but(first=0), "normalisation of the first picture"), (weights_but(bias=0), "no bias is counted"),
            (weights_but(dense_bias=0), "the dense layer has a bias too"),
            (lambda *sizes: weights(*sizes, bias=0) + 256 * sizes[3], "the convolutions have a bias too"),
            (weights_but(per_block=1), "two convolutions"), (weights_but(up=1), "makes 4 width channels"),
            (weights_but(up_norm=4), "after the reordering"), (weights_but(kernel=3), "9x9, not 3x3")],
    "5.6": [([0.8, 0.8], "the judge makes mistakes"), ([0.76, 0.76], "also sees smiles where there are none"),
            ([0.95, 0.1], "on real pictures"), (torch.tensor([0.78, 0.1]), "just as many do"),
            ([0.78, 0.02], "smile all the same"), ([0.78, 0.585], "not of all"), ([0.78, 0.22], "left of 1"),
            ([0.195, 0.585], "shares of all avatars"), (np.array([0.25, 0.78]), "precision of textbooks"),
            ([78, 78], "not per cent")],
}
UNNAMED = {      # wrong in a way of their own: refused, and helped by the ordinary hints alone
    "5.1": lambda x: x[:, ::4].repeat_interleave(2, 2).repeat_interleave(2, 3),
    "5.2": lambda p, t: (p - t).abs().sum(1).mean(),
    "5.3": lambda x, a, u: x, "5.4": lambda tags, tag: torch.ones(len(TAGS)), "5.5": weights_but(kernel=5),
    "5.6": [0.5, 0.5],
}
