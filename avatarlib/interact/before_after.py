"""One picture over another with a handle between them: works on a static page, by mouse, touch and keyboard."""

from __future__ import annotations

import base64
import html

from torch import Tensor

from avatarlib.interact.grids import png_bytes, to_picture

__all__ = ["BeforeAfter"]

PAGE = """<div role="group" aria-label="{alt}" style="--at: 50%; width: {width}px; max-width: 100%">
<div style="position: relative">
<img alt="{alt}: {after}" src="{second}" style="display: block; width: 100%; image-rendering: auto">
<img alt="{alt}: {before}" src="{first}" style="position: absolute; inset: 0; width: 100%; height: 100%;
 clip-path: inset(0 calc(100% - var(--at)) 0 0)">
<div style="position: absolute; top: 0; bottom: 0; left: var(--at); border-left: 2px solid white;
 outline: 1px solid #444"></div></div>
<input type="range" min="0" max="100" value="50" aria-label="how much of: {before}" style="width: 100%; margin: 6px 0 0"
 oninput="this.parentNode.style.setProperty('--at', this.value + '%')">
<div style="display: flex; justify-content: space-between"><span>{before}</span><span>{after}</span></div></div>"""


class BeforeAfter:
    """Two pictures of one size; what lies left of the handle shows the first, the rest the second.

    Plain HTML without a library; where a page takes no scripts, each picture shows one half.

    Parameters
    ----------
    before, after : Tensor
        (3, H, W), float in [-1, 1] or uint8.
    labels : (str, str)
        What the two are.
    size : int
        Width on the page in pixels.
    colours : int
        Palette of each picture.
    alt : str
        What the pair shows, for those who do not see it.

    Raises
    ------
    ValueError
        If the pictures are not (3, H, W) of one size.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact.before_after import BeforeAfter
    >>> photo, drawing = torch.zeros(3, 8, 8), torch.ones(3, 8, 8)
    >>> pair = BeforeAfter(photo, drawing, labels=("photograph", "drawing"), alt="a head")
    >>> pair                                # a notebook shows its HTML
    BeforeAfter: photograph and drawing behind one handle
    >>> pair._repr_html_().count("<img")
    2
    """

    def __init__(self, before: Tensor, after: Tensor, *, labels: tuple[str, str] = ("before", "after"),
                 size: int = 320, colours: int = 128, alt: str) -> None:
        if before.ndim != 3 or before.shape[0] != 3 or before.shape != after.shape:
            raise ValueError("before and after must be (3, H, W) of one size, got "
                             f"{tuple(before.shape)} and {tuple(after.shape)}")
        self.labels, self.size, self.alt = labels, size, alt
        self.pictures = [png_bytes(to_picture(image), colours=colours) for image in (before, after)]

    def _repr_html_(self) -> str:
        first, second = ("data:image/png;base64," + base64.b64encode(png).decode() for png in self.pictures)
        before, after, alt = (html.escape(text) for text in (*self.labels, self.alt))
        return PAGE.format(before=before, after=after, alt=alt, first=first, second=second, width=self.size)

    def __repr__(self) -> str:
        return f"BeforeAfter: {self.labels[0]} and {self.labels[1]} behind one handle"
