"""The velocity network: its plan, what it does with time, and Euler's steps by hand."""

import pytest
import torch

from avatarlib.models.flow import VelocityNet, embed


def test_parameter_count_and_shapes():
    network = VelocityNet()
    assert sum(p.numel() for p in network.parameters()) == 3_766_659
    assert network(torch.randn(2, 3, 64, 64), torch.rand(2)).shape == (2, 3, 64, 64)


def test_a_new_network_moves_nothing():
    assert VelocityNet(16, 2, 1, 16)(torch.randn(2, 3, 16, 16), torch.rand(2)).abs().max() == 0


def test_every_block_and_the_time_reach_the_output():
    network = VelocityNet(16, 3, 2, 16)
    torch.nn.init.normal_(network.end.weight)
    images, time = torch.randn(2, 3, 16, 16), torch.rand(2, requires_grad=True)
    network(images, time).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in network.parameters())
    assert time.grad.abs().min() > 0


def test_times_are_told_by_32_numbers_that_differ():
    told = embed(torch.tensor([0.0, 0.25]))
    assert told.shape == (2, 32)
    assert told[0].tolist() == [0.0] * 16 + [1.0] * 16          # sine and cosine of 0
    assert told[1, 0].item() == pytest.approx(1.0)              # the slowest is at a quarter of its turn


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_constant_velocity_is_followed_exactly(steps):
    """With v = 0.25 everywhere, noise at time 1 ends at noise - 0.25, in however many steps."""
    network = VelocityNet(16, 2, 1, 16)
    torch.nn.init.constant_(network.end.bias, 0.25)
    noise = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    drawn = network.sample(3, steps=steps, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(drawn, (noise - 0.25).clamp(-1, 1), atol=1e-5)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"n": 0}, "n and steps must be at least 1, got 0 and 10"),
    ({"n": 1, "steps": 0}, "n and steps must be at least 1, got 1 and 0")])
def test_too_few(arguments, message):
    with pytest.raises(ValueError, match=message):
        VelocityNet(16, 2, 1, 16).sample(**arguments)


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="size must be a multiple of 4 with 3 levels, got 6"):
        VelocityNet(16, 3, 1, 6)
    with pytest.raises(ValueError, match="width must be a multiple of 16 with 3 levels, got 8"):
        VelocityNet(8, 3, 1, 16)
    with pytest.raises(ValueError, match=r"images must be \(N, 3, S, S\) and time \(N,\), got"):
        VelocityNet(16, 2, 1, 16)(torch.zeros(2, 3, 16, 16), torch.zeros(3))


def test_patches_are_positions_of_the_network_and_move_as_pixels_do():
    network = VelocityNet(16, 2, 1, 16, patch=2)
    assert network.begin.in_channels == network.end.out_channels == 12
    seen = []
    network.down[0].register_forward_hook(lambda block, inputs, output: seen.append(output.shape))
    torch.nn.init.constant_(network.end.bias, 0.25)
    noise = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    drawn = network.sample(3, steps=2, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(drawn, (noise - 0.25).clamp(-1, 1), atol=1e-5)
    assert seen[0] == (3, 16, 8, 8)                             # half as many positions a side
    with pytest.raises(ValueError, match="size must be a multiple of 4 with 2 levels, got 6"):
        VelocityNet(16, 2, 1, 6, patch=2)
