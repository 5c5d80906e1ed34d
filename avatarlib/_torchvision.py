"""Let torchvision import beside a torch build that lacks its compiled operators.

A CUDA build of torchvision next to a CPU build of torch stops at import with ``operator
torchvision::nms does not exist``: its Python code registers shape rules for two operators that only its
compiled library declares. Declaring their schemas is enough for everything avatarlib uses (transforms,
models, data sets); box suppression itself stays unavailable.
"""

from __future__ import annotations

import importlib

import torch

_library: torch.library.Library | None = None   # the declarations live as long as this object


def ensure_importable() -> bool:
    """Import torchvision, declaring the two operators if, and only if, it fails for want of them: then True."""
    global _library
    try:
        importlib.import_module("torchvision")
        return _library is not None
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        _library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    importlib.import_module("torchvision")
    return True
