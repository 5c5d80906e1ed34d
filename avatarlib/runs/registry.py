"""All papers that can be run; a new one is a file beside this and a line in the table."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from avatarlib.runs.acgan import ACGANRun
from avatarlib.runs.base import Run
from avatarlib.runs.cartoongan import CartoonGANRun
from avatarlib.runs.content_invariant import ContentInvarianceRun
from avatarlib.runs.cut import CUTRun
from avatarlib.runs.cyclegan import CycleGANRun
from avatarlib.runs.dcgan import DCGANRun
from avatarlib.runs.flow import FlowRun
from avatarlib.runs.landmarks import LandmarksRun
from avatarlib.runs.r3 import R3DCGANRun
from avatarlib.runs.saved import SavedRun
from avatarlib.runs.tagger import TaggerRun

__all__ = ["RUNS", "open_run", "run_of"]

RUNS: dict[str, Run] = {run.name: run for run in (
    DCGANRun(), ACGANRun(), CartoonGANRun(), CycleGANRun(), ContentInvarianceRun(), CUTRun(), R3DCGANRun(), FlowRun(),
    TaggerRun(), LandmarksRun())}


def open_run(folder: Path) -> SavedRun:
    """The run in a folder, whatever paper it is of. CheckpointError if there is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib.data import AvatarSet
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> from avatarlib.runs.registry import open_run
    >>> from avatarlib.training import Trainer
    >>> avatars, recipe = AvatarSet(count=4, size=64, progress=False), DCGAN(DCGANConfig(width=2, batch_size=4))
    >>> history = Trainer(recipe, avatars, run_dir="run", precision="float32", progress=False).fit(steps=1)
    >>> saved = open_run(Path("run"))
    >>> saved.run.name, saved.rounds, saved.identity["data"]
    ('dcgan', 1, 'AvatarSet avataaars (train)')
    """
    return SavedRun(folder, RUNS.values())


def run_of(network: nn.Module | type[nn.Module]) -> Run | None:
    """The run that ships networks of this class; none for a discriminator, say.

    Examples
    --------
    >>> from avatarlib.models import dcgan
    >>> from avatarlib.runs.registry import run_of
    >>> run_of(dcgan.Generator).name, run_of(dcgan.Discriminator)
    ('dcgan', None)
    """
    kind = network if isinstance(network, type) else type(network)
    return next((run for run in RUNS.values() if kind in run.networks), None)
