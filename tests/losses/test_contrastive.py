"""PatchNCE by hand: orthogonal places, guesses, and whose places are the wrong answers."""

import math

import pytest
import torch

from avatarlib.losses import patch_nce_loss


@pytest.mark.parametrize(("places", "temperature"), [(256, 0.07), (4, 0.5), (4, 1.0)])
def test_orthogonal_places_that_find_themselves(places, temperature):
    """The own product is 1 and P - 1 others are 0: -log(e^(1/t) / (e^(1/t) + P - 1)) = log(1 + (P - 1) e^(-1/t))."""
    vectors = torch.eye(places).expand(2, -1, -1)
    expected = math.log1p((places - 1) * math.exp(-1 / temperature))
    assert patch_nce_loss(vectors, vectors, temperature).item() == pytest.approx(expected, abs=2e-6)


def test_places_that_are_all_alike_are_guessed():
    alike = torch.nn.functional.normalize(torch.ones(3, 8, 5), dim=2)
    assert patch_nce_loss(alike, alike).item() == pytest.approx(math.log(8))


def test_the_wrong_answers_are_places_of_the_same_picture():
    """Two pictures of the same two places: were the other picture's among the wrong answers, log 2 would be added."""
    vectors = torch.eye(2).expand(2, -1, -1)
    assert patch_nce_loss(vectors, vectors).item() == pytest.approx(math.log1p(math.exp(-1 / 0.07)), abs=2e-6)
    exchanged = vectors.flip(1)
    assert patch_nce_loss(vectors, exchanged).item() == pytest.approx(1 / 0.07, rel=1e-5)


def test_queries_learn_and_keys_do_not():
    queries, keys = (torch.randn(2, 4, 8, requires_grad=True) for _ in range(2))
    patch_nce_loss(queries, keys).backward()
    assert queries.grad.abs().sum() > 0
    assert keys.grad is None


def test_autocast_does_not_round_the_products():
    draws = torch.Generator().manual_seed(0)
    queries, keys = torch.nn.functional.normalize(torch.randn(2, 3, 16, 32, generator=draws), dim=3)
    exact = patch_nce_loss(queries, keys)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert patch_nce_loss(queries, keys) == exact


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"one shape \(N, P, D\), got \(1, 4, 8\) and \(1, 5, 8\)"):
        patch_nce_loss(torch.zeros(1, 4, 8), torch.zeros(1, 5, 8))
    with pytest.raises(ValueError, match="temperature must be above 0, got 0"):
        patch_nce_loss(torch.zeros(1, 4, 8), torch.zeros(1, 4, 8), 0)
