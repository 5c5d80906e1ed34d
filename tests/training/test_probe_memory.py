"""Choosing a format copies the recipe, not the pictures: they may fill a GPU."""

import copy

import pytest
import torch

from avatarlib.recipes import DCGAN
from avatarlib.training.batches import Batches, UnpairedBatches
from avatarlib.training.formats import Format, fastest


@pytest.mark.parametrize("several", [False, True])
def test_the_pictures_are_not_copied(monkeypatch, pictures, tiny, several):
    data, seen = pictures(16), []
    kind, given = (UnpairedBatches, {"image": data, "other": data}) if several else (Batches, data)
    batches = kind(given, 8, seed=0, device=torch.device("cpu"))
    copied = copy.deepcopy
    monkeypatch.setattr(copy, "deepcopy", lambda *given: seen.append(copied(*given)) or seen[-1])
    fastest(DCGAN(tiny), batches, torch.device("cpu"), [Format(), Format("float32", "contiguous")])
    (_, reader), = [pair for pair in seen if isinstance(pair, tuple)]
    ours, copies = ([*each.sets.values()] if several else [each] for each in (batches, reader))
    for mine, copied_part in zip(ours, copies, strict=True):
        assert copied_part is not mine
        assert copied_part.data is data
        assert copied_part.images is mine.images
