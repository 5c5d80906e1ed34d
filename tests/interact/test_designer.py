"""Designing an avatar: first the choices alone, then the controls without a browser."""

import io
import random

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from avatarlib.data import TAGS, tag_names, tag_vector, to_uint8
from avatarlib.data.drawn.tag_drawing import contradiction
from avatarlib.interact import AvatarDesigner, slerp
from avatarlib.interact import design as choices
from avatarlib.interact.design import CHOICES, TOGGLES, Design, Spot, between
from avatarlib.models.acgan import Generator
from avatarlib.models.dcgan import Generator as NoiseGenerator
from avatarlib.text import parse

TAGS_OF_A = frozenset({"pink hair", "long hair", "twintails", "blue eyes", "hat"})


class Recorder(nn.Module):
    """Passes inputs on to a generator, and remembers them."""

    def __init__(self, generator):
        super().__init__()
        self.generator, self.latent, self.tags = generator, generator.latent, generator.tags
        self.asked = []

    def sample(self, n, tags, *, generator=None):
        raise AssertionError("the designer must know the noise it draws with")

    def forward(self, noise, tags):
        self.asked.append(Spot(noise, tags))
        return self.generator(noise, tags)

    def last(self):
        """Noise (latent,) and names of the tags of the last picture asked for."""
        return self.asked[-1].noise[0], frozenset(tag_names(self.asked[-1].tags[0]))


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    return Generator(blocks=1, width=8, size=64).eval()


@pytest.fixture
def designer(generator):
    designer = AvatarDesigner(Recorder(generator), seed=3)
    designer.show(Design(TAGS_OF_A, 3))
    return designer


def pixels(png):
    with Image.open(io.BytesIO(png)) as picture:
        return torch.from_numpy(np.array(picture.convert("RGB")))


def told(field):
    """The HTML inside of the one element that sets the lines closer."""
    before, inside = field.value.split(">", 1)
    assert before.startswith("<div style=")
    return inside.removesuffix("</div>")


def controls(designer):
    """The tags that the controls show, read from the controls alone."""
    chosen = (CHOICES[group][menu.value] for group, menu in designer.choices.items())
    return frozenset().union(*chosen) | {tag for tag, toggle in designer.toggles.items() if toggle.value}


def test_the_controls_hold_all_34_tags_once():
    groups = [frozenset().union(*names.values()) for names in CHOICES.values()] + [frozenset(TOGGLES)]
    assert sum(len(group) for group in groups) == 34
    assert frozenset().union(*groups) == frozenset(TAGS)
    assert TOGGLES == ("blush", "smile", "open mouth", "hat", "ribbon", "glasses")


def test_every_choice_and_toggle_changes_its_own_tags_and_can_be_drawn():
    asked = 0
    for group, names in CHOICES.items():
        own = frozenset().union(*names.values())
        for name, members in names.items():
            tags = choices.with_choice(TAGS_OF_A, group, name)
            assert tags & own == members
            assert tags - own == TAGS_OF_A - own
            assert contradiction(tags) == ""
            assert choices.choice_of(tags, group) == name
            asked += 1
    assert asked == 13 + 10 + 8
    for tag in TOGGLES:
        on, off = (choices.with_toggle(TAGS_OF_A, tag, value) for value in (True, False))
        assert on - off == {tag}
        assert {on, off} >= {TAGS_OF_A}


def test_a_design_is_what_sample_draws_from_its_seed(generator):
    """Two ways to one picture: the spot of a design, and the generator's own ``sample`` with the seed."""
    design = Design(TAGS_OF_A, 11)
    drawn = generator.sample(1, tag_vector(TAGS_OF_A), generator=torch.Generator().manual_seed(11))
    assert torch.equal(choices.paint(generator, [design.spot(128)]), drawn)


@pytest.mark.parametrize(("tags", "seed", "message"), [
    ({"pink hair"}, 0, "tags must name one eye colour of .*; got none"),
    ({"pink hair", "red hair", "blue eyes"}, 0, "tags must name one hair colour of .*; got pink hair and red hair"),
    ({"pink hair", "blue eyes", "twin tails"}, 0, "got 'twin tails'; did you mean 'twintails'"),
    ({"pink hair", "blue eyes"}, -1, r"seed must be an integer in \[0, 100,000\], got -1"),
    ({"pink hair", "blue eyes"}, 1.5, r"seed must be an integer in \[0, 100,000\], got 1\.5"),
])
def test_a_design_that_cannot_be_drawn_is_an_error(tags, seed, message):
    with pytest.raises(ValueError, match=message):
        Design(frozenset(tags), seed)


def test_unknown_groups_choices_and_toggles_are_errors():
    with pytest.raises(ValueError, match="group must be one of hair colour, eye colour, hair style; got 'skin'"):
        choices.with_choice(TAGS_OF_A, "skin", "pale")
    with pytest.raises(ValueError, match=r"name must be one of .*; got 'gold eyes'"):
        choices.with_choice(TAGS_OF_A, "eye colour", "gold eyes")
    with pytest.raises(ValueError, match=r"tag must be one of blush, .*; got 'red hair'"):
        choices.with_toggle(TAGS_OF_A, "red hair", True)


def test_the_same_face_keeps_the_seed_and_a_new_one_never_does():
    dice, design = random.Random(0), Design(TAGS_OF_A, 7)
    bare = TAGS_OF_A - {"hat"}
    assert choices.redesign(design, bare, same_face=True, dice=dice) == Design(bare, 7)
    assert choices.redesign(design, bare, same_face=False, dice=dice).seed != 7
    assert choices.redesign(design, TAGS_OF_A, same_face=False, dice=dice) is design   # nothing changed


def test_other_seeds_are_different_ones(monkeypatch):
    monkeypatch.setattr(choices, "SEEDS", 9)      # ten seeds: nine others are all the others
    for seed in range(10):
        assert sorted([seed, *choices.other_seeds(seed, 9, dice=random.Random(seed))]) == list(range(10))


def test_between_ends_at_its_ends_and_walks_the_arc_and_the_line():
    a, b = Design(TAGS_OF_A, 1).spot(128), Design(frozenset({"red hair", "blue eyes"}), 2).spot(128)
    assert between(a, b, 0.0) is a
    assert between(a, b, 1.0) is b
    quarter = between(a, b, 0.25)
    assert torch.equal(quarter.noise, slerp(a.noise, b.noise, 0.25))
    tags = dict(zip(TAGS, quarter.tags.tolist(), strict=True))
    assert {tag: share for tag, share in tags.items() if share} == {
        "pink hair": 0.75, "long hair": 0.75, "twintails": 0.75, "hat": 0.75, "red hair": 0.25, "blue eyes": 1.0}
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 1\.5"):
        between(a, b, 1.5)


def test_between_two_tags_of_one_face_the_noise_stays():
    a, b = Design(TAGS_OF_A, 1).spot(128), Design(TAGS_OF_A - {"hat"}, 1).spot(128)
    torch.testing.assert_close(between(a, b, 0.4).noise, a.noise)


@pytest.mark.parametrize(("wrong", "message"), [
    (NoiseGenerator(latent=16, width=4), "got Generator without tags"),
    (nn.Linear(2, 2), "got Linear without sample, latent, tags"),
    (Generator(tags=10, blocks=1, width=4, size=32), "take the 34 tags .*, got one of 10"),
])
def test_a_generator_that_knows_no_tags_is_an_error(wrong, message):
    with pytest.raises(ValueError, match=f"generator must .*{message}"):
        AvatarDesigner(wrong)


def test_a_seed_out_of_range_is_an_error(generator):
    with pytest.raises(ValueError, match=r"seed must be an integer in \[0, 100,000\], got 'a'"):
        AvatarDesigner(generator, seed="a")


def test_painting_leaves_a_generator_in_training_as_it_was(generator):
    trained = Generator(blocks=1, width=8, size=64).train()
    trained.load_state_dict(generator.state_dict())
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    spot = Design(TAGS_OF_A, 5).spot(128)
    assert torch.equal(choices.paint(trained, [spot]), choices.paint(generator, [spot]))
    assert trained.training
    assert all(torch.equal(before[name], value) for name, value in trained.state_dict().items())


@pytest.mark.parametrize("size", [64, 128])
def test_the_first_picture_is_the_generators_own(size):
    torch.manual_seed(1)
    generator = Generator(blocks=1, width=4, size=size).eval()
    designer = AvatarDesigner(generator, seed=3)
    (image,) = generator.sample(1, tag_vector(controls(designer)), generator=torch.Generator().manual_seed(3))
    assert torch.equal(pixels(designer.picture.value), to_uint8(image).permute(1, 2, 0))
    assert (designer.seed_box.value, designer.picture.width) == (3, "256")
    assert designer.seconds > 0


def test_every_control_asks_for_its_own_tags_and_no_others(designer):
    noise, tags = designer.generator.last()
    asked = 0
    for group, menu in designer.choices.items():
        for name in menu.options:
            menu.value = name
            tags = choices.with_choice(tags, group, name)
            assert designer.generator.last()[1] == tags == controls(designer)
            asked += 1
    for tag, toggle in designer.toggles.items():
        for value in (not toggle.value, toggle.value):
            toggle.value = value
            tags = tags | {tag} if value else tags - {tag}
            assert designer.generator.last()[1] == tags == controls(designer)
            assert toggle.tooltip == f"{tag}: {'on' if value else 'off'}"
            asked += 1
    assert asked == 31 + 12
    assert torch.equal(designer.generator.last()[0], noise)      # the lock is on from the start


def test_a_change_changes_the_picture_and_its_description_in_one_drawing(designer):
    before, drawings = designer.picture.value, len(designer.generator.asked)
    designer.toggles["glasses"].value = True
    assert len(designer.generator.asked) == drawings + 1
    assert designer.picture.value != before
    assert told(designer.words).startswith("pink hair, long hair, twintails, hat, glasses, blue eyes; seed 3; ")


def test_without_the_lock_every_change_draws_new_noise_once(designer):
    designer.same_face.value = False
    seen = [designer.generator.last()[0]]
    for change in (lambda: setattr(designer.toggles["blush"], "value", True),
                   lambda: setattr(designer.choices["eye colour"], "value", "red eyes"),
                   lambda: setattr(designer.text, "value", "short red hair")):
        drawings = len(designer.generator.asked)
        change()
        assert len(designer.generator.asked) == drawings + 1
        seen.append(designer.generator.last()[0])
    assert len({tuple(noise.tolist()) for noise in seen}) == 4
    assert torch.equal(seen[-1], designer.design.spot(128).noise)
    assert designer.seed_box.value == designer.design.seed


@pytest.mark.parametrize("control", ["new_face", "seed_box"])
def test_a_new_face_keeps_the_tags(designer, control):
    noise, tags = designer.generator.last()
    if control == "new_face":
        designer.new_face.click()
    else:
        designer.seed_box.value = 77
        assert torch.equal(designer.generator.last()[0], Design(TAGS_OF_A, 77).spot(128).noise)
    assert designer.generator.last()[1] == tags == controls(designer)
    assert not torch.equal(designer.generator.last()[0], noise)


def test_the_same_clicks_show_the_same_pictures(generator):
    first, second = (AvatarDesigner(generator, seed=8) for _ in range(2))
    for designer in (first, second):
        designer.same_face.value = False
        designer.toggles["hat"].value = not designer.toggles["hat"].value
        designer.new_face.click()
    assert first.picture.value == second.picture.value


def test_a_text_sets_what_it_names_and_leaves_the_rest(designer):
    text = "a smiling girl with long teal hair, no hat & a <zorgle>"
    drawings = len(designer.generator.asked)
    designer.text.value = text
    assert len(designer.generator.asked) == drawings + 1
    said = parse(text)
    assert said.on == {"smile", "long hair", "aqua hair"}        # the parser's part, or the next line shows nothing
    assert controls(designer) == {"smile", "long hair", "twintails", "aqua hair", "blue eyes"}
    assert designer.generator.last()[1] == controls(designer)
    assert designer.seed_box.value == 3
    assert "<b>off</b> hat" in designer.reading.value
    assert "<b>not named, kept as it was</b> twintails, blue eyes" in designer.reading.value
    assert "zorgle" in designer.reading.value
    assert "<zorgle" not in designer.reading.value               # the reader's words are no markup


def test_the_button_says_the_text_again(designer):
    designer.text.value = "green eyes"
    designer.choices["eye colour"].value = "red eyes"
    designer.tell.click()
    assert designer.choices["eye colour"].value == "green eyes"


@pytest.mark.parametrize(("text", "why"), [
    (" ", "text must describe an avatar in words"),
    ("long hair and drill hair", "got long hair with drill hair"),
])
def test_a_text_that_cannot_be_shown_changes_nothing_and_says_so(designer, text, why):
    before = designer.design
    designer.text.value = text
    assert designer.design == before
    assert controls(designer) == TAGS_OF_A
    assert told(designer.reading).startswith("Nothing was changed: ")
    assert why in designer.reading.value


def test_the_way_from_a_to_b_ends_at_their_pictures(designer):
    assert designer.way.disabled
    designer.keep_a.click()
    a = designer.picture.value
    assert designer.way.disabled
    designer.text.value = "green hair, short hair, glasses"
    designer.new_face.click()
    designer.keep_b.click()
    b = designer.picture.value
    assert (designer.way.disabled, designer.way.value) == (False, 1.0)
    assert [designer.ends[end].value for end in "AB"] == [a, b]
    designer.way.value = 0.5
    half = designer.picture.value
    assert told(designer.words).startswith("50% of the way from A to B; ")
    designer.way.value = 0.0
    assert designer.picture.value == a
    designer.way.value = 1.0
    assert designer.picture.value == b
    assert len({a, b, half}) == 3


def test_what_is_seen_between_can_be_kept_and_a_control_goes_back_to_the_design(designer):
    designer.keep_a.click()
    designer.new_face.click()
    designer.keep_b.click()
    designer.way.value = 0.5
    half = designer.picture.value
    designer.keep_b.click()
    assert designer.ends["B"].value == designer.picture.value == half
    designer.toggles["hat"].value = False
    assert designer.generator.last()[1] == TAGS_OF_A - {"hat"}
    assert torch.equal(designer.spot.noise, designer.design.spot(128).noise)


def test_variations_share_the_tags_and_each_can_be_taken(designer, generator):
    designer.vary.click()
    noise, tags = designer.generator.asked[-1]
    assert noise.shape == (9, 128)
    assert len(noise.unique(dim=0)) == 9
    assert torch.equal(tags, tag_vector(TAGS_OF_A).expand(9, -1))
    assert len(designer.grid.children) == 9
    image, button = designer.grid.children[4].children
    button.click()
    assert len(designer.grid.children) == 9        # of the same tags still
    designer.toggles["glasses"].value = True
    assert len(designer.grid.children) == 0        # they would show what is no longer asked for
    button.click()                                 # a variation keeps the tags it was drawn with
    assert controls(designer) == TAGS_OF_A
    assert torch.equal(designer.generator.last()[0], noise[4])
    off = (pixels(image.value).int() - pixels(designer.picture.value).int()).abs()
    assert off.max() <= 1      # nine at a time and one at a time round differently


def test_the_saved_file_is_the_picture(designer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    designer.save.click()
    assert (tmp_path / "avatar.png").read_bytes() == designer.picture.value
    assert told(designer.note) == f"saved as {tmp_path / 'avatar.png'}"
    designer.keep_a.click()
    designer.new_face.click()
    designer.keep_b.click()
    designer.way.value = 0.5                       # what is seen is saved, not the design
    designer.path.value = "more/between.PNG"
    designer.save.click()
    assert (tmp_path / "more" / "between.PNG").read_bytes() == designer.picture.value
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["avatar.png", "between.PNG", "more"]


@pytest.mark.parametrize(("name", "why"), [
    ("", "name must be a file that ends in .png, such as avatar.png; got &#x27;&#x27;"),
    ("face.jpg", "got &#x27;face.jpg&#x27;"),
    ("taken.png/face.png", "taken.png"),
    ("folder.png", "folder.png"),
])
def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(designer, tmp_path, monkeypatch, name, why):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.png").write_bytes(b"mine")
    (tmp_path / "folder.png").mkdir()
    designer.path.value = name
    designer.save.click()
    assert told(designer.note).startswith("Not saved: ")
    assert why in designer.note.value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "taken.png"]
    assert (tmp_path / "taken.png").read_bytes() == b"mine"


def test_every_control_and_picture_can_be_shown_in_a_page(designer):
    """A field's description would be sent through MathJax; an Image with a tooltip is not shown at all."""
    designer.vary.click()
    designer.keep_a.click()
    fields, buttons, pictures = [], [], []
    queue = list(designer.children)
    while queue:
        child = queue.pop()
        queue += getattr(child, "children", ())
        for kind, found in ((widgets.Image, pictures), ((widgets.Button, widgets.ToggleButton), buttons),
                            ((widgets.Text, widgets.Dropdown, widgets.BoundedIntText, widgets.FloatSlider), fields)):
            if isinstance(child, kind):
                found.append(child)
    assert (len(fields), len(buttons), len(pictures)) == (7, 13 + 9, 3 + 9)
    assert not any(field.description for field in fields)
    assert all(field.tooltip for field in fields if isinstance(field, (widgets.Text, widgets.Dropdown)))
    assert all(button.description for button in buttons)
    assert not any(picture.tooltip for picture in pictures)
    assert repr(designer).startswith("AvatarDesigner: run this cell")
