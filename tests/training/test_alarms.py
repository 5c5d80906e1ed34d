"""Alarms: what must last how long before it is told, and that the cure is told with it."""

import pytest
import torch

from avatarlib.recipes import DCGANConfig, Recipe
from avatarlib.training import Trainer
from avatarlib.training.history import alarms


def rows(count=6, step=100, **changes):
    """A healthy run of rows 100 rounds apart, with what is changed in all of them."""
    return [{"step": (k + 1) * step, "adversarial": 0.4, "cartoon_discriminator": 0.2, "photo_discriminator": 0.2,
             "change": 0.3, "likeness": 0.8, **changes} for k in range(count)]


def test_a_healthy_run_tells_nothing():
    assert alarms(rows()) == []
    assert alarms([]) == []


@pytest.mark.parametrize(("changes", "sign", "cure"), [
    ({"photo_discriminator": 0.049}, "the discriminator wins for 500 rounds", "a shorter or narrower discriminator"),
    ({"discriminator": 0.0}, "the discriminator wins for 500 rounds", "judge_layers"),
    ({"change": 0.019}, "the output equals the input for 500 rounds", "a lower cycle_weight"),
    ({"likeness": -0.1}, "light has become dark for 500 rounds", "warm_up_share")])
def test_each_sign_tells_its_cure(changes, sign, cure):
    (told,) = alarms(rows(**changes))
    assert told.startswith(sign)
    assert cure in told


@pytest.mark.parametrize("changes", [{"photo_discriminator": 0.05}, {"change": 0.02}, {"likeness": 0.0}])
def test_at_the_bound_nothing_is_told(changes):
    assert alarms(rows(**changes)) == []


def test_a_sign_must_last_for_the_whole_time():
    """Rows at 100 to 600: six of them span 500 rounds, five only 400; one healthy row within breaks the spell."""
    bad = rows(change=0.0)
    assert len(alarms(bad)) == 1
    assert alarms(bad[1:]) == []
    for k in range(6):
        assert alarms([*bad[:k], {**bad[k], "change": 0.3}, *bad[k + 1:]]) == []
    assert len(alarms([rows()[0], *rows(7, change=0.0)[1:]])) == 1     # what was before it does not count


def test_a_first_phase_without_a_game_rings_nothing():
    """Copying is what a warm-up is for, and the losses of players that do not play are 0."""
    warm = rows(adversarial=0.0, cartoon_discriminator=0.0, change=0.0)
    assert alarms(warm) == []


def test_a_recipe_that_tells_no_change_is_not_looked_at():
    assert alarms([{"step": k * 100, "discriminator": 0.0, "generator": 9.0} for k in range(10)]) == []


class Copying(Recipe):
    """Tells that nothing ever changes."""

    def __init__(self):
        super().__init__()
        self.config = DCGANConfig(batch_size=8)
        self.networks["generator"] = torch.nn.Conv2d(3, 3, 1)
        self.optimisers["generator"] = torch.optim.SGD(self.networks["generator"].parameters(), 0.1)

    def step(self, batch):
        return {"change": torch.zeros(()), "likeness": torch.ones(())}


def test_an_alarm_stands_in_the_history_and_in_the_line_and_is_no_loss(pictures, tmp_path, monkeypatch):
    """Rows at 100 to 700: the first alarm comes with row 600, and a resumed run reads what it wrote."""
    def begin():
        return Trainer(Copying(), pictures(16, size=8), run_dir=tmp_path, log_every=100, checkpoint_every=10_000,
                       sample_every=10_000, progress=False)

    trainer, lines, log = begin(), [], Trainer.log
    monkeypatch.setattr(Trainer, "log", lambda self, losses: lines.append(log(self, losses)) or lines[-1])
    trainer.fit(steps=700)
    assert [line.startswith("the output equals the input for 500 rounds: try ") for line in lines] == \
        [False] * 5 + [True] * 2
    assert [row.get("alarm", "")[:10] for row in trainer.history.rows] == [""] * 5 + ["the output"] * 2
    again = begin().history
    assert [row["alarm"] for row in again.rows] == [row.get("alarm", "") for row in trainer.history.rows]
    assert again.losses == trainer.history.losses
