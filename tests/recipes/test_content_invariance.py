"""The one-direction game: its distances by hand, what the codes' losses may move, the mean style, a resumed run."""

import copy
from dataclasses import replace

import pytest
import torch

from avatarlib.models.cyclegan import PatchDiscriminator
from avatarlib.recipes import ContentInvariance, ContentInvarianceConfig
from avatarlib.recipes.content_invariant import StyleMean
from avatarlib.training import Trainer

TINY = replace(ContentInvarianceConfig.preset("smoke"), autoencoding_weight=3.0, reconstruction_weight=7.0,
               content_weight=0.5, style_weight=0.25)
DRAWING = {"content_encoder", "style_encoder", "decoder"}


@pytest.fixture
def batch():
    draws = torch.Generator().manual_seed(0)
    return {name: torch.rand(2, 3, 32, 32, generator=draws) * 2 - 1 for name in ("photo", "cartoon")}


def distance(a, b):
    return (a - b).abs().mean()


def moved(before, after):
    """Names of the networks that differ between two recipes."""
    return {name for name, network in after.networks.items()
            if any(not torch.equal(a, b) for a, b in zip(network.parameters(), before.networks[name].parameters(),
                                                         strict=True))}


@pytest.mark.parametrize(("player", "own"), [("generator", DRAWING), ("discriminator", {"discriminator"})])
def test_a_player_moves_its_own_networks_alone(batch, player, own):
    recipe = ContentInvariance(TINY)
    before, update = copy.deepcopy(recipe), recipe.update
    recipe.update = lambda name, loss: update(name, loss) if name == player else None
    recipe.step(batch)
    assert moved(before, recipe) == own


@pytest.mark.parametrize("separate", [False, True])
def test_the_encoders_and_the_decoder_go_down_the_sum_of_the_paper(batch, separate):
    """x gets its face again with the style of the *other* photograph; each distance is a plain mean."""
    recipe, seen = ContentInvariance(replace(TINY, separate_decoders=separate)), {}
    recipe.update = lambda name, loss: seen.update({name: loss.item()})
    losses = recipe.step(batch)
    content, style, draw, judge = (recipe.networks[name] for name in ("content_encoder", "style_encoder", "decoder",
                                                                      "discriminator"))
    photograph = recipe.networks["photo_decoder" if separate else "decoder"]
    x, y, other = batch["photo"], batch["cartoon"], batch["photo"][[1, 0]]
    with torch.no_grad():
        fake = draw(content(x), style(y))
        terms = {"reconstruction": distance(photograph(content(fake), style(other)), x),
                 "content": distance(content(fake), content(x)), "style": distance(style(fake), style(y)),
                 "autoencoding": distance(photograph(content(x), style(x)), x)
                 + distance(draw(content(y), style(y)), y)}
        (real,), (drawn,) = judge(y), judge(fake)
        terms["adversarial"] = ((drawn - 1) ** 2).mean() / 2
    for name, term in terms.items():
        assert losses[name].item() == pytest.approx(term.item(), rel=1e-4), name
    expected = 2 * terms["adversarial"] + 7 * terms["reconstruction"] + 0.5 * terms["content"] \
        + 0.25 * terms["style"] + 3 * terms["autoencoding"]
    assert seen["generator"] == pytest.approx(expected.item(), rel=1e-4)
    assert seen["discriminator"] == pytest.approx((((real - 1) ** 2).mean() / 2 + (drawn ** 2).mean() / 2).item(),
                                                  rel=1e-4)


def test_the_discriminator_can_be_patch_discriminators_at_its_scales(batch):
    """Whose width, layers and number the config says; the default is MUNIT's."""
    recipe = ContentInvariance(replace(TINY, judge_layers=2, judge_width=4, scales=2))
    judges = recipe.networks["discriminator"].scales
    expected = PatchDiscriminator(4, 2).state_dict()
    assert [{name: weights.shape for name, weights in judge.state_dict().items()} for judge in judges] \
        == 2 * [{name: weights.shape for name, weights in expected.items()}]
    assert all(loss.isfinite() for loss in recipe.step(batch).values())
    assert not isinstance(ContentInvariance(TINY).networks["discriminator"].scales[0], PatchDiscriminator)


def test_the_codes_to_be_kept_stand_still(batch):
    """The style term alone, with the cartoon cut off from the drawing: no gradient reaches the style encoder
    through s(y); through s(g) it does."""
    recipe = ContentInvariance(replace(TINY, adversarial_weight=0.0, reconstruction_weight=0.0, content_weight=0.0,
                                       autoencoding_weight=0.0))
    targets, style_of = [], recipe.style_of
    recipe.style_of = lambda images: targets.append(style_of(images)) or targets[-1]
    decode = recipe.decode
    recipe.decode = lambda content, style, photo=False: decode(content, style.detach(), photo=photo)
    gradients = {}

    def keep(name, loss):
        if name == "generator":
            gradients.update(zip(("photo", "cartoon", "fake"),
                                 torch.autograd.grad(loss, targets, allow_unused=True), strict=True))
    recipe.update = keep
    recipe.step(batch)
    assert gradients["cartoon"] is None
    assert gradients["fake"].abs().sum() > 0


def test_at_weight_0_nothing_is_built_of_its_own_codes(batch):
    recipe, calls = ContentInvariance(replace(TINY, autoencoding_weight=0.0)), []
    recipe.networks["decoder"].register_forward_hook(lambda *_: calls.append(1))
    assert recipe.step(batch)["autoencoding"] == 0
    assert len(calls) == 2


def test_in_the_warm_up_pictures_are_built_from_their_own_codes_and_nobody_judges(batch):
    """Two rounds of ten; at autoencoding weight 0, too, for then the game itself asks for no copies."""
    recipe = ContentInvariance(replace(TINY, rounds=10, warm_up_share=0.2, autoencoding_weight=0.0))
    for recipe.round in range(3):
        before, warm = copy.deepcopy(recipe), recipe.round < 2
        losses = recipe.step(batch)
        assert moved(before, recipe) == (DRAWING if warm else DRAWING | {"discriminator"})
        assert (losses["adversarial"] == 0) == warm
        assert (losses["autoencoding"] > 0) == warm
        assert not torch.equal(before.style.mean, recipe.style.mean)


@pytest.mark.parametrize(("weight", "expected"), [(3.0, 3.0), (0.0, 1.0)])
def test_the_warm_up_has_the_weight_of_the_copies_in_the_game(batch, weight, expected):
    """Else Adam, used to small gradients, would leap when the game begins."""
    recipe, seen = ContentInvariance(replace(TINY, rounds=10, warm_up_share=0.2, autoencoding_weight=weight)), {}
    recipe.update = lambda name, loss: seen.update({name: loss.item()})
    told = recipe.step(batch)
    assert seen == {"generator": pytest.approx(expected * told["autoencoding"].item())}


def test_the_slope_penalty_reaches_the_discriminator_alone(batch):
    told = {}
    for weight in (0.0, 5.0):
        recipe = ContentInvariance(replace(TINY, penalty_weight=weight, penalty_every=2))
        for recipe.round in range(2):
            recipe.update = lambda name, loss, key=(weight, recipe.round): told.update({(*key, name): loss.item()})
            recipe.step(batch)
    assert told[5.0, 0, "discriminator"] > told[0.0, 0, "discriminator"] + 1e-6
    assert told[5.0, 1, "discriminator"] == pytest.approx(told[0.0, 1, "discriminator"])
    assert told[5.0, 0, "generator"] == pytest.approx(told[0.0, 0, "generator"])


def test_the_mean_style_by_hand():
    """At decay 0.6 the weights of new codes are 1, 1/2, then 0.4: 4, 3, then 3 + 0.4 (8 - 3) = 5."""
    mean = StyleMean(1, 0.6)
    for codes, expected in (([3.0, 5.0], 4.0), ([2.0], 3.0), ([7.0, 9.0], 5.0)):
        mean.update(torch.tensor(codes)[:, None])
        assert mean.mean.item() == pytest.approx(expected)


def test_a_translation_takes_the_mean_style_or_the_one_given(batch):
    recipe = ContentInvariance(TINY)
    recipe.step(batch)
    with torch.no_grad():
        codes = recipe.averages["style_encoder"].module(batch["cartoon"])
    mean = recipe.translate(batch["photo"])
    torch.testing.assert_close(recipe.translate(batch["photo"], recipe.style.mean[None].repeat(2, 1)), mean)
    assert not torch.equal(recipe.translate(batch["photo"], codes + 1), mean)
    torch.testing.assert_close(recipe.translator()(batch["photo"]), mean)
    rows = recipe.preview().view(4, 8, 3, 32, 32)
    torch.testing.assert_close(rows[1, :2], mean)
    torch.testing.assert_close(rows[3, :2], recipe.translate(batch["photo"], codes))


def test_a_single_face_has_no_other_one():
    with pytest.raises(ValueError, match="batch_size must be at least 2, for each face needs another's style, got 1"):
        ContentInvariance(replace(TINY, batch_size=1))


def test_a_resumed_run_repeats_the_unbroken_one_to_the_bit(pictures, tmp_path):
    sets = {"photo": pictures(10, size=32), "cartoon": pictures(8, seed=1, size=32)}

    def begin(name):
        return Trainer(ContentInvariance(TINY), sets, run_dir=tmp_path / name, log_every=1, progress=False)

    whole = begin("whole")
    expected = whole.fit(steps=5).losses
    begin("cut").fit(steps=2)
    resumed = begin("cut")
    assert resumed.fit(steps=5).losses == expected
    assert torch.equal(whole.recipe.style.mean, resumed.recipe.style.mean)
    assert torch.equal(whole.recipe.preview(), resumed.recipe.preview())


def test_a_run_at_another_size_begins_with_the_mean_style(batch):
    small, large = ContentInvariance(TINY), ContentInvariance(replace(TINY, size=64), seed=1)
    small.step(batch)
    large.begin_from(small)
    assert torch.equal(large.style.mean, small.style.mean)
    torch.testing.assert_close(large.translate(batch["photo"]), small.translate(batch["photo"]))


def test_a_run_begins_with_a_translator_and_its_mean_style(batch):
    """The mean counts as one of many rounds: the next batch moves it by no more than the average forgets."""
    first, second = ContentInvariance(TINY), ContentInvariance(TINY, seed=1)
    first.step(batch)
    second.begin_with(first.translator())
    assert torch.equal(second.style.mean, first.style.mean)
    torch.testing.assert_close(second.translate(batch["photo"]), first.translate(batch["photo"]))
    second.style.update(second.style.mean[None] + 1)
    torch.testing.assert_close(second.style.mean, first.style.mean + 1 - TINY.ema_decay)
