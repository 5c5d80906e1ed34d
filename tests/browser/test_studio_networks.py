"""The studio's networks in a Chromium without a window, at file://, beside PyTorch. ``make browser``."""

import base64
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
pytest.importorskip("onnx", reason="needs onnx: pip install 'avatarlib[onnx]'")
pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install 'avatarlib[onnx]'")
from lab_page import NEEDS_BROWSER, PROGRAMS, chromium
from studio_assets import TARGET, write_assets
from studio_networks import NETWORKS

from avatarlib import pretrained
from avatarlib.data import sample_drawable
from avatarlib.onnx_export.signature import signature

ROOT = Path(__file__).resolve().parents[2]
pytestmark = NEEDS_BROWSER
SIDES = {"height": 48, "width": 80}
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Networks</title>
<script src="../_static/studio/core.js"></script></head><body></body></html>"""
RUN = """
const [name, feeds, dims, done] = arguments, told = [];
const read = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
const inputs = Object.fromEntries(Object.entries(feeds).map(([key, text]) => [key, read(text)]));
AvatarStudio.load(name, (news) => told.push(news)).then(async (network) => {
  const found = await network.run(inputs, dims || undefined);
  const all = Object.entries(found.all).map(([key, { data, dims }]) => [key, { data: [...data], dims }]);
  const image = found.dims.length === 4 ? [...AvatarStudio.toImageData(found, 1).data] : [];
  return { facts: network.facts, told, all: Object.fromEntries(all), dims: found.dims, image };
}).then(done, (problem) => done({ problem: problem.message }));
"""
SAY = """
const done = arguments[arguments.length - 1];
(async () => %s)().then(() => done("no error"), (problem) => done(problem.message));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page at file:// with nothing but core.js, and the generated scripts where the built book has them."""
    folder = tmp_path_factory.mktemp("book")
    write_assets()
    shutil.copytree(TARGET, folder / "_static" / "studio")
    shutil.copy(ROOT / "book" / "_static" / "studio" / "core.js", folder / "_static" / "studio")
    (folder / "book").mkdir()
    (folder / "book" / "page.html").write_text(PAGE, encoding="utf-8")
    return folder / "book" / "page.html"


@pytest.fixture(scope="module")
def window():
    with chromium(*PROGRAMS, logs=("browser", "performance")) as found:
        yield found


@pytest.fixture
def browser(window, page):
    window.get(page.as_uri())
    window.get_log("browser")
    return window


def run(browser, name, inputs):
    """What the page makes of inputs, and the arrays by name."""
    feeds = {key: base64.b64encode(value.numpy().tobytes()).decode() for key, value in inputs.items()}
    dims = list(inputs["image"].shape) if "image" in inputs else None
    answer = browser.execute_async_script(RUN, name, feeds, dims)
    assert "problem" not in answer, answer["problem"]
    return answer, {key: torch.tensor(found["data"]).reshape(found["dims"]) for key, found in answer["all"].items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_draws_in_the_page_what_it_draws_in_pytorch(browser, name):
    """Its weights are rounded: 45 dB is a root mean square of 1.4 steps of 255. Landmarks move by less than half a
    pixel of 64, and their confidence by less than 0.05."""
    network = pretrained.load(name)
    plan = signature(network)
    inputs = plan.example(2, SIDES, seed=7)
    if "tags" in inputs:
        inputs["tags"] = sample_drawable(2, generator=torch.Generator().manual_seed(7)).float()
    with torch.no_grad():
        wanted = plan.network(*inputs.values())
    answer, found = run(browser, name, inputs)
    assert browser.get_log("browser") == []
    assert {key: list(map(str, shape)) for key, shape in plan.inputs.items()} == {
        key: list(map(str, shape)) for key, shape in answer["facts"]["inputs"].items()}
    assert (answer["facts"]["name"], answer["facts"]["weights"]) == (name, "int8")
    if name.startswith("landmarks"):
        for key, value, most in zip(("points", "confidence"), wanted, (0.5, 0.05), strict=True):
            assert found[key].shape == value.shape
            assert (found[key] - value).abs().max() < most
        return
    (picture,) = found.values()
    assert picture.shape == wanted.shape
    assert 20 * torch.log10(255 / (127.5 * (picture - wanted)).square().mean().sqrt()) > 45
    shown = np.array(answer["image"], dtype=np.uint8).reshape(*picture.shape[2:], 4)
    assert (shown[..., 3] == 255).all()
    rounded = ((picture[1].double() + 1) * 127.5).round().clamp(0, 255)     # the page counts in doubles
    np.testing.assert_array_equal(shown[..., :3], rounded.permute(1, 2, 0).numpy())


def test_a_network_tells_what_it_does_and_is_loaded_once(browser):
    first, _ = run(browser, "r3-dcgan-avataaars-64", {"z": torch.zeros(2, 100)})
    assert first["told"] == ["Reading the program that runs networks …",
                             "Reading the network r3-dcgan-avataaars-64 …", "Making it ready …"]
    facts = first["facts"]
    assert (facts["latent"], facts["size"], facts["parameters"], facts["licence"]) == (100, 64, 1_100_224, "cc-by-4.0")
    assert facts["megabytes"] == pytest.approx((TARGET / "r3-dcgan-avataaars-64.js").stat().st_size / 1e6, abs=0.1)
    assert browser.execute_async_script(SAY % """{
      const load = () => AvatarStudio.load("r3-dcgan-avataaars-64", () => { throw new Error("loaded again"); });
      if (await load() !== await load()) throw new Error("two networks");
      if (document.scripts.length !== 3) throw new Error(`${document.scripts.length} scripts`);
    }""") == "no error"


def test_two_networks_may_be_asked_at_once(browser):
    assert browser.execute_async_script(SAY % """{
      const names = ["r3-dcgan-avataaars-64", "landmarks-faces"];
      const [one, two] = await Promise.all(names.map((name) => AvatarStudio.load(name)));
      const picture = new Float32Array(3 * 64 * 64), z = new Float32Array(100);
      const found = await Promise.all([one.run({ z }), two.run({ image: picture }), one.run({ z })]);
      const shapes = found.map(({ dims }) => dims.join("x")).join(" ");
      if (shapes !== "1x3x64x64 1x68x2 1x3x64x64") throw new Error(shapes);
      if (found[0].data.some((value, i) => value !== found[2].data[i])) throw new Error("same noise, other picture");
    }""") == "no error"


@pytest.mark.parametrize(("action", "message"), [
    ("AvatarStudio.load('no-such-network')", r"no-such-network\.js could not be loaded\. .*file:.*/_static/studio/"),
    ("AvatarStudio.loadScript('nowhere.js')", r"nowhere\.js could not be loaded"),
    ("(await AvatarStudio.load('r3-dcgan-avataaars-64')).run({ z: new Float32Array(99) })",
     r"z must be \(n, 100\) numbers, got 99"),
    ("(await AvatarStudio.load('r3-dcgan-avataaars-64')).run({ noise: new Float32Array(100) })",
     r"r3-dcgan-avataaars-64 needs Float32Arrays for z, and z is none"),
    ("(await AvatarStudio.load('geometry-anime-128')).run({ image: new Float32Array(12) }, [1, 3, 2, 4])",
     r"image must be \(n, 3, height, width\) numbers, got 12 for dims 1 x 3 x 2 x 4"),
    ("(await AvatarStudio.load('geometry-anime-128')).run({ image: new Float32Array(12) })",
     r"image must be \(n, 3, height, width\) numbers, got 12")])
def test_an_error_is_told_in_words(browser, action, message):
    assert re.search(message, browser.execute_async_script(SAY % action))


@pytest.mark.parametrize(("lacking", "message"), [
    ("WebAssembly", r"lacks WebAssembly, .* Safari 11 have it"),
    ("DecompressionStream", r"lacks DecompressionStream, .* Safari 16\.4 have it")])
def test_an_old_browser_is_told_what_it_lacks_and_may_try_again(browser, lacking, message):
    browser.execute_script("window.kept = window[arguments[0]]; delete window[arguments[0]];", lacking)
    action = SAY % "AvatarStudio.load('r3-dcgan-avataaars-64')"
    assert re.search(message, browser.execute_async_script(action))
    browser.execute_script("window[arguments[0]] = kept;", lacking)
    assert browser.execute_async_script(action) == "no error"


def test_nothing_is_asked_for_but_the_scripts(browser, page):
    browser.get_log("performance")
    run(browser, "landmarks-faces", {"image": torch.zeros(1, 3, 64, 64)})
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    folder = page.parents[1].as_uri()
    assert {url for url in asked if not url.startswith("blob:")} == {
        f"{folder}/_static/studio/{name}" for name in ("runtime.js", "landmarks-faces.js")}


def test_pictures_are_rounded_and_clipped(browser):
    """-1 is 0, 0 is 127.5 and rounded to even, 1 is 255, and what lies outside is cut off."""
    pixels = browser.execute_script("""
      const data = Float32Array.from([-1, 0, 1, 2, -2, 0.5]);
      return [...AvatarStudio.toImageData({ data, dims: [1, 3, 1, 2] }).data];""")
    assert pixels == [0, 255, 0, 255, 128, 255, 191, 255]
