"""The plumbing every recipe shares: Trainer, History, checkpoints, batches."""

from avatarlib.training.checkpoint import CheckpointError
from avatarlib.training.history import History
from avatarlib.training.processes import NonFiniteLossError
from avatarlib.training.trainer import Trainer

__all__ = ["CheckpointError", "History", "NonFiniteLossError", "Trainer"]
