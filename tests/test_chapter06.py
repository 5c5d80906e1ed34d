"""Chapter 6 as stored: what its text says is true of its tables, of the result files and of the shipped weights."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.interact import image_grid
from avatarlib.metrics import rank_agreement

PAGE = StoredNotebook("06_evaluation")
RESULTS = Path(__file__).resolve().parent.parent / "book" / "results"
SHIPPED = ("dcgan-avataaars-64", "acgan-adventurer-64")


def printed(words: str) -> str:
    """What the one cell whose source holds ``words`` printed."""
    (cell,) = [cell for cell in PAGE.code if words in "".join(cell["source"])]
    return "".join("".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream")


def shown(words: str) -> dict[str, list[float]]:
    """Rows of the table that the one cell whose source holds ``words`` shows, without its heading: name -> numbers."""
    rows = {}
    for line in PAGE.table_after(words).splitlines():
        found = re.match(r"(\S.*?)((?: +-?\d+\.?\d*)+)$", line)
        if found:
            rows[found[1].strip()] = [float(number) for number in found[2].split()]
    assert rows
    return rows


def measured(name: str) -> pd.DataFrame:
    record = json.loads((RESULTS / "evaluations" / f"{name}.json").read_text(encoding="utf-8"))
    return pd.DataFrame(record["measures"]).set_index(["backbone", "measure"])


def test_by_hand_and_by_the_library_are_the_same_numbers():
    compared = 0
    for cell in PAGE.code:
        for output in cell["outputs"]:
            for hand, library in re.findall(r"by hand ([\d.]+),\s+library ([\d.]+)", "".join(output.get("text", []))):
                assert hand == library
                compared += 1
    assert compared == 8    # precision, recall, density, coverage, Fréchet's distance, Vendi, memorised, tau


def test_no_claim_of_the_stored_run_failed():
    told = ["".join(output.get("text", [])) for cell in PAGE.code for output in cell["outputs"]]
    assert len(told) > 30
    assert not [text for text in told if "came out differently" in text]


def test_what_the_text_says_of_the_towns_holds():
    faithful, timid, careless, stray = shown("name: four_numbers(truth, cloud)").values()
    assert min(faithful) > 0.9                                          # precision, recall, density, coverage
    assert timid[0] > 0.95
    assert timid[2] > 1
    assert 0.3 < timid[1] < 0.55
    assert timid[3] == 0.5
    assert max(careless[0], careless[2]) < 0.6 < 0.8 < min(careless[1], careless[3])
    assert stray[1] > 0.9
    assert stray[3] == timid[3]


def test_what_the_text_says_of_the_spheres_holds():
    """Columns: precision inside, outside, recall inside, outside. Within 0.05 up to eight dimensions; apart at 64."""
    rows = {int(name): numbers for name, numbers in shown("for dimensions in (2, 4, 8").items() if name.isdigit()}
    assert list(rows) == [2, 4, 8, 16, 32, 64, 128, 256]
    for dimensions, (inside, outside, recall_inside, recall_outside) in rows.items():
        apart = (inside - recall_inside, recall_outside - outside)
        assert (max(apart) <= 0.05) == (dimensions <= 8)
        assert (min(apart) > 0.25) == (dimensions >= 64)
    assert max(rows[2]) < 0.2


def test_what_the_text_says_of_the_two_generators_holds():
    dcgan, acgan = (measured(name) for name in SHIPPED)
    near, all_found = (dcgan.loc["tagger-avatars", name] for name in ("precision", "recall"))
    assert near["mean"] > near.real
    assert round(all_found["mean"], 2) == 0
    assert dcgan.loc[("random-conv-0", "recall"), "mean"] < 0.01
    for eye in ("tagger-avatars", "random-conv-0"):
        assert 0 < acgan.loc[(eye, "recall"), "real"] - acgan.loc[(eye, "recall"), "mean"] < 0.2
    hair, whole = (dcgan.loc["tagger-avatars", name] for name in ("different hair styles",
                                                                  "different pictures (Vendi)"))
    assert 17 < hair["mean"] < 24
    assert hair.real > 30
    assert whole["mean"] < whole.real / 3
    hair = acgan.loc["tagger-avatars", "different hair styles"]
    assert hair.low < hair.real < hair.high


def test_the_ratio_to_the_floor_is_less_at_the_smaller_n():
    told = float(re.search(r"([\d.]+) times the floor", printed("chapter 5 on"))[1])
    seen = measured(SHIPPED[1]).loc["tagger-avatars", "Fréchet tagger distance"]
    quality = pd.read_csv(pretrained.path(SHIPPED[1]) / "quality.csv", index_col="set").iloc[:, 0]
    assert told == round(quality.iloc[1] / quality.iloc[0], 1)
    assert seen["mean"] / seen.real < told
    assert quality.iloc[0] < seen.real


def test_what_the_text_says_of_the_blurred_mean_and_of_the_translators_holds():
    cel, anime = (pd.read_csv(RESULTS / f"{name}_scores.csv", comment="#", index_col="picture")
                  for name in ("cel", "anime"))
    mean, photo = cel.loc["recoloured mean"], cel.loc["photograph"]
    for other in (photo, cel.loc["classical cartoon"]):
        assert mean.ssim > other.ssim
        assert mean.psnr > other.psnr
    assert mean.edge_f1 == 0
    assert round(5 * mean.hair_kept) == 1
    shown = ["photograph", "classical cartoon", "recoloured mean", "cartoongan-cel-128"]
    assert cel.loc[shown].ssim.idxmax() == "cartoongan-cel-128"
    columns = ["ssim", "psnr", "edge_f1", "hair_kept"]
    assert (cel.loc["cartoongan-cel-128", columns] > photo[columns]).all()
    assert (cel.loc["artifygan-cel-128", columns] > photo[columns]).tolist() == [True, True, True, False]
    before = anime.loc["photograph", columns]
    for all_counts in ("cyclegan-anime-64", "geometry-anime-128"):
        assert (anime.loc[all_counts, columns] > before).all()
    for but_in_hair in ("cut-anime-64", "content-invariant-anime-64"):
        assert (anime.loc[but_in_hair, columns] > before).tolist() == [True, True, True, False]
    networks = ("cyclegan-anime-64", "geometry-anime-128", "cut-anime-64", "content-invariant-anime-64")
    kept = pd.concat([anime.loc[list(networks)], cel.loc[["cartoongan-cel-128", "artifygan-cel-128"]]]).hair_kept
    assert kept.idxmin() == "content-invariant-anime-64"


def test_what_the_text_says_of_ten_times_as_many_holds():
    """From the two folders of evaluations, which are made by the same command but for N and the seeds."""
    names = ["dcgan-avataaars-64", "r3-dcgan-avataaars-64", "acgan-adventurer-64", "flow-avataaars-64"]
    few, many = ({name: json.loads((RESULTS / folder / f"{name}.json").read_text("utf-8")) for name in names}
                 for folder in ("evaluations", "evaluations_10000"))
    assert {record["n"] for record in few.values()} == {1_000}
    assert {record["n"] for record in many.values()} == {10_000}
    assert 55 < sum(record["seconds"]["all"] for record in many.values()) / 60 < 70      # "an hour"

    def seen(records, name, backbone, measure):
        table = pd.DataFrame(records[name]["measures"]).set_index(["backbone", "measure"])
        return table.loc[(backbone, measure)]

    kind, eye = "Fréchet tagger distance", "tagger-avatars"
    for name in names:
        one, ten = (seen(records, name, eye, kind) for records in (few, many))
        assert abs(10 * ten.real / one.real - 1) < 0.1
        assert abs(np.log(seen(few, name, eye, f"{kind}, N to infinity")["mean"]
                          / seen(many, name, eye, f"{kind}, N to infinity")["mean"])) < 0.1
        kernels = [seen(records, name, eye, "kernel tagger distance")["mean"] for records in (few, many)]
        assert abs(kernels[1] / kernels[0] - 1) < 0.06
    dcgan, acgan = ([seen(records, name, eye, kind)["mean"] for records in (few, many)]
                    for name in ("dcgan-avataaars-64", "acgan-adventurer-64"))
    assert abs(dcgan[1] / dcgan[0] - 1) < 0.01
    assert acgan[1] < acgan[0] / 2
    precise = {name: [seen(records, name, "random-conv-0", "precision") for records in (few, many)] for name in names}
    for name, shares in (("flow-avataaars-64", (9 / 10, 2 / 3)), ("r3-dcgan-avataaars-64", (7 / 10, 1 / 3))):
        assert [abs(row["mean"] - share) < 0.03 for row, share in zip(precise[name], shares, strict=True)] == [True] * 2
    assert all(abs(one.real - ten.real) < 0.03 for one, ten in precise.values())
    assert all(one["mean"] - ten["mean"] > 0.1 for one, ten in precise.values())


def test_what_the_text_says_of_the_eye_beside_the_tagger_is_chapter_5s_count():
    eye = pd.read_csv(RESULTS / "eye_count.csv", comment="#")
    seen = (eye.eye != "none").groupby(eye.generator).sum()
    assert (seen["acgan-adventurer-64"], seen["acgan-adventurer-128"]) == (16, 11)
    assert "in sixteen at 64 pixels and in eleven at 128" in PAGE.prose.replace("\n", " ")


@pytest.fixture(scope="module")
def taus():
    """Measure -> truth -> agreement, as the chapter counts it."""
    judges = pd.read_csv(RESULTS / "judges.csv", comment="#")
    truths = {"features": -judges.features_drawing, "error": -judges.error_drawing, "SSIM": judges.ssim_drawing}
    more = {column: -judges[column] if column.startswith(("frechet", "kernel", "sliced")) else judges[column]
            for column in judges.columns[judges.columns.get_loc("ssim_photo"):]}
    more["both"] = sum(more[f"frechet {eye}"].groupby(judges.study).rank() for eye in ("tagger", "random-conv"))
    more |= {f"truth {name}": truth for name, truth in truths.items()}
    return {name: {truth: rank_agreement(values, known, judges.study, seed=0) for truth, known in truths.items()}
            for name, values in more.items()}


def test_each_pair_of_eyes_ranks_by_its_own_truth(taus):
    for measure in ("frechet", "kernel", "sliced", "vendi"):
        own, other = taus[f"{measure} tagger"], taus[f"{measure} random-conv"]
        assert own["features"].tau > 0.4 > 0.1 > own["error"].tau
        assert other["error"].tau > 0.6 > 0.1 > other["features"].tau
    best = max((name for name in taus if not name.startswith("truth")), key=lambda name: taus[name]["error"].tau)
    assert best == "frechet random-conv"


def test_truths_hardly_agree_and_two_pairs_of_eyes_are_above_a_coin_for_each(taus):
    between = taus["truth features"]["error"]
    assert between.low < 0 < between.high
    assert all(taus["truth SSIM"][name].low > 0 for name in ("features", "error"))
    assert all(found.low > 0 for found in taus["both"].values())
    for eye in ("tagger", "random-conv"):
        assert any(found.low <= 0 for found in taus[f"frechet {eye}"].values())
    assert taus["ssim_photo"]["error"].tau < 0 < taus["ssim_photo"]["features"].tau


def test_recall_is_at_or_near_the_bottom_of_its_kind(taus):
    for eye in ("tagger", "random-conv"):
        for truth in ("features", "error", "SSIM"):
            kind = sorted((name for name in taus if name.endswith(eye)), key=lambda name: taus[name][truth].tau)
            assert f"recall {eye}" in kind[:3]


def test_the_judged_networks_are_those_of_the_studies():
    """The likeness measured anew is that of the studies' own tables, to their rounding."""
    judges = pd.read_csv(RESULTS / "judges.csv", comment="#").set_index(["run", "seed"])
    compared = 0
    for name in ("cycle_losses", "cycle_identity", "cycle_rates_summary", "cartoon_study"):
        table = pd.read_csv(RESULTS / f"{name}.csv", comment="#").dropna(subset="seed")
        for row in table.itertuples():
            if (row.run, int(row.seed)) in judges.index:
                judged = judges.loc[(row.run, int(row.seed))]
                assert judged.ssim_drawing == pytest.approx(row.ssim_drawing, abs=1e-3)
                compared += 1
    assert compared == len(judges) == 31
    assert "Thirty-one networks" in PAGE.prose


def test_the_stored_copier_and_decoder_are_caught_and_the_shipped_generators_cleared():
    table = PAGE.table_after('verdicts["caught"]')
    caught = {line.rsplit(None, 5)[0].strip(): line.endswith("True") for line in table.splitlines()[1:]}
    assert caught == {"held-out real": False, "DCGAN": False, "ACGAN": False, "copies with grain": True,
                      "decoder, known codes": True, "decoder, fresh codes": True}


def test_the_stored_pictures_are_those_of_the_shipped_weights():
    """Fails if the DCGAN's weights were exchanged and the chapter was not run again: the first row of all models."""
    stored = np.asarray(Image.open(io.BytesIO(PAGE.figures()["fig-judging-all"][1])).convert("RGB")).astype(int)
    noise = torch.randn(1_000, 100, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        fakes = pretrained.load("dcgan-avataaars-64")(noise[:50])[:7]
    fresh = np.asarray(image_grid(fakes, columns=7).convert("RGB"))
    left = stored.shape[1] - fresh.shape[1] + 4
    assert np.abs(stored[4:68, left:left + 7 * 68 - 4] - fresh[4:68, 4:7 * 68]).mean() < 8


def test_the_text_types_no_result():
    """Decimal fractions in the prose are settings, ends of scales and what papers say, not results of ours."""
    names = r"\\tag\{[^}]*\}|Exercise \d\.\d|CC BY 4\.0"                  # digits that belong to a name
    prose = re.sub(rf"```.*?```|<details>.*?</details>|`[^`\n]+`|^[|>][^\n]*$|{names}", "", PAGE.prose,
                   flags=re.DOTALL | re.MULTILINE)
    assert "\n## Summary\n" in prose
    assert re.findall(r"(?<![\d.])\d+\.\d+(?!\d*\.)(?!\))", prose) == []


def test_the_game_by_pairs_wins_in_variety_and_loses_in_fidelity_with_less_of_everything():
    """What the text under the two rivals says, from the evaluations and the weights."""
    names = "dcgan-avataaars-64", "r3-dcgan-avataaars-64"
    old, new = (measured(name)["mean"] for name in names)
    sizes = [sum(weights.numel() for weights in pretrained.load(name).parameters()) for name in names]
    assert 0.25 < sizes[1] / sizes[0] < 0.4
    for eyes, kind in (("tagger-avatars", "tagger"), ("random-conv-0", "random-conv")):
        assert new[eyes, f"Fréchet {kind} distance"] < 0.7 * old[eyes, f"Fréchet {kind} distance"]
        assert new[eyes, "recall"] > old[eyes, "recall"] + 0.1
        assert new[eyes, "coverage"] > old[eyes, "coverage"]
        assert new[eyes, "precision"] < old[eyes, "precision"]
    assert new["tagger-avatars", "different hair styles"] > old["tagger-avatars", "different hair styles"] + 5
    run = pretrained.trained(names[0])
    assert pretrained.trained(names[1])["rounds"] < run["rounds"] * run["epoch"] / run["epochs"]


def test_the_flow_beats_both_gans_and_pays_in_passes():
    """What the text under its tables says, from the evaluations and the study of its steps."""
    names = "dcgan-avataaars-64", "r3-dcgan-avataaars-64", "flow-avataaars-64"
    _, pairs, flow = (measured(name)["mean"] for name in names)
    for eyes, kind in (("tagger-avatars", "tagger"), ("random-conv-0", "random-conv")):
        assert flow[eyes, f"Fréchet {kind} distance"] < 0.8 * pairs[eyes, f"Fréchet {kind} distance"]
        assert flow[eyes, "recall"] > pairs[eyes, "recall"]
    assert flow["random-conv-0", "precision"] > pairs["random-conv-0", "precision"]
    assert 0.064 * pretrained.trained(names[2])["rounds"] < 0.064 * pretrained.trained(names[1])["rounds"]
    steps = pd.read_csv(RESULTS / "flow_steps.csv", comment="#").set_index(["model", "steps"])
    walks = steps.loc["flow-avataaars-64"]
    assert walks.frechet_tagger[1] > 2 * walks.frechet_tagger[10]
    assert walks.milliseconds[20] > 20 * steps.milliseconds[names[0], 1]
