"""For the eye and the hand: figures in the book's style, picture grids, and sliders for generators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avatarlib.interact.grids import image_grid
from avatarlib.interact.latent import latent_directions, lerp, slerp
from avatarlib.interact.layers import layer_table

if TYPE_CHECKING:
    from avatarlib.interact.designer import AvatarDesigner
    from avatarlib.interact.explorer import ImageSlider, LatentExplorer

__all__ = ["AvatarDesigner", "ImageSlider", "LatentExplorer", "image_grid", "latent_directions", "layer_table", "lerp",
           "slerp"]


def __getattr__(name: str) -> Any:
    """The sliders and the designer, imported when first asked for: they alone need ipywidgets (the extra ``book``)."""
    if name in ("ImageSlider", "LatentExplorer"):
        from avatarlib.interact import explorer
        return getattr(explorer, name)
    if name == "AvatarDesigner":
        from avatarlib.interact.designer import AvatarDesigner
        return AvatarDesigner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
