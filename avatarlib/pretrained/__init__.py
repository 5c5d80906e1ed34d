"""Shipped networks, generators and judges: one folder a model, with weights, configuration, card and history.

Each folder is at once a Hugging Face Hub repository: ``config.json`` and ``model.safetensors`` in float16.
Pickled weights are never read.
"""

from __future__ import annotations

import difflib
import json
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from huggingface_hub import PyTorchModelHubMixin
from safetensors import SafetensorError
from safetensors.torch import load_model
from torch import nn

from avatarlib import models
from avatarlib.data.files.paths import seen_in
from avatarlib.training.checkpoint import CheckpointError, save_weights
from avatarlib.training.files import write_atomically
from avatarlib.training.history import History

__all__ = ["card", "check_folder", "data", "history", "load", "model_class", "names", "path", "save", "trained"]


def networks() -> dict[str, type[nn.Module]]:
    """All networks of ``avatarlib.models`` that can be saved, by module and name, such as "dcgan.Generator"."""
    modules = [import_module(f"{models.__name__}.{found.name}") for found in pkgutil.iter_modules(models.__path__)]
    return {class_name(kind): kind for module in modules for kind in map(vars(module).get, module.__all__)
            if isinstance(kind, type) and issubclass(kind, PyTorchModelHubMixin) and issubclass(kind, nn.Module)}


def class_name(kind: type[nn.Module]) -> str:
    """What ``config.json`` calls a network's class: its module's own name and its own."""
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


MODELS, ROOT = networks(), Path(__file__).parent


def names(kind: str = "") -> tuple[str, ...]:
    """The models that come with this version of the library; only generators with ``kind="Generator"``.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> pretrained.names("Translators")
    ('cyclegan-anime-64',...)
    """
    return tuple(sorted(config.parent.name for config in ROOT.glob("*/config.json")
                        if json.loads(config.read_text())["model_class"].endswith(kind)))


def path(name: str) -> Path:
    """Folder of a shipped model. ValueError if there is none of this name; the nearest is suggested.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> sorted(file.name for file in pretrained.path("landmarks-faces").iterdir())
    ['README.md', 'config.json', 'history.csv', 'measures.csv', 'model.safetensors']
    >>> pretrained.path("landmark-face")
    Traceback (most recent call last):
        ...
    ValueError: name must be one of ..., got 'landmark-face'; did you mean 'landmarks-faces'?
    """
    if name not in names():
        near = difflib.get_close_matches(str(name), names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"name must be one of {', '.join(names()) or 'no shipped models'}, got {name!r}{hint}")
    return ROOT / name


def load(name: str | Path) -> nn.Module:
    """Load a network, in evaluation mode, float32, on the CPU: one of ``names()``, or a folder written by ``save``.

    A folder that is called like a shipped model must be given with its place, such as "./tagger-avatars", or as a
    Path: the bare name is the shipped model.

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
    folder = folder_of(name)
    weights = folder / "model.safetensors"
    if not weights.exists():
        raise CheckpointError(f"{str(folder)!r} must hold model.safetensors, got "
                              f"{sorted(p.name for p in folder.iterdir())}; pickled weights are never loaded")
    settings = {key: value for key, value in read_config(folder).items() if key not in ("trained", "data")}
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


def folder_of(name: str | Path) -> Path:
    """Folder of a shipped model, or the folder that ``name`` is."""
    shipped = isinstance(name, str) and name in names()
    return Path(name) if not shipped and Path(name).is_dir() else path(str(name))


def read_config(folder: Path) -> dict[str, Any]:
    """What ``config.json`` of a model's folder holds."""
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def model_class(name: str | Path) -> type[nn.Module]:
    """Of which class a model is; ``name`` as in ``load``; ValueError if unknown.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> pretrained.model_class("landmarks-faces").__name__
    'LandmarkNet'
    """
    return MODELS[read_config(folder_of(name))["model_class"]]


def trained(name: str | Path) -> dict[str, int]:
    """How far a model was trained: ``rounds`` of the whole run; of some also ``epochs``, and ``epoch`` of the weights.

    ``name`` as in ``load``; ValueError if unknown.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> sorted(pretrained.trained("dcgan-avataaars-64")), list(pretrained.trained("landmarks-faces"))
    (['epoch', 'epochs', 'rounds'], ['rounds'])
    """
    return read_config(folder_of(name))["trained"]


def data(name: str | Path) -> dict[str, Any]:
    """What a model was trained on: ``name`` and ``size`` of the set; empty in a folder that does not tell.

    Of a model that learnt from several sets both are mappings, by what the recipe calls each. ``name`` as in
    ``load``; ValueError if unknown.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> pretrained.data("dcgan-avataaars-64")
    {'name': 'AvatarSet avataaars (train)', 'size': 64}
    """
    return read_config(folder_of(name)).get("data", {})


def history(name: str | Path) -> History:
    """Losses of the run that made a model; ``name`` as in ``load``; ValueError if unknown.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> list(pretrained.history("landmarks-faces").losses[0])
    ['error', 'heatmap']
    """
    return History.read(folder_of(name) / "history.csv")


def card(name: str | Path) -> str:
    """The model card: data, licence, steps, seed, time, measures, limits; Markdown.

    ``name`` as in ``load``; ValueError if unknown.

    Examples
    --------
    >>> from avatarlib import pretrained
    >>> print(pretrained.card("landmarks-faces"))
    ---
    license: cc-by-4.0
    ...
    # landmarks-faces
    ...
    """
    return (folder_of(name) / "README.md").read_text(encoding="utf-8")


def check_folder(folder: Path) -> None:
    """ValueError if ``folder`` is a file, or neither new nor empty (hidden files aside) nor written by ``save``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib import pretrained
    >>> pretrained.check_folder(Path("new-model"))             # not there yet: it may be made
    >>> Path("mine").mkdir(exist_ok=True)
    >>> Path("mine", "notes.txt").touch()
    >>> pretrained.check_folder(Path("mine"))
    Traceback (most recent call last):
        ...
    ValueError: folder must be new, empty or of an earlier export, got 'mine', which holds notes.txt
    """
    if not folder.exists() or (folder.is_dir() and all(p.name.startswith(".") for p in folder.iterdir())):
        return
    try:
        ours = read_config(folder)["model_class"] in MODELS
    except (OSError, ValueError, KeyError, TypeError):      # a file, no config.json, or another program's
        ours = False
    if not ours:
        raise ValueError(f"folder must be new, empty or of an earlier export, got {str(folder)!r}, {seen_in(folder)}")


def save(folder: Path, network: nn.Module, *, trained: dict[str, int], data: Mapping[str, Any] | None = None,
         card: str, history: History) -> None:
    """Write a folder that ``load`` and the Hub's ``from_pretrained`` read; weights in float16.

    ``trained`` is what the function of this name returns, ``data`` the identity of the run, of which the set's name and
    size are kept.

    Raises
    ------
    ValueError
        If ``network`` is none of ``avatarlib.models``, or ``folder`` holds other things than an earlier model.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from avatarlib import pretrained
    >>> from avatarlib.models.dcgan import Generator
    >>> from avatarlib.training import History
    >>> losses = History(pd.DataFrame({"step": [1], "generator": [0.7]}))
    >>> pretrained.save(Path("tiny"), Generator(width=2), trained={"rounds": 1}, card="A small one.", history=losses)
    >>> tuple(pretrained.load("tiny").sample(1).shape), pretrained.card("tiny"), pretrained.trained("tiny")
    ((1, 3, 64, 64), 'A small one.', {'rounds': 1})
    """
    check_folder(folder)
    model_class = class_name(type(network))
    if model_class not in MODELS:
        raise ValueError(f"model_class must be one of {sorted(MODELS)}, got {model_class!r}")
    settings: Any = network._hub_mixin_config      # the arguments that it was made with, by the Hub's own class
    source = {"data": {"name": data["data"], "size": data["size"]}} if data else {}
    config = json.dumps({"model_class": model_class, **settings, "trained": trained, **source}, indent=2) + "\n"
    write_atomically(folder / "config.json", lambda partial: partial.write_text(config))    # first: see check_folder
    save_weights(folder / "model.safetensors", network)
    write_atomically(folder / "README.md", lambda partial: partial.write_text(card, encoding="utf-8"))
    table = history.frame.to_csv(index=False)
    write_atomically(folder / "history.csv", lambda partial: partial.write_text(table))
