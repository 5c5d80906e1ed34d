"""Tags that are apart and tags that are not, painted, so that every share is known."""

import pytest
import torch

from avatarlib.data import TAGS, draw_tags, drawable, sample_drawable
from avatarlib.metrics import tag_changes, wilson_interval
from avatarlib.pretrained import load

NAMES = ("blonde", "brown", "black", "smile", "hat")
HAIR = ((0, 3),)


def prior(m, generator):
    """One of three hair colours, a smile with probability 0.25, a hat with 0.5."""
    tags = (torch.rand(m, 5, generator=generator) < torch.tensor([0.0, 0, 0, 0.25, 0.5])).float()
    tags[torch.arange(m), torch.randint(3, (m,), generator=generator)] = 1
    return tags


def paint(tags, samples):
    """Pictures (m, 3, 5, 5): row i is white where tag i holds, black where not."""
    return (2 * tags - 1)[:, None, :, None].expand(-1, 3, -1, 5).clone()


def read(images):
    return 0.5 + 0.4 * images[:, 0, :, 0]


def measure(redraw, **options):
    return tag_changes(redraw, read, prior, NAMES, n=80, seed=0, exclusive=HAIR, **options)


def test_tags_that_are_apart():
    """Every tag appears in 80 of 80 and disturbs nothing; a hair colour replaces its own kind without blame."""
    table = measure(paint)
    assert table.index.tolist() == list(NAMES)
    assert (table[["appears", "others stay"]] == 1).all(axis=None)
    assert table["most disturbed"].tolist() == [""] * 5
    assert table.loc["smile", ["low", "high"]].tolist() == pytest.approx(wilson_interval(80, 80))
    assert table.attrs == {"n": 80, "seed": 0, "threshold": 0.5}


def test_a_tag_that_drags_another_along_is_named():
    """Who smiles takes the hat off. A hat was on in half the conditions: others stay in half (4 deviations)."""
    def polite(tags, samples):
        tags = tags.clone()
        tags[tags[:, 3] > 0.5, 4] = 0
        return paint(tags, samples)

    table = measure(polite)
    smile = table.loc["smile"]
    assert (smile["appears"], smile["most disturbed"]) == (1, "hat")
    assert smile["others stay"] == pytest.approx(0.5, abs=4 * (0.25 / 80)**0.5)
    assert smile["disturbed"] == 1 - smile["others stay"]
    assert table.loc["hat", "appears"] == pytest.approx(0.75, abs=4 * (0.1875 / 80)**0.5)
    assert table.loc["blonde", "others stay"] == 1


def test_a_tag_that_was_there_all_the_time_does_not_appear():
    table = measure(lambda tags, samples: paint(torch.cat([tags[:, :4], torch.ones(len(tags), 1)], dim=1), samples))
    assert table.loc["hat", "appears"] == 0


def test_the_same_sample_number_stands_for_the_same_noise():
    """Redrawn with noise by sample number nothing else changes; by position in the call it would."""
    calls = []

    def redraw(tags, samples):
        calls.append(samples)
        return paint(tags, samples)

    measure(redraw)
    assert len(calls) == 2 * len(NAMES)
    assert all(call.tolist() == list(range(80)) for call in calls)


def test_conditions_that_are_not_allowed_are_never_asked_for():
    """Smiling under a hat is forbidden: no pair has both, and both tags are measured all the same."""
    def redraw(tags, samples):
        assert not ((tags[:, 3] > 0.5) & (tags[:, 4] > 0.5)).any()
        return paint(tags, samples)

    def allowed(tags):
        return (tags[:, 3] + tags[:, 4]) < 1.5

    def apart(m, generator):
        tags = prior(10 * m, generator)
        return tags[allowed(tags)][:m]

    table = tag_changes(redraw, read, apart, NAMES, n=20, seed=0, exclusive=HAIR, allowed=allowed)
    assert (table["appears"] == 1).all()


@pytest.mark.parametrize(("change", "message"), [
    ({"n": 0}, "n must be at least 1, got 0"),
    ({"exclusive": ((0, 6),)}, r"exclusive must hold separate ranges within 0\.\.5"),
    ({"allowed": lambda tags: torch.zeros(len(tags), dtype=torch.bool)},
     "prior must have conditions to which 'blonde' may be added, got fewer than n=3"),
    ({"estimate": lambda images: images[:, 0, :4, 0]}, r"estimate must return \(3, 5\)"),
])
def test_bad_input_is_named(change, message):
    arguments = {"redraw": paint, "estimate": read, "prior": prior, "tags": NAMES, "n": 3, "seed": 0,
                 "exclusive": HAIR}
    with pytest.raises(ValueError, match=message):
        tag_changes(**{**arguments, **change})


def test_the_drawings_themselves_keep_their_tags_apart():
    """The set's own drawings, redrawn with one tag changed: what a perfect generator would score."""
    def redraw(tags, samples):
        pictures = [draw_tags(row, seed=[9, int(sample)], size=64) for row, sample in zip(tags, samples, strict=True)]
        return torch.stack([torch.from_numpy(picture) for picture in pictures]).float() / 127.5 - 1

    tagger = load("tagger-avatars")
    table = tag_changes(redraw, tagger.tag_probabilities, sample_drawable, TAGS, n=3, seed=0,
                        exclusive=tagger.exclusive, allowed=drawable)
    assert table["appears"].mean() > 0.97
    assert table["others stay"].mean() > 0.97
