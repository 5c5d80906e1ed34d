"""The repair of torchvision's import, in processes of their own: what is imported stays imported."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "avatarlib" / "_torchvision.py"

# Loads the module from its file: importing avatarlib would already have repaired everything.
LOAD = f"""
import importlib.util, sys
specification = importlib.util.spec_from_file_location("repair", {str(SOURCE)!r})
repair = importlib.util.module_from_spec(specification)
specification.loader.exec_module(repair)
"""

# Does at import what torchvision does: registers a shape rule for an operator its compiled library declares.
NEEDS_OPERATOR = """
import torch
@torch.library.register_fake("torchvision::nms")
def meta_nms(dets, scores, iou_threshold):
    return dets.new_empty(0, dtype=torch.long)
imported = True
"""


def python(code, folder=None):
    """Run ``code`` in a new process, ``folder`` first on its path."""
    environment = dict(os.environ)
    if folder is not None:
        environment["PYTHONPATH"] = str(folder)
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=environment, text=True,
                          capture_output=True, timeout=300, check=False)


def fake_torchvision(folder, code):
    package = folder / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(code)
    return folder


def output(code, folder=None):
    done = python(code, folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_missing_operators_are_declared_with_their_schema(tmp_path):
    """The import fails before, succeeds after, and a second call still says that help was needed.

    Not only the name is declared: a call on meta tensors reaches the registered shape rule through the schema.
    """
    folder = fake_torchvision(tmp_path, NEEDS_OPERATOR)
    said = output("""
try:
    import torchvision
except RuntimeError as error:
    print("operator torchvision::nms does not exist" in str(error))
""" + LOAD + """
print(repair.ensure_importable(), repair.ensure_importable())
import torch, torchvision
print(torchvision.imported)
boxes = torch.empty(5, 4, device="meta")
print(tuple(torch.ops.torchvision.nms(boxes, boxes[:, 0], 0.5).shape))
""", folder)
    assert said == ["True", "True", "True", "True", "(0,)"]


def test_nothing_is_declared_where_the_import_works(tmp_path):
    folder = fake_torchvision(tmp_path, "imported = True")
    said = output(LOAD + "import torch; print(repair.ensure_importable(), hasattr(torch.ops.torchvision, 'nms'))",
                  folder)
    assert said == ["False", "False"]


@pytest.mark.parametrize("error", ["RuntimeError('out of memory')", "ImportError('no such file')"])
def test_other_errors_are_not_swallowed(error, tmp_path):
    """The stand-in fails at its first import only: a repair that tried again regardless would hide it."""
    folder = fake_torchvision(tmp_path, f"""\
import sys
if not hasattr(sys, "tried_torchvision"):
    sys.tried_torchvision = True
    raise {error}
""")
    done = python(LOAD + "repair.ensure_importable()", folder)
    assert done.returncode != 0
    assert error.split("'")[1] in done.stderr


def test_the_installed_torchvision_is_repaired_if_and_only_if_it_needs_it():
    broken = python("import torchvision").returncode != 0
    said = output(LOAD + "print(repair.ensure_importable()); import torchvision.transforms.v2")
    assert said == [str(broken)]
