"""Design an avatar by words, menus and buttons; needs a running kernel."""

from __future__ import annotations

import html
import random
import time
from typing import Any

import ipywidgets as widgets
import torch
from torch import nn

from avatarlib.data import sample_drawable, tag_names
from avatarlib.interact.design import (
    CHOICES,
    SEEDS,
    TOGGLES,
    Design,
    Spot,
    between,
    check_generator,
    check_seed,
    choice_of,
    other_seeds,
    paint,
    reading_lines,
    redesign,
    save_picture,
    told,
    with_choice,
    with_toggle,
)
from avatarlib.interact.explorer import NEEDS_KERNEL, labelled
from avatarlib.interact.grids import png_bytes, to_picture
from avatarlib.text import parse

__all__ = ["AvatarDesigner"]

COLUMN = widgets.Layout(width="280px")        # a phone is 360 wide; JupyterLab in a window of 1280 has 830 for three
FIELD = widgets.Layout(width="182px")         # beside a label
HALF = widgets.Layout(width="136px")          # two beside one another; "open mouth" fits in with its icon
WRAP = widgets.Layout(flex_flow="row wrap")
VARIATIONS = 9
SMALL = 88                                    # pixels of a variation on the page: three fit beside one another


class AvatarDesigner(widgets.HBox):
    """Describe an avatar, or choose its tags, and see it at once.

    Needs a running kernel. In a static page only the first picture is seen. Every click is repeatable: the same
    clicks on the same generator, with the same ``seed``, show the same pictures.

    Parameters
    ----------
    generator : nn.Module
        Noise (N, latent) and tags (N, 34) -> avatars (N, 3, H, W) in [-1, 1], such as
        ``avatarlib.models.acgan.Generator``, of any size. It paints in evaluation mode.
    seed : int
        The first avatar, 0 to 100,000: its noise, and its tags, drawn from the paper's prior.
    size : int
        Width of the picture on the page.

    Attributes
    ----------
    design : Design
        Tags and seed as the controls stand.
    spot : Spot
        Noise and tags of the picture: the design's, or between A and B.
    text, tell, reading : Text, Button, HTML
        A description; Enter, leaving the field or the button sets the tags it names. What it leaves open stays as
        it was, and the reading names what that is.
    choices, toggles : dict
        A menu a group (hair colour, eye colour, hair style), a button for each other tag.
    seed_box, new_face, same_face : BoundedIntText, Button, ToggleButton
        The noise. With ``same_face`` on, a change of tags keeps it; off, every change draws new noise.
    picture, words : Image, HTML
        The avatar, PNG of the generator's size, and what it is.
    keep_a, keep_b, way : Button, Button, FloatSlider
        Keep what is seen as an end, and go from A to B: noise on the arc, tags on the straight line.
    vary, grid : Button, GridBox
        Nine avatars of the same tags and other noise, each with a button that takes it over; gone with other tags.
    path, save, note : Text, Button, HTML
        Write the picture to a PNG file.
    seconds : float
        What the last picture took, from noise and tags to PNG.

    Raises
    ------
    ValueError
        If the generator does not take noise and the 34 tags, or the seed is out of range.

    Examples
    --------
    >>> from avatarlib.models.acgan import Generator
    >>> designer = AvatarDesigner(Generator(blocks=1, width=8, size=64), seed=3)
    >>> designer.text.value = "a smiling girl with long teal hair and green eyes, no glasses"
    >>> designer.choices["hair colour"].value, designer.toggles["smile"].value
    ('aqua hair', True)
    """

    def __init__(self, generator: nn.Module, *, seed: int = 0, size: int = 256) -> None:
        check_generator(generator)
        check_seed(seed)
        self.generator, self.quiet, self.seconds = generator, True, 0.0
        self.latent: int = generator.latent   # type: ignore[assignment]
        tags = sample_drawable(1, generator=torch.Generator().manual_seed(seed))[0]
        self.dice = random.Random(seed)
        self.kept: dict[str, Spot] = {}
        self.varied: frozenset[str] = frozenset()     # the tags of the variations
        self.make_controls()
        self.make_pictures(size)
        super().__init__(self.columns(), layout=WRAP)
        self.add_class(NEEDS_KERNEL)
        self.connect()
        self.show(Design(frozenset(tag_names(tags)), seed))

    def make_controls(self) -> None:
        """The controls of text, tags and noise; a tooltip is the control's name for a screen reader.

        Never give one to an Image: ipywidgets 8 then looks for a description it has not, and shows no picture.
        """
        self.text = widgets.Text(placeholder="long teal hair, green eyes, no glasses", continuous_update=False,
                                 tooltip="description", layout=widgets.Layout(width="auto"))
        self.tell = widgets.Button(description="Set the tags", icon="magic", button_style="primary")
        self.reading = widgets.HTML()
        self.choices = {group: widgets.Dropdown(options=list(names), tooltip=group, layout=FIELD)
                        for group, names in CHOICES.items()}
        self.toggles = {tag: widgets.ToggleButton(description=tag, layout=HALF)
                        for tag in TOGGLES}
        self.seed_box = widgets.BoundedIntText(0, min=0, max=SEEDS, layout=widgets.Layout(width="110px"))
        self.new_face = widgets.Button(description="New face", icon="refresh", layout=HALF)
        self.same_face = widgets.ToggleButton(True, description="same face", icon="lock", layout=HALF,
                                              tooltip="same face: a change of tags keeps the noise")

    def make_pictures(self, size: int) -> None:
        """The pictures, and what is done with them."""
        self.picture = widgets.Image(format="png", width=size, height=size)
        self.words, self.note = widgets.HTML(layout=widgets.Layout(width=f"{size}px")), widgets.HTML()
        self.keep_a, self.keep_b = (widgets.Button(description=f"Keep as {end}", icon="thumb-tack", layout=HALF)
                                    for end in "AB")
        self.way = widgets.FloatSlider(0.0, min=0.0, max=1.0, step=0.02, disabled=True, layout=FIELD)
        self.ends = {end: widgets.Image(format="png", width=SMALL // 2, height=SMALL // 2,
                                        layout=widgets.Layout(display="none")) for end in "AB"}
        self.vary = widgets.Button(description="Variations", icon="th")
        self.grid = widgets.GridBox(layout=widgets.Layout(grid_template_columns=f"repeat(3, {SMALL + 4}px)"))
        self.path = widgets.Text("avatar.png", tooltip="file", layout=FIELD)
        self.save = widgets.Button(description="Save PNG", icon="download")

    def columns(self) -> list[widgets.VBox]:
        """What is seen; what decides it; what is done with it. On a phone one is above the other."""
        return [
            widgets.VBox([self.picture, self.words]),
            widgets.VBox([
                self.text, self.tell, *(labelled(group, menu) for group, menu in self.choices.items()),
                widgets.Box(list(self.toggles.values()), layout=WRAP), labelled("seed", self.seed_box),
                widgets.HBox([self.new_face, self.same_face]), self.reading], layout=COLUMN),
            widgets.VBox([
                widgets.HBox([self.keep_a, self.keep_b]), widgets.HBox(list(self.ends.values())),
                labelled("from A to B", self.way), self.vary, self.grid, labelled("file", self.path),
                self.save, self.note], layout=COLUMN)]

    def connect(self) -> None:
        """Let every control do its work."""
        self.text.observe(self.on_text, names="value")
        for group, menu in self.choices.items():
            menu.observe(lambda change, group=group: self.on_tags(with_choice(self.design.tags, group, change.new)),
                         names="value")
        for tag, toggle in self.toggles.items():
            toggle.observe(lambda change, tag=tag: self.on_tags(with_toggle(self.design.tags, tag, change.new)),
                           names="value")
        self.seed_box.observe(self.on_seed, names="value")
        self.way.observe(self.on_way, names="value")
        for button, action in ((self.tell, self.on_text), (self.new_face, self.on_new_face),
                               (self.keep_a, lambda button: self.keep("A")),
                               (self.keep_b, lambda button: self.keep("B")),
                               (self.vary, self.on_vary), (self.save, self.on_save)):
            button.on_click(action)

    def show(self, design: Design) -> None:
        """Set all controls to a design, and draw it once."""
        self.design, self.spot = design, design.spot(self.latent)
        if design.tags != self.varied:
            self.grid.children = ()
        self.quiet = True
        for group, menu in self.choices.items():
            menu.value = choice_of(design.tags, group)
        for tag, toggle in self.toggles.items():
            toggle.value = tag in design.tags
            toggle.icon = "check" if toggle.value else ""
            toggle.tooltip = f"{tag}: {'on' if toggle.value else 'off'}"
        self.seed_box.value = design.seed
        self.quiet = False
        self.draw(f"{design}; seed {design.seed}")

    def draw(self, what: str) -> None:
        """Draw the avatar at the present spot, and say what it is."""
        started = time.perf_counter()
        self.picture.value = png_bytes(to_picture(paint(self.generator, [self.spot])[0]), colours=None)
        self.seconds = time.perf_counter() - started
        self.words.value = prose(f"{what}; {1000 * self.seconds:.0f} ms")

    def on_tags(self, tags: frozenset[str]) -> None:
        """Other tags, with the same noise or new noise."""
        if not self.quiet:
            self.show(redesign(self.design, tags, same_face=self.same_face.value, dice=self.dice))

    def on_text(self, change: Any = None) -> None:
        """Read the description, explain the reading, and set the tags; a text that cannot be shown changes nothing."""
        try:
            description = parse(self.text.value)
            design = redesign(self.design, told(self.design.tags, description),
                              same_face=self.same_face.value, dice=self.dice)
        except ValueError as problem:
            self.reading.value = prose(f"Nothing was changed: {problem}")
            return
        self.reading.value = prose(*reading_lines(description, kept=design.tags - description.on).items())
        self.show(design)

    def on_seed(self, change: Any) -> None:
        """Other noise, chosen by number."""
        if not self.quiet:
            self.show(Design(self.design.tags, change.new))

    def on_new_face(self, button: Any = None) -> None:
        """Other noise, drawn."""
        self.show(Design(self.design.tags, other_seeds(self.design.seed, 1, dice=self.dice)[0]))

    def keep(self, end: str) -> None:
        """Keep what is seen as end "A" or "B", and put the slider there."""
        self.kept[end] = self.spot
        self.ends[end].value, self.ends[end].layout.display = self.picture.value, None
        self.quiet = True
        self.way.value = float(end == "B")
        self.way.disabled = len(self.kept) < 2
        self.quiet = False

    def on_way(self, change: Any) -> None:
        """Part of the way from A to B. The controls stay at the design; the next change of one goes back to it."""
        if not self.quiet:
            self.spot = between(self.kept["A"], self.kept["B"], self.way.value)
            self.draw(f"{self.way.value:.0%} of the way from A to B")

    def on_vary(self, button: Any = None) -> None:
        """Nine avatars of the same tags."""
        seeds, self.varied = other_seeds(self.design.seed, VARIATIONS, dice=self.dice), self.design.tags
        designs = [Design(self.design.tags, seed) for seed in seeds]
        images = paint(self.generator, [design.spot(self.latent) for design in designs])
        self.grid.children = [self.variation(design, png_bytes(to_picture(image), colours=None))
                              for design, image in zip(designs, images, strict=True)]

    def variation(self, design: Design, png: bytes) -> widgets.VBox:
        """One picture of the grid, with a button that takes it over."""
        image = widgets.Image(value=png, format="png", width=SMALL, height=SMALL)
        button = widgets.Button(description=str(design.seed), tooltip=f"take seed {design.seed}",
                                layout=widgets.Layout(width=f"{SMALL}px"))
        button.on_click(lambda button: self.show(design))
        return widgets.VBox([image, button])

    def on_save(self, button: Any = None) -> None:
        """Write the picture, and say where it is or why it is not."""
        try:
            self.note.value = prose(f"saved as {save_picture(self.picture.value, self.path.value)}")
        except (OSError, ValueError) as problem:
            self.note.value = prose(f"Not saved: {problem}")

    def __repr__(self) -> str:
        return "AvatarDesigner: run this cell in Jupyter or Colab to design an avatar"


def prose(*lines: str | tuple[str, str]) -> str:
    """HTML of lines, of which some have a heading: set closer than controls are, and no long word runs out."""
    escaped = (html.escape(line) if isinstance(line, str) else f"<b>{html.escape(line[0])}</b> {html.escape(line[1])}"
               for line in lines)
    return f'<div style="line-height: 1.4; overflow-wrap: anywhere">{"<br>".join(escaped)}</div>'
