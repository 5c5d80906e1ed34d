"""Chapter 4 as stored: its listing the library's own, its numbers those of the text, its pictures of the weights."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from listing import differing, names
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.data import FaceSet
from avatarlib.metrics import structural_similarity
from avatarlib.models.cyclegan import Generator
from avatarlib.recipes import CycleGAN

PAGE = StoredNotebook("04_cyclegan_selfie2anime")
RESULTS = Path(__file__).resolve().parent.parent / "book" / "results"
MODEL, SIDE = "cyclegan-anime-64", 64


def printed(words: str) -> str:
    """What the one cell whose source holds ``words`` printed."""
    (cell,) = [cell for cell in PAGE.code if words in "".join(cell["source"])]
    return "".join("".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream")


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"-?\d[\d,]*\.?\d*", text)]


def test_the_listing_is_the_librarys_own():
    blocks = [block for block in re.findall(r"^```python\n(.*?)\n```$", PAGE.prose, re.S | re.M) if "self." in block]
    assert [name for block in blocks for name in names(block)] == ["step"]
    assert [name for block in blocks for name in differing(block, CycleGAN.step)] == []


def test_by_hand_and_by_the_library_are_the_same_numbers():
    compared = 0
    for cell in PAGE.code:
        for output in cell["outputs"]:
            for hand, library in re.findall(r"by hand ([\d.]+),(?: as printed [-\d.]+,)? library ([\d.]+)",
                                            "".join(output.get("text", []))):
                assert hand == library
                compared += 1
    assert compared == 4        # the cycle, least squares, places, one dimension


def test_the_printed_sign_makes_fakes_less_convincing():
    """From logit 0 a step of length 1 goes 1/2 down or up; sigmoid(-1/2) = 0.378."""
    as_printed, corrected = re.findall(r"believed with ([\d.]+)", printed("F.logsigmoid(logit)"))
    assert (as_printed, corrected) == ("0.38", "0.62")


def test_what_the_text_says_of_the_pool_and_the_fields_holds():
    new, age = numbers(printed("pool.exchange"))
    assert abs(new - 50) <= 3
    assert abs(age - 100) <= 10
    assert numbers(printed("for layers in (1, 2, 3):\n    print"))[1::2] == [16, 34, 70]


def test_nine_tenths_of_six_blocks_parameters_are_in_the_blocks():
    network = Generator(64, 6)
    inside = sum(p.numel() for stage in network.stages[3:] for p in stage.parameters())
    assert round(inside / sum(p.numel() for p in network.parameters()), 1) == 0.9
    assert inside == 12 * (256 * 256 * 9 + 256)


def test_one_direction_costs_less_than_cyclegan_only_if_that_has_its_identity_loss():
    cost = dict(re.findall(r"^(\S.*?) +(\d+) billion", printed("for method in passes"), re.M))
    whole, plain, content, cut = (int(cost[name]) for name in (
        "CycleGAN", "CycleGAN, no identity", "content invariance", "CUT"))
    assert cut < plain < content < whole
    assert whole == 171


def test_the_one_way_networks_parts_are_heavier_than_cyclegans_of_128_pixels():
    ours, nine, six = (number for number in numbers(printed("two_ways = ")) if number > 1e7)
    assert six < ours < nine
    cost = dict(re.findall(r"'(\w[\w ]*)': ([\d.]+)", printed('giga["generator"] =')))
    translation = float(cost["content encoder"]) + float(cost["decoder"])
    assert round(translation / float(cost["generator"])) == 2


def test_a_heap_lies_at_a_distance_from_itself_as_printed_only():
    as_printed, library = numbers(printed("def as_printed").splitlines()[-1])
    assert as_printed != 0
    assert library == 0


def test_no_claim_of_the_stored_run_failed():
    told = ["".join(output.get("text", [])) for cell in PAGE.code for output in cell["outputs"]]
    assert len(told) > 30
    assert not [text for text in told if "came out differently" in text]


def test_each_alarm_rings_in_the_made_up_histories_and_none_in_the_live_run():
    told = printed("def made_up")
    assert told.startswith("live run: nothing rings")
    for sign in ("the discriminator wins", "the output equals the input", "light has become dark"):
        assert f"\n{sign} for 500 rounds" in told


def studied(name: str) -> pd.DataFrame:
    """The runs of a stored study by name and seed, and the photograph as (photograph, -1)."""
    table = pd.read_csv(RESULTS / f"{name}.csv", comment="#").fillna({"seed": -1})
    return table.astype({"seed": int}).set_index(["run", "seed"])


def test_what_the_text_says_of_each_loss_holds_for_both_seeds():
    runs = studied("cycle_losses")
    photo = runs.loc["photograph", -1]
    for seed in (0, 1):
        whole, no_cycle, no_identity, no_adversarial = (
            runs.loc[name, seed] for name in ("whole", "no cycle", "no identity", "no adversarial"))
        assert no_adversarial.change < 0.02
        assert no_adversarial.alarms.startswith("the output equals the input")
        assert no_cycle.frechet < min(no_identity.frechet, whole.frechet)
        assert no_cycle.way_back > 10 * whole.way_back
        assert no_identity.ssim_drawing > photo.ssim_drawing
        assert no_identity.way_back < 2 * whole.way_back
        assert whole.change < 0.2 * no_identity.change


def test_what_the_text_says_of_the_two_rates_holds():
    runs = studied("cycle_rates_summary")
    fast, slow = (runs.loc[rate] for rate in ("1.6e-3", "2e-4"))
    won = fast.discriminator.idxmin()
    assert fast.drop(won).change.min() > 2 * slow.change.max()
    assert fast.change[won] < slow.change.min()
    assert fast.discriminator[won] < slow.discriminator.min()
    assert fast.alarms[won].startswith("the discriminator wins")
    assert fast.drop(won).alarms.isna().all()


def test_what_the_text_says_of_the_tiny_network_holds_for_both_seeds():
    runs = studied("cycle_identity")
    suspects = ("wider", "weaker ties", "smaller gap")
    assert runs.alarms.isna().all()
    for seed in (0, 1):
        tiny, others = runs.loc["tiny", seed], [runs.loc[name, seed] for name in suspects]
        assert round(tiny.way_back / tiny.change, 1) == 0.5
        assert round(tiny.discriminator, 2) == 0.06
        assert all(0.095 < one.discriminator < 0.165 for one in others)
        assert others[1].frechet < others[0].frechet < tiny.frechet


def test_the_shipped_network_is_more_like_the_drawings_than_the_photographs_as_the_text_says():
    ours, photo = numbers(printed("SSIM to the hidden drawing"))[:2]
    assert ours > photo


def test_what_the_text_says_of_the_branches_holds():
    """And the card's table is the file; the shipped network is the last but one."""
    table = pd.read_csv(pretrained.path(MODEL) / "branches.csv")
    assert list(table.branch) == ["as it began", "as it began", "lighter cycle", "wide discriminators",
                                  "lighter cycle", "lighter cycle", "lightest cycle"]
    _, heavy, light, wide, _, shipped, lightest = (row for _, row in table.iterrows())
    assert heavy.rounds == light.rounds == 4_500 + 1_000
    assert wide.rounds == light.rounds + 1_500
    better = {"ssim": 1, "psnr": 1, "edge_f1": 1, "feature_distance": -1}
    assert all(sign * light[score] > sign * heavy[score] for score, sign in better.items())
    assert light.way_back > heavy.way_back
    assert (table.way_back.idxmin(), table.way_back.idxmax()) == (3, 6)
    assert wide.ssim < light.ssim
    assert wide.feature_distance > light.feature_distance
    assert table.edge_f1.idxmax() == 6
    assert shipped.rounds == lightest.rounds == pretrained.trained(MODEL)["rounds"]
    assert abs(shipped.ssim - lightest.ssim) < 0.01
    assert abs(shipped.edge_f1 - lightest.edge_f1) < 0.01
    assert shipped.feature_distance < lightest.feature_distance - 0.1
    told = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| .* \| ([\d.]+) \|$", pretrained.card(MODEL), re.M)
    assert [(branch, int(rounds.replace(",", "")), float(left)) for branch, rounds, left in told] == list(
        zip(table.branch, table.rounds, table.way_back.round(3), strict=True))
    history = pretrained.history(MODEL).frame
    assert (history[["cartoon_discriminator", "photo_discriminator"]].iloc[10:].rolling(10).mean().min() > 0.1).all()


@pytest.fixture(scope="module")
def ranked():
    """Pictures of all held-out heads, and their order by likeness to the hidden drawing."""
    photos, truth = (FaceSet(SIDE, "test", look=look, progress=False).batch(slice(None))["image"]
                     for look in ("photo", "anime"))
    network = pretrained.load(MODEL)
    with torch.no_grad():
        made = torch.cat([network(part) for part in photos.split(16)])
    scores = structural_similarity((made + 1) / 2, (truth + 1) / 2, data_range=1.0)
    return made, scores.argsort(descending=True)


def test_the_stored_best_are_those_of_the_shipped_weights(ranked):
    """Fails if the weights or the drawings were exchanged and the chapter was not run again."""
    made, order = ranked
    stored = np.asarray(Image.open(io.BytesIO(PAGE.figures()["fig-cycle-best"][1])).convert("RGB")).astype(int)
    expected = ((made[order[0]] + 1) * 127.5).permute(1, 2, 0).numpy()
    left, top = stored.shape[1] - 9 * (SIDE + 3), 3 + SIDE + 3       # the second row's first tile
    assert np.abs(stored[top:top + SIDE, left:left + SIDE] - expected).mean() < 8


def test_the_means_carry_nearly_all_of_the_way_to_the_drawings_points():
    still, shifted, carried = (numbers(line)[0] for line in printed("moved by the means").splitlines())
    assert shifted < 0.35 * still
    assert abs(carried - shifted) < 0.1 * still             # the matrix adds nothing


def test_what_the_text_says_of_the_warped_network_holds():
    """From the scores that its table shows."""
    whole = pd.read_csv(RESULTS / "anime_scores.csv", comment="#", index_col="picture")
    cut = whole.loc["cut-anime-64"]
    scores = whole.drop(["pix2pix-anime-128", "content-invariant-anime-64", "cut-anime-64"])     # not in that table
    warped, cel, cycle, photo, drawings = (scores.loc[name] for name in (
        "geometry-anime-128", "cartoongan-cel-128", MODEL, "photograph", "hidden drawing"))
    others = scores.drop(["geometry-anime-128", "hidden drawing"])
    for leads in ("ssim", "edge_f1", "landmarks_near"):
        assert warped[f"{leads}_low"] > others[leads].max(), leads
    for second in ("edge_f1", "landmarks_near"):
        assert cycle[f"{second}_low"] > others.drop(MODEL)[second].max(), second
    assert max(warped.psnr, cel.psnr, cycle.psnr) - min(warped.psnr, cel.psnr, cycle.psnr) < 0.2
    assert warped.psnr_low > others.drop(["cartoongan-cel-128", MODEL]).psnr.max()
    assert cycle.feature_distance == scores.feature_distance.drop("hidden drawing").min()
    assert warped.feature_distance_low < cycle.feature_distance_high < warped.feature_distance
    assert photo.ssim_high < min(warped.ssim_low, cycle.ssim_low)
    for large in (warped, cycle):
        assert abs(large.eye_height / drawings.eye_height - 1) < 0.03
        assert large.eye_height > 2
    assert others.drop(MODEL).eye_height.max() < 1.5
    assert (round(49 * cycle.glasses_kept), cycle.glasses_kept_n) == (1, 49)
    assert cycle.beard_kept < 0.5
    assert abs(warped.glasses_kept - 2 / 3) < 0.05
    assert abs(warped.glasses_added - 1 / 3) < 0.02
    assert cel.frechet < cycle.frechet < warped.frechet < photo.frechet
    assert cut.psnr > max(warped.psnr, cel.psnr, cycle.psnr)
    assert cut.feature_distance < cycle.feature_distance
    assert cycle.landmarks_near < cut.landmarks_near < warped.landmarks_near
    weights = [sum(values.numel() for values in network.parameters())
               for network in (pretrained.load(MODEL).to_cartoon, pretrained.load("geometry-anime-128"))]
    assert weights[0] < weights[1]
    assert f"{warped.eye_height:.2f}" in PAGE.table_after('"glasses_added", "frechet"')


def test_what_the_text_says_of_one_direction_played_as_long_holds():
    """From the scores that its table shows, and the cards."""
    content, cut = "content-invariant-anime-64", "cut-anime-64"
    text = PAGE.prose.replace("\n", " ")
    minutes = [re.search(r"time \| (\d+) minutes", pretrained.card(name))[1] for name in (MODEL, content, cut)]
    assert "CycleGAN had {} minutes, content invariance {}, CUT {}.".format(*minutes) in text
    scores = pd.read_csv(RESULTS / "anime_scores.csv", comment="#", index_col="picture")
    photo, cycle, content, cut = (scores.loc[name] for name in ("photograph", MODEL, content, cut))
    assert cut.psnr_low > max(cycle.psnr_high, content.psnr_high)
    assert content.psnr_high < cycle.psnr_low
    assert content.frechet < cut.frechet < cycle.frechet < photo.frechet
    assert content.frechet < photo.frechet / 2
    assert cut.feature_distance < cycle.feature_distance_low < cut.feature_distance_high      # "by a little"
    assert 0.4 < cut.glasses_kept < 0.5
    assert [round(49 * other.glasses_kept) for other in (cycle, content)] == [1, 1]
    assert cut.ssim_high < min(cycle.ssim_low, content.ssim_low)
    for level in ("ssim", "landmarks_near"):
        assert content[f"{level}_low"] < cycle[level] < content[f"{level}_high"], level
    assert content.edge_f1_low < cycle.edge_f1_high < content.edge_f1_high      # "a hair ahead"
    assert content.hair_kept < photo.hair_kept_low
    assert content.feature_distance_low > max(cycle.feature_distance_high, cut.feature_distance_high)


def test_what_the_text_says_of_the_three_runs_of_content_invariance_holds():
    """Their minutes from the history, and the measures on the way from the card."""
    losses = pretrained.history("content-invariant-anime-64").frame
    first = losses.minutes[losses.step <= 7_500].iloc[-1]
    assert (round(first), round(losses.minutes.iloc[-1] - first)) == (74, 78)
    rows = re.findall(r"^\| ([\d,]+) \| (0\.\d+) \|", pretrained.card("content-invariant-anime-64"), re.MULTILINE)
    assert rows[0][0] == "7,500"
    photo = pd.read_csv(RESULTS / "anime_scores.csv", comment="#", index_col="picture").loc["photograph"]
    assert abs(float(rows[0][1]) - photo.ssim) < 0.02        # "hardly nearer"
    assert float(rows[-1][1]) > photo.ssim + 0.1


def test_what_the_text_says_of_the_codes_holds():
    rows = {line[:19].strip(): [float(value) for value in line[19:].split()]
            for line in PAGE.table_after("def between").splitlines()[1:]}
    (pixels, grey), (normed, _), (content, domain), (style, looks), (maps, _) = (rows[name] for name in (
        "pixels", "pixels, normalised", "content code", "style code", "CycleGAN's maps"))
    assert domain < 0.01
    assert abs(looks - 4 / 5) < 0.03
    assert style < 0.05
    assert abs(content - 7 / 10) < 0.02
    assert abs(pixels - 1 / 2) < 0.02
    assert pixels < normed < content < maps
    assert abs(maps - 4 / 5) < 0.02
    assert domain < grey


def test_what_the_text_says_of_the_network_that_was_told_the_answers_holds():
    scores = pd.read_csv(RESULTS / "anime_scores.csv", comment="#", index_col="picture").drop("hidden drawing")
    told = scores.loc["pix2pix-anime-128"]
    assert told.skin_kept == scores.skin_kept.max()
    assert abs(told.skin_kept - 2 / 3) < 0.05
    assert told.hair_kept == scores.hair_kept.max()
    assert abs(told.hair_kept - 0.9) < 0.02
    assert told.glasses_kept == scores.glasses_kept[MODEL]
    assert 3 * told.frechet < scores.frechet["photograph"]
    assert told.frechet < scores.frechet.drop("pix2pix-anime-128").min() / 1.4
