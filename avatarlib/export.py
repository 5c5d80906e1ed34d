"""From a training run to a shipped model: averaged weights, settings, history and a model card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import torch

from avatarlib import pretrained
from avatarlib.export_acgan import export_acgan
from avatarlib.export_judges import export_landmarks, export_tagger
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.stages import devices, images_a_round, whole_history
from avatarlib.training.checkpoint import CheckpointError, load_checkpoint, load_tensors, read_progress
from avatarlib.training.files import make_ready
from avatarlib.training.history import History

__all__ = ["export_run"]

OTHERS = {"ACGAN": export_acgan, "TagEstimation": export_tagger, "LandmarkRegression": export_landmarks}

CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [gan, dcgan, avatars, image-generation]
---
# {name}

A DCGAN generator of cartoon avatars, {parameters:,} parameters: noise of length {latent} in, pictures of
3 x 64 x 64 in [-1, 1] out. Architecture, loss, batch size and learning rate are those of Xiao et al.
(Research on Digital Virtual Human Head Avatar Generation Technology with Cartoon Style); the weights are an
exponential moving average (decay {ema_decay}), stored in float16.

| | |
|---|---|
| data | {data}: {count:,} pictures of {size} px, drawn by DiceBear |
| training | {rounds:,} rounds of {batch} ({epochs} epochs, {images:,} pictures seen), seed {seed} |
| weights | averaged generator after epoch {epoch} |
| time | {minutes:.0f} minutes on {device} |
| last losses (median of 50 rows) | generator {generator:.2f}, discriminator {discriminator:.2f} |

**Artwork.** avataaars by Pablo Stanley, free for personal and commercial use. The weights are CC BY 4.0.

**Measures** of samples at several epochs, with N and seed, are in `epochs.csv` where this folder has one;
chapter 2 of the book explains them. `history.csv` holds the losses of the run.

**Limits.** 64 pixels; only the drawing style it was trained on; no control over attributes; outlines of hair
and fine parts (graphics on shirts, glasses) are the least reliable, the more so after a short run. It cannot
draw a real person.
"""


def export_run(run_dir: Path, folder: Path, *, epoch: int | None = None) -> Path:
    """Write ``folder`` from the checkpoint and history of a run.

    Parameters
    ----------
    epoch : int, optional
        Take the averaged generator of this snapshot of a DCGAN; default: the checkpoint's, the run's last.

    Raises
    ------
    CheckpointError
        If ``run_dir`` holds no whole checkpoint with a history, or no snapshot of ``epoch``.
    ValueError
        If ``folder`` holds other things than an earlier export.
    """
    pretrained.check_folder(folder)
    checkpoint = run_dir / "checkpoint.safetensors"
    if not checkpoint.exists():
        raise CheckpointError(f"run_dir must hold checkpoint.safetensors, got {str(run_dir)!r} without one")
    progress = read_progress(checkpoint)
    kind = progress["identity"]["recipe"]
    if kind not in ("DCGAN", *OTHERS):
        raise CheckpointError(f"run_dir must hold a run of DCGAN or one of {', '.join(OTHERS)}, got {kind}")
    if epoch is not None and kind in OTHERS:
        raise CheckpointError(f"epoch is for runs of DCGAN, got {epoch} for a run of {kind}")
    history = whole_history(run_dir)
    if not history.rows:
        raise CheckpointError(f"run_dir must hold a history with at least one row, got {str(run_dir)!r} "
                              f"after {progress['step']} rounds")
    make_ready(folder, name="folder")
    if kind in OTHERS:
        return OTHERS[kind](run_dir, folder, progress, history)
    return export_dcgan(run_dir, folder, progress, history, epoch)


def export_dcgan(run_dir: Path, folder: Path, progress: dict[str, Any], history: History, epoch: int | None) -> Path:
    """Write the averaged generator, of the last round or of a snapshot."""
    identity = progress["identity"]
    config = DCGANConfig(**{**identity["config"], "betas": tuple(identity["config"]["betas"])})
    recipe = DCGAN(config)
    load_checkpoint(run_dir / "checkpoint.safetensors", recipe)
    generator = recipe.averaged("generator")
    epochs = progress["step"] // (identity["count"] // images_a_round(progress))
    if epoch is not None:
        generator.load_state_dict(load_snapshot(run_dir, epoch))
    trained = {"epoch": epochs if epoch is None else epoch, "epochs": epochs, "rounds": progress["step"]}
    pretrained.save(folder, generator, model_class="dcgan.Generator",
                    settings={"latent": config.latent, "width": config.width}, trained=trained, data=identity,
                    card=write_card(folder.name, progress, config, history.frame, generator, trained), history=history)
    return folder


def load_snapshot(run_dir: Path, epoch: int) -> dict[str, torch.Tensor]:
    """The averaged generator's weights after ``epoch`` epochs, float32."""
    path = run_dir / "snapshots" / f"generator-epoch-{epoch:03d}.safetensors"
    if not path.exists():
        kept = sorted(int(p.stem[-3:]) for p in path.parent.glob("generator-epoch-*.safetensors"))
        raise CheckpointError(f"epoch must be one with a snapshot ({kept}), got {epoch}")
    weights, _ = load_tensors(path)
    return {key: value.float() if value.is_floating_point() else value for key, value in weights.items()}


def write_card(name: str, progress: dict[str, Any], config: DCGANConfig, frame: pd.DataFrame,
               generator: torch.nn.Module, trained: dict[str, int]) -> str:
    """Fill the card with what the run's own files say."""
    identity, tail, batch = progress["identity"], frame.tail(50), images_a_round(progress)
    return CARD.format(
        name=name, parameters=sum(p.numel() for p in generator.parameters()), latent=config.latent,
        ema_decay=config.ema_decay, data=identity["data"], count=identity["count"], size=identity["size"],
        batch=batch, images=trained["rounds"] * batch, **trained,
        seed=identity["seed"], minutes=progress["minutes"], device=devices([progress]),
        generator=tail["generator"].median(), discriminator=tail["discriminator"].median())
