"""Writing files: whole or not at all, by several at once, under any name, and with a reason where it fails."""

import contextlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from avatarlib.training import checkpoint, files


def half_a_file(tensors, path, metadata=None):
    """What a full disk or a cut leaves: the beginning of a file."""
    checkpoint_save(tensors, path, metadata=metadata)
    os.truncate(path, Path(path).stat().st_size // 2)
    raise OSError("No space left on device")


checkpoint_save = checkpoint.save_file


def fail(*_):
    raise OSError("Input/output error")


@pytest.mark.parametrize(("target", "name", "replacement"), [
    (checkpoint, "save_file", half_a_file), (files.os, "fsync", fail), (Path, "replace", fail)],
    ids=["half written", "not on the disk", "not renamed"])
def test_an_interrupted_write_leaves_the_old_checkpoint(start, tmp_path, monkeypatch, target, name, replacement):
    expected = start(tmp_path / "whole").fit(steps=6).losses
    trainer = start(tmp_path / "cut")
    trainer.fit(steps=2)
    before = trainer.checkpoint.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(trainer.history, "path", None)    # the history is written first, by the same function
        patch.setattr(target, name, replacement)
        with pytest.raises(OSError, match=r"No space|Input/output"):
            trainer.fit(steps=4)
    assert trainer.checkpoint.read_bytes() == before
    assert not list(trainer.run_dir.glob(".partial-*"))
    assert start(tmp_path / "cut").fit(steps=6).losses == expected


KILLED_WHILE_WRITING = """
import importlib.util, os, signal, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("files", sys.argv[1])     # without torch it starts at once
files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(files)

def write(partial):
    with partial.open("wb") as file:
        file.write(b"half of a new file")
        file.flush()
        os.kill(os.getpid(), signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

files.write_atomically(Path(sys.argv[2]), write)
"""


def test_a_process_killed_while_it_writes_leaves_the_old_file(tmp_path):
    """What it leaves beside it is removed an hour later: until then somebody may be writing it."""
    path = tmp_path / "weights.bin"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, files.__file__, str(path)]
    done = subprocess.run(command, check=False, timeout=120)
    assert done.returncode not in (0, 1)
    assert path.read_bytes() == b"old"
    (partial,) = tmp_path.glob(".partial-*.bin")
    assert partial.read_bytes() == b"half of a new file"
    files.remove_leftovers(tmp_path)
    assert partial.exists()
    os.utime(partial, (time.time() - 3601,) * 2)
    files.remove_leftovers(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.bin"]


def test_a_run_removes_what_a_killed_one_left(start, tmp_path):
    left, fresh = tmp_path / "samples" / ".partial-1-2.png", tmp_path / ".partial-3-4.png"
    left.parent.mkdir()
    for path in (left, fresh):
        path.touch()
    os.utime(left, (0, 0))
    start(tmp_path).fit(steps=1)
    assert not left.exists()
    assert fresh.exists()       # another process may be writing it


def test_several_may_write_one_file_at_once(tmp_path):
    """Four hundred writes of four writers: none fails, and the file is one of theirs, whole."""
    path, texts = tmp_path / "table.csv", [f"{writer} " * 2_000 for writer in range(4)]

    def write(text):
        for _ in range(100):
            files.write_atomically(path, lambda partial: partial.write_text(text))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, texts)) == [None] * 4
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["\N{HIRAGANA LETTER A}" * 83 + ".png", "a." + "b" * 253, "a" * 255],
                         ids=["83 Japanese letters", "a long ending", "no ending"])
def test_a_name_as_long_as_a_folder_takes_it(tmp_path, name):
    """255 bytes at most: the temporary name must not be longer."""
    seen = []
    files.write_atomically(tmp_path / name, lambda partial: seen.append(partial.suffix) or partial.touch())
    assert (tmp_path / name).exists()
    assert seen == [".png" if name.endswith(".png") else ""]


@contextlib.contextmanager
def room_for(size):
    """A process that may write no file longer than ``size`` bytes: as on a disk that is full after so many."""
    resource = pytest.importorskip("resource")      # POSIX only
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_file_that_cannot_be_written_is_named_with_the_reason(tmp_path):
    path = tmp_path / "weights.safetensors"
    with room_for(1_000), pytest.raises(OSError, match=r"could not write '.*weights.safetensors': .*File too large"):
        checkpoint.save_weights(path, torch.nn.Linear(100, 100))
    assert list(tmp_path.iterdir()) == []
    checkpoint.save_weights(path, torch.nn.Linear(2, 2))
    with pytest.raises(OSError, match=r"could not write '.*below': File exists"):
        files.write_atomically(path / "below", lambda partial: partial.touch())
