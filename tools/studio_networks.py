"""The networks of the avatar studio's page, and the program that runs them there, as scripts.

A page at file:// may load scripts and nothing else, so each script hands its bytes to ``AvatarStudio.provide`` as text:
gzip, then base64. ONNX Runtime Web lies in ``book/vendor/onnxruntime``, where ``tools/vendor.py`` has put it.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from vendor import STUDIO

from avatarlib import pretrained
from avatarlib.models.warp import STIFFNESS, GaussianTransport, WarpedGenerator
from avatarlib.onnx_export import facts_of, to_onnx
from avatarlib.onnx_export.signature import signature

NETWORKS = ("acgan-adventurer-64", "dcgan-avataaars-64", "r3-dcgan-avataaars-64",
            "artifygan-cel-128", "cartoongan-cel-128-light",
            "geometry-anime-128", "landmarks-faces")
WEIGHTS = "int8"
SOURCE_MAP = "//# sourceMappingURL="     # names a file that is not there


def network_script(name: str) -> str:
    """A shipped network with small weights; of CycleGAN's two directions that from photographs to drawings."""
    model = to_onnx(name, weights=WEIGHTS)
    packed = pack(model.SerializeToString())
    facts = {**told(name), **facts_of(model), "megabytes": round(len(packed) / 1e6, 1)}
    return provide(name, facts, packed)


def told(name: str) -> dict[str, Any]:
    """What a page must know of a network to use it: shapes without the number of pictures, and its attributes.

    ``size`` is what it draws, or the side of the square pictures that it has learnt from.
    """
    network = pretrained.load(name)
    plan = signature(network)
    (first, *_) = plan.outputs.values()
    learnt = pretrained.data(name).get("size", 0)
    sizes = [getattr(network, "size", None), first[-1], max(learnt.values()) if isinstance(learnt, dict) else learnt]
    attributes = {key: value for key in ("latent", "tags", "points", "eyes")
                  if (value := getattr(network, key, None)) is not None}
    return {"inputs": plan.inputs, "outputs": plan.outputs,
            "size": next(size for size in sizes if isinstance(size, int)), **attributes,
            **({"transport": transport_facts(network.transport)} if isinstance(network, WarpedGenerator) else {}),
            "parameters": sum(values.numel() for values in plan.network.parameters())}


def transport_facts(transport: GaussianTransport) -> dict[str, Any]:
    """What a page needs to move a face's points and to warp its picture: float32 in base64, and the stiffness."""
    return {name: base64.b64encode(numbers.numpy().astype("<f4").tobytes()).decode()
            for name, numbers in transport.state_dict().items()} | {"stiffness": STIFFNESS}


def runtime_script() -> str:
    """ONNX Runtime Web as it is published, and after it the two files that it would fetch from a server."""
    program = (STUDIO / "ort.wasm.min.js").read_text(encoding="utf-8").partition(SOURCE_MAP)[0]
    module = (STUDIO / "ort-wasm-simd-threaded.mjs").read_bytes()
    wasm = (STUDIO / "ort-wasm-simd-threaded.wasm.gz").read_bytes()
    return (program + provide("runtime-module", {}, pack(module))
            + provide("runtime", {}, base64.b64encode(wasm).decode()))


def licences() -> str:
    """The licence of ONNX Runtime and those of the libraries in it, for the folder that holds its copy."""
    notices = gzip.decompress((STUDIO / "ThirdPartyNotices.txt.gz").read_bytes()).decode("utf-8")
    return (STUDIO / "LICENSE").read_text(encoding="utf-8") + "\n\n" + notices


def pack(content: bytes) -> str:
    """Bytes as text, the same on every day."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def provide(name: str, facts: dict[str, Any], packed: str) -> str:
    """The call that hands bytes to the page."""
    return f'AvatarStudio.provide({json.dumps(name)}, {json.dumps(facts)},\n"{packed}");\n'
