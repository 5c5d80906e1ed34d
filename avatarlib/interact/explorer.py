"""Sliders for generators: one that needs a running kernel, and one that lives on in the static page."""

from __future__ import annotations

import base64
import html
import random
import struct
import time
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import torch
from PIL import Image
from torch import Tensor, nn

from avatarlib.interact.grids import png_bytes, to_picture
from avatarlib.interact.latent import latent_directions, slerp

__all__ = ["ImageSlider", "LatentExplorer"]

WIDE = widgets.Layout(width="220px")
SEEDS = 100_000
NEEDS_KERNEL = "needs-kernel"       # custom.css says so on the page, where the controls would look alive


class LatentExplorer(widgets.HBox):
    """Draw avatars with sliders: two seeds, the way between them, and the directions that change most.

    Needs a running kernel; one avatar takes milliseconds on a CPU. In a static page only the first picture
    is seen.

    Parameters
    ----------
    generator : nn.Module
        Noise (N, latent) -> images (N, 3, H, W) in [-1, 1], in evaluation mode, with the attribute ``latent``.
    directions : Tensor, optional
        (K, latent), a slider each; by default six of ``latent_directions``.
    seed : int
        The first avatar; the second has ``seed + 1``.
    size : int
        Width of the picture on the page.

    Attributes
    ----------
    seed_a, seed_b : BoundedIntText
        The noise at both ends.
    between : FloatSlider
        0 is the first avatar, 1 the second.
    sliders : tuple of FloatSlider
        How far to go along each direction.
    picture : Image
        The avatar, PNG.
    seconds : float
        What the last avatar took, from noise to PNG.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact import LatentExplorer
    >>> from avatarlib.models.dcgan import Generator
    >>> explorer = LatentExplorer(Generator(latent=4, width=2).eval(), directions=torch.eye(2, 4), seed=3)
    >>> start = explorer.noise()
    >>> explorer.sliders[1].value = 2.5                         # draws the avatar anew
    >>> [round(step, 3) for step in (explorer.noise() - start).tolist()]
    [0.0, 2.5, 0.0, 0.0]
    """

    def __init__(self, generator: nn.Module, *, directions: Tensor | None = None, seed: int = 0,
                 size: int = 256) -> None:
        self.generator, self.size = generator, size
        self.directions = latent_directions(generator) if directions is None else directions
        self.latent = self.directions.shape[1]
        self.quiet, self.seconds = True, 0.0
        self.seed_a, self.seed_b = (widgets.BoundedIntText(value, min=0, max=SEEDS,
                                                           layout=widgets.Layout(width="110px"))
                                    for value in (seed, seed + 1))
        self.between = widgets.FloatSlider(0.0, min=0.0, max=1.0, step=0.02, layout=WIDE)
        self.sliders = tuple(widgets.FloatSlider(0.0, min=-6.0, max=6.0, step=0.1, layout=WIDE)
                             for _ in self.directions)
        self.surprise = widgets.Button(description="Surprise me", icon="refresh")
        self.home = widgets.Button(description="Reset", icon="undo")
        self.picture = widgets.Image(format="png", width=size, height=size)
        self.clock = widgets.HTML()
        rows = {"avatar A": self.seed_a, "avatar B": self.seed_b, "from A to B": self.between,
                **{f"direction {i}": slider for i, slider in enumerate(self.sliders, 1)}}
        super().__init__([
            widgets.VBox([*(labelled(text, control) for text, control in rows.items()),
                          widgets.HBox([self.surprise, self.home])]),
            widgets.VBox([self.picture, self.clock])], layout=widgets.Layout(flex_flow="row wrap"))
        self.add_class(NEEDS_KERNEL)
        for control in (self.seed_a, self.seed_b, self.between, *self.sliders):
            control.observe(self.draw, names="value")
        self.surprise.on_click(self.on_surprise)
        self.home.on_click(lambda button: self.set())
        self.quiet = False
        self.draw()

    def noise(self) -> Tensor:
        """The latent vector (latent,) that the sliders stand for."""
        a, b = (torch.randn(self.latent, generator=torch.Generator().manual_seed(box.value))
                for box in (self.seed_a, self.seed_b))
        steps = torch.tensor([slider.value for slider in self.sliders])
        return slerp(a, b, self.between.value) + steps @ self.directions

    def draw(self, change: Any = None) -> None:
        """Draw the avatar for the sliders' present values."""
        if self.quiet:
            return
        started = time.perf_counter()
        device = next(self.generator.parameters()).device
        with torch.no_grad():
            image = self.generator(self.noise()[None].to(device))[0]
        large = to_picture(image).resize((self.size, self.size), Image.Resampling.BICUBIC)
        self.picture.value = png_bytes(large, colours=None)
        self.seconds = time.perf_counter() - started
        self.clock.value = f"one avatar in {1000 * self.seconds:.0f} ms"

    def set(self, *, seeds: tuple[int, int] | None = None) -> None:
        """Put all sliders to 0, change the seeds if given, and draw once."""
        self.quiet = True
        if seeds is not None:
            self.seed_a.value, self.seed_b.value = seeds
        for slider in (self.between, *self.sliders):
            slider.value = 0.0
        self.quiet = False
        self.draw()

    def on_surprise(self, button: Any) -> None:
        """Two new avatars."""
        first, second = random.SystemRandom().sample(range(SEEDS), 2)
        self.set(seeds=(first, second))

    def __repr__(self) -> str:
        return "LatentExplorer: run this cell in Jupyter or Colab to move its sliders"


class ImageSlider(widgets.VBox):
    """A slider through prepared pictures, joined in the browser: alive in a static page, without a kernel.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in [-1, 1], N at least 2. All are stored in the page, so keep them few and small.
    ends : sequence of two str
        What the first and the last picture are.
    size : int
        Width of a picture on the page.
    colours : int
        Palette of each picture.
    alt : str
        What the pictures show, for those who do not see them; each adds its number.

    Raises
    ------
    ValueError
        If there are fewer than two images.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact import ImageSlider
    >>> greys = torch.linspace(-1, 1, 5)[:, None, None, None].expand(5, 3, 16, 16)
    >>> slider = ImageSlider(greys, ends=("black", "white"), alt="five greys")
    >>> slider
    ImageSlider: 5 pictures behind one slider
    >>> slider.slider.max, slider.stored_bytes < 1_000
    (4, True)
    """

    def __init__(self, images: Tensor, *, ends: Sequence[str] = ("", ""), size: int = 192, colours: int = 128,
                 alt: str = "generated pictures") -> None:
        if images.ndim != 4 or len(images) < 2:
            raise ValueError(f"images must be (N, 3, H, W) with N at least 2, got {tuple(images.shape)}")
        self.pictures = [png_bytes(to_picture(image), colours=colours) for image in images]
        frames = [widgets.HTML(picture_tag(png, f"{alt}, {number} of {len(images)}", size))
                  for number, png in enumerate(self.pictures, start=1)]
        self.slider = widgets.IntSlider(0, min=0, max=len(frames) - 1, readout=False, layout=WIDE,
                                        tooltip=f"{alt}, from {ends[0] or 'first'} to {ends[1] or 'last'}")
        self.stack = widgets.Stack(frames, selected_index=0)
        self.link = widgets.jslink((self.slider, "value"), (self.stack, "selected_index"))
        row = widgets.HBox([widgets.HTML(ends[0]), self.slider, widgets.HTML(ends[1])])
        super().__init__([self.stack, row])

    @property
    def stored_bytes(self) -> int:
        """Bytes of all pictures, before the page writes them in base64 (4/3 as many)."""
        return sum(map(len, self.pictures))

    def __repr__(self) -> str:
        return f"ImageSlider: {len(self.stack.children)} pictures behind one slider"


def picture_tag(png: bytes, alt: str, size: int) -> str:
    """HTML of a picture ``size`` pixels wide, less on a phone, with a text in its place.

    A widget of type Image has no such text, and with a tooltip shows nothing.
    """
    width, height = struct.unpack(">II", png[16:24])        # where a PNG has them
    data = base64.b64encode(png).decode()
    return (f'<img alt="{html.escape(alt)}" width="{size}" height="{size * height // width}" '
            f'style="max-width: 100%; height: auto; aspect-ratio: {width} / {height}" '
            f'src="data:image/png;base64,{data}">')


def labelled(text: str, control: widgets.Widget) -> widgets.HBox:
    """A control with text before it.

    The text is a widget of its own: a control's description is sent through MathJax, and the widgets' script
    knows only MathJax 2, so it would fail in a static page with MathJax 3.
    """
    return widgets.HBox([widgets.HTML(text, layout=widgets.Layout(width="90px")), control])
