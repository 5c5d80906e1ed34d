"""The 34 tags: their order, their counts, and what the two priors draw."""

import math

import pytest
import torch

from avatarlib.data import (
    EYE_COLOURS,
    HAIR_COLOURS,
    HAIR_STYLES,
    TAGS,
    TRAINING_COUNTS,
    sample_tags,
    tag_names,
    tag_vector,
)

DRAWS = 20_000


def frequencies(prior):
    return sample_tags(DRAWS, prior, generator=torch.Generator().manual_seed(5)).double().mean(0)


def within_four_sigma(frequency, probability):
    return abs(frequency - probability) <= 4 * math.sqrt(probability * (1 - probability) / DRAWS)


def test_the_tags_are_those_of_the_papers_in_their_order():
    """Xu, table of tags, in the order of Jin et al.'s network: a weight file knows them by place alone."""
    assert TAGS == (
        "blonde hair", "brown hair", "black hair", "blue hair", "pink hair", "purple hair", "green hair", "red hair",
        "silver hair", "white hair", "orange hair", "aqua hair", "grey hair",
        "long hair", "short hair", "twintails", "drill hair", "ponytail",
        "blush", "smile", "open mouth", "hat", "ribbon", "glasses",
        "blue eyes", "red eyes", "brown eyes", "green eyes", "purple eyes", "yellow eyes", "pink eyes", "aqua eyes",
        "black eyes", "orange eyes")


def test_there_are_34_tags_in_four_groups():
    assert len(TAGS) == len(set(TAGS)) == 34
    assert (len(HAIR_COLOURS), len(HAIR_STYLES), len(EYE_COLOURS)) == (13, 5, 10)
    assert TAGS[18:24] == ("blush", "smile", "open mouth", "hat", "ribbon", "glasses")
    assert HAIR_COLOURS + HAIR_STYLES + TAGS[18:24] + EYE_COLOURS == TAGS
    assert all(tag.endswith(" hair") for tag in HAIR_COLOURS)
    assert all(tag.endswith(" eyes") for tag in EYE_COLOURS)
    assert (TAGS[0], TAGS[13], TAGS[24], TAGS[33]) == ("blonde hair", "long hair", "blue eyes", "orange eyes")


def test_the_two_exclusive_groups_count_every_training_image_once():
    """Jin et al. trained on 31,255 images, each with one hair and one eye colour; hair styles overlap."""
    assert sum(TRAINING_COUNTS[tag] for tag in HAIR_COLOURS) == 31_255
    assert sum(TRAINING_COUNTS[tag] for tag in EYE_COLOURS) == 31_255
    assert sum(TRAINING_COUNTS[tag] for tag in HAIR_STYLES) / 31_255 == pytest.approx(1.038, abs=5e-4)


@pytest.mark.parametrize("prior", ["paper", "empirical"])
def test_every_draw_has_one_hair_and_one_eye_colour(prior):
    tags = sample_tags(500, prior, generator=torch.Generator().manual_seed(0))
    assert tags.shape == (500, 34)
    assert tags.dtype == torch.float32
    assert set(tags.unique().tolist()) == {0.0, 1.0}
    assert tags[:, :13].sum(1).eq(1).all()
    assert tags[:, 24:].sum(1).eq(1).all()


def test_the_papers_prior_within_four_sigma():
    """One of 13 hair colours, one of 10 eye colours, each other tag in a quarter of the draws."""
    for tag, frequency in zip(TAGS, frequencies("paper").tolist(), strict=True):
        probability = 1 / 13 if tag in HAIR_COLOURS else 1 / 10 if tag in EYE_COLOURS else 0.25
        assert within_four_sigma(frequency, probability), (tag, frequency)


def test_the_empirical_prior_within_four_sigma():
    for (tag, count), frequency in zip(TRAINING_COUNTS.items(), frequencies("empirical").tolist(), strict=True):
        assert within_four_sigma(frequency, count / 31_255), (tag, frequency)


def test_the_priors_differ_where_the_check_can_see_it():
    """The four-sigma check refuses one prior's frequencies for the other's probabilities."""
    paper = dict(zip(TAGS, frequencies("paper").tolist(), strict=True))
    refused = [tag for tag, count in TRAINING_COUNTS.items() if not within_four_sigma(paper[tag], count / 31_255)]
    assert len(refused) >= 30


def test_tags_outside_the_groups_are_independent():
    """Smile and blush together in 1/16 of the draws of the paper's prior."""
    tags = sample_tags(DRAWS, "paper", generator=torch.Generator().manual_seed(2))
    both = (tags[:, TAGS.index("smile")] * tags[:, TAGS.index("blush")]).mean().item()
    assert within_four_sigma(both, 1 / 16)


def test_the_generator_decides_the_draws():
    def draw(seed):
        return sample_tags(50, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))
    assert draw(1).shape == (50, 34)
    assert sample_tags(0, generator=torch.Generator()).shape == (0, 34)


def test_names_and_vectors_are_each_others_inverse():
    names = ("grey hair", "ponytail", "hat", "orange eyes")
    vector = tag_vector(names[::-1])
    assert (vector.shape, vector.dtype, vector.sum().item()) == ((34,), torch.float32, 4.0)
    assert tag_names(vector) == names
    assert tag_names(0.6 * vector) == names     # a network's probabilities
    assert tag_names(0.5 * vector) == ()
    for index, tag in enumerate(TAGS):
        assert tag_vector([tag]).argmax().item() == index


@pytest.mark.parametrize(("call", "message"), [
    (lambda: tag_vector(["twin tails"]), r"tag must be one of the 34 names in avatarlib\.data\.TAGS, "
                                         r"got 'twin tails'; did you mean 'twintails'\?"),
    (lambda: tag_vector(["zzz"]), r"got 'zzz'$"),
    (lambda: tag_vector("smile"), r"names must be several tag names, .* got the one text 'smile'"),
    (lambda: tag_names(torch.zeros(33)), r"vector must have shape \(34,\), got \(33,\)"),
    (lambda: sample_tags(-1, generator=torch.Generator()), r"n must be an integer of 0 or more, got -1"),
    (lambda: sample_tags(2.5, generator=torch.Generator()), r"n must be .*, got 2\.5"),
    (lambda: sample_tags(1, "uniform", generator=torch.Generator()),
     r"prior must be one of paper, empirical, got 'uniform'"),
])
def test_an_error_names_the_argument_and_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
