"""A small network that draws as a large one does: the large one's drawings of FaceSet's photographs are its lessons.

    python tools/distil.py cartoongan-cel-128 avatarlib/pretrained/cartoongan-cel-128-light --width 16

Knowledge distillation after Hinton et al. (2015), ours for pictures: both networks see the same photographs, and the
student's pixels and their differences to the neighbours (the lines) must be the teacher's, by the mean absolute error.
There is no discriminator and no drawing of the data: what the teacher draws badly, the student will.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from avatarlib import pretrained
from avatarlib.data import FaceSet
from avatarlib.data.base import from_uint8
from avatarlib.training import History
from avatarlib.training.identity import describe_device

VIEWS = 3                   # of each photograph: as it is, and changed twice
BATCH, DECAY, SIZE = 8, 0.995, 128
CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [cartoongan, distillation, image-to-image]
---
# {name}

Redraws photograph-like heads as cartoons: `{teacher}` at width {width}, {parameters:,} parameters, for places where
the larger one is too slow, such as a camera in a browser. Weights: exponential moving average (decay {decay}), float16.

| | |
|---|---|
| teacher | `{teacher}`, whose data and losses this network inherits; it has met no discriminator itself |
| data | FaceSet photo (train): {count:,} photographs of {size} px, each as it is and in {more} other views \
(mirrored, moved, other light) |
| training | {rounds:,} rounds of {batch} pictures, seed {seed}; mean absolute error of pixels and of their \
differences to neighbours |
| time | {minutes:.0f} minutes on {device} |

**Limits.** Those of its teacher, and softer lines.
"""


def views_of(photos: Tensor, seed: int) -> Tensor:
    """Photographs (N, 3, S, S) uint8 -> (VIEWS N, 3, S, S): as they are, then mirrored or moved, in other light."""
    from torchvision.transforms import v2  # here, as avatarlib first makes it fit this PyTorch

    change = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(12, (0.08, 0.08), (0.8, 1.25), fill=127),
                         v2.ColorJitter(0.3, 0.3, 0.3, 0.03)])
    torch.manual_seed(seed)
    return torch.cat([photos, *(torch.stack([change(photo) for photo in photos]) for _ in range(VIEWS - 1))])


@torch.inference_mode()
def lessons_of(teacher: nn.Module, photos: Tensor) -> Tensor:
    """What the teacher draws of photographs (N, 3, S, S) uint8: float16 in [-1, 1]."""
    return torch.cat([teacher(from_uint8(part)).half()
                      for part in tqdm(photos.split(BATCH), desc="lessons", unit_scale=BATCH, unit="picture")])


def far(drawn: Tensor, lesson: Tensor) -> Tensor:
    """Mean absolute error of the pixels, and of their differences to the right and below."""
    error = drawn - lesson
    return error.abs().mean() + error.diff(dim=3).abs().mean() + error.diff(dim=2).abs().mean()


def distil(teacher: nn.Module, student: nn.Module, photos: Tensor, rounds: int, seed: int,
           precision: torch.dtype) -> tuple[nn.Module, History]:
    """Teach the student; give the average of its weights, and how the lessons went."""
    lessons = lessons_of(teacher, photos)
    average = AveragedModel(student, multi_avg_fn=get_ema_multi_avg_fn(DECAY))
    optimizer = torch.optim.Adam(student.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=rounds)
    history, rng, start, errors = History(pd.DataFrame()), torch.Generator().manual_seed(seed), time.perf_counter(), []
    for step in (bar := tqdm(range(1, rounds + 1), unit="round")):
        chosen = torch.randint(len(photos), (BATCH,), generator=rng)
        with torch.autocast("cpu", precision, enabled=precision != torch.float32):
            drawn = student(from_uint8(photos[chosen]))
        loss = far(drawn.float(), lessons[chosen].float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        average.update_parameters(student)
        errors.append(loss.item())
        if step % 50 == 0 or step == rounds:
            seconds = time.perf_counter() - start
            row = {"step": step, "epoch": step * BATCH / len(photos), "minutes": seconds / 60,
                   "images_per_second": step * BATCH / seconds, "distance": sum(errors) / len(errors)}
            history.append(row)
            bar.set_postfix_str(f"{row['images_per_second']:.0f} images/s, distance {row['distance']:.4f}")
            errors.clear()
    return average.module, history


def main() -> None:
    """Distil a shipped CartoonGAN and write the small one's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bf16", action="store_true", help="nearly twice as fast on a processor that has it")
    options = parser.parse_args()
    pretrained.check_folder(options.folder)
    teacher: Any = pretrained.load(options.teacher).eval()
    faces = FaceSet(SIZE, "train")
    photos = views_of(torch.tensor(faces.images), options.seed)
    torch.manual_seed(options.seed)
    student = type(teacher)(**{**teacher._hub_mixin_config, "width": options.width})
    device = describe_device(torch.device("cpu"))
    precision = torch.bfloat16 if options.bf16 else torch.float32
    network, history = distil(teacher, student, photos, options.rounds, options.seed, precision)
    parameters = sum(values.numel() for values in network.parameters())
    card = CARD.format(name=options.folder.name, teacher=options.teacher, width=options.width, parameters=parameters,
                       count=len(faces), more=VIEWS - 1, size=SIZE, rounds=options.rounds, batch=BATCH, decay=DECAY,
                       seed=options.seed, minutes=history.rows[-1]["minutes"], device=device)
    pretrained.save(options.folder, network, trained={"rounds": options.rounds},
                    data={"data": {"photo": faces.name}, "size": {"photo": SIZE}}, card=card, history=history)


if __name__ == "__main__":
    main()
