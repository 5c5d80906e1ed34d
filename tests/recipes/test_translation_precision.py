"""Every translation plays a round in bf16: losses are float32 numbers, and no gradient is lost to autocast's cache."""

from dataclasses import replace

import pytest
import torch

from avatarlib.models.vgg import VGGFeatures
from avatarlib.recipes import (
    CUT,
    CartoonGAN,
    CartoonGANConfig,
    ContentInvariance,
    ContentInvarianceConfig,
    CUTConfig,
    CycleGAN,
    CycleGANConfig,
)

MADE = {
    "cyclegan": lambda: CycleGAN(replace(CycleGANConfig.preset("smoke"), warm_up_share=0.0)),
    "content invariance": lambda: ContentInvariance(ContentInvarianceConfig.preset("smoke")),
    "cut": lambda: CUT(CUTConfig.preset("smoke")),
    "cartoongan": lambda: CartoonGAN(VGGFeatures(16, "relu1_2"), replace(
        CartoonGANConfig.preset("smoke"), initial_rounds=0, content_layer="relu1_2", style_weight=1.0,
        colour_weight=1.0, total_variation_weight=1.0))}


@pytest.fixture
def batch():
    draws = torch.Generator().manual_seed(0)
    return {name: torch.rand(2, 3, 32, 32, generator=draws) * 2 - 1 for name in ("photo", "cartoon", "smooth")}


def gradients(recipe):
    """Every parameter's gradient by its network and name, as the round left them."""
    return {(name, key): value.grad.clone() for name, network in recipe.networks.items()
            for key, value in network.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("name", MADE)
def test_a_round_in_bf16_is_a_rounded_one_in_float32(name, batch):
    """Gradients point the same way, all of them: with one lost, that of its weight would be missing or another."""
    exact, rounded = MADE[name](), MADE[name]()
    expected, told = exact.step(batch), {}
    with torch.autocast("cpu", torch.bfloat16):
        told = rounded.step(batch)
    assert told.keys() == expected.keys()
    for key, loss in told.items():
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(expected[key].item(), rel=0.05, abs=0.02), key
    theirs, ours = gradients(exact), gradients(rounded)
    assert ours.keys() == theirs.keys()
    for network in exact.networks:
        flat = [torch.cat([value.flatten() for (of, _), value in found.items() if of == network])
                for found in (theirs, ours)]
        assert torch.cosine_similarity(*flat, dim=0) > 0.8, network
