"""What an export writes, where, and what its card says of a run on other machines than this one."""

import json

import pandas as pd
import pytest

from avatarlib import pretrained
from avatarlib.cli import main
from avatarlib.recipes import DCGAN
from avatarlib.runs.registry import open_run
from avatarlib.runs.saved import devices, facts, images_a_round
from avatarlib.training import History
from avatarlib.training.checkpoint import read_progress, save_checkpoint


@pytest.fixture
def run_dir(tmp_path, tiny):
    """A run as eight GPUs leave it: 160 rounds of 8 pictures a process, of 512 pictures."""
    identity = {"recipe": "DCGAN", "config": vars(tiny), "data": "AvatarSet avataaars (train)", "count": 512,
                "size": 64, "digest": "x", "seed": 0, "world": 8}
    progress = {"identity": identity, "step": 160, "minutes": 3.0, "device": "a GPU of another machine",
                "parents": []}
    save_checkpoint(tmp_path / "run" / "checkpoint.safetensors", DCGAN(tiny), progress)
    row = {"step": 160, "epoch": 20.0, "minutes": 3.0, "images_per_second": 9.0, "generator": 1.0, "discriminator": 1.0}
    History(pd.DataFrame([row]), tmp_path / "run" / "history.csv").save()
    return tmp_path / "run"


def test_a_card_counts_all_processes_and_names_the_device_of_the_training(tmp_path, run_dir):
    """64 pictures a round, 8 rounds an epoch of 512: 160 rounds are 20 epochs and 10,240 pictures."""
    assert main(["export", str(run_dir), str(tmp_path / "model")]) == 0
    card = pretrained.folder_of(tmp_path / "model").joinpath("README.md").read_text()
    assert "160 rounds of 64 (20 epochs, 10,240 pictures seen), seed 0" in card
    assert "3 minutes on 8 x a GPU of another machine |" in card
    assert pretrained.trained(tmp_path / "model") == {"epoch": 20, "epochs": 20, "rounds": 160}


def test_the_other_cards_count_and_name_alike(run_dir):
    """All cards have their facts from one place."""
    saved = open_run(run_dir)
    told = facts(saved, saved.exported())
    assert (told["batch"], told["images"], told["device"]) == (64, 10_240, "8 x a GPU of another machine")


def test_stages_on_several_machines_are_named_in_order():
    """A run of an older version noted neither its device nor, at first, its processes."""
    old = {"identity": {"config": {"batch_size": 16}}}
    new = {"identity": {"config": {"batch_size": 16}, "world": 2}, "device": "H100"}
    assert devices([old]) == "a device not recorded"
    assert devices([old, new, new]) == "a device not recorded, then 2 x H100"
    assert (images_a_round(old), images_a_round(new)) == (16, 32)


def test_a_finished_run_notes_its_device(tmp_path, pictures, tiny):
    from avatarlib.training import Trainer

    Trainer(DCGAN(tiny), pictures(), run_dir=tmp_path, precision="float32", progress=False).fit(steps=1)
    assert devices([read_progress(tmp_path / "checkpoint.safetensors")]).startswith("a CPU (")


@pytest.mark.parametrize("content", ["README.md", "config.json", "model.safetensors"])
def test_a_folder_of_the_readers_own_is_not_written_into(tmp_path, run_dir, content, capsys):
    """Whatever it is that stands there, another program's configuration included."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / content).write_text('{"model_class": "BertModel"}')
    assert main(["export", str(run_dir), str(mine)]) == 2
    assert f"folder must be new, empty or of an earlier export, got '{mine}', which holds {content}" \
        in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in mine.iterdir()] == [(content, '{"model_class": "BertModel"}')]
    with pytest.raises(ValueError, match="folder must be new, empty or of an earlier export"):
        pretrained.save(mine, DCGAN().generator, trained={}, card="", history=History(pd.DataFrame()))


def test_a_new_an_empty_and_an_exported_folder_are_written_and_a_file_is_not(tmp_path, run_dir, capsys):
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    (tmp_path / "file").write_text("mine")
    for place in ("new/deep", "empty"):
        for _ in range(2):
            assert main(["export", str(run_dir), str(tmp_path / place)]) == 0
        assert json.loads((tmp_path / place / "config.json").read_text())["data"]["size"] == 64
    for place in ("file", "file/deep"):
        assert main(["export", str(run_dir), str(tmp_path / place)]) == 2
        assert "folder must be " in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"
