"""DCGAN's training loop as tutorials write it: the yardstick for the library's Trainer.

float32 in NCHW, PNG files decoded by a DataLoader's workers, plain Adam, probabilities and binary
cross-entropy, three backward passes a round, and losses read with ``.item()`` in every round. The networks
are the library's own, so that both loops do the same sums.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from avatarlib.models.dcgan import Discriminator, Generator

__all__ = ["textbook_rounds"]


def png_loader(folder: Path, batch_size: int) -> DataLoader:
    """Shuffled batches from a folder of class folders, by two worker processes.

    The files are repeated, so that the loader never comes to the end of an epoch, where it would pause.
    """
    steps = transforms.Compose([transforms.Resize(64), transforms.CenterCrop(64), transforms.ToTensor(),
                                transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    start = "fork" if sys.platform == "linux" else None     # the usual; this process was spawned and would spawn
    pictures: ConcatDataset = ConcatDataset(100 * [ImageFolder(str(folder), steps)])
    return DataLoader(pictures, batch_size, shuffle=True, num_workers=2, drop_last=True, multiprocessing_context=start)


def textbook_rounds(folder: Path, batch_size: int) -> Iterator[tuple[float, float]]:
    """Play rounds for ever: each ``next`` is one, and yields both losses."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    generator, discriminator = Generator().to(device), Discriminator().to(device)
    cross_entropy = nn.BCELoss()
    discriminator_adam = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    generator_adam = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    real_label, fake_label = torch.ones(batch_size, device=device), torch.zeros(batch_size, device=device)

    def loss_of(images: Tensor, label: Tensor) -> Tensor:
        return cross_entropy(discriminator.probability(images), label)

    loader = png_loader(folder, batch_size)
    while True:
        for images, _ in loader:
            discriminator.zero_grad()
            real_loss = loss_of(images.to(device), real_label)
            real_loss.backward()
            fake = generator(torch.randn(batch_size, 100, device=device))
            fake_loss = loss_of(fake.detach(), fake_label)
            fake_loss.backward()
            discriminator_adam.step()
            generator.zero_grad()
            generator_loss = loss_of(fake, real_label)
            generator_loss.backward()
            generator_adam.step()
            yield (real_loss + fake_loss).item(), generator_loss.item()
