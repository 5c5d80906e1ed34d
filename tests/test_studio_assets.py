"""What the build writes for the avatar studio: which scripts, what is in them, and when they are written anew."""

import base64
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
import studio_assets
import studio_networks

from avatarlib import pretrained

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "book" / "_static" / "studio"
PARCEL = re.compile(r'AvatarStudio\.provide\(("[\w.-]+"), (\{.*\}),\n"([A-Za-z0-9+/=]+)"\);\n')


def parcels(script):
    """Name -> facts and bytes of what a script provides."""
    return {json.loads(name): (json.loads(facts), gzip.decompress(base64.b64decode(packed)))
            for name, facts, packed in PARCEL.findall(script)}


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Two assets made of two files that a test may change; each time they are made, they have another number."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(name)
    made = iter(range(100))
    monkeypatch.setattr(studio_assets, "ROOT", tmp_path)
    monkeypatch.setattr(studio_assets, "ASSETS", {
        f"{name}.js": (lambda: f"made {next(made)}", (tmp_path / f"{name}.py",)) for name in ("one", "two")})
    return tmp_path / "static"


def test_only_what_changed_is_written_again(target):
    assert studio_assets.write_assets(target) == ["one.js", "two.js"]
    assert studio_assets.write_assets(target) == []
    assert [(target / name).read_text() for name in ("one.js", "two.js")] == ["made 0", "made 1"]
    (target.parent / "two.py").write_text("changed")
    assert studio_assets.write_assets(target) == ["two.js"]
    (target / "one.js").unlink()
    assert studio_assets.write_assets(target) == ["one.js"]
    assert [(target / name).read_text() for name in ("one.js", "two.js")] == ["made 3", "made 2"]


def test_what_is_no_asset_any_more_is_removed(target):
    studio_assets.write_assets(target)
    for name in ("gone.js", ".gone.js.sha256"):
        (target / name).write_text("of an earlier version")
    assert studio_assets.write_assets(target) == []
    assert {path.name for path in target.iterdir()} == {"one.js", ".one.js.sha256", "two.js", ".two.js.sha256"}


def test_a_digest_tells_names_and_contents_and_no_dates(target):
    folder = target.parent / "folder"
    folder.mkdir()
    (folder / "a").write_text("1")
    first = studio_assets.digest_of([folder])
    (folder / "a").touch()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("compiled")
    assert studio_assets.digest_of([folder]) == first
    (folder / "a").rename(folder / "b")
    renamed = studio_assets.digest_of([folder])
    (folder / "b").write_text("2")
    assert len({first, renamed, studio_assets.digest_of([folder])}) == 3


def test_every_source_of_an_asset_is_there():
    sources = {path for _, paths in studio_assets.ASSETS.values() for path in paths}
    assert len(sources) > 10
    assert [path for path in sources if not path.exists()] == []


def test_every_script_that_the_page_or_another_script_asks_for_is_there():
    page = (ROOT / "book" / "studio.md").read_text(encoding="utf-8")
    asked = set(re.findall(r'src="\.\./_static/studio/([\w.-]+)"', page))
    code = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    asked |= {f"{name}.js" for name in re.findall(r'"([\w-]+)"', code) if name in pretrained.names()}
    asked |= set(re.findall(r'loadScript\("([\w.-]+)"\)', code))
    assert {"core.js", "runtime.js", "vocabulary.js", "acgan-adventurer-64.js"} <= asked
    assert asked <= {path.name for path in STATIC.iterdir()} | set(studio_assets.ASSETS)


def test_a_network_s_script_holds_a_file_that_runs_and_its_facts():
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install 'avatarlib[onnx]'")
    name = "r3-dcgan-avataaars-64"
    script = studio_networks.network_script(name)
    ((found, (facts, content)),) = parcels(script).items()
    assert found == facts["name"] == name
    assert (facts["latent"], facts["size"], facts["inputs"], facts["weights"]) == (100, 64, {"z": [100]}, "int8")
    assert facts["megabytes"] == round(len(script) / 1e6, 1)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert session.run(None, {"z": np.zeros((2, 100), np.float32)})[0].shape == (2, 3, 64, 64)


@pytest.mark.parametrize(("name", "size"), [
    ("acgan-adventurer-64", 64), ("dcgan-avataaars-64", 64), ("artifygan-cel-128", 128),
    ("cartoongan-cel-128-light", 128), ("geometry-anime-128", 128), ("landmarks-faces", 64)])
def test_facts_tell_the_size_that_a_network_draws_or_has_learnt_from(name, size):
    assert studio_networks.told(name)["size"] == size


def test_the_runtime_is_the_published_program_with_its_two_files():
    script = studio_networks.runtime_script()
    assert script.startswith("/*!\n * ONNX Runtime Web v1.30.0\n * Copyright (c) Microsoft Corporation.")
    assert "sourceMappingURL" not in script
    found = parcels(script)
    assert list(found) == ["runtime-module", "runtime"]
    assert found["runtime"][1].startswith(b"\0asm")
    assert b"export default" in found["runtime-module"][1]
    assert "Permission is hereby granted, free of charge" in studio_networks.licences()


def test_no_script_is_larger_than_10_mb():
    """Int8 and base64 make of each weight at most 4/3 bytes, and 1 % more for steps and names."""
    weights = [studio_networks.told(name)["parameters"] for name in studio_networks.NETWORKS]
    assert len(weights) == 7
    assert max(weights) * 4 / 3 * 1.01 < 10e6
    assert len(studio_networks.runtime_script()) < 10e6
