"""A network as one ONNX file, which other programs and browsers run: exported, made small, compared with PyTorch.

Such a file computes what the library's network does: pictures in [-1, 1], noise from N(0, 1), tags of 0 and 1.
Writing one needs the packages of ``pip install 'avatarlib[onnx]'``.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from avatarlib import pretrained
from avatarlib.onnx_export.signature import DIRECTIONS, Signature, fold_norms, signature
from avatarlib.onnx_export.weights import WEIGHTS, pack
from avatarlib.training.files import write_atomically
from avatarlib.version import __version__

__all__ = ["DIRECTIONS", "WEIGHTS", "export_onnx", "facts_of", "to_onnx"]

OPSET = 18
TRACED, SEEN = (2, {"height": 64, "width": 64}), (3, {"height": 80, "width": 48})   # export and check: pictures, sides
FARTHEST = {"float32": 0.01, "float16": 0.1, "int8": 2.0}       # mean difference, in the unit of the signature
LICENCE = re.compile(r"^license: *(\S+)$", re.MULTILINE)


def export_onnx(model: str | Path, out: str | Path, *, weights: str = "float32",
                direction: str = "cartoon") -> dict[str, str]:
    """Write a model as one ONNX file and return what the file tells of itself.

    Parameters
    ----------
    model : str or Path
        A shipped model or an exported folder: a generator, or the landmark network.
    out : str or Path
        File to write, which ends in .onnx.
    weights : {"float32", "float16", "int8"}
        How the weights are stored; sums stay in float32. With int8 they are rounded to 255 steps for each output
        channel, a quarter of the size; small first and last layers are kept in float16.
    direction : {"cartoon", "photo"}
        Which way, for a network that has both (CycleGAN).

    Returns
    -------
    dict
        Name, weights, licence and source, and the difference from PyTorch: see ``facts_of``.

    Raises
    ------
    ValueError
        If an argument is none of these, or the file differs too much from the network.
    ImportError
        If onnx or onnxruntime is missing.

    Examples
    --------
    >>> facts = export_onnx("r3-dcgan-avataaars-64", "avatars.onnx", weights="int8")
    >>> facts["weights"], facts["licence"], facts["unit"]
    ('int8', 'cc-by-4.0', 'steps of 255')
    >>> float(facts["mean difference"]) < 0.5
    True
    """
    if Path(out).suffix != ".onnx":
        raise ValueError(f"out must be a file that ends in .onnx, got {str(out)!r}")
    made = to_onnx(model, weights=weights, direction=direction)
    write_atomically(Path(out), lambda partial: partial.write_bytes(made.SerializeToString()))
    return facts_of(made)


def to_onnx(model: str | Path, *, weights: str = "float32", direction: str = "cartoon") -> Any:
    """The ``onnx.ModelProto`` that ``export_onnx`` writes; arguments and errors are the same.

    Examples
    --------
    >>> [value.name for value in to_onnx("r3-dcgan-avataaars-64").graph.input]
    ['z']
    """
    onnx = needed("onnx")
    if weights not in WEIGHTS:
        raise ValueError(f"weights must be one of {', '.join(WEIGHTS)}, got {weights!r}")
    folder, plan = pretrained.folder_of(model), signature(pretrained.load(model), direction)
    made = onnx.load_from_string(traced(plan))
    pack(onnx, made, weights)
    onnx.checker.check_model(made)
    licence = LICENCE.search(pretrained.card(model))
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    made.producer_name, made.producer_version = "avatarlib", __version__
    onnx.helper.set_model_props(made, {
        "name": folder.name, "weights": weights, "licence": licence[1] if licence else "not told",
        "source": f"model.safetensors, SHA-256 {digest}", **difference(plan, made.SerializeToString(), weights)})
    return made


def facts_of(made: Any) -> dict[str, str]:
    """What a file tells of itself: "name", "weights", "licence", "source", and how far it is from PyTorch.

    That is the "largest difference" and the "mean difference" on seeded inputs, in "unit".

    Examples
    --------
    >>> facts_of(to_onnx("r3-dcgan-avataaars-64"))["name"]
    'r3-dcgan-avataaars-64'
    """
    return {entry.key: entry.value for entry in made.metadata_props}


def needed(package: str) -> ModuleType:
    """Import one of the two packages that only these files need."""
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(f"an ONNX file needs the package {package}: pip install 'avatarlib[onnx]'") from error


def traced(plan: Signature) -> bytes:
    """The network in ONNX's words, in float32."""
    example = plan.example(*TRACED, seed=0)
    torch.onnx.register_custom_op_symbolic("aten::atanh", lambda graph, x: graph.op("Atanh", x), OPSET)  # it knows none
    file = BytesIO()
    # This exporter is called deprecated, but its successor needs a package more and names axes anew; and it warns of
    # every check of a shape in a network, for checks are left out of the file.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(fold_norms(plan.network), tuple(example.values()), file,     # type: ignore[arg-type]
                              dynamo=False, opset_version=OPSET, input_names=list(plan.inputs),
                              output_names=list(plan.outputs), dynamic_axes=plan.axes())
        except torch.onnx.errors.OnnxExporterError as error:
            raise ValueError(f"model cannot be written as ONNX: {str(error).partition(chr(10))[0]}") from error
    return file.getvalue()


def difference(plan: Signature, file: bytes, weights: str) -> Mapping[str, str]:
    """How far a file's first output is from PyTorch's, for inputs and sizes that the exporter did not see."""
    session = needed("onnxruntime").InferenceSession(file, providers=["CPUExecutionProvider"])
    example = plan.example(*SEEN, seed=1)
    with torch.no_grad():
        expected = plan.network(*example.values())
    first = expected if isinstance(expected, torch.Tensor) else expected[0]
    found = torch.from_numpy(session.run(None, {name: value.numpy() for name, value in example.items()})[0])
    apart = (found - first).abs() * plan.scale
    if not apart.mean() <= FARTHEST[weights]:           # so that NaN is none of the good ones
        raise ValueError(f"weights must have more bits for this model: with {weights} it differs from PyTorch by "
                         f"{apart.mean():.3g} {plan.unit} on average, and {FARTHEST[weights]} are accepted")
    return {"largest difference": f"{apart.max():.6f}", "mean difference": f"{apart.mean():.6f}", "unit": plan.unit}
