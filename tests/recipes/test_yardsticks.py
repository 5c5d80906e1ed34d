"""The two yardsticks: R3GAN's loss on DCGAN's networks, and flow matching; on the command line, too."""

import math
from dataclasses import replace

import pytest
import torch

from avatarlib import pretrained
from avatarlib.cli import main
from avatarlib.losses import relativistic_discriminator_loss, relativistic_loss
from avatarlib.models.r3 import UnnormalisedDiscriminator
from avatarlib.recipes import R3DCGAN, FlowMatching, FlowMatchingConfig, R3DCGANConfig


def test_relativistic_losses_by_hand():
    """A pair two apart costs softplus(-2) one way and softplus(2) the other; none apart costs log 2."""
    real, fake = torch.tensor([3.0, 0.0]), torch.tensor([1.0, 0.0])
    log2 = math.log(2)
    assert relativistic_discriminator_loss(real, fake).item() == pytest.approx((math.log1p(math.exp(-2)) + log2) / 2)
    assert relativistic_loss(real, fake).item() == pytest.approx((math.log1p(math.exp(2)) + log2) / 2)


def test_gamma_falls_along_a_cosine_and_stays():
    game = R3DCGAN(replace(R3DCGANConfig.preset("smoke"), epochs=10, burn_in_share=0.2))
    game.rounds_per_epoch = 10
    found = []
    for game.round in (0, 10, 20, 90):
        found.append(game.gamma)
    assert found == pytest.approx([2.0, 1.1, 0.2, 0.2])


def test_parameters_of_the_discriminator_without_a_norm():
    """DCGAN's weights, and a bias an output channel."""
    weights = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
    network = UnnormalisedDiscriminator()
    assert sum(p.numel() for p in network.parameters()) == weights + 64 + 128 + 256 + 512 + 1 == 2_764_737
    assert network.probability(torch.zeros(2, 3, 64, 64)).shape == (2,)


def test_both_penalties_reach_the_discriminator_and_no_batch_is_mixed():
    """The slope at a picture may depend on no other picture: there is no batch normalisation."""
    game = R3DCGAN(R3DCGANConfig.preset("smoke"))
    images = torch.randn(4, 3, 64, 64)
    alone = torch.cat([game.judge(one[None]) for one in images])
    assert torch.allclose(game.judge(images), alone, atol=1e-5)
    whole = replace(game.config, penalty_share=1.0)
    game.config = whole
    both = game.slopes(images[:2], images[2:])
    assert both.item() == pytest.approx(game.slopes(images[2:], images[:2]).item(), rel=1e-5)
    both.backward()
    assert game.networks["discriminator"].layers[0].weight.grad.abs().sum() > 0


def test_the_penalties_see_their_share_of_the_batch():
    game = R3DCGAN(replace(R3DCGANConfig.preset("smoke"), penalty_share=0.25))
    seen = []
    game.networks["discriminator"].register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    game.slopes(torch.randn(8, 3, 64, 64), torch.randn(8, 3, 64, 64))
    assert seen == [2, 2]


def test_a_flow_learns_one_picture():
    """All pictures are equal: the flow's loss falls far below that of who answers nothing, and samples go there."""
    config = replace(FlowMatchingConfig.preset("smoke"), size=16, learning_rate=2e-3, warm_up_rounds=5)
    game, picture = FlowMatching(config), torch.full((16, 3, 16, 16), 0.5)
    losses = []
    for game.round in range(150):
        losses.append(game.step({"image": picture})["flow"].item())
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])
    drawn = game.networks["flow"].sample(8, steps=10, generator=torch.Generator().manual_seed(1))
    assert (drawn - 0.5).abs().mean() < 0.25


def test_the_learning_rate_rises_at_first():
    game = FlowMatching(replace(FlowMatchingConfig.preset("smoke"), warm_up_rounds=4, learning_rate=1e-3))
    batch, rates = {"image": torch.zeros(2, 3, 32, 32)}, []
    for game.round in range(6):
        game.step(batch)
        rates.append(game.optimisers["flow"].param_groups[0]["lr"])
    assert rates == pytest.approx([2.5e-4, 5e-4, 7.5e-4, 1e-3, 1e-3, 1e-3])


@pytest.mark.parametrize(("recipe", "model_class"), [("r3-dcgan", "dcgan.Generator"), ("flow", "flow.VelocityNet")])
def test_it_trains_goes_on_exports_and_samples(recipe, model_class, tmp_path, capsys):
    run, model = tmp_path / "run", tmp_path / "model"
    command = ["train", recipe, "--preset", "smoke", "--count", "64", "--log-every", "1", "--run-dir", str(run),
               "--steps"]
    assert main([*command, "1"]) == 0
    assert main([*command, "2"]) == 0
    assert "going on at round 1" in capsys.readouterr().out
    assert main(["export", str(run), str(model)]) == 0
    assert pretrained.read_config(model)["model_class"] == model_class
    assert "AvatarSet avataaars (train): 64 pictures" in pretrained.card(model)
    assert main(["sample", str(model), "--n", "4", "--out", str(tmp_path / "x.png")]) == 0
    assert (tmp_path / "x.png").exists()
