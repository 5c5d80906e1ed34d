"""CycleGAN's and CartoonGAN's training loops as their reference and ports write them, beside the library's Trainer.

Textbook: PNG files decoded by workers, NCHW, InstanceNorm, a pass a picture and use, plain Adam, ``.item()`` in every
round. Both loops do the same sums with the same settings; content is seen through the tagger in both.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from avatarlib import pretrained
from avatarlib.data import FaceSet, ImageSet, load_images, smoothed
from avatarlib.losses import content_loss
from avatarlib.models import cartoongan, cyclegan
from avatarlib.models.frozen import tagger_features
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import CartoonGAN, CartoonGANConfig, CycleGAN, CycleGANConfig, Recipe

__all__ = ["BATCH", "open_sets", "recipe_of", "textbook_cartoongan", "textbook_cyclegan", "write_heads"]

BATCH, SIZE, WIDTH, HEADS, LAYER = 4, 64, 16, 64, "down4"
CYCLE = CycleGANConfig(size=SIZE, width=WIDTH, judge_width=WIDTH, blocks=6, judge_layers=2, batch_size=BATCH)
CARTOON = CartoonGANConfig(size=SIZE, width=WIDTH, judge_width=WIDTH, batch_size=BATCH, content_layer=LAYER,
                           initial_epochs=0)


def write_heads(folder: Path) -> None:
    """Photographs, drawings of other heads and these with smoothed edges as PNG files."""
    photos = FaceSet(SIZE, half="first", count=HEADS, progress=False)
    cartoons = FaceSet(SIZE, look="cel", half="second", count=HEADS, progress=False)
    for name, data in (("photo", photos), ("cartoon", cartoons), ("smooth", smoothed(cartoons, progress=False))):
        path = folder / name / "heads"
        path.mkdir(parents=True)
        for index, picture in enumerate(data.images):
            Image.fromarray(picture.transpose(1, 2, 0)).save(path / f"{index:03d}.png")


def open_sets(folder: Path, recipe: Recipe) -> dict[str, ImageSet]:
    """The same pictures as the library has them, decoded once."""
    names = ("photo", "cartoon", "smooth") if isinstance(recipe, CartoonGAN) else ("photo", "cartoon")
    sets = {}
    for name in names:
        images, _ = load_images(sorted((folder / name / "heads").iterdir()), SIZE, progress=False)
        sets[name] = ImageSet(name, images, np.zeros((len(images), 0), int), {})
    return sets


def recipe_of(paper: str) -> Recipe:
    """The library's side."""
    return CycleGAN(CYCLE) if paper == "CycleGAN" else CartoonGAN(seen_by_tagger(), CARTOON)


def seen_by_tagger() -> nn.Module:
    """Features that need no download."""
    return tagger_features(cast(Tagger, pretrained.load("tagger-avatars")), LAYER)


def batches(folder: Path, name: str) -> Iterator[Tensor]:
    """Shuffled batches for ever, by a worker process."""
    steps = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
    pictures: ConcatDataset = ConcatDataset(500 * [ImageFolder(str(folder / name), steps)])
    loader = DataLoader(pictures, BATCH, shuffle=True, num_workers=1, drop_last=True,
                        multiprocessing_context="fork" if sys.platform == "linux" else None)
    while True:
        for images, _ in loader:
            yield images


def plain(network: nn.Module) -> nn.Module:
    """The same network with InstanceNorm in place of the library's GroupNorm of one channel a group."""
    for parent in network.modules():
        for name, child in parent.named_children():
            if isinstance(child, nn.GroupNorm) and child.num_groups == child.num_channels:
                setattr(parent, name, nn.InstanceNorm2d(child.num_channels))
    return network


class Pool:
    """A list of fakes, as the reference keeps it."""

    def __init__(self) -> None:
        self.pictures: list[Tensor] = []

    def query(self, images: Tensor) -> Tensor:
        """Old fakes for new ones, each with probability 1/2 once the pool is full."""
        chosen = []
        for image in images.detach():
            if len(self.pictures) < CYCLE.pool_size:
                self.pictures.append(image)
                chosen.append(image)
            elif random.random() > 0.5:
                place = random.randrange(CYCLE.pool_size)
                chosen.append(self.pictures[place].clone())
                self.pictures[place] = image
            else:
                chosen.append(image)
        return torch.stack(chosen)


def textbook_cyclegan(folder: Path) -> Iterator[tuple[float, ...]]:
    """Rounds of CycleGAN: six passes of generators, gradients of the discriminators switched off and on."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    to_b, to_a = (plain(cyclegan.Generator(WIDTH, 6)).to(device) for _ in range(2))
    judge_a, judge_b = (plain(cyclegan.PatchDiscriminator(WIDTH, 2)).to(device) for _ in range(2))
    both = [*chain(judge_a.parameters(), judge_b.parameters())]
    adams = [torch.optim.Adam(chain(*(net.parameters() for net in nets)), lr=2e-4, betas=(0.5, 0.999))
             for nets in ((to_b, to_a), (judge_a, judge_b))]
    pool_a, pool_b, l1, mse = Pool(), Pool(), nn.L1Loss(), nn.MSELoss()

    def judged(logits: Tensor, real: bool) -> Tensor:
        return mse(logits, torch.full_like(logits, float(real)))

    for one, other in zip(batches(folder, "photo"), batches(folder, "cartoon"), strict=False):
        a, b = one.to(device), other.to(device)
        fake_b, fake_a = to_b(a), to_a(b)
        back_a, back_b = to_a(fake_b), to_b(fake_a)
        for parameter in both:
            parameter.requires_grad = False
        adams[0].zero_grad()
        generators = (judged(judge_b(fake_b), True) + judged(judge_a(fake_a), True)
                      + 10 * (l1(back_a, a) + l1(back_b, b)) + 5 * (l1(to_b(b), b) + l1(to_a(a), a)))
        generators.backward()
        adams[0].step()
        for parameter in both:
            parameter.requires_grad = True
        adams[1].zero_grad()
        told = []
        for judge, real, fake, pool in ((judge_a, a, fake_a, pool_a), (judge_b, b, fake_b, pool_b)):
            loss = 0.5 * (judged(judge(real), True) + judged(judge(pool.query(fake)), False))
            loss.backward()
            told.append(loss.item())
        adams[1].step()
        yield generators.item(), *told


def textbook_cartoongan(folder: Path) -> Iterator[tuple[float, ...]]:
    """Rounds of CartoonGAN's game: three backward passes of the discriminator, binary cross-entropy."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    draw, judge = plain(cartoongan.Generator(WIDTH)).to(device), plain(cartoongan.Discriminator(WIDTH)).to(device)
    features = seen_by_tagger().to(device)
    draw_adam, judge_adam = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in (draw, judge))
    entropy = nn.BCEWithLogitsLoss()
    sets = (batches(folder, name) for name in ("photo", "cartoon", "smooth"))
    for pictures in zip(*sets, strict=False):
        photo, cartoon, smooth = (images.to(device) for images in pictures)
        judge_adam.zero_grad()
        fake, told = draw(photo), 0.0
        for images, real in ((cartoon, True), (smooth, False), (fake.detach(), False)):
            logits = judge(images)
            loss = entropy(logits, torch.full_like(logits, float(real)))
            loss.backward()
            told += loss.item()
        judge_adam.step()
        draw_adam.zero_grad()
        logits = judge(fake)
        loss = entropy(logits, torch.ones_like(logits)) \
            + 10 * content_loss(features(fake)[LAYER], features(photo)[LAYER])
        loss.backward()
        draw_adam.step()
        yield told, loss.item()
