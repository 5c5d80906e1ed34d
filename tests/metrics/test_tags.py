"""Per-tag precision, with tags painted into pictures and read off again, so that every count is known."""

import pytest
import torch
from scipy.stats import binomtest

from avatarlib.metrics import estimated_tags, tag_agreement, tag_precision, wilson_interval

TAGS = ("blonde", "brown", "black", "smile", "hat")
HAIR = ((0, 3),)
RARE = torch.tensor([0.5, 0.5, 0.5, 0.25, 0.9])


def prior(m, generator):
    """One of three hair colours, a smile with probability 0.25, a hat with 0.9."""
    tags = (torch.rand(m, 5, generator=generator) < RARE).float()
    tags[:, :3] = 0
    tags[torch.arange(m), torch.randint(3, (m,), generator=generator)] = 1
    return tags


def paint(tags):
    """Pictures (m, 3, 5, 5): row i is white where tag i holds, black where not."""
    return (2 * tags - 1)[:, None, :, None].expand(-1, 3, -1, 5).clone()


def read(images):
    """A judge that sees all: probabilities 0.9 or 0.1."""
    return 0.5 + 0.4 * images[:, 0, :, 0]


# ---- the interval

def test_twenty_of_twenty():
    """All right in 20: the lower end is n / (n + 1.96^2) = 0.839, the upper 1."""
    assert wilson_interval(20, 20) == pytest.approx((20 / (20 + 1.959964**2), 1), abs=1e-9)
    assert wilson_interval(0, 20) == pytest.approx((0, 1 - 0.8389), abs=1e-4)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (1, 3), (7, 20), (19, 20), (150, 200), (200, 200)])
def test_agrees_with_scipy(successes, n):
    expected = binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson_interval(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_no_trial_and_impossible_counts():
    assert wilson_interval(0, 0) == (0, 1)
    for successes in (-1, 4):
        with pytest.raises(ValueError, match=rf"successes must be in 0\.\.n=3, got {successes}"):
            wilson_interval(successes, 3)


# ---- the judge's decision

def test_exclusive_tags_by_the_largest_the_others_by_a_threshold():
    """The hair is the largest even below the threshold, and only that even if two are above."""
    probabilities = torch.tensor([[0.1, 0.3, 0.2, 0.6, 0.4], [0.9, 0.8, 0.7, 0.3, 0.5]])
    assert estimated_tags(probabilities, exclusive=HAIR).tolist() == [
        [False, True, False, True, False], [True, False, False, False, False]]
    assert estimated_tags(probabilities, exclusive=HAIR, threshold=0.25)[1].tolist() == [True, False, False, True, True]
    assert estimated_tags(probabilities)[1].tolist() == [True, True, True, False, False]


# ---- images with known tags

def test_agreement_counted_by_hand():
    """Four pictures; the hat was wanted in three and painted in two of them, and once where it was not wanted."""
    wanted = torch.tensor([[1.0, 0, 0, 1, 1], [0, 1, 0, 1, 1], [0, 1, 0, 0, 1], [0, 0, 1, 0, 0]])
    painted = wanted.clone()
    painted[:, 4] = torch.tensor([1.0, 1, 0, 1])
    table = tag_agreement(paint(painted), wanted, read, TAGS, exclusive=HAIR)
    hat = table.loc["hat"]
    assert (hat["precision"], hat["n"], hat["false positives"], hat["n without"]) == pytest.approx((2 / 3, 3, 1, 1))
    assert (hat["low"], hat["high"]) == pytest.approx(wilson_interval(2, 3))
    assert table.loc[["blonde", "brown", "black", "smile"], "precision"].tolist() == [1, 1, 1, 1]
    assert table.loc[["blonde", "brown", "black", "smile"], "false positives"].tolist() == [0, 0, 0, 0]


def test_a_tag_that_no_picture_should_have_has_no_precision():
    wanted = torch.tensor([[1.0, 0, 0, 0, 1]] * 3)
    table = tag_agreement(paint(wanted), wanted, read, TAGS, exclusive=HAIR)
    assert table["precision"].isna().tolist() == [False, True, True, True, False]
    assert table["false positives"].isna().tolist() == [True, False, False, False, True]
    assert table.loc["smile", ["low", "high"]].tolist() == [0, 1]


def test_bytes_are_judged_like_floats():
    wanted = prior(20, torch.Generator().manual_seed(0))
    images = paint(wanted)
    bytes_ = ((images + 1) * 127.5).round().to(torch.uint8)
    assert tag_agreement(bytes_, wanted, read, TAGS, exclusive=HAIR).equals(
        tag_agreement(images, wanted, read, TAGS, exclusive=HAIR))


# ---- a generator

def test_a_perfect_generator_and_one_that_ignores_a_tag():
    """Blind to smiles, it never smiles: precision 0 of 200. All other tags 200 of 200, from 0.981 to 1."""
    def blind(tags):
        tags = tags.clone()
        tags[:, 3] = 0
        return paint(tags)

    table = tag_precision(blind, read, prior, TAGS, n=200, seed=0, exclusive=HAIR)
    assert table.index.tolist() == list(TAGS)
    assert table["precision"].to_dict() == {"blonde": 1, "brown": 1, "black": 1, "smile": 0, "hat": 1}
    assert table.loc["hat", ["low", "high"]].tolist() == pytest.approx([0.9812, 1], abs=1e-4)
    assert table.loc["smile", ["low", "high"]].tolist() == pytest.approx([0, 1 - 0.9812], abs=1e-4)
    assert (table[["n", "n without"]] == 200).all(axis=None)
    assert (table["false positives"] == 0).all()
    assert table.attrs == {"n": 200, "seed": 0, "threshold": 0.5, "real": 0}


def test_a_tag_that_is_always_drawn_has_full_precision_and_is_told_by_its_false_positives():
    table = tag_precision(lambda tags: paint(torch.cat([tags[:, :4], torch.ones(len(tags), 1)], dim=1)), read, prior,
                          TAGS, n=50, seed=0, exclusive=HAIR)
    assert table.loc["hat", ["precision", "false positives"]].tolist() == [1, 1]


def test_conditions_hold_the_tag_alone_in_its_range_and_the_prior_elsewhere():
    """Of a tag's 2 n conditions n have it and n do not; hair stays exclusive, smiles 0.25, hats 0.9 (4 deviations)."""
    seen = []

    def generate(tags):
        seen.append(tags)
        return paint(tags)

    tag_precision(generate, read, prior, TAGS, n=400, seed=0, exclusive=HAIR)
    conditions = torch.cat(seen).view(len(TAGS), 2, 400, len(TAGS))
    assert (conditions[..., :3].sum(dim=-1) == 1).all()
    for tag in range(len(TAGS)):
        assert (conditions[tag, 0, :, tag] == 1).all()
        assert (conditions[tag, 1, :, tag] == 0).all()
    for tag, probability in ((3, 0.25), (4, 0.9)):
        shares = conditions[:3, :, :, tag].mean()
        assert shares == pytest.approx(probability, abs=4 * (probability * (1 - probability) / 2400)**0.5)


def test_the_seed_alone_decides_the_conditions():
    """Painted from a smile's condition to a third: a hat only beside a smile, so the hat's precision is a count."""
    def smiling_hats(tags):
        return paint(torch.cat([tags[:, :4], tags[:, 3:4] * tags[:, 4:]], dim=1))

    one, same, other = (tag_precision(smiling_hats, read, prior, TAGS, n=200, seed=seed, exclusive=HAIR)
                        for seed in (0, 0, 1))
    assert one.equals(same)
    assert not one.equals(other)
    assert one.loc["hat", "precision"] == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 200)**0.5)


def test_the_ceiling_is_what_the_judge_makes_of_real_images():
    """A judge that overlooks all hats: the perfect generator scores 0 there, and so does it on real images."""
    def careless(images):
        return read(images) * torch.tensor([1.0, 1, 1, 1, 0])

    real = prior(100, torch.Generator().manual_seed(1))
    table = tag_precision(paint, careless, prior, TAGS, n=20, seed=0, exclusive=HAIR, real=(paint(real), real))
    assert table["ceiling"].tolist() == [1, 1, 1, 1, 0]
    assert table["precision"].tolist() == [1, 1, 1, 1, 0]
    assert table["ceiling false positives"].tolist() == [0, 0, 0, 0, 0]
    assert table.attrs["real"] == 100


@pytest.mark.parametrize(("change", "message"), [
    ({"n": 0}, "n must be at least 1, got 0"),
    ({"exclusive": ((0, 2), (1, 3))}, r"exclusive must hold separate ranges within 0\.\.5, got \[\(0, 2\), \(1, 3\)\]"),
    ({"exclusive": ((0, 6),)}, r"exclusive must hold separate ranges within 0\.\.5, got \[\(0, 6\)\]"),
    ({"estimate": lambda images: images[:, 0, :4, 0]},
     r"estimate must return \(6, 5\) for 6 images and 5 tags, got \(6, 4\)"),
    ({"prior": lambda m, generator: torch.ones(m, 5)},
     "prior must leave out 'blonde' at times, got 0 such conditions, too few, in 3,000"),
    ({"prior": lambda m, generator: torch.zeros(m, 5)},
     "prior must ask for 'blonde' at times, got 0 such conditions, too few, in 3,000"),
    ({"real": (torch.zeros(4, 3, 5, 5), torch.zeros(4, 3))}, r"wanted must be \(4, 5\) for 4 images and 5 tags"),
])
def test_bad_input_is_named(change, message):
    arguments = {"generate": paint, "estimate": read, "prior": prior, "tags": TAGS, "n": 3, "seed": 0,
                 "exclusive": HAIR}
    with pytest.raises(ValueError, match=message):
        tag_precision(**{**arguments, **change})
