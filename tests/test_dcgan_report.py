"""The report on a run: made from a tiny one, then read back."""

import sys

import dcgan_report
import pandas as pd
import pytest
from PIL import Image

from avatarlib.data import AvatarSet
from avatarlib.recipes import DCGAN
from avatarlib.runs.export import export_run
from avatarlib.training import Trainer


@pytest.fixture(scope="module")
def reported(tmp_path_factory, tiny):
    """Two epochs on 40 avatars with a snapshot after each, exported and reported with 20 pairs."""
    folder = tmp_path_factory.mktemp("report")
    run, model = folder / "run", folder / "model"
    Trainer(DCGAN(tiny), AvatarSet(count=40, progress=False), run_dir=run, log_every=1, snapshot_epochs=(1, 2),
            progress=False).fit(epochs=2)
    export_run(run, model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["dcgan_report", str(run), str(model), "--n", "20", "--every", "1"])
        dcgan_report.main()
    return model


def test_every_snapshot_gets_eight_protocols_and_a_picture(reported):
    table = pd.read_csv(reported / "epochs.csv")
    assert table.groupby("epoch").protocol.nunique().to_dict() == {1: 8, 2: 8}
    assert set(table.n) == {20}
    assert (set(table.train_count), set(table.test_count)) == ({40}, {20})
    for epoch in (1, 2):
        with Image.open(reported / f"samples-epoch-{epoch:03d}.png") as picture:
            assert picture.size == (548, 140)


def test_numbers_of_real_avatars_do_not_depend_on_the_epoch_and_those_of_fakes_do(reported):
    values = pd.read_csv(reported / "epochs.csv").pivot(index="protocol", columns="epoch", values="SSIM")
    for row in ("P1r real, real", "P4 within reals", "P2r held-out to nearest training image"):
        assert values.loc[row, 1] == values.loc[row, 2]
    assert values.loc["P1 fake, real", 1] != values.loc["P1 fake, real", 2]
