"""From a run to a shipped model: averaged weights, settings, history, what was examined, and a model card."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from avatarlib import pretrained
from avatarlib.runs.registry import RUNS, open_run
from avatarlib.runs.saved import facts
from avatarlib.training.checkpoint import CheckpointError
from avatarlib.training.files import make_ready, write_atomically

__all__ = ["export_run"]

LICENSE = "cc-by-4.0"                                # of what was trained on data of ours
HEADER = """---
license: {license}
library_name: avatarlib
tags: [{topics}]
---
# {name}

"""


def export_run(run_dir: Path, folder: Path, *, epoch: int | None = None) -> Path:
    """Write ``folder`` from the checkpoint and history of a run; the network is that of the run's last round, or of the
    snapshot of ``epoch``.

    CheckpointError if ``run_dir`` holds no whole checkpoint with a history, or no snapshot of ``epoch``. ValueError if
    ``folder`` holds other things than an earlier export.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib import pretrained
    >>> from avatarlib.data import AvatarSet
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> from avatarlib.runs.export import export_run
    >>> from avatarlib.training import Trainer
    >>> avatars, recipe = AvatarSet(count=4, size=64, progress=False), DCGAN(DCGANConfig(width=2, batch_size=4))
    >>> history = Trainer(recipe, avatars, run_dir="run", precision="float32", log_every=1, progress=False).fit(steps=1)
    >>> folder = export_run(Path("run"), Path("model"))
    >>> pretrained.trained(folder), tuple(pretrained.load(folder).sample(2).shape)
    ({'epoch': 1, 'epochs': 1, 'rounds': 1}, (2, 3, 64, 64))
    """
    pretrained.check_folder(folder)
    saved = open_run(run_dir)
    if epoch is not None and not saved.run.by_epoch:
        having = " and ".join(run.recipe.__name__ for run in RUNS.values() if run.by_epoch)
        raise CheckpointError(f"epoch is for runs of {having}, got {epoch} for a run of {saved.identity['recipe']}")
    history = saved.history
    if not history.rows:
        raise CheckpointError(f"run_dir must hold a history with at least one row, got {str(run_dir)!r} "
                              f"after {saved.progress['step']} rounds")
    make_ready(folder, name="folder")
    network = saved.exported(epoch)
    found, trained = saved.run.examine(saved, network), saved.run.trained(saved, epoch)
    told = {"license": LICENSE, **facts(saved, network), **trained, **found.facts}
    card = (HEADER + saved.run.card).format(**{**told, "name": folder.name, "topics": saved.run.topics})
    pretrained.save(folder, network, trained=trained, data=saved.identity, card=card, history=history)
    for name, table in found.tables.items():
        write_atomically(folder / name, table.to_csv)
    for name, png in found.pictures.items():
        write_atomically(folder / name, partial(Path.write_bytes, data=png))
    return folder
