"""ONNX files compute what the networks compute, at any number and size of pictures, and tell how near they come."""

import copy
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from avatarlib import onnx_export, pretrained
from avatarlib.cli import main
from avatarlib.data import FaceSet, sample_drawable
from avatarlib.models import acgan, artifygan, cartoongan, content_invariant, cyclegan, dcgan, flow
from avatarlib.onnx_export import WEIGHTS, export_onnx, facts_of, to_onnx
from avatarlib.onnx_export.signature import fold_norms, signature
from avatarlib.onnx_export.weights import rounded
from avatarlib.training import History

onnx = pytest.importorskip("onnx", reason="needs onnx: pip install 'avatarlib[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install 'avatarlib[onnx]'")

SHIPPED = [name for name in pretrained.names() if not name.startswith("tagger")]
FINE = "content-invariant-anime-64"
SMALL = "r3-dcgan-avataaars-64"
TINY = {
    "acgan": lambda: acgan.Generator(latent=5, tags=3, blocks=1, width=8, size=32, middle_conv=False),
    "artifygan": lambda: artifygan.Generator(4, 1),
    "cartoongan": lambda: cartoongan.Generator(4, 1, norm="layer", gate=True),
    "cyclegan": lambda: cyclegan.Generator(4, 1),
    "dcgan": lambda: dcgan.Generator(5, 4),
    "flow": lambda: flow.VelocityNet(16, 2, 1, 16),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def outputs(model, inputs):
    """What a file makes of inputs, by the outputs' names."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    return dict(zip([output.name for output in session.get_outputs()], map(torch.from_numpy, found), strict=True))


def expected(plan, inputs):
    """The same by PyTorch."""
    with torch.no_grad():
        found = plan.network(*inputs.values())
    return dict(zip(plan.outputs, found if isinstance(found, tuple) else (found,), strict=True))


def saved(folder, network):
    """A folder as an export leaves it."""
    row = {"step": 1, "epoch": 1.0, "minutes": 1.0, "images_per_second": 1.0, "generator": 1.0}
    pretrained.save(folder, network, trained={"rounds": 1}, card="---\nlicense: mit\n---\n",
                    history=History(pd.DataFrame([row])))
    return folder


def unsettled(network):
    """A network whose batch normalisations have seen something, and are not the identity of new ones."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 2)
            nn.init.normal_(layer.bias)
    return network.eval()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_computes_the_same_at_other_sizes(name):
    """A hundredth of a step of 255, and of a pixel, is far below what anything rounds to."""
    plan = signature(pretrained.load(name))
    inputs = plan.example(1, {"height": 48, "width": 64}, seed=5)
    made = outputs(to_onnx(name), inputs)
    for output, wanted in expected(plan, inputs).items():
        assert made[output].shape == wanted.shape
        assert (made[output] - wanted).abs().max() * plan.scale < 0.01


def test_8_bits_change_adaptive_norms_more_than_others_and_16_do_not():
    """They multiply what is lost on the way: less than the 45 dB of the other networks, and still no eye's matter."""
    plan = signature(pretrained.load(FINE))
    heads = {"image": FaceSet(64, "test", count=4, progress=False).batch(slice(None))["image"]}
    wanted = next(iter(expected(plan, heads).values()))

    def decibels(weights):
        apart = (next(iter(outputs(to_onnx(FINE, weights=weights), heads).values())) - wanted) * plan.scale
        return 20 * torch.log10(255 / apart.square().mean().sqrt()).item()

    assert 40 < decibels("int8") < 45 < decibels("float16")


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != FINE])
def test_small_weights_are_seen_by_no_eye(name):
    """Bounds: 45 dB is a root mean square of 1.4 steps of 255; of 64 pixels, landmarks may move by half a pixel.

    Who takes one picture alone gets heads, as eyes see them: noise would strain an instance norm beyond any use.
    """
    plan = signature(pretrained.load(name))
    inputs = plan.example(4, {"height": 64, "width": 64}, seed=5)
    if list(inputs) == ["image"]:
        heads = FaceSet(inputs["image"].shape[-1], "test", count=4, progress=False)
        inputs["image"] = heads.batch(slice(None))["image"]
    if "tags" in inputs:
        inputs["tags"] = sample_drawable(4, generator=torch.Generator().manual_seed(5)).float()
    model = to_onnx(name, weights="int8")
    apart = [(one - other) * plan.scale for one, other in zip(
        outputs(model, inputs).values(), expected(plan, inputs).values(), strict=True)]
    assert apart[0].abs().max() > 0         # something was rounded
    if plan.unit == "pixels":
        assert apart[0].abs().max() < 0.5
        assert apart[1].abs().max() < 0.05
    else:
        assert 20 * torch.log10(255 / apart[0].square().mean().sqrt()) > 45
    assert len(model.SerializeToString()) < 0.31 * 4 * sum(p.numel() for p in plan.network.parameters())


@pytest.mark.parametrize("name", TINY)
def test_every_kind_of_network_that_draws_can_be_exported(name, tmp_path):
    torch.manual_seed(0)
    folder = saved(tmp_path / name, unsettled(TINY[name]()))
    plan = signature(pretrained.load(folder))
    inputs = plan.example(5, {"height": 32, "width": 20}, seed=2)
    (found,), (wanted,) = outputs(to_onnx(folder), inputs).values(), expected(plan, inputs).values()
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_a_network_that_onnx_has_no_words_for_is_refused(tmp_path, monkeypatch):
    """A normalisation that takes the number of its groups from the picture."""
    monkeypatch.setattr(content_invariant, "adapt", lambda x, affine, channels: F.group_norm(x, x.shape[1]))
    folder = saved(tmp_path / "style", content_invariant.Translator(4, 1, 3))
    with pytest.raises(ValueError, match=r"model cannot be written as ONNX: .*num_groups"):
        to_onnx(folder)


def test_both_directions_of_a_cyclegan_are_exported_and_differ(tmp_path):
    torch.manual_seed(0)
    folder = saved(tmp_path / "both", cyclegan.Translators(4, 1, skip=True))
    network, inputs = pretrained.load(folder), {"image": torch.rand(1, 3, 16, 16) * 2 - 1}
    found = {direction: outputs(to_onnx(folder, direction=direction), inputs) for direction in ("cartoon", "photo")}
    with torch.no_grad():
        torch.testing.assert_close(found["cartoon"]["cartoon"], network.to_cartoon(inputs["image"]), atol=1e-4, rtol=0)
        torch.testing.assert_close(found["photo"]["photo"], network.to_photo(inputs["image"]), atol=1e-4, rtol=0)
    assert (found["cartoon"]["cartoon"] - found["photo"]["photo"]).abs().max() > 0.01


@pytest.mark.parametrize(("name", "left"), [("acgan", 2), ("dcgan", 0), ("artifygan", 0)])
def test_normalisation_is_folded_into_convolutions_and_changes_nothing(name, left):
    """Left are those that follow none: acgan's after its dense layer and, without a middle convolution, its blocks."""
    torch.manual_seed(0)
    network = unsettled(TINY[name]())
    before = copy.deepcopy(network.state_dict())
    folded = fold_norms(network)
    inputs = signature(network).example(2, {"height": 16, "width": 24}, seed=0).values()
    with torch.no_grad():
        torch.testing.assert_close(folded(*inputs), network(*inputs), atol=1e-5, rtol=1e-5)
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in folded.modules()) == left
    assert all(value.equal(network.state_dict()[key]) for key, value in before.items())


@pytest.mark.parametrize("axis", [0, 1])
def test_weights_are_rounded_to_127ths_of_their_channel_s_largest(axis):
    """The largest of the first channel is 12.7, so a step is 0.1: 0.26 is 3 steps. A channel of zeros stays one."""
    values = np.array([[12.7, 0.26, -0.24], [0, 0, 0]], dtype=np.float32)
    integers, steps = rounded(values if axis == 0 else values.T, axis)
    assert (integers if axis == 0 else integers.T).tolist() == [[127, 3, -2], [0, 0, 0]]
    np.testing.assert_allclose(steps, [0.1, 1])


def test_a_file_tells_what_it_is_and_how_near_it_comes(tmp_path):
    told = {}
    for weights in WEIGHTS:
        facts = export_onnx(SMALL, tmp_path / f"{weights}.onnx", weights=weights)
        model = onnx.load(tmp_path / f"{weights}.onnx")
        assert facts_of(model) == facts
        assert (facts["name"], facts["weights"], facts["licence"]) == (SMALL, weights, "cc-by-4.0")
        assert model.opset_import[0].version == 18
        assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["z", "image"]
        told[weights] = [float(facts[f"{which} difference"]) for which in ("largest", "mean")]
    for place, (near, far, farthest) in enumerate([(0.01, 1, 10), (0.001, 0.05, 0.5)]):
        assert told["float32"][place] < near < told["float16"][place] < far < told["int8"][place] < farthest
    sizes = [(tmp_path / f"{weights}.onnx").stat().st_size for weights in WEIGHTS]
    assert [round(sizes[0] / size, 1) for size in sizes] == [1.0, 2.0, 3.9]     # biases are few; two layers are spared


def test_the_source_of_an_exported_folder_is_told(tmp_path):
    facts = facts_of(to_onnx(saved(tmp_path / "mine", dcgan.Generator(5, 4))))
    assert (facts["name"], facts["licence"]) == ("mine", "mit")
    assert len(facts["source"].rpartition(" ")[2]) == 64


@pytest.mark.parametrize(("arguments", "message"), [
    ({"weights": "int4"}, "weights must be one of float32, float16, int8, got 'int4'"),
    ({"direction": "photo"}, "direction must be cartoon, the only one there is, for a Generator, got 'photo'"),
    ({"model": "cyclegan-anime-64", "direction": "back"}, "direction must be cartoon or photo, for a Translators, got "
                                                          "'back'"),
    ({"model": "tagger-avatars"}, "model must make pictures or find landmarks, .*, got a Tagger"),
    ({"model": "r3-dcgan-avatars-64"}, "did you mean 'r3-dcgan-avataaars-64'"),
    ({"out": "a.pb"}, "out must be a file that ends in .onnx, got 'a.pb'")])
def test_an_error_names_what_is_accepted(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        export_onnx(**{"model": SMALL, "out": "a.onnx", **arguments})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_the_way_to_get_it(package, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["export", "onnx", SMALL, "--out", str(tmp_path / "a.onnx")]) == 2
    assert f"needs the package {package}: pip install 'avatarlib[onnx]'" in capsys.readouterr().err


def test_a_file_too_far_from_pytorch_is_not_written(tmp_path, monkeypatch):
    (tmp_path / "a.onnx").write_bytes(b"earlier")
    monkeypatch.setitem(onnx_export.FARTHEST, "int8", 0.01)
    with pytest.raises(ValueError, match=r"weights must have more bits for this model: with int8 it differs from "
                                         r"PyTorch by 0\.\d+ steps of 255 on average, and 0.01 are accepted"):
        export_onnx(SMALL, tmp_path / "a.onnx", weights="int8")
    assert (tmp_path / "a.onnx").read_bytes() == b"earlier"


def test_the_command_writes_a_file_and_tells_its_difference(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "onnx", SMALL, "--weights", "float16"]) == 0
    assert f"{SMALL}.onnx: 2.2 MB, weights in float16; from PyTorch it differs by at most 0." in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == [f"{SMALL}.onnx"]


@pytest.mark.parametrize(("arguments", "message"), [
    (["onnx", SMALL, "--epoch", "3"], "avatarlib export onnx MODEL takes --out, --weights, --direction, got --epoch"),
    (["run", "folder", "--weights", "int8"], "avatarlib export RUN FOLDER takes --epoch, got --weights")])
def test_options_of_the_other_form_are_refused(arguments, message, capsys):
    assert main(["export", *arguments]) == 2
    assert message in capsys.readouterr().err
