"""avatarlib: cartoon avatars with generative adversarial networks."""

from avatarlib._torchvision import ensure_importable as _ensure_torchvision_importable

_ensure_torchvision_importable()

from avatarlib.claims import claim  # noqa: E402
from avatarlib.presets import preset, set_seed  # noqa: E402
from avatarlib.version import __version__  # noqa: E402

__all__ = ["__version__", "claim", "preset", "set_seed"]
