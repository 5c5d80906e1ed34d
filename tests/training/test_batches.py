"""The order of the pictures: every epoch a permutation, the same from any starting point."""

import copy
from itertools import chain

import numpy as np
import pytest
import torch

from avatarlib.data import ImageSet, from_uint8
from avatarlib.training.batches import Batches

CPU = torch.device("cpu")


@pytest.fixture
def numbered():
    """Forty pictures, each of one colour: its number."""
    images = np.broadcast_to(np.arange(40, dtype=np.uint8)[:, None, None, None], (40, 3, 8, 8)).copy()
    return ImageSet("numbered", images, np.arange(40)[:, None], {"number": [str(n) for n in range(40)]})


def epoch_of(batches, epoch):
    """The numbers of an epoch's pictures in the order they come, batch by batch."""
    steps = range(epoch * batches.per_epoch, (epoch + 1) * batches.per_epoch)
    return [batches[step]["labels"][:, 0].tolist() for step in steps]


def test_every_epoch_is_another_permutation(numbered):
    batches = Batches(numbered, 8, seed=0, device=CPU)
    orders = [list(chain(*epoch_of(batches, epoch))) for epoch in range(3)]
    assert batches.per_epoch == 5
    assert all(sorted(order) == list(range(40)) for order in orders)
    assert orders[0] != orders[1] != orders[2] != orders[0] != list(range(40))


def test_the_order_depends_on_seed_and_epoch_alone(numbered):
    """Read backwards, from the middle, or in another process: the same batch at the same round."""
    forwards = epoch_of(Batches(numbered, 8, seed=3, device=CPU), 1)
    torch.rand(5)
    other = Batches(numbered, 8, seed=3, device=CPU)
    backwards = [other[step]["labels"][:, 0].tolist() for step in reversed(range(5, 10))]
    assert backwards[::-1] == forwards
    assert epoch_of(Batches(numbered, 8, seed=4, device=CPU), 1) != forwards


def test_an_incomplete_batch_is_left_out(numbered):
    batches = Batches(numbered, 12, seed=0, device=CPU)
    assert batches.per_epoch == 3
    seen = list(chain(*epoch_of(batches, 0)))
    assert len(set(seen)) == len(seen) == 36


def test_pictures_come_with_their_labels_as_floats(numbered):
    batch = Batches(numbered, 8, seed=0, device=CPU)[0]
    assert batch["image"].dtype == torch.float32
    expected = from_uint8(batch["labels"].to(torch.uint8))
    assert torch.equal(batch["image"], expected[:, :, None, None].expand(8, 3, 8, 8))


def test_a_memory_mapped_set_gives_the_same_batches(pictures, tmp_path):
    held = pictures()
    np.save(tmp_path / "images.npy", held.images)
    mapped = ImageSet("mapped", np.load(tmp_path / "images.npy", mmap_mode="r"), held.labels.numpy(), held.schema)
    resident = Batches(held, 8, seed=0, device=CPU)
    streamed = Batches(mapped, 8, seed=0, device=CPU, resident_bytes=mapped.images.nbytes - 1)
    assert resident.images is not None
    assert streamed.images is None
    for step in (0, 4, 7):
        for key, value in resident[step].items():
            assert torch.equal(value, streamed[step][key])


def test_processes_share_an_epoch_without_overlap(numbered):
    """Two processes with batches of 4 see together what one with batches of 8 sees, round by round."""
    alone = epoch_of(Batches(numbered, 8, seed=0, device=CPU), 1)
    shares = [epoch_of(Batches(numbered, 4, seed=0, device=CPU, rank=rank, world=2), 1) for rank in (0, 1)]
    assert [left + right for left, right in zip(*shares, strict=True)] == alone


def test_a_transform_gets_the_float_batch(numbered):
    plain = Batches(numbered, 8, seed=0, device=CPU)
    flipped = Batches(numbered, 8, seed=0, device=CPU, transform=lambda images: -images)
    assert torch.equal(flipped[2]["image"], -plain[2]["image"])


def test_a_copy_reads_the_same_pictures_with_a_transform_of_its_own(numbered):
    """What a probe does with the copy, such as drawing from a transform's generator, leaves no trace."""
    class Shift:
        def __init__(self):
            self.rng = torch.Generator().manual_seed(0)

        def __call__(self, images):
            return images + torch.rand((), generator=self.rng)

    batches = Batches(numbered, 8, seed=0, device=CPU, transform=Shift())
    other = copy.deepcopy(batches)
    assert other.images is batches.images
    first = other[0]["image"]
    assert not torch.equal(other[0]["image"], first)
    assert torch.equal(batches[0]["image"], first)


@pytest.mark.parametrize(("batch_size", "world"), [(0, 1), (41, 1), (21, 2)])
def test_a_batch_size_that_does_not_fit_is_named(numbered, batch_size, world):
    message = rf"batch_size must be in \[1, {40 // world}\] for 40 pictures, got {batch_size}"
    with pytest.raises(ValueError, match=message):
        Batches(numbered, batch_size, seed=0, device=CPU, world=world)
