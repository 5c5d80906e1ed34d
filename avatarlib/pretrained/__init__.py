"""Shipped networks, generators and judges: one folder a model, with weights, configuration, card and history.

Each folder is at once a Hugging Face Hub repository: ``config.json`` and ``model.safetensors`` in float16.
Pickled weights are never read.
"""

from __future__ import annotations

import difflib
import json
from importlib.resources import files
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_model
from torch import nn

from avatarlib.models import acgan, dcgan, landmarks, tagger
from avatarlib.training.checkpoint import CheckpointError, save_weights
from avatarlib.training.files import write_atomically
from avatarlib.training.history import History

__all__ = ["card", "history", "load", "names", "path", "save", "trained"]

MODELS: dict[str, type[nn.Module]] = {
    "acgan.Generator": acgan.Generator, "acgan.Discriminator": acgan.Discriminator,
    "dcgan.Generator": dcgan.Generator, "dcgan.Discriminator": dcgan.Discriminator,
    "landmarks.LandmarkNet": landmarks.LandmarkNet, "tagger.Tagger": tagger.Tagger}


def names(kind: str = "") -> tuple[str, ...]:
    """The models that come with this version of the library; only generators with ``kind="Generator"``."""
    root = Path(str(files("avatarlib.pretrained")))
    return tuple(sorted(config.parent.name for config in root.glob("*/config.json")
                        if json.loads(config.read_text())["model_class"].endswith(kind)))


def path(name: str) -> Path:
    """Folder of a shipped model.

    Raises
    ------
    ValueError
        If there is none of this name; the nearest is suggested.
    """
    if name not in names():
        near = difflib.get_close_matches(str(name), names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"name must be one of {', '.join(names()) or 'no shipped models'}, got {name!r}{hint}")
    return Path(str(files("avatarlib.pretrained"))) / name


def load(name: str | Path) -> nn.Module:
    """Load a network, in evaluation mode, float32, on the CPU.

    Parameters
    ----------
    name : str or Path
        One of ``names()``, or a folder written by ``save``.

    Raises
    ------
    ValueError
        If the name is unknown, or the weights are damaged or pickled.

    Examples
    --------
    >>> generator = load("dcgan-avataaars-64")
    >>> generator.sample(4).shape
    torch.Size([4, 3, 64, 64])
    """
    folder = Path(name) if Path(name).is_dir() else path(str(name))
    weights = folder / "model.safetensors"
    if not weights.exists():
        found = sorted(p.name for p in folder.iterdir())
        raise CheckpointError(f"{str(folder)!r} must hold model.safetensors, got {found}; "
                              "pickled weights (.pt, .pth, .bin) are never loaded")
    settings = json.loads((folder / "config.json").read_text())
    settings.pop("trained", None)   # what it is, not how to build it
    kind = settings.pop("model_class", None)
    if kind not in MODELS:
        raise ValueError(f"model_class in config.json must be one of {sorted(MODELS)}, got {kind!r}")
    try:
        network = MODELS[kind](**settings)
        load_model(network, weights)
    except (SafetensorError, RuntimeError, TypeError) as error:     # damaged or pickled; of other shapes
        raise CheckpointError(f"{str(weights)!r} must be a whole safetensors file that fits config.json "
                              f"({error})") from error
    return network.eval()


def trained(name: str) -> dict[str, int]:
    """How far a shipped model was trained: ``epoch`` of its weights, ``epochs`` and ``rounds`` of the whole run."""
    return json.loads((path(name) / "config.json").read_text())["trained"]


def history(name: str) -> History:
    """Losses of the run that made a shipped model."""
    return History.read(path(name) / "history.csv")


def card(name: str) -> str:
    """The model card: data, licence, steps, seed, time, measures, limits; Markdown."""
    return (path(name) / "README.md").read_text(encoding="utf-8")


def save(folder: Path, network: nn.Module, *, model_class: str, settings: dict[str, object],
         trained: dict[str, int], card: str, history: History) -> None:
    """Write a folder that ``load`` and the Hub's ``from_pretrained`` read; weights in float16.

    Parameters
    ----------
    settings : dict
        Keyword arguments that rebuild the network.
    trained : dict
        Epochs and rounds; see the function ``trained``.
    card : str
        The model card, Markdown.
    """
    if model_class not in MODELS:
        raise ValueError(f"model_class must be one of {sorted(MODELS)}, got {model_class!r}")
    config = json.dumps({"model_class": model_class, **settings, "trained": trained}, indent=2) + "\n"
    save_weights(folder / "model.safetensors", network)
    write_atomically(folder / "config.json", lambda partial: partial.write_text(config))
    write_atomically(folder / "README.md", lambda partial: partial.write_text(card, encoding="utf-8"))
    table = history.frame.to_csv(index=False)
    write_atomically(folder / "history.csv", lambda partial: partial.write_text(table))
