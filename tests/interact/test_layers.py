"""The table of layers, on a network small enough to count by hand."""

import torch
from torch import nn

from avatarlib.interact.layers import layer_table


def test_shapes_and_parameters_of_two_layers():
    """A 3x3 convolution from 1 to 2 channels without padding: 5 - 2 = 3 pixels, 2 * 9 + 2 parameters."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(18, 4, bias=False)))
    table = layer_table(network, torch.zeros(7, 1, 5, 5))
    assert table.layer.tolist() == ["Conv2d", "ReLU", "Flatten", "Linear"]
    assert table.input.tolist() == [(1, 5, 5), (2, 3, 3), (2, 3, 3), (18,)]
    assert table.output.tolist() == [(2, 3, 3), (2, 3, 3), (18,), (4,)]
    assert table.parameters.tolist() == [20, 0, 0, 72]


def test_the_network_is_left_as_it_was():
    network = nn.Sequential(nn.BatchNorm1d(3))
    layer_table(network, torch.ones(1, 3))      # one sample: would fail in training mode
    assert network.training
    assert not network[0]._forward_hooks
    assert network[0].num_batches_tracked == 0


def test_a_network_of_two_inputs():
    network = nn.Bilinear(2, 3, 4)
    table = layer_table(network, torch.zeros(1, 2), torch.zeros(1, 3))
    assert table.output.tolist() == [(4,)]
    assert table.parameters.tolist() == [2 * 3 * 4 + 4]
