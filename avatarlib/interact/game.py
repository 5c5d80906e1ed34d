"""Chapter 1's game under the reader's own rules; needs a running kernel."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import torch

from avatarlib.data.mixture import Mixture
from avatarlib.interact.explorer import NEEDS_KERNEL
from avatarlib.interact.figures import game_picture
from avatarlib.interact.grids import png_bytes, to_picture
from avatarlib.losses import ADVERSARIAL_LOSSES
from avatarlib.recipes.toy import PointGAN, PointGANConfig, Snapshot

__all__ = ["GameTable"]

WIDE = widgets.Layout(width="320px")
NAMES = {"style": {"description_width": "130px"}, "layout": WIDE}


class GameTable(widgets.HBox):
    """Choose the rules, play some rounds, look, play on.

    A changed rule starts a new game. In a static page only the opening position is seen, and custom.css says so.

    Parameters
    ----------
    mixture : Mixture
        Where real points come from.
    rounds : int
        How many a click plays.
    size : int
        Width of the picture on the page.

    Attributes
    ----------
    loss, momentum, lessons, dragan, seed : widgets
        The rules: adversarial loss, Adam's first beta, discriminator steps a round, penalty weight, seed.
    recipe : PointGAN
        The game as it stands after ``played`` rounds.
    picture, words : widgets
        What the game looks like, and how many modes the generator reaches.

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.interact.game import GameTable
    >>> table = GameTable(ring(), rounds=1)
    >>> table.go.click()
    >>> table.played
    1
    """

    def __init__(self, mixture: Mixture, *, rounds: int = 200, size: int = 320) -> None:
        self.mixture, self.rounds = mixture, rounds
        self.loss = widgets.Dropdown(options=list(ADVERSARIAL_LOSSES), description="loss", **NAMES)
        self.momentum = widgets.FloatSlider(0.5, min=0.0, max=0.9, step=0.1, description="momentum", **NAMES)
        self.lessons = widgets.IntSlider(1, min=1, max=5, description="lessons a round", **NAMES)
        self.dragan = widgets.FloatSlider(0.0, min=0.0, max=2.0, step=0.1, description="DRAGAN weight", **NAMES)
        self.seed = widgets.BoundedIntText(0, min=0, max=100_000, description="seed", **NAMES)
        self.go = widgets.Button(description=f"Play {rounds} rounds", icon="play", button_style="primary")
        self.again = widgets.Button(description="Start again", icon="undo")
        self.picture = widgets.Image(format="png", width=size, height=size)
        self.words = widgets.Label()
        rules = (self.loss, self.momentum, self.lessons, self.dragan, self.seed)
        super().__init__([widgets.VBox([*rules, widgets.HBox([self.go, self.again])]),
                          widgets.VBox([self.picture, self.words])], layout=widgets.Layout(flex_flow="row wrap"))
        self.add_class(NEEDS_KERNEL)
        for rule in rules:
            rule.observe(self.start, names="value")
        self.again.on_click(self.start)
        self.go.on_click(self.play_on)
        self.start()

    def start(self, change: Any = None) -> None:
        """Set up a new game by the rules as they stand."""
        config = PointGANConfig(adversarial=self.loss.value, betas=(self.momentum.value, 0.999),
                                discriminator_steps=self.lessons.value, dragan_weight=self.dragan.value)
        self.recipe = PointGAN(config, seed=self.seed.value)
        self.draws = torch.Generator().manual_seed(self.seed.value)
        self.played = 0
        self.show()

    def play_on(self, button: Any = None) -> None:
        """Play ``rounds`` more rounds and show the game."""
        config = self.recipe.config
        for _ in range(self.rounds):
            points = self.mixture.sample(config.discriminator_steps * config.batch_size, generator=self.draws)
            self.recipe.step({"points": points})
        self.played += self.rounds
        self.show()

    def show(self) -> None:
        """Draw the game as it stands."""
        picture = game_picture(Snapshot(self.recipe, self.played), self.mixture)
        self.picture.value = png_bytes(to_picture(picture), colours=128)
        modes, near, _ = self.mixture.coverage(self.recipe.samples())
        self.words.value = f"{modes} of {len(self.mixture.centres)} modes reached, {near:.0%} of the points near one"

    def __repr__(self) -> str:
        return "GameTable: run this cell in Jupyter or Colab to change the rules and play"
