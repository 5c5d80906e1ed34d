"""Adversarial losses against values worked out by hand and against torch's own cross-entropy."""

import math

import pytest
import torch
import torch.nn.functional as F

from avatarlib.losses import (
    ADVERSARIAL_LOSSES,
    adversarial_loss,
    bce_discriminator_loss,
    edge_promoting_loss,
    grey_adversarial_loss,
    hinge_discriminator_loss,
    hinge_loss,
    least_squares_discriminator_loss,
    least_squares_loss,
    minimax_loss,
    non_saturating_loss,
)

LOG3 = math.log(3)   # sigmoid(log 3) = 3/4, sigmoid(-log 3) = 1/4


def test_an_undecided_discriminator_pays_two_log_two():
    """Logit 0 is probability 1/2: each of the two terms is log 2."""
    undecided = torch.zeros(4)
    assert bce_discriminator_loss(undecided, undecided).item() == pytest.approx(2 * math.log(2))


def test_bce_of_four_judgements_by_hand():
    """Real ones judged 3/4 and 1/2, fakes 1/4 and 1/2: the terms are (log 4/3 + log 2) / 2 each."""
    real, fake = torch.tensor([LOG3, 0.0]), torch.tensor([-LOG3, 0.0])
    assert bce_discriminator_loss(real, fake).item() == pytest.approx(math.log(8 / 3), abs=1e-6)


def test_bce_weighs_the_two_sides_equally_whatever_their_numbers():
    """One real sample and three fakes: each side is a mean, so log 4/3 + log 4/3."""
    real, fake = torch.tensor([LOG3]), torch.full((3,), -LOG3)
    assert bce_discriminator_loss(real, fake).item() == pytest.approx(2 * math.log(4 / 3), abs=1e-6)


def test_generator_losses_of_a_fake_judged_one_quarter():
    """-log(1/4) for the non-saturating loss, log(3/4) for the minimax loss."""
    fake = torch.tensor([-LOG3])
    assert non_saturating_loss(fake).item() == pytest.approx(math.log(4), abs=1e-6)
    assert minimax_loss(fake).item() == pytest.approx(math.log(3 / 4), abs=1e-6)


def test_losses_equal_torchs_cross_entropy_on_a_patch_map():
    """An independent implementation, and a map of judgements instead of one an image."""
    draws = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 4, 1, 8, 8, generator=draws)
    bce = F.binary_cross_entropy_with_logits
    expected = bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    torch.testing.assert_close(bce_discriminator_loss(real, fake), expected)
    torch.testing.assert_close(non_saturating_loss(fake), bce(fake, torch.ones_like(fake)))
    torch.testing.assert_close(minimax_loss(fake), -bce(fake, torch.zeros_like(fake)))


@pytest.mark.parametrize(("logit", "minimax", "non_saturating"), [(100.0, -100.0, 0.0), (-100.0, 0.0, 100.0)])
def test_logits_of_a_hundred_stay_exact(logit, minimax, non_saturating):
    """log(1 - sigmoid(100)) is -100 up to e^-100; taken through the probability it would be -inf."""
    fake = torch.tensor([logit])
    assert minimax_loss(fake).item() == pytest.approx(minimax, abs=1e-6)
    assert non_saturating_loss(fake).item() == pytest.approx(non_saturating, abs=1e-6)


def test_gradients_at_a_fake_that_is_found_out():
    """At D = 0.01 the slopes are -D and -(1 - D): the non-saturating one is 99 times the other."""
    logit = torch.logit(torch.tensor([0.01], dtype=torch.float64)).requires_grad_()
    (flat,) = torch.autograd.grad(minimax_loss(logit), logit)
    (steep,) = torch.autograd.grad(non_saturating_loss(logit), logit)
    assert flat.item() == pytest.approx(-0.01)
    assert steep.item() == pytest.approx(-0.99)


def test_least_squares_by_hand():
    """Real 2 and 0 are each 1 away from 1; fakes 3 and 1 give (9 + 1)/2 = 5 and ((3-1)^2 + 0)/2 = 2."""
    real, fake = torch.tensor([2.0, 0.0]), torch.tensor([3.0, 1.0])
    assert least_squares_discriminator_loss(real, fake).item() == pytest.approx(0.5 * (1 + 5))
    assert least_squares_loss(fake).item() == pytest.approx(0.5 * 2)


def test_hinge_by_hand():
    """Real 2 (past the margin: 0) and 0.5 (0.5 short); fakes -3 (0) and 1 (2 too high)."""
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 1.0])
    assert hinge_discriminator_loss(real, fake).item() == pytest.approx(0.25 + 1.0)
    assert hinge_loss(fake).item() == pytest.approx(1.0)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_each_game_rewards_what_its_players_want(name):
    """The discriminator prefers right judgements to wrong ones, the generator fakes taken for real."""
    game = adversarial_loss(name)
    yes, no = torch.tensor([0.9]), torch.tensor([-0.9])
    assert game.discriminator(yes, no) < game.discriminator(no, yes)
    assert game.generator(yes) < game.generator(no)


def test_an_unknown_game_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"name must be one of \['hinge', .*'non_saturating'\], got 'wasserstein'"):
        adversarial_loss("wasserstein")


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_a_discriminator_accepts_the_real_and_refuses_the_fake(name):
    game = adversarial_loss(name)
    real, fake = torch.randn(2, 4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(game.accept(real) + game.refuse(fake), game.discriminator(real, fake))


def test_edge_promoting_loss_of_an_undecided_discriminator():
    """Logit 0 is probability 1/2: each of the three terms is log 2, so the loss is 3 log 2, whatever the batches."""
    loss = edge_promoting_loss(torch.zeros(2, 1, 8, 8), torch.zeros(3, 1, 8, 8), torch.zeros(1, 1, 4, 4))
    assert loss.item() == pytest.approx(3 * math.log(2))


def test_edge_promoting_loss_by_hand():
    """Cartoon judged 3/4, blurred 1/4, fake 3/4: log 4/3 + log 4/3 + log 4. In squares of 2, 3, 1: 1/2 + 9/2 + 1/2."""
    cartoon, smooth, fake = (torch.tensor([logit]) for logit in (LOG3, -LOG3, LOG3))
    assert edge_promoting_loss(cartoon, smooth, fake).item() == pytest.approx(2 * math.log(4 / 3) + math.log(4))
    cartoon, smooth, fake = (torch.tensor([logit]) for logit in (2.0, 3.0, 1.0))
    assert edge_promoting_loss(cartoon, smooth, fake, "least_squares").item() == pytest.approx(5.5)


def test_blurred_cartoons_and_fakes_are_refused_alike():
    cartoon, smooth, fake = (torch.zeros(4, requires_grad=True) for _ in range(3))
    edge_promoting_loss(cartoon, smooth, fake).backward()
    assert cartoon.grad.tolist() == [-0.125] * 4        # a fourth of -1/2: upwards
    assert smooth.grad.tolist() == fake.grad.tolist() == [0.125] * 4


def test_animegans_four_weights_by_hand():
    """Outputs 3, 2, 4, 10: squares of distances 4, 4, 16, 100, halved; AnimeGAN weighs the last with 0.1."""
    outputs = [torch.tensor([value]) for value in (3.0, 2.0, 4.0, 10.0)]
    assert grey_adversarial_loss(*outputs).item() == pytest.approx((4 + 4 + 16 + 0.1 * 100) / 2)
    assert grey_adversarial_loss(*outputs, weights=(1.7, 1.7, 1.7, 1.0)).item() == pytest.approx(
        (1.7 * 24 + 100) / 2)
    undecided = [torch.zeros(2)] * 4
    assert grey_adversarial_loss(*undecided, kind="non_saturating").item() == pytest.approx(3.1 * math.log(2))
    with pytest.raises(ValueError, match=r"name must be one of .* got 'squares'"):
        grey_adversarial_loss(*outputs, kind="squares")
