"""The references of chapter 5's exercises and the mistakes to be expected, each under the sentence that names it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib.data import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES, tag_vector
from avatarlib.models.acgan import Generator

Slips = dict[str, Callable[..., Any]]


# ---- 5.1: sub-pixel convolution

def squares(x: Tensor, split: tuple[int, int, int], order: tuple[int, ...]) -> Tensor:
    """Channels split into three axes, all axes reordered, and the last four joined to height and width."""
    n, channels, height, width = x.shape
    return x.unflatten(1, split).permute(order).reshape(n, channels // 4, 2 * height, 2 * width)


SHUFFLE_SLIPS: Slips = {    # axes after the split: picture, three of channels, height, width
    "rows and columns of the little squares are exchanged: of four channels the second lies to the right of the "
    "first, not below it": lambda x: squares(x, (-1, 2, 2), (0, 1, 4, 3, 5, 2)),
    "the four channels of a square are neighbours in the input (4 c to 4 c + 3), not C channels apart":
        lambda x: squares(x, (2, 2, -1), (0, 3, 4, 1, 5, 2)),
    "the numbers were put into the new shape in the order they lie in memory: a reshape alone does not move the four "
    "channels side by side": lambda x: squares(x, (-1, 2, 2), (0, 1, 2, 3, 4, 5)),
    "every channel fills a quarter of the picture: the axis of the square must come after that of the height, and "
    "after that of the width": lambda x: squares(x, (-1, 2, 2), (0, 1, 2, 4, 3, 5)),
}


# ---- 5.2: the class loss

each_cross_entropy = partial(F.binary_cross_entropy, reduction="none")      # (N, tags)


def class_loss(probabilities: Tensor, tags: Tensor) -> Tensor:
    """Odena et al. 2017, eq. 3, for tags judged one by one."""
    return each_cross_entropy(probabilities, tags).sum(dim=1).mean()


CLASS_LOSS_SLIPS: Slips = {
    "the sign is wrong: a loss falls as the probability of the truth rises": lambda p, t: -class_loss(p, t),
    "that is the mean over tags too; here the tags of a picture are summed":
        lambda p, t: each_cross_entropy(p, t).mean(),
    "that is the sum over pictures too; here it is their mean": lambda p, t: each_cross_entropy(p, t).sum(),
    "the two axes are exchanged: sum over tags (axis 1), mean over pictures (axis 0)":
        lambda p, t: each_cross_entropy(p, t).sum(dim=0).mean(),
    "that is one number a picture; their mean is missing": lambda p, t: each_cross_entropy(p, t).sum(dim=1),
    "only the tags that are there count in it; those that are not should cost -log(1 - p)":
        lambda p, t: (-t * p.log()).sum(dim=1).mean(),
    "these are probabilities already, and a sigmoid was applied to them once more":
        lambda p, t: class_loss(torch.sigmoid(p), t),
    "the logarithm is the natural one, not that to the base 2": lambda p, t: class_loss(p, t) / torch.tensor(2.0).log(),
}


# ---- 5.3: where DRAGAN looks

def beside(real: Tensor, share: Tensor, step: Tensor) -> Tensor:
    """A share (N,) of a step away from each picture."""
    return real + share.view(-1, 1, 1, 1) * step


def dragan_points(real: Tensor, alpha: Tensor, noise: Tensor) -> Tensor:
    """The points of ``avatarlib.losses.dragan_penalty``, for given random numbers."""
    return beside(real, 1 - alpha, 0.5 * real.std() * noise)


DRAGAN_SLIPS: Slips = {
    "the standard deviation was taken of each picture apart; it is one number for the whole batch":
        lambda x, a, u: beside(x, 1 - a, 0.5 * x.std(dim=(1, 2, 3), keepdim=True) * u),
    "the standard deviation was taken of each channel apart; it is one number for the whole batch":
        lambda x, a, u: beside(x, 1 - a, 0.5 * x.std(dim=(0, 2, 3), keepdim=True) * u),
    "the standard deviation was taken pixel by pixel over the batch; it is one number for all":
        lambda x, a, u: beside(x, 1 - a, 0.5 * x.std(dim=0) * u),
    "that is the variance of the batch; its square root is asked for":
        lambda x, a, u: beside(x, 1 - a, 0.5 * x.var() * u),
    "the step is multiplied by alpha; its factor is 1 - alpha, as alpha is the real picture's own share":
        lambda x, a, u: beside(x, a, 0.5 * x.std() * u),
    "the noise was centred; it is used as it comes, from 0 to 1":
        lambda x, a, u: beside(x, 1 - a, 0.5 * x.std() * (u - 0.5)),
    "the noise was stretched to -1 to 1; it is used as it comes, from 0 to 1":
        lambda x, a, u: beside(x, 1 - a, 0.5 * x.std() * (2 * u - 1)),
    "it is twice too far away: the noise reaches up to half the standard deviation":
        lambda x, a, u: beside(x, 1 - a, x.std() * u),
    "alpha was not used": lambda x, a, u: x + 0.5 * x.std() * u,
    "the step alone is not the point: it starts at the real picture":
        lambda x, a, u: dragan_points(x, a, u) - x,
    "the real picture was shrunk by alpha; its share and that of the copy beside it add up to 1":
        lambda x, a, u: beside(a.view(-1, 1, 1, 1) * x, 1 - a, 0.5 * x.std() * u),
    "one alpha was used a column of pixels instead of one a picture: broadcasting aligns the last axes, so give alpha "
    "the shape (N, 1, 1, 1)": lambda x, a, u: x + (1 - a) * 0.5 * x.std() * u,
}


# ---- 5.4: one tag changed

def changed(tags: Tensor, tag: str, groups: tuple[tuple[str, ...], ...] = (HAIR_COLOURS, EYE_COLOURS)) -> Tensor:
    """``tag`` on, and the rest of its group off."""
    after = tags.clone()
    for group in groups:
        if tag in group:
            after = after * (1 - tag_vector(group))
    return torch.maximum(after, tag_vector([tag]))


CHANGE_SLIPS: Slips = {
    "the colour it had stays on, so the avatar is asked for two at once": partial(changed, groups=()),
    "with a new eye colour the old one stays on: eye colours exclude one another too":
        partial(changed, groups=(HAIR_COLOURS,)),
    "with a new hair colour the old one stays on: hair colours exclude one another too":
        partial(changed, groups=(EYE_COLOURS,)),
    "hair styles were treated as exclusive; long hair may well be worn in twintails":
        partial(changed, groups=(HAIR_COLOURS, HAIR_STYLES, EYE_COLOURS)),
    "a new colour of the hair took that of the eyes away, or the other way round: they are two groups":
        partial(changed, groups=(HAIR_COLOURS + EYE_COLOURS,)),
    "the last colour of a group was left on: a range of Python ends before its second number":
        partial(changed, groups=(HAIR_COLOURS[:-1], EYE_COLOURS[:-1])),
    "the new colour itself is off: clear the group first, then switch the tag on":
        lambda tags, tag: changed(tags, tag) * (1 - tag_vector({tag} & {*HAIR_COLOURS, *EYE_COLOURS})),
    "a tag that is on already must stay on": lambda tags, tag: changed(tags, tag) - tags * tag_vector([tag]),
    "all other tags are lost: only the rest of the tag's own colour group goes off":
        lambda tags, tag: tag_vector([tag]),
    "nothing was changed": lambda tags, tag: tags,
}


# ---- 5.5: the generator's parameters

@lru_cache     # each mistake is compared with it
def count_parameters(latent: int, tags: int, blocks: int, width: int, stages: int) -> int:
    """Parameters of the library's generator, built without memory."""
    with torch.device("meta"):
        generator = Generator(latent, tags, blocks, width, size=16 * 2**stages)
    return sum(parameter.numel() for parameter in generator.parameters())


def less(part: Callable[..., int]) -> Callable[..., int]:
    """The count but for a part, given by ``part(blocks, width, stages)``."""
    return lambda latent, tags, blocks, width, stages: (count_parameters(latent, tags, blocks, width, stages)
                                                        - part(blocks, width, stages))


COUNT_SLIPS: Slips = {
    "it is the paper's number whatever the arguments": lambda *sizes: 4_352_643,
    "the tags are missing from the input of the dense layer":
        lambda latent, t, b, w, s: count_parameters(latent, t, b, w, s) - 256 * w * t,
    "that leaves out the convolution after the residual blocks, which the paper's figure names and does not draw":
        less(lambda b, w, s: 9 * w * w + w),
    "that leaves out the convolution after the residual blocks and its normalisation":
        less(lambda b, w, s: 9 * w * w + 3 * w),
    "no normalisation is counted: it has a scale and a shift a channel": less(lambda b, w, s: 2 * w * (2 + 2 * b + s)),
    "a normalisation has two trained numbers a channel, a scale and a shift": less(lambda b, w, s: w * (2 + 2 * b + s)),
    "a normalisation has two trained numbers a channel; its running mean and variance are measured, not trained":
        less(lambda b, w, s: -2 * w * (2 + 2 * b + s)),
    "the normalisation of the first picture, after the dense layer, is missing": less(lambda b, w, s: 2 * w),
    "no bias is counted: here dense layer and convolutions have one for each output":
        less(lambda b, w, s: 256 * w + 2 * b * w + w + 4 * w * s + 3),
    "the dense layer has a bias too, one for each of its outputs": less(lambda b, w, s: 256 * w),
    "the convolutions have a bias too, one for each output channel":
        less(lambda b, w, s: 2 * b * w + w + 4 * w * s + 3),
    "a residual block has two convolutions, each with its normalisation": less(lambda b, w, s: b * (9 * w * w + 3 * w)),
    "an upsampling convolution makes 4 width channels, which the reordering turns into width larger ones":
        less(lambda b, w, s: s * (27 * w * w + 3 * w)),
    "in an upsampling stage the normalisation comes after the reordering, on width channels":
        less(lambda b, w, s: -6 * w * s),
    "the last convolution is 9x9, not 3x3": less(lambda b, w, s: 72 * 3 * w),
}


# ---- 5.6: what a precision says

SMILES, HIT, FALSE = 0.8, 0.95, 0.1                  # of a generator deaf to the tag; the judge's shares
SEEN = SMILES * HIT + (1 - SMILES) * FALSE           # whatever was asked
ASKED = 0.25                                         # share of the conditions that ask for a smile

ROW_SLIPS: dict[str, tuple[float, ...]] = {
    "the judge makes mistakes: it does not see every smile, and sees some that are not there": (SMILES, SMILES),
    "the judge also sees smiles where there are none": (SMILES * HIT, SMILES * HIT),
    "that is how the judge does on real pictures; this generator does not draw what was asked": (HIT, FALSE),
    "the first is right; among the avatars not asked to smile just as many do": (SEEN, FALSE),
    "the first is right; the second is a share of the avatars not asked to smile, most of which smile all the same":
        (SEEN, (1 - SMILES) * FALSE),
    "the first is right; the second is a share of the avatars not asked to smile, not of all":
        (SEEN, (1 - ASKED) * SEEN),
    "the first is right; the second is not what is left of 1, as it belongs to other avatars": (SEEN, 1 - SEEN),
    "these are shares of all avatars; the first column is one of those asked to smile, the second of the others":
        (ASKED * SEEN, (1 - ASKED) * SEEN),
    "the first is the precision of textbooks, how many of the smiles seen were asked for; the table, like Jin et al., "
    "takes the avatars asked to smile and counts those where a smile is seen": (ASKED, SEEN),
    "both are shares between 0 and 1, not per cent": (100 * SEEN, 100 * SEEN),
}
