"""How the judges learn: their losses by hand, and that a few rounds teach them something."""

import math

import numpy as np
import pytest
import torch

from avatarlib.data import ImageSet
from avatarlib.recipes import LandmarkConfig, LandmarkRegression, TagEstimation, TaggerConfig
from avatarlib.recipes.supervised import one_cycle
from avatarlib.training import Trainer

TAGS, ATTRIBUTES = ("red", "blue", "green", "hat"), {"skin": ("none", "pale", "dark")}
SMALL = TaggerConfig(width=8, size=32, batch_size=16, rounds=60, learning_rate=1e-2, ema_decay=0.9)


def test_the_learning_rate_rises_in_a_line_and_falls_to_zero():
    factor = one_cycle(100)
    assert [factor(step) for step in (0, 2, 4)] == pytest.approx([0.2, 0.6, 1.0])
    assert factor(5) == 1.0
    assert factor(52) == pytest.approx((1 + math.cos(math.pi * 47 / 95)) / 2)
    assert factor(100) == pytest.approx(0.0)
    assert factor(500) == pytest.approx(0.0)


def test_tag_loss_of_an_undecided_tagger():
    """Logits 0: one of three colours costs log 3, one yes-or-no tag log 2; whatever the truth."""
    recipe = TagEstimation(TAGS, [(0, 3)], ATTRIBUTES, SMALL)
    tags = torch.tensor([[0, 1, 0, 1], [1, 0, 0, 0]])
    assert recipe.tag_loss(torch.zeros(2, 4), tags).item() == pytest.approx(math.log(3) + math.log(2))


def test_each_kind_of_picture_teaches_its_own_part():
    """A batch of avataaars alone leaves the tags' outputs as they were, and the other way round."""
    for source, parts in ((0, slice(0, 4)), (1, slice(4, 7))):
        recipe = TagEstimation(TAGS, [(0, 3)], ATTRIBUTES, SMALL)
        before = recipe.tagger.head.bias.detach().clone()
        batch = {"image": torch.randn(8, 3, 32, 32), "labels": torch.tensor([[1, 0, 0, 1, 2]] * 8),
                 "source": torch.full((8,), source)}
        losses = recipe.step(batch)
        assert (losses["tags"] == 0) == (source == 1)
        assert (losses["attributes"] == 0) == (source == 0)
        change = (recipe.tagger.head.bias - before).abs() > 1e-3      # weight decay moves every bias a little
        assert change[parts].all()
        assert change.sum() == len(before[parts])


def coloured_squares(count=256):
    """Red, blue or green pictures, with a white bar on top for a hat."""
    rng = np.random.default_rng(0)
    colour, hat = rng.integers(0, 3, count), rng.integers(0, 2, count)
    images = np.full((count, 3, 32, 32), 40, np.uint8)
    images[np.arange(count), colour] = 200
    images[hat == 1, :, :8] = 255
    labels = np.concatenate([np.eye(3, dtype=int)[colour], hat[:, None], hat[:, None]], 1)
    schema = {**dict.fromkeys(TAGS, ("no", "yes")), "skin": ATTRIBUTES["skin"]}
    return ImageSet("squares", images, labels, schema, {"source": np.arange(count) % 2})


def test_sixty_rounds_teach_the_tagger_colours_and_hats(tmp_path):
    data = coloured_squares()
    recipe = TagEstimation(TAGS, [(0, 3)], ATTRIBUTES, SMALL)
    trainer = Trainer(recipe, data, run_dir=tmp_path, precision="float32", progress=False)
    history = trainer.fit()
    assert trainer.step == 60                                        # config.rounds, without being told
    assert history.frame["tags"].iloc[-1] < 0.2 * (math.log(3) + math.log(2))
    tagger = recipe.averaged("tagger")
    images = data.batch(slice(0, 100))["image"]
    assert (tagger.estimate_tags(images) == data.labels[:100, :4]).float().mean() > 0.95
    assert (tagger.estimate_attributes(images)["skin"] == data.labels[:100, 4]).float().mean() > 0.95


def dots(count=128):
    """A dark and a light dot on grey, 8 pixels apart: two landmarks."""
    rng = np.random.default_rng(0)
    images = np.full((count, 3, 32, 32), 128, np.uint8)
    points = np.stack([rng.integers(6, 18, count), rng.integers(6, 26, count)], 1)
    for image, (x, y) in zip(images, points, strict=True):
        image[:, y - 1:y + 2, x - 1:x + 2] = 0
        image[:, y - 1:y + 2, x + 7:x + 10] = 255
    landmarks = np.stack([points, points + np.array([8, 0])], 1).astype(np.float32)
    return ImageSet("dots", images, np.zeros((count, 0), int), {}, {"landmarks": landmarks})


def test_some_rounds_of_dots_teaches_the_landmarks(tmp_path):
    """From guessing the middle (about one eye distance off) to below a tenth of it."""
    config = LandmarkConfig(width=8, size=32, batch_size=16, rounds=120, learning_rate=1e-2, ema_decay=0.9)
    recipe = LandmarkRegression(("dark", "light"), config)
    data = dots()
    history = Trainer(recipe, data, run_dir=tmp_path, precision="float32", log_every=1, progress=False).fit()
    assert history.frame["error"].iloc[0] > 0.4
    assert history.frame["error"].iloc[-1] < 0.1
    found = recipe.averaged("landmarks").landmarks(data.batch(slice(0, 32))["image"])
    assert (found - torch.from_numpy(data.extras["landmarks"][:32])).norm(dim=-1).mean() < 1.0


def test_the_landmarks_augmentation_is_outside_autocast(tmp_path):
    """It moves labels; the network, which works in bf16, comes after it."""
    inside = []

    def augment(images, points):
        inside.append(torch.is_autocast_enabled("cpu"))
        return images, points

    recipe = LandmarkRegression(("dark", "light"), LandmarkConfig(width=8, size=32, batch_size=8, rounds=1),
                                augment=augment)
    recipe.network.register_forward_hook(lambda *_: inside.append(torch.is_autocast_enabled("cpu")))
    Trainer(recipe, dots(8), run_dir=tmp_path, precision="bf16", progress=False).fit()
    assert inside == [False, True]


def test_augmentation_moves_the_pictures_the_network_sees(tmp_path):
    config = LandmarkConfig(width=8, size=32, batch_size=8, rounds=1)
    recipe = LandmarkRegression(("dark", "light"), config, augment=lambda images, points: (-images, points))
    Trainer(recipe, dots(8), run_dir=tmp_path, precision="float32", progress=False).fit()
    assert recipe.preview().min() == -1.0
    assert recipe.preview().shape == (8, 3, 32, 32)
